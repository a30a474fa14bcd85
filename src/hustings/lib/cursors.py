"""Opaque marks of a place in a list ordered by time.

A cursor names the last thing seen, never a count, so that a list neither repeats nor skips when
things are added or taken away while one reads.
"""

import base64
import binascii
from datetime import UTC, datetime, timedelta

from hustings.lib.errors import InvalidInputError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def encode(at: datetime, key: int) -> str:
    """The cursor after the row of `key` at the instant `at`, as 22 characters fit for a URL."""
    return _written(((at - _EPOCH) // _MICROSECOND).to_bytes(8, signed=True) + key.to_bytes(8))


def decode(cursor: str) -> tuple[datetime, int]:
    """Instant and key of a cursor; InvalidInputError when it is not one of ours."""
    packed = _read(cursor, 16)
    try:
        return _EPOCH + int.from_bytes(packed[:8], signed=True) * _MICROSECOND, _key(packed[8:])
    except OverflowError:
        raise _refusal() from None


def encode_place(key: int) -> str:
    """The cursor after the row of `key` in a list that is ordered by key alone."""
    return _written(key.to_bytes(8))


def decode_place(cursor: str) -> int:
    """The key of such a cursor; InvalidInputError when it is not one of ours."""
    return _key(_read(cursor, 8))


def _written(packed: bytes) -> str:
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def _read(cursor: str, length: int) -> bytes:
    try:
        packed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raise _refusal() from None
    if len(packed) != length:
        raise _refusal()
    return packed


def _key(packed: bytes) -> int:
    key = int.from_bytes(packed, signed=True)
    if key < 0:  # databases count to 2^63
        raise _refusal()
    return key


def _refusal() -> InvalidInputError:
    return InvalidInputError(fields={"cursor": "This is no place in a list; start from the beginning."})
