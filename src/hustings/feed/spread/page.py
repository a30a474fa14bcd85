"""Chooses the page one place at a time, the best for that place given what stands before it.

No two in a row from one author or with one sound, as long as there is another candidate at all: on
a small site with a single author the rule gives way, because an empty page is worse. A clip like the
last few, or one more of an author already on the page, must be that much better. (Maximal marginal
relevance: Carbonell and Goldstein 1998.)
"""

import numpy as np
from numpy.typing import NDArray

from hustings.feed import vectors
from hustings.feed.candidates import Candidates, Origin
from hustings.feed.catalogue import NO_ROW
from hustings.feed.query import Query

_FRESH, _CHANCE = np.uint8(Origin.FRESH), np.uint8(Origin.EXPLORE)
_NEVER = np.float32(-1e9)
_HARDLY = np.float32(1e6)  # only when nothing else is left


class Spread:
    name = "spread"

    def select(self, query: Query, candidates: Candidates, count: int) -> Candidates:
        pool = self._pool(query, candidates, count)
        return pool.take(np.array(_choose(query, pool, min(count, len(pool))), np.int64))

    def _pool(self, query: Query, candidates: Candidates, count: int) -> Candidates:
        size = max(query.weights.spread.pool, 4 * count)
        if len(candidates) <= size:
            return candidates
        best = np.argpartition(-candidates.scores, size)[:size]
        # New clips seldom are among the best by score; their places on the page are kept for them.
        kept = [best]
        for kind in (_fresh(candidates), _chance(candidates)):
            places = np.flatnonzero(kind)
            kept.append(places[np.argsort(-candidates.scores[places])][: count // 4 + 2])
        return candidates.take(np.unique(np.concatenate(kept)))


def _fresh(candidates: Candidates) -> NDArray[np.bool_]:
    """Owed showings."""
    owed: NDArray[np.bool_] = (candidates.origins & _FRESH) > 0
    return owed


def _chance(candidates: Candidates) -> NDArray[np.bool_]:
    """Brought by nothing but chance."""
    alone: NDArray[np.bool_] = candidates.origins == _CHANCE
    return alone


def _best_of(kinds: tuple[NDArray[np.bool_], ...], worth: NDArray[np.float32], *, otherwise: int) -> int:
    """The best of the first kind that has any left."""
    for kind in kinds:
        places = np.flatnonzero(kind & (worth > _NEVER))
        if len(places):
            return int(places[worth[places].argmax()])
    return otherwise


def _choose(query: Query, pool: Candidates, count: int) -> list[int]:
    """Places in `pool`, in the order of the page."""
    weights, view = query.weights.spread, query.view
    authors, sounds = view.authors[pool.rows], view.sounds[pool.rows]
    clips = vectors.unpacked(view.table[pool.rows])
    fresh, chance = _fresh(pool), _chance(pool)
    lowest = pool.scores.min() if len(pool) else np.float32(0.0)
    left = (pool.scores - lowest).astype(np.float32)  # from 0 up; _NEVER once taken
    last_author, last_sound = _facts_before(query)
    # The place for something new moves from page to page, so that it is not always the same one.
    offset = int(query.dice.integers(weights.explore_every)) if weights.explore_every else 0
    # What the last few clips take off each candidate: one row for each of them, used in turn.
    taken_off = np.zeros((max(weights.likeness_window, 1), len(pool)), np.float32)
    chosen: list[int] = []
    for place in range(count):
        neighbour = authors == last_author
        if last_sound:
            neighbour |= sounds == last_sound
        worth = left - taken_off.max(axis=0)
        worth[neighbour & (left > _NEVER)] -= _HARDLY
        best = int(worth.argmax())
        if weights.explore_every and place % weights.explore_every == offset:
            by_chance = query.dice.random() < weights.by_chance
            kinds = (chance, fresh) if by_chance else (fresh, chance)
            best = _best_of(kinds, np.where(neighbour, _NEVER, worth), otherwise=best)
        chosen.append(best)
        last_author, last_sound = int(authors[best]), int(sounds[best])
        again = (authors == last_author) & (left > _NEVER)
        left[again] *= np.float32(weights.author_again)
        left[best] = _NEVER
        taken_off[place % len(taken_off)] = weights.likeness * np.maximum(clips @ clips[best], 0.0)
    return chosen


def _facts_before(query: Query) -> tuple[int, int]:
    """Author and sound of the clip before the page's first; zeros when there is none."""
    row = query.previous
    if row == NO_ROW:
        return 0, 0
    return int(query.view.authors[row]), int(query.view.sounds[row])
