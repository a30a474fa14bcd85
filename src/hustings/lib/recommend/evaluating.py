"""The whole run: each model tuned on the validation, fit, and measured once on the test, with intervals."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hustings.lib.recommend.errors import BadDataError, BadScoresError, NotInstalledError
from hustings.lib.recommend.events import Recommender
from hustings.lib.recommend.metrics import Measured, measure, weighted_auc
from hustings.lib.recommend.questions import Task
from hustings.lib.recommend.tuning import Trial, tune

RESAMPLES = 1_000
GROUPS = 6

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """What every model of a run is given alike."""

    ks: tuple[int, ...] = (10, 20, 50)
    budget: int = 6  # trials on the validation
    seeds: int = 1  # fits of a model that depends on chance
    resamples: int = RESAMPLES


@dataclass(frozen=True)
class Result:
    """One model on one task. `values` are per viewer, the mean over seeds."""

    name: str
    figures: dict[str, float]
    intervals: dict[str, tuple[float, float]]
    over_seeds: dict[str, float]  # standard deviation of the mean, where there were several seeds
    parameters: dict[str, Any]
    trials: list[Trial]
    viewers: NDArray[np.int32]
    values: dict[str, NDArray[np.float64]]
    by_history: list[tuple[float, float]] = field(default_factory=list)  # mean length of history, NDCG


@dataclass(frozen=True)
class Left:
    """A model that was not run, and why."""

    name: str
    why: str


def evaluate(
    task: Task, makers: Sequence[type[Recommender]], plan: Plan, tell: Tell = lambda _: None
) -> tuple[list[Result], list[Left]]:
    """Results, best first by the task's own metric, and the models that could not be run."""
    results, left = [], []
    for maker in makers:
        try:
            results.append(_one(task, maker, plan, tell))
        except (NotInstalledError, BadDataError, BadScoresError) as why:
            left.append(Left(maker.name, f"{why.message} {why.hint}" if why.code == "not_installed" else why.message))
            tell(f"{maker.name}: left out. {left[-1].why}")
    return sorted(results, key=lambda result: -result.figures[task.tune_by]), left


def _one(task: Task, maker: type[Recommender], plan: Plan, tell: Tell) -> Result:
    trials = tune(maker, maker.space, task.valid, by=task.tune_by, budget=plan.budget, seed=0, tell=tell)
    best = trials[0].parameters
    make: Callable[..., Recommender] = maker
    ks = sorted({*plan.ks, int(task.tune_by.partition("@")[2])})
    runs: list[Measured] = []
    fits, scored = [], []
    for seed in range(plan.seeds if getattr(maker, "seeded", True) else 1):
        model = make(**best)
        began = time.perf_counter()
        model.fit(task.test.train, seed=seed)
        fits.append(time.perf_counter() - began)
        began = time.perf_counter()
        runs.append(measure(task.test, model.scores, ks))
        scored.append(time.perf_counter() - began)
    values = {name: np.mean([run.values[name] for run in runs], axis=0) for name in runs[0].values}
    figures = {name: float(np.mean([run.mean(name) for run in runs])) for name in [*values, *runs[0].coverage]}
    figures["gauc"] = float(np.mean([weighted_auc(run, task.test) for run in runs]))
    figures[f"valid_{task.tune_by}"] = trials[0].value
    figures["fit_s"] = float(np.mean(fits))
    figures["evaluate_s"] = float(np.mean(scored))
    spread = {name: float(np.std([run.mean(name) for run in runs], ddof=1)) for name in values} if len(runs) > 1 else {}
    tell(f"{maker.name}: {task.tune_by} {figures[task.tune_by]:.4f} on the test, fit in {figures['fit_s']:.1f} s")
    return Result(
        maker.name,
        figures,
        {name: interval(column, plan.resamples) for name, column in values.items()},
        spread,
        best,
        trials,
        runs[0].viewers,
        values,
        _by_history(task, runs[0].viewers, values[task.tune_by]),
    )


def interval(values: NDArray[np.float64], resamples: int, seed: int = 0) -> tuple[float, float]:
    """95 % of the means when as many viewers are drawn again with replacement (Efron's percentile bootstrap)."""
    there = values[np.isfinite(values)]
    if not len(there):
        return float("nan"), float("nan")
    dice = np.random.default_rng(seed)
    means = np.empty(resamples)
    for one in range(resamples):
        means[one] = there[dice.integers(0, len(there), len(there))].mean()
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def ahead(first: Result, other: Result, metric: str, resamples: int = RESAMPLES) -> tuple[float, tuple[float, float]]:
    """By what share the first is above the other, and its interval, drawing the same viewers for both."""
    a, b = first.values[metric], other.values[metric]
    there = np.isfinite(a) & np.isfinite(b)
    a, b = a[there], b[there]
    if not len(b) or not b.any():
        return float("nan"), (float("nan"), float("nan"))
    dice = np.random.default_rng(0)
    shares = []
    for _ in range(resamples):
        drawn = dice.integers(0, len(a), len(a))
        if (below := b[drawn].mean()) > 0:
            shares.append(a[drawn].mean() / below - 1)
    low, high = np.quantile(shares, [0.025, 0.975])
    return float(a.mean() / b.mean() - 1), (float(low), float(high))


def _by_history(task: Task, viewers: NDArray[np.int32], values: NDArray[np.float64]) -> list[tuple[float, float]]:
    """Quality in groups of viewers of like length of history, shortest first; groups are as large as ties allow."""
    lengths = np.diff(task.test.train.starts)[viewers]
    edges = np.unique(np.quantile(lengths, np.linspace(0, 1, GROUPS + 1)[1:-1]))
    group = np.searchsorted(edges, lengths, side="left")
    return [
        (float(lengths[group == one].mean()), float(np.nanmean(values[group == one])))
        for one in np.unique(group)
        if np.isfinite(values[group == one]).any()
    ]
