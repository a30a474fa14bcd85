"""Item-kNN: an item is like another when the same viewers watched both (Sarwar et al. 2001).

Three weightings of a viewer's row before items are compared: none, TF-IDF and BM25. In the last two an item is a
document and its viewers are the words: who watches everything says little about any one item. BM25 (Robertson and
Zaragoza 2009) also tempers items with many viewers.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from hustings.lib.recommend.events import Events
from hustings.lib.recommend.metrics import top
from hustings.lib.recommend.peers.compiled import add_neighbours, gram
from hustings.lib.recommend.peers.histories import Histories

CELLS = 8_000_000  # of likeness at once: 32 MB


class ItemNeighbours:
    """The likeness of each candidate to what the viewer watched, added up over the nearest of each item watched."""

    name = "item-knn"
    space: ClassVar[Mapping[str, Sequence[object]]] = {
        "neighbours": (200, 50, 1000),
        "shrink": (10.0, 0.0, 100.0),
    }
    seeded = False

    def __init__(self, *, neighbours: int = 200, shrink: float = 10.0) -> None:
        self._neighbours, self._shrink = neighbours, shrink

    def weights(self, histories: Histories) -> NDArray[np.float32]:
        """The weight of each (viewer, item) pair in the comparison of items."""
        return histories.ones

    def fit(self, train: Events, *, seed: int) -> None:
        self._histories = histories = Histories.of(train)
        weights = self.weights(histories)
        squares = np.bincount(histories.items, weights=weights.astype(np.float64) ** 2, minlength=train.n_items)
        norms = np.sqrt(squares).astype(np.float32)
        k = min(self._neighbours, train.n_items)
        self._near = np.full((train.n_items, k), -1, np.int32)
        self._likeness = np.zeros((train.n_items, k), np.float32)
        step = max(1, CELLS // max(train.n_items, 1))
        for first in range(0, train.n_items, step):
            block = np.zeros((min(step, train.n_items - first), train.n_items), np.float32)
            gram(histories.starts, histories.items, weights, weights, first, block)
            block /= self._divisor(norms, slice(first, first + len(block)))
            some = block > 0
            some[np.arange(len(block)), np.arange(first, first + len(block))] = False
            near = top(block, some, k)
            self._near[first : first + len(block)] = near
            self._likeness[first : first + len(block)] = np.take_along_axis(block, np.maximum(near, 0), axis=1)

    def _divisor(self, norms: NDArray[np.float32], rows: slice) -> NDArray[np.float32]:
        return norms[rows, None] * norms[None, :] + np.float32(self._shrink + 1e-9)

    def scores(self, viewers: NDArray[np.int32]) -> NDArray[np.float32]:
        histories = self._histories
        out = np.zeros((len(viewers), histories.n_items), np.float32)
        add_neighbours(viewers, histories.starts, histories.items, histories.ones, self._near, self._likeness, out)
        return out


class TfIdfNeighbours(ItemNeighbours):
    """Item-kNN where each viewer counts as log(items / items they watched)."""

    name = "item-knn-tfidf"

    def weights(self, histories: Histories) -> NDArray[np.float32]:
        return _rarity(histories)[histories.viewers]


class Bm25Neighbours(ItemNeighbours):
    """Item-kNN with BM25 weights and plain products, so an item with many viewers keeps part of its advantage."""

    name = "item-knn-bm25"
    space: ClassVar[Mapping[str, Sequence[object]]] = {
        "b": (0.5, 0.2, 0.8),
        "k1": (1.2, 0.5, 100.0),
        "neighbours": (1000, 200),
    }

    def __init__(self, *, neighbours: int = 1000, k1: float = 1.2, b: float = 0.5) -> None:
        super().__init__(neighbours=neighbours)
        self._k1, self._b = k1, b

    def weights(self, histories: Histories) -> NDArray[np.float32]:
        counts = histories.counts()
        average = max(float(counts.mean()), 1.0)
        tempered = self._k1 * (1 - self._b + self._b * counts / average)
        weights = _rarity(histories)[histories.viewers] * (self._k1 + 1) / (tempered[histories.items] + 1)
        return weights.astype(np.float32)

    def _divisor(self, norms: NDArray[np.float32], rows: slice) -> NDArray[np.float32]:
        return np.ones((1, 1), np.float32)


def _rarity(histories: Histories) -> NDArray[np.float32]:
    """(viewers,) the inverse document frequency: never below zero, zero for who watched everything."""
    return np.log(max(histories.n_items, 1) / np.maximum(histories.lengths(), 1)).astype(np.float32)
