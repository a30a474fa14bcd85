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
    packed = ((at - _EPOCH) // _MICROSECOND).to_bytes(8, signed=True) + key.to_bytes(8)
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def decode(cursor: str) -> tuple[datetime, int]:
    """Instant and key of a cursor; InvalidInputError when it is not one of ours."""
    try:
        packed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        at = _EPOCH + int.from_bytes(packed[:8], signed=True) * _MICROSECOND
    except (ValueError, OverflowError, binascii.Error):
        packed, at = b"", _EPOCH
    key = int.from_bytes(packed[8:], signed=True)
    if len(packed) != 16 or key < 0:  # databases count to 2^63
        raise InvalidInputError(fields={"cursor": "This is no place in a list; start from the beginning."})
    return at, key
