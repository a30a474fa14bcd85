"""What everybody's watching says of clips: expected quality, and what is popular now.

Quality is the share of its length that a clip is watched, smoothed towards what clips of its length
usually get and then freed of that: a 60-second clip is not worse than a 6-second one because fewer
people reach its end. (Duration as a confounder: Zhan et al., D2Q, KDD 2022; here by buckets.)
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hustings.feed.weights import Weights

POOL = 3_000  # of the most popular are kept ready, so that a page after many pages still finds some
_BUCKETS = np.array([4, 7, 10, 14, 20, 30, 45, 60, 90, 120], np.float32)  # seconds


@dataclass(frozen=True, slots=True)
class Pools:
    """Rows of the catalogue; the popular ones in order."""

    popular_day: NDArray[np.int32]
    popular_week: NDArray[np.int32]
    owed: NDArray[np.int32]

    @classmethod
    def empty(cls) -> "Pools":
        none = np.zeros(0, np.int32)
        return cls(none, none, none)


def settle(columns: dict[str, NDArray[Any]], weights: Weights, now: float) -> Pools:
    """Fill `quality`, `day_rank` and `week_rank` in `columns`, and answer the pools."""
    if not len(columns["ids"]):
        return Pools.empty()
    _quality(columns, weights)
    hours = np.maximum(now - columns["touched"], 0.0) / 3600.0
    day = columns["day"] * np.exp2(-hours / weights.quality.day_half_life_h)
    week = columns["week"] * np.exp2(-hours / weights.quality.week_half_life_h)
    age = now - columns["published"]
    rules = weights.sources.fresh_rules
    owed = np.flatnonzero(
        columns["alive"] & (columns["impressions"] < rules.owed_impressions) & (age < rules.days * 86_400)
    )
    return Pools(
        _ranked(day, columns["alive"], columns["day_rank"]),
        _ranked(week, columns["alive"], columns["week_rank"]),
        owed.astype(np.int32),
    )


def _quality(columns: dict[str, NDArray[Any]], weights: Weights) -> None:
    quality = weights.quality
    impressions, watched = columns["impressions"], columns["watched"]
    bucket = np.searchsorted(_BUCKETS, columns["durations"])
    shown = np.bincount(bucket, impressions, len(_BUCKETS) + 1)
    share = np.bincount(bucket, watched, len(_BUCKETS) + 1)
    # A bucket with little data is expected to be like everything else.
    usual = (share + quality.prior * 50.0) / (shown + 50.0)
    expected = usual[bucket]
    smoothed = (watched + expected * quality.prior_views) / (impressions + quality.prior_views)
    columns["quality"][:] = quality.prior + smoothed - expected


def _ranked(score: NDArray[np.float64], alive: NDArray[np.bool_], rank: NDArray[np.float32]) -> NDArray[np.int32]:
    """Rows with a score, highest first; `rank` gets 1 for the highest down to 0 for those without one."""
    rows = np.flatnonzero((score > 0.01) & alive)
    rows = rows[np.argsort(-score[rows], kind="stable")]
    rank[:] = 0.0
    if len(rows):
        # Ranks thin out logarithmically: the difference between 1st and 10th counts, 1,001st and 1,010th not.
        places = np.log2(np.arange(len(rows), dtype=np.float64) + 2.0)
        rank[rows] = 1.0 - (places - 1.0) / np.log2(len(score) + 2.0)
    return rows[:POOL].astype(np.int32)


def faded(value: float, hours: float, half_life_h: float) -> float:
    """`value` after `hours`; never more than it was, also when the clock went back."""
    return float(value * 2.0 ** (-max(hours, 0.0) / half_life_h))
