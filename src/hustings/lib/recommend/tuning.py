"""Choosing parameters on the validation alone, with the same number of trials for every model."""

import itertools
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hustings.lib.recommend.events import Recommender
from hustings.lib.recommend.metrics import measure
from hustings.lib.recommend.questions import Question

MOST_VIEWERS = 2_000  # of the validation, drawn once with a fixed seed: the same for all models


@dataclass(frozen=True)
class Trial:
    """One choice of parameters, and what it reached."""

    parameters: dict[str, Any]
    value: float
    fit_s: float


def choices(space: Mapping[str, Sequence[object]], budget: int, seed: int) -> list[dict[str, Any]]:
    """At most `budget` combinations: the first of every parameter's values, then others drawn by chance."""
    every = [dict(zip(space, values, strict=True)) for values in itertools.product(*space.values())]
    rest = np.random.default_rng(seed).permutation(np.arange(1, len(every)))
    return [every[0], *(every[place] for place in rest[: max(budget - 1, 0)])]


def tune(
    make: Callable[..., Recommender],
    space: Mapping[str, Sequence[object]],
    valid: Question,
    *,
    by: str,
    budget: int,
    seed: int,
    tell: Callable[[str], None] = lambda _: None,
) -> list[Trial]:
    """All trials, the best first. Where there is nothing to choose, one trial is made all the same."""
    question = valid.sample(MOST_VIEWERS, seed=0)
    k = int(by.partition("@")[2])
    trials = []
    for parameters in choices(space, budget, seed):
        model = make(**parameters)
        began = time.perf_counter()
        model.fit(valid.train, seed=seed)
        fit_s = time.perf_counter() - began
        value = measure(question, model.scores, [k], auc=False).mean(by)
        trials.append(Trial(parameters, value, fit_s))
        tell(f"{model.name} {parameters or ''}: {by} {value:.4f} on the validation, fit in {fit_s:.1f} s")
    return sorted(trials, key=lambda trial: -trial.value)
