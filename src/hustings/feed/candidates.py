"""Clips that may come onto the page, and what is known of them: columns, one place per candidate."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntFlag
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Origin(IntFlag):
    """Which sources brought a candidate; several may have."""

    FOLLOWING = 1
    SIMILAR = 2
    POPULAR_DAY = 4
    POPULAR_WEEK = 8
    FRESH = 16
    EXPLORE = 32
    EVERYTHING = 64


@dataclass(frozen=True, slots=True)
class Candidates:
    """n candidates. `terms` holds what each term of the ranker added, in the order of `Ranker.TERMS`."""

    rows: NDArray[np.int32]  # (n,) of the catalogue
    origins: NDArray[np.uint8]  # (n,) Origin
    scores: NDArray[np.float32]  # (n,) set by the ranker
    terms: NDArray[np.float32]  # (n, terms) likewise

    @classmethod
    def found(cls, rows: NDArray[Any] | Sequence[int], origin: Origin) -> "Candidates":
        """Candidates as a source brings them, not yet scored."""
        as_rows = np.asarray(rows, np.int32)
        n = len(as_rows)
        return cls(as_rows, np.full(n, int(origin), np.uint8), np.zeros(n, np.float32), np.zeros((n, 0), np.float32))

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, which: NDArray[Any]) -> "Candidates":
        """Those at these places, or where the mask is true."""
        return Candidates(self.rows[which], self.origins[which], self.scores[which], self.terms[which])

    def split(self, keep: NDArray[np.bool_]) -> tuple["Candidates", "Candidates"]:
        """(kept, removed)."""
        if keep.all():
            return self, self.take(np.zeros(0, np.int32))
        return self.take(keep), self.take(~keep)


def merge(parts: Sequence[Candidates]) -> Candidates:
    """Each clip once, with all its origins together; scores are not set yet."""
    if not parts:
        return Candidates.found([], Origin.EXPLORE)
    rows = np.concatenate([part.rows for part in parts])
    origins = np.concatenate([part.origins for part in parts])
    if not len(rows):
        return Candidates.found(rows, Origin.EXPLORE)
    order = rows.argsort(kind="stable")
    rows = rows[order]
    starts = np.flatnonzero(np.concatenate([[True], rows[1:] != rows[:-1]]))
    merged = np.bitwise_or.reduceat(origins[order], starts)
    n = len(starts)
    return Candidates(rows[starts], merged, np.zeros(n, np.float32), np.zeros((n, 0), np.float32))
