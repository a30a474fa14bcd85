"""Strict readings of the few encodings that C2SP's formats share. Each has one spelling for one value."""

import base64
import binascii
import re

LARGEST_SIZE = 2**63 - 1  # what the other implementations can count to
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


def read_decimal(text: str) -> int | None:
    """A whole number without a leading zero, up to 2^63 - 1; None when it is none."""
    if _DECIMAL.fullmatch(text) is None:
        return None
    value = int(text)
    return value if value <= LARGEST_SIZE else None


def read_base64(text: str) -> bytes | None:
    """Standard base 64 with its padding (RFC 4648, section 4), in its only spelling; None when it is none."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if write_base64(raw) == text else None


def read_hash(text: str) -> bytes | None:
    """A SHA-256 in base 64; None when it is none."""
    raw = read_base64(text) if len(text) == 44 else None
    return raw if raw is not None and len(raw) == 32 else None


def write_base64(raw: bytes) -> str:
    """Standard base 64 with its padding."""
    return base64.b64encode(raw).decode()
