"""The clips nearest to a viewer's interests: an exact scan of the whole table of signed bytes.

Exact, because it is fast enough (100,000 clips against four interests: 0.5 ms on one core), finds a
clip in the moment it is added, forgets one in the moment it is removed, and can run in a browser.
Above about half a million clips an approximate index would take its place.

Numba compiles the loop; integer arithmetic gives the same numbers as the NumPy form below, which
serves small catalogues (where importing Numba would cost more than it saves) and any process in
which the compiled form is not ready yet.
"""

import logging
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hustings.feed.vectors import SCALE, Bytes

log = logging.getLogger(__name__)

# From here on the compiled loop is worth half a second of start-up and 100 MB.
COMPILE_FROM = 5_000
CLOSED = np.int32(-(2**31) + 1)

Kernel = Callable[[Bytes, NDArray[np.int16], NDArray[np.bool_], NDArray[np.int32]], None]
_compiled: Kernel | None = None


def warm(rows: int) -> None:
    """Make the compiled loop ready when a catalogue of `rows` wants it. Takes seconds the first time ever."""
    global _compiled  # noqa: PLW0603 - one compiled function for the process
    if rows < COMPILE_FROM or _compiled is not None:
        return
    try:
        from hustings.feed.compiled import nearest
    except ImportError:
        log.warning("Numba is not there; the feed scans its catalogue about three times slower without it")
        return
    nearest(np.zeros((1, 64), np.int8), np.zeros((1, 64), np.int16), np.ones(1, np.bool_), np.zeros(1, np.int32))
    _compiled = nearest


def search(
    table: Bytes, interests: Bytes, open_rows: NDArray[np.bool_], limit: int
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Rows of `table` with the highest cosine to any of `interests`, at most `limit`, in no order.

    `table` is (n, 64), `interests` (k, 64), `open_rows` (n,) says which rows may be found. Answers
    (rows, cosines).
    """
    scores = np.empty(len(table), np.int32)
    queries = interests.astype(np.int16)
    if _compiled is not None:
        _compiled(table, queries, open_rows, scores)
    else:
        plain(table, queries, open_rows, scores)
    size = len(scores)
    best = np.argpartition(scores, size - limit)[-limit:] if size > limit else np.arange(size)
    rows: NDArray[np.int32] = best[scores[best] > CLOSED].astype(np.int32)
    cosines: NDArray[np.float32] = (scores[rows] / np.float32(SCALE * SCALE)).astype(np.float32)
    return rows, cosines


def plain(table: Bytes, queries: NDArray[np.int16], open_rows: NDArray[np.bool_], out: NDArray[Any]) -> None:
    """The compiled loop's meaning, in NumPy: exact, since a float32 holds every integer below 2^24."""
    products = table.astype(np.float32) @ queries.T.astype(np.float32)
    out[:] = np.where(open_rows, products.max(axis=1), CLOSED)
