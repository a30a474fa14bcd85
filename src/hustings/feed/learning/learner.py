"""The default learner. README.md beside this file has the mathematics, the reasons and the roads not taken."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hustings.feed.learning.compiled import moments, remember
from hustings.feed.learning.holes import Hole, find
from hustings.lib.recommend.errors import BadDataError
from hustings.lib.recommend.events import Events
from hustings.lib.recommend.peers.compiled import gram
from hustings.lib.recommend.peers.ease import inverse_in_place
from hustings.lib.recommend.peers.histories import Histories

Floats = NDArray[np.float32]
MOST_PLACES = 9_000  # banks × items that a memory may have: their squares are 324 MB
MOST_SOURCES = 2_000  # items that the table for a hole reads from
A_BLOCK = 1_024  # rows at a time, where a whole product would be copied
TIE = np.float32(1e-3)  # what popularity adds to a score: order where nothing else is known


class Learner:
    """Predicts what comes next from a memory of what was watched, fading at several speeds.

    The model knows items alone. A viewer is a function of their history: `scores_of` needs nobody's name, and `scores`
    asks it with the histories of the log.
    """

    name = "hustings"
    seeded = False
    space: ClassVar[Mapping[str, Sequence[object]]] = {"regularisation": (1000.0, 300.0, 3000.0)}

    def __init__(
        self,
        *,
        keeps: Sequence[float] = (0.3, 0.8, 0.97),
        regularisation: float = 1000.0,
        against_popular: float = 0.25,
        hole_regularisation: float = 200.0,
    ) -> None:
        self._keeps = np.array(keeps, np.float64)
        self._regularisation = regularisation
        self._against_popular = against_popular
        self._hole_regularisation = hole_regularisation

    def fit(self, train: Events, *, seed: int) -> None:
        """Exact and without chance: the seed changes nothing. Raises BadDataError where the log cannot be used."""
        _check(train)
        self._events = train
        self._weights = _weights(train.shares, len(train))
        watched = Histories.of(train)
        lengths = watched.lengths()
        votes = (1 / np.maximum(lengths, 1))[watched.viewers]
        counts = watched.counts()
        voters = max(int((lengths > 0).sum()), 1)
        self._votes: Floats = (np.bincount(watched.items, votes, train.n_items) / voters).astype(np.float32)
        self._learn_next(train, counts)
        self._hole = find(watched)
        if self._hole is not None:
            self._learn_hole(watched, self._hole)

    def scores(self, viewers: NDArray[np.int32]) -> Floats:
        """(viewers, items). A viewer without events gets the popularity."""
        log = self._events
        out = np.empty((len(viewers), log.n_items), np.float32)
        for row, viewer in enumerate(viewers):
            of = slice(log.starts[viewer], log.starts[viewer + 1])
            ages = np.arange(of.stop - of.start, dtype=np.float64)[::-1]
            out[row] = self.scores_of(log.items[of], None if log.shares is None else log.shares[of], ages)
        return out

    def scores_of(self, items: ArrayLike, shares: ArrayLike | None = None, ages: ArrayLike | None = None) -> Floats:
        """(items,) for one history: what was watched, how much of it, and how many events ago (0 is the last).

        Without ages, items stand in the order in which they were watched. Items unknown to the model are left out; a
        share above 1 counts as 1. Raises BadDataError where columns differ in length or a number is not one.
        """
        given = np.asarray(items, np.int64).ravel()
        order = np.arange(len(given))[::-1] if ages is None else np.asarray(ages, np.float64).ravel()
        weights = _weights(None if shares is None else np.asarray(shares, np.float32).ravel(), len(given))
        if len(order) != len(given) or not np.isfinite(order).all() or (order < 0).any():
            raise BadDataError("Each watched item needs an age: a number of events, 0 or more.")
        known = (given >= 0) & (given < len(self._votes))
        history = given[known].astype(np.int32)
        if self._hole is not None and self._hole.holds(np.unique(history)):
            return self._across(history)
        out = np.zeros(len(self._votes), np.float32)
        faded = order[known].astype(np.float64)
        remember(history, weights[known], faded, self._places, self._keeps, self._table, out)
        out *= self._rarity
        out += TIE * self._votes
        return out

    def _learn_next(self, train: Events, counts: Floats) -> None:
        """Ridge from the memory before each event to that event."""
        most = MOST_PLACES // max(len(self._keeps), 1)
        known = np.flatnonzero(counts)
        if len(known) > most:
            known = np.sort(np.argsort(-counts, kind="stable")[:most])
        self._places = np.full(train.n_items, -1, np.int32)
        self._places[known] = np.arange(len(known))
        size = len(known) * len(self._keeps)
        squares = np.zeros((size, size), np.float32)
        self._table = np.zeros((size, train.n_items), np.float32)
        moments(train.starts, train.items, self._weights, self._places, self._keeps, squares, self._table)
        _solve(squares, self._regularisation, self._table)
        self._rarity: Floats = (np.maximum(counts, 1) ** -self._against_popular).astype(np.float32)

    def _learn_hole(self, watched: Histories, hole: Hole) -> None:
        """Ridge from what is watched outside the hole to what is watched on either side, by those who could watch both.

        On each side everybody has one vote: the question there is which of these items, not how many.
        """
        rows = np.flatnonzero(~hole.viewers & (watched.lengths() > 0))
        chosen = ~hole.viewers[watched.viewers]
        viewers, items = watched.viewers[chosen], watched.items[chosen]
        starts = np.append(0, np.cumsum(np.bincount(viewers, minlength=len(watched.starts) - 1))).astype(np.int64)
        outside = np.bincount(items, minlength=watched.n_items) * ~hole.items
        sources = np.argsort(-outside, kind="stable")[: min(MOST_SOURCES, int((outside > 0).sum()))]
        # Sources are numbered first, so that the rows wanted of the products are a block.
        number = np.full(watched.n_items, -1, np.int32)
        number[sources] = np.arange(len(sources))
        number[number < 0] = np.arange(len(sources), watched.n_items)
        renumbered = number[items]
        length = np.bincount(viewers, outside[items] > 0, len(starts) - 1)
        memory = ((np.maximum(length, 1) ** -0.5)[viewers] * (renumbered < len(sources))).astype(np.float32)
        side = hole.items[items].astype(np.int64)
        each = np.bincount(viewers * 2 + side, minlength=2 * len(starts) - 2)
        votes = (np.array((1 - hole.share, hole.share))[side] / each[viewers * 2 + side]).astype(np.float32)
        squares = np.zeros((len(sources), watched.n_items), np.float32)
        products = np.zeros_like(squares)
        gram(starts, renumbered, memory, memory, 0, squares)
        gram(starts, renumbered, memory, votes, 0, products)
        n = np.float32(max(len(rows), 1))
        mean = np.bincount(renumbered, memory, watched.n_items)[: len(sources)].astype(np.float32) / n
        quality = (np.bincount(renumbered, votes, watched.n_items) / n).astype(np.float32)
        square = squares[:, : len(sources)] - n * np.outer(mean, mean).astype(np.float32)
        products -= n * np.outer(mean, quality).astype(np.float32)
        _solve(square, self._hole_regularisation, products)
        self._sources, self._mean = number, mean
        self._hole_table = np.ascontiguousarray(products[:, number])
        self._quality = quality[number]

    def _across(self, history: NDArray[np.int32]) -> Floats:
        """Scores of somebody in the hole."""
        distinct = np.unique(history)
        places = self._sources[distinct]
        memory = -self._mean.copy()
        memory[places[places < len(memory)]] += np.float32(max(len(distinct), 1) ** -0.5)
        return (self._quality + memory @ self._hole_table).astype(np.float32, copy=False)


def _weights(shares: Floats | None, n: int) -> Floats:
    """How much each event counts: the watched share up to 1; 1 where shares are not known."""
    if shares is None:
        return np.ones(n, np.float32)
    if len(shares) != n or not np.isfinite(shares).all():
        raise BadDataError("Each event needs a watched share, and every one must be a number.")
    return np.clip(shares, 0, 1).astype(np.float32)


def _check(train: Events) -> None:
    if not len(train):
        raise BadDataError("There is nothing to learn from: the log has no event.")
    for column, most in ((train.viewers, train.n_viewers), (train.items, train.n_items)):
        if len(column) != len(train) or column.min() < 0 or column.max() >= most:
            raise BadDataError("Viewers and items must be numbered from 0, and all columns be of one length.")
    if (np.diff(train.viewers) < 0).any():
        raise BadDataError("The log must be sorted by viewer.")


def _solve(squares: Floats, regularisation: float, products: Floats) -> None:
    """Make of products (squares + regularisation) ⁻¹ products, in place. `squares` is used up."""
    squares[np.diag_indices(len(squares))] += np.float32(regularisation)
    inverse_in_place(squares)
    for first in range(0, products.shape[1], A_BLOCK):
        products[:, first : first + A_BLOCK] = squares @ products[:, first : first + A_BLOCK]
