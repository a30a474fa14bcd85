"""What a run found, for people and for programs."""

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hustings.lib.recommend.evaluating import Left, Plan, Result, ahead
from hustings.lib.recommend.questions import Task


def as_json(task: Task, results: Sequence[Result], left: Sequence[Left], plan: Plan) -> dict[str, Any]:
    """`{"name", "models": {model: {metric: number}}, …}`: the names of metrics stay."""
    return {
        "name": task.name,
        "models": {one.name: {key: _round(value) for key, value in one.figures.items()} for one in results},
        "intervals": {
            one.name: {key: [_round(low), _round(high)] for key, (low, high) in one.intervals.items()}
            for one in results
        },
        "over_seeds": {one.name: {k: _round(v) for k, v in one.over_seeds.items()} for one in results},
        "parameters": {one.name: one.parameters for one in results},
        "trials": {
            one.name: [{"parameters": t.parameters, task.tune_by: _round(t.value)} for t in one.trials]
            for one in results
        },
        "by_history": {one.name: [[_round(x), _round(y)] for x, y in one.by_history] for one in results},
        "ahead": _ahead(task, results),
        "left_out": {one.name: one.why for one in left},
        "config": {
            "protocol": task.protocol,
            "tuned_by": f"{task.tune_by} on the validation",
            "trials_each": plan.budget,
            "seeds": plan.seeds,
            "resamples": plan.resamples,
            "viewers_tested": len(task.test.wanted.viewers),
            "wanted_left_out": task.test.left_out,
            **{name.replace(" ", "_"): count for name, count in task.facts},
        },
        "machine": machine(),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def as_table(task: Task, results: Sequence[Result], left: Sequence[Left], plan: Plan) -> list[str]:
    """Lines for a terminal."""
    k = task.tune_by.partition("@")[2]
    columns = [task.tune_by, f"recall@{k}", f"hr@{k}", f"coverage@{k}", "auc", "gauc", f"valid_{task.tune_by}", "fit_s"]
    wide = max([5, *(len(one.name) for one in results)])
    lines = [
        f"{task.name}: {', '.join(f'{count:,} {name}' for name, count in task.facts)}",
        task.protocol,
        f"{len(task.test.wanted.viewers):,} viewers tested; at most {plan.budget} trials each on the validation.",
        "",
        " ".join(
            [f"{'model':<{wide}}", *(f"{name:>{max(len(name), 7)}}" for name in columns), f"  95 % of {columns[0]}"]
        ),
    ]
    for one in results:
        low, high = one.intervals[task.tune_by]
        cells = [f"{one.figures[name]:>{max(len(name), 7)}.{2 if name == 'fit_s' else 4}f}" for name in columns]
        lines.append(" ".join([f"{one.name:<{wide}}", *cells, f"  {low:.4f} to {high:.4f}"]))
    if len(results) > 1:
        first, second = results[:2]
        share, (low, high) = ahead(first, second, task.tune_by, plan.resamples)
        lines += [
            "",
            f"{first.name} is {share:+.1%} ({low:+.1%} to {high:+.1%}) against {second.name} in {task.tune_by}.",
        ]
    lines += [f"{one.name}: left out. {one.why}" for one in left]
    if task.test.left_out:
        lines.append(f"{task.test.left_out:,} wanted videos could not be ranked (seen before, or no candidates).")
    return lines


def machine() -> str:
    """The processor, how many of its cores are ours, system and Python."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    model = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        model = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    return f"{model}, {cores} cores, {platform.system()}, Python {platform.python_version()}"


def _ahead(task: Task, results: Sequence[Result]) -> dict[str, Any]:
    """The first against each other model, the same viewers drawn for both."""
    found = {}
    for one in results[1:]:
        share, (low, high) = ahead(results[0], one, task.tune_by)
        found[one.name] = {"of": results[0].name, "share": _round(share), "interval": [_round(low), _round(high)]}
    return found


def _round(value: float) -> float | None:
    """JSON has no NaN."""
    return round(value, 6) if value == value else None  # noqa: PLR0124 - NaN alone differs from itself
