"""The loop of `scan` compiled by Numba. Imported only where a catalogue is large enough to want it."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from hustings.feed.scan import CLOSED
from hustings.feed.vectors import Bytes

_CLOSED = int(CLOSED)


@njit(nogil=True, cache=True)
def nearest(table: Bytes, queries: NDArray[np.int16], open_rows: NDArray[np.bool_], out: NDArray[np.int32]) -> None:
    """out[i] = the largest product of row i with one of `queries`, or CLOSED.

    Without the casts Numba widens to 64 bits and the loop is six times slower.
    """
    for i in range(table.shape[0]):
        best = np.int32(_CLOSED)
        if open_rows[i]:
            for j in range(queries.shape[0]):
                product = np.int32(0)
                for d in range(64):
                    product = np.int32(product + np.int32(np.int32(table[i, d]) * np.int32(queries[j, d])))
                best = max(best, product)
        out[i] = best
