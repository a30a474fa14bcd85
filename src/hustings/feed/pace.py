"""How often somebody may ask, held in this process's memory and nowhere else.

A bucket of requests that refills. Signed-in viewers have one each; signed-out viewers share one per
address, which is kept only as a hash with a key that dies with the process. Each server process
counts for itself: the limits keep a script from taking the machine, they are no accounting.
"""

import hashlib
import secrets
import time
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol, TypeVar

from hustings.lib.errors import TooManyRequestsError


class _OfAClip(Protocol):
    @property
    def clip(self) -> str: ...


T = TypeVar("T", bound=_OfAClip)
_KEY = secrets.token_bytes(16)
_MOST = 100_000  # buckets; the one unused for longest makes room
_buckets: OrderedDict[tuple[str, int | bytes], tuple[float, float]] = OrderedDict()

# act: (requests per second, as many at once). A whole school may share one address.
SIGNED_IN = {"page": (5.0, 40), "events": (10.0, 100), "reset": (0.05, 5)}
SIGNED_OUT = {"page": (60.0, 600), "events": (100.0, 1_000)}


LOOKS, LOOKS_S = 20, 3600.0  # a clip's watchings that one address may add to everybody's counts, in so many seconds
_looks: OrderedDict[bytes, tuple[int, float]] = OrderedDict()


def credible(events: Sequence[T], address: str) -> list[T]:
    """Those events of somebody signed out that may count. A whole school may share one address; a loop may not.

    What is left out is dropped silently, as it would be if the same person had watched again. The table is
    of this process, under a key that is never written down, and forgets what is oldest.
    """
    now = time.monotonic()
    kept = []
    for event in events:
        key = _hashed(f"{address} {event.clip}")
        count, since = _looks.pop(key, (0, now))
        if now - since > LOOKS_S:
            count, since = 0, now
        _looks[key] = (count + 1, since)
        if count < LOOKS:
            kept.append(event)
    while len(_looks) > _MOST:
        with suppress(KeyError):  # another thread was faster
            _looks.popitem(last=False)
    return kept


def take(act: str, viewer_id: int | None, address: str) -> None:
    """Count one request; TooManyRequestsError with `retry_after` in seconds when the bucket is empty."""
    rate, room = (SIGNED_IN if viewer_id is not None else SIGNED_OUT)[act]
    who: int | bytes = viewer_id if viewer_id is not None else _hashed(address)
    now = time.monotonic()
    # Taken out and put back at the end: the oldest stands first. A thread that comes in between finds a
    # full bucket, which costs one request too many and no lock.
    left, at = _buckets.pop((act, who), (float(room), now))
    left = min(float(room), left + (now - at) * rate)
    _buckets[act, who] = (max(left - 1.0, 0.0), now)
    if len(_buckets) > _MOST:
        with suppress(KeyError):  # another thread was faster
            _buckets.popitem(last=False)
    if left < 1.0:
        raise TooManyRequestsError(params={"retry_after": int((1.0 - left) / rate) + 1})


def _hashed(address: str) -> bytes:
    return hashlib.blake2b(address.encode(), key=_KEY, digest_size=8).digest()


def forget() -> None:
    """Empty all buckets."""
    _buckets.clear()
    _looks.clear()
