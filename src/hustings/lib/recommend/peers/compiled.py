"""Loops over sparse histories, compiled by Numba: SciPy is no dependency of a running Hustings."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@njit(nogil=True, cache=True)
def gram(  # noqa: PLR0917 - Numba takes arguments by place
    starts: NDArray[np.int64],
    items: NDArray[np.int32],
    left: Floats,
    right: Floats,
    first: int,
    out: Floats,
) -> None:
    """out[i - first, j] += the sum over viewers of left × right, for the block of items i that begins at `first`."""
    last = first + out.shape[0]
    for viewer in range(len(starts) - 1):
        for a in range(starts[viewer], starts[viewer + 1]):
            row = items[a]
            if row < first or row >= last:
                continue
            weight = left[a]
            for b in range(starts[viewer], starts[viewer + 1]):
                out[row - first, items[b]] += weight * right[b]


@njit(nogil=True, cache=True)
def add_rows(  # noqa: PLR0917 - Numba takes arguments by place
    viewers: NDArray[np.int32],
    starts: NDArray[np.int64],
    items: NDArray[np.int32],
    weights: Floats,
    table: Floats,
    out: Floats,
) -> None:
    """out[v] += the rows of `table` of the viewer's items, weighted."""
    for v in range(len(viewers)):
        for a in range(starts[viewers[v]], starts[viewers[v] + 1]):
            weight = weights[a]
            row = table[items[a]]
            for j in range(table.shape[1]):
                out[v, j] += weight * row[j]


@njit(nogil=True, cache=True)
def add_neighbours(  # noqa: PLR0917 - Numba takes arguments by place
    viewers: NDArray[np.int32],
    starts: NDArray[np.int64],
    items: NDArray[np.int32],
    weights: Floats,
    neighbours: NDArray[np.int32],
    likeness: Floats,
    out: Floats,
) -> None:
    """out[v] += the likeness of the neighbours of the viewer's items, weighted; -1 is nobody."""
    for v in range(len(viewers)):
        for a in range(starts[viewers[v]], starts[viewers[v] + 1]):
            weight = weights[a]
            item = items[a]
            for n in range(neighbours.shape[1]):
                other = neighbours[item, n]
                if other >= 0:
                    out[v, other] += weight * likeness[item, n]
