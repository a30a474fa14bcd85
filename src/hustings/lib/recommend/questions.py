"""What is asked of a recommender: from these events, rank for these viewers; and what the right answers are."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hustings.lib.recommend.errors import BadDataError
from hustings.lib.recommend.events import Events


@dataclass(frozen=True)
class Pairs:
    """Distinct items of some viewers: those of `viewers[i]` are `items[starts[i]:starts[i + 1]]`, both ascending."""

    viewers: NDArray[np.int32]
    starts: NDArray[np.int64]
    items: NDArray[np.int32]

    @classmethod
    def of(cls, viewers: NDArray[np.int32], items: NDArray[np.int32], n_items: int) -> "Pairs":
        """From columns in any order, with or without repetitions."""
        keys = np.sort(viewers.astype(np.int64) * max(n_items, 1) + items)
        keys = keys[_changes(keys)]
        owners = (keys // max(n_items, 1)).astype(np.int32)
        starts = np.flatnonzero(_changes(owners))
        ends = np.append(starts, len(keys)).astype(np.int64)
        return cls(owners[starts], ends, (keys % max(n_items, 1)).astype(np.int32))

    def __len__(self) -> int:
        return len(self.items)

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """How many items each viewer has."""
        return np.diff(self.starts)

    def keys(self, n_items: int) -> NDArray[np.int64]:
        """One ascending number for each pair."""
        return np.repeat(self.viewers, self.counts).astype(np.int64) * max(n_items, 1) + self.items

    def among(self, viewers: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """For a block of viewers: the row within the block, and the item, of each pair that is theirs."""
        if not len(self.viewers):
            return np.empty(0, np.int64), np.empty(0, np.int32)
        place = np.minimum(np.searchsorted(self.viewers, viewers), len(self.viewers) - 1)
        known = self.viewers[place] == viewers
        lengths = np.where(known, self.counts[place], 0)
        rows = np.repeat(np.arange(len(viewers)), lengths)
        first = np.repeat(self.starts[place] - np.cumsum(lengths) + lengths, lengths)
        return rows, self.items[first + np.arange(len(rows))]

    def only(self, keep: NDArray[np.bool_], n_items: int) -> "Pairs":
        """The pairs marked in `keep`; viewers who lose all of theirs are gone."""
        return Pairs.of(np.repeat(self.viewers, self.counts)[keep], self.items[keep], n_items)


@dataclass(frozen=True)
class Question:
    """Fit on `train`, rank for the viewers of `wanted` all candidates they have not seen, and be held to `wanted`.

    `candidates` is None for every item, a mask of items, or the pairs that were shown. `seen` is what is taken out of
    each viewer's ranking. `left_out` counts wanted pairs that no ranking could contain: seen already, or no candidate.
    """

    train: Events
    seen: Pairs
    wanted: Pairs
    candidates: NDArray[np.bool_] | Pairs | None = None
    left_out: int = 0

    @classmethod
    def ask(
        cls,
        train: Events,
        wanted: Pairs,
        candidates: NDArray[np.bool_] | Pairs | None = None,
        also_seen: Events | None = None,
    ) -> "Question":
        """A question that can be answered: what no ranking could contain is taken out of `wanted` and counted."""
        n_items = train.n_items
        viewers, items = train.viewers, train.items
        if also_seen is not None:
            viewers, items = np.append(viewers, also_seen.viewers), np.append(items, also_seen.items)
        seen = Pairs.of(viewers, items, n_items)
        keys = wanted.keys(n_items)
        keep = ~_in_sorted(keys, seen.keys(n_items))
        if isinstance(candidates, Pairs):
            keep &= _in_sorted(keys, candidates.keys(n_items))
        elif candidates is not None:
            keep &= candidates[wanted.items]
        answerable = wanted if keep.all() else wanted.only(keep, n_items)
        if not len(answerable):
            raise BadDataError("Nothing is left to measure: no viewer has a wanted video that could be ranked.")
        return cls(train, seen, answerable, candidates, int((~keep).sum()))

    def allowed(self, viewers: NDArray[np.int32]) -> NDArray[np.bool_]:
        """(viewers, items): what may be ranked for whom."""
        shape = (len(viewers), self.train.n_items)
        if isinstance(self.candidates, Pairs):
            allowed = np.zeros(shape, np.bool_)
            allowed[self.candidates.among(viewers)] = True
        elif self.candidates is None:
            allowed = np.ones(shape, np.bool_)
        else:
            allowed = np.broadcast_to(self.candidates, shape).copy()
        allowed[self.seen.among(viewers)] = False
        return allowed

    def sample(self, viewers: int, seed: int) -> "Question":
        """The same question to at most so many viewers, drawn by chance."""
        if len(self.wanted.viewers) <= viewers:
            return self
        chosen = np.sort(np.random.default_rng(seed).choice(self.wanted.viewers, viewers, replace=False))
        rows, items = self.wanted.among(chosen)
        wanted = Pairs.of(chosen[rows], items, self.train.n_items)
        return Question(self.train, self.seen, wanted, self.candidates, self.left_out)


def _changes(column: NDArray[Any]) -> NDArray[np.bool_]:
    """Where a value differs from the one before it. On sorted columns that is `np.unique`, many times quicker."""
    return np.append(True, column[1:] != column[:-1])[: len(column)]  # the first is always new


def _in_sorted(values: NDArray[np.int64], sorted_values: NDArray[np.int64]) -> NDArray[np.bool_]:
    if not len(sorted_values):
        return np.zeros(len(values), np.bool_)
    places = np.minimum(np.searchsorted(sorted_values, values), len(sorted_values) - 1)
    found: NDArray[np.bool_] = sorted_values[places] == values
    return found


@dataclass(frozen=True)
class Task:
    """A data set under its protocol: tune on `valid`, report once on `test`."""

    name: str
    protocol: str  # a sentence or two, for whoever reads the numbers
    valid: Question
    test: Question
    tune_by: str = "ndcg@20"
    facts: tuple[tuple[str, int], ...] = ()  # what was counted while reading
