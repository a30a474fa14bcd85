"""Sets of clip ids in few bytes, for a row that is read with every page.

A list of 32-bit ids while it is short, a map of bits once that is smaller: whoever has seen a
hundred thousand clips costs 12 kB, and the whole history stays.
"""

import numpy as np
from numpy.typing import NDArray

_LIST = b"L"
_BITS = b"B"

Ids = NDArray[np.uint32]


def pack_ids(ids: Ids) -> bytes:
    """`ids` must be ascending and each there once."""
    if not len(ids):
        return b""
    if len(ids) * 32 <= int(ids[-1]):
        return _LIST + ids.astype("<u4").tobytes()
    bits = np.zeros(int(ids[-1]) + 1, np.bool_)
    bits[ids] = True
    return _BITS + np.packbits(bits).tobytes()


def unpack_ids(raw: bytes) -> Ids:
    """What `pack_ids` packed, ascending. ValueError for anything else."""
    if not raw:
        return np.zeros(0, np.uint32)
    form, body = raw[:1], memoryview(raw)[1:]
    if form == _LIST:
        return np.frombuffer(body, "<u4").astype(np.uint32)
    if form == _BITS:
        return np.flatnonzero(np.unpackbits(np.frombuffer(body, np.uint8))).astype(np.uint32)
    raise ValueError("not a packed set of ids")
