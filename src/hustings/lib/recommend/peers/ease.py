"""EASE, the linear autoencoder with a closed form (Steck 2019), and EASE that looks at the recent history more."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from hustings.lib.recommend.errors import BadDataError
from hustings.lib.recommend.events import Events
from hustings.lib.recommend.peers.compiled import add_rows, gram
from hustings.lib.recommend.peers.histories import Histories

MOST_ITEMS = 20_000  # the weights are items × items: 1.6 GB of them, and as much again while they are made
_SMALL = 512


class Ease:
    """B minimises |X - XB|² + regularisation |B|² with a diagonal of zero; a viewer's scores are their row of XB."""

    name = "ease"
    space: ClassVar[Mapping[str, Sequence[object]]] = {"regularisation": (500.0, 100.0, 1000.0, 3000.0)}
    seeded = False

    def __init__(self, *, regularisation: float = 500.0) -> None:
        self._regularisation = regularisation

    def fit(self, train: Events, *, seed: int) -> None:
        if train.n_items > MOST_ITEMS:
            raise BadDataError(f"EASE keeps items × items numbers; {train.n_items:,} items are too many here.")
        self._histories = histories = Histories.of(train)
        products = np.zeros((train.n_items, train.n_items), np.float32)
        gram(histories.starts, histories.items, histories.ones, histories.ones, 0, products)
        products[np.diag_indices(train.n_items)] += np.float32(self._regularisation)
        inverse_in_place(products)
        products /= -np.diag(products).copy()
        products[np.diag_indices(train.n_items)] = 0
        self._table = products
        self._weights = self.weights(histories)

    def weights(self, histories: Histories) -> NDArray[np.float32]:
        """How much each watched item counts when a viewer is scored."""
        return histories.ones

    def scores(self, viewers: NDArray[np.int32]) -> NDArray[np.float32]:
        histories = self._histories
        out = np.zeros((len(viewers), histories.n_items), np.float32)
        add_rows(viewers, histories.starts, histories.items, self._weights, self._table, out)
        return out


class DecayedEase(Ease):
    """EASE whose scores weigh a viewer's history by keep ** age, age counted in items."""

    name = "ease-decayed"
    space: ClassVar[Mapping[str, Sequence[object]]] = {
        "keep": (0.8, 0.6, 0.9, 0.98),
        "regularisation": (500.0, 100.0, 1000.0),
    }

    def __init__(self, *, regularisation: float = 500.0, keep: float = 0.8) -> None:
        super().__init__(regularisation=regularisation)
        self._keep = keep

    def weights(self, histories: Histories) -> NDArray[np.float32]:
        return histories.faded(self._keep)


def inverse_in_place(matrix: NDArray[np.float32]) -> None:
    """Invert a symmetric positive definite matrix by halves (Schur complements).

    Two thirds of the arithmetic of a general inverse, nearly all of it in matrix products, and no SciPy.
    """
    n = len(matrix)
    if n <= _SMALL:
        matrix[:] = np.linalg.inv(matrix.astype(np.float64))
        return
    half = n // 2
    first, corner, last = matrix[:half, :half], matrix[:half, half:], matrix[half:, half:]
    inverse_in_place(first)
    carried = first @ corner
    last -= corner.T @ carried
    inverse_in_place(last)
    corner[:] = -(carried @ last)
    first -= corner @ carried.T
    matrix[half:, :half] = corner.T
