"""The learner's loops over logs, compiled by Numba."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float32]
FAINT = 1e-3  # an event whose weight has faded below this is forgotten


@njit(nogil=True, cache=True)
def moments(  # noqa: C901, PLR0917 - Numba takes arguments by place
    starts: NDArray[np.int64],
    items: NDArray[np.int32],
    weights: Floats,
    places: NDArray[np.int32],
    keeps: NDArray[np.float64],
    squares: Floats,
    products: Floats,
) -> None:
    """Sums over every moment t of every log: memory × memory into `squares`, memory × (item at t) into `products`.

    A memory at t has a place for each (bank, known item): the sum of weight × keep ** (t - 1 - position) over the
    events before t. For two events at p <= q, the sum over all t > q is a geometric series, so no moment is visited: a
    log of n events costs pairs of events, not pairs at each moment. `places` is the place of an item within a bank, -1
    where it has none.
    """
    banks = len(keeps)
    size = squares.shape[0] // banks
    for viewer in range(len(starts) - 1):
        first, end = starts[viewer], starts[viewer + 1]
        for p in range(first, end):
            row = places[items[p]]
            if row < 0 or weights[p] == 0:
                continue
            for b in range(banks):
                keep = keeps[b]
                fading = 1.0  # keep ** (q - p)
                for q in range(p, end):
                    if q > p:
                        # The event at q is what came next for a memory that holds p, faded q - 1 - p times.
                        products[b * size + row, items[q]] += np.float32(fading * weights[p] * weights[q])
                        fading *= keep
                        if fading < FAINT:
                            break
                    column = places[items[q]]
                    left = end - 1 - q  # moments after q
                    if column < 0 or left == 0:
                        continue
                    for c in range(banks):
                        both = keep * keeps[c]
                        series = float(left) if both > 1 - 1e-9 else (1 - both**left) / (1 - both)
                        value = np.float32(fading * series * weights[p] * weights[q])
                        # p faded by bank b, q by bank c: the pair (b, p), (c, q), and its mirror image.
                        squares[b * size + row, c * size + column] += value
                        if q > p:
                            squares[c * size + column, b * size + row] += value


@njit(nogil=True, cache=True)
def remember(  # noqa: PLR0917 - Numba takes arguments by place
    items: NDArray[np.int32],
    weights: Floats,
    ages: NDArray[np.float64],
    places: NDArray[np.int32],
    keeps: NDArray[np.float64],
    table: Floats,
    out: Floats,
) -> None:
    """Add to `out` the rows of `table` of a history's items, faded in each bank by age."""
    size = table.shape[0] // len(keeps)
    for a in range(len(items)):
        row = places[items[a]]
        if row < 0:
            continue
        for b in range(len(keeps)):
            weight = np.float32(weights[a] * keeps[b] ** ages[a])
            if weight >= FAINT:
                source = table[b * size + row]
                for j in range(len(out)):
                    out[j] += weight * source[j]
