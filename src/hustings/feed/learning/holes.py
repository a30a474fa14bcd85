"""A hole: items that some viewers were never shown. What could not be watched is unknown, not unwanted.

Nothing in a log of what was watched says what was shown. But where many viewers, each with a history long enough, have
not one event among the items that everybody else watches most, chance is ruled out. Two causes remain. Either they
live in another world (another language): then their other items differ as well. Or those items were kept from them
(an age limit, a region, an experiment, a measurement set aside): then what they did watch looks like what others
watch there. Only the second is a hole.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hustings.lib.recommend.peers.histories import Histories

DOUBT = 1e-2  # how likely a history may be by chance, and still count as evidence
ALIKE = 0.5  # cosine between what both watched outside the hole
EXPECTED = 5.0  # events that the viewers would have had on an item, had they been shown it
# A rough guess at the viewers gives some of the items, those give better viewers, and so on. Each step: an item is kept
# from them where they have at most so much of the events to be expected; who has at most so much of their history there
# is one of them. At the end, nothing at all.
STEPS = ((0.1, 0.0), (0.2, 0.0), (0.2, 0.05), (0.1, 0.05), (0.0, 0.0))
STRAY = 0.25  # of what others have in the hole may be in a history and count for nothing
LONG_ENOUGH = 5  # distinct items of a viewer who is guessed at
SMALLEST = 20  # viewers


@dataclass(frozen=True)
class Hole:
    """`items` marks what was kept from `viewers`; `share` is how much of everybody else's log is on it."""

    items: NDArray[np.bool_]
    viewers: NDArray[np.bool_]
    share: float

    def holds(self, items: NDArray[np.int32]) -> bool:
        """Whether little or nothing of a history is in the hole. Then what its owner would watch there is unknown.

        That is right for a new viewer as well, who simply has not got there.
        """
        return bool(self.items[items].sum() <= STRAY * self.share * len(items))


def needed(share: float) -> int:
    """How many distinct items a history must have so that none among `share` of all events is beyond doubt."""
    return int(np.ceil(np.log(DOUBT) / np.log1p(-min(max(share, 1e-9), 1 - 1e-9))))


def find(log: Histories) -> Hole | None:
    """The largest hole of a log, or None. One is found, not several: none of ours has had two."""
    counts = log.counts().astype(np.float64)
    if not counts.sum():
        return None
    marked = _least_common(log, counts)
    hole = None
    for least, most in STEPS:
        inside = marked[log.viewers]
        theirs = np.bincount(log.items[inside], minlength=log.n_items).astype(np.float64)
        others = counts - theirs
        kept_from = _kept_from(theirs, others, least)
        if not kept_from.any():
            return None
        share = float(others[kept_from].sum() / others.sum())
        marked = _without(log, kept_from, share, most)
        if marked.sum() < SMALLEST:
            return None
        hole = Hole(kept_from, marked, share)
    shared = ~kept_from
    likeness = (
        theirs[shared] @ others[shared] / (np.linalg.norm(theirs[shared]) * np.linalg.norm(others[shared]) + 1e-9)
    )
    return hole if likeness >= ALIKE else None


def _least_common(log: Histories, counts: NDArray[np.float64]) -> NDArray[np.bool_]:
    """The tenth of the viewers whose items are the least watched ones."""
    lengths = log.lengths()
    fame = np.bincount(log.viewers, np.log(counts[log.items]), len(lengths)) / np.maximum(lengths, 1)
    fame[lengths < LONG_ENOUGH] = np.inf
    marked = np.zeros(len(lengths), np.bool_)
    marked[np.argsort(fame, kind="stable")[: int((lengths >= LONG_ENOUGH).sum()) // 10]] = True
    return marked


def _kept_from(theirs: NDArray[np.float64], others: NDArray[np.float64], least: float) -> NDArray[np.bool_]:
    """Items on which `theirs` is at most `least` of what it would be, had all been shown."""
    had = theirs > 0
    wanted = others * theirs.sum() / max(others[had].sum(), 1.0)
    kept: NDArray[np.bool_] = (theirs <= least * wanted) & (wanted >= EXPECTED)
    return kept


def _without(log: Histories, items: NDArray[np.bool_], share: float, most: float) -> NDArray[np.bool_]:
    """Viewers with at most `most` of their history on these items, and one too long for that to be chance."""
    n_viewers = len(log.starts) - 1
    on = np.bincount(log.viewers, items[log.items], minlength=n_viewers)
    marked: NDArray[np.bool_] = (on <= most * log.lengths()) & (log.lengths() >= needed(share))
    return marked
