"""Commitments: how an entry speaks about a person without saying anything about them.

    SHA-256( "hustings/commitment/v1" || 0x00 || len16(kind) || len16(name) || len16(salt) || value )

`len16(x)` is the length of x in bytes as a big-endian uint16, then x; text is UTF-8. The salt is random, of 16
bytes or more, and fresh for each commitment: equal values look different, and a value cannot be guessed and tried.
Whoever holds salt and value (the *opening*) can show what the entry meant; destroying the salt makes the entry
say nothing for ever, and every proof still verifies.

`kind` and `name` are hashed so that an opening of one entry's `subject` is never one of another's `actor`.
"""

import hmac
import json
import secrets
from collections.abc import Mapping
from hashlib import sha256

from hustings.lib.tlog.errors import MalformedOpeningError, WrongOpeningError
from hustings.lib.tlog.words import plain

SALT_SIZE = 32
LEAST_SALT_SIZE = 16
_DOMAIN = b"hustings/commitment/v1\x00"


def fresh_salt() -> bytes:
    """A new salt from the system's source of randomness."""
    return secrets.token_bytes(SALT_SIZE)


def commit(kind: str, name: str, salt: bytes, value: str) -> str:
    """The commitment as 64 hexadecimal digits."""
    if not LEAST_SALT_SIZE <= len(salt) <= 255:
        raise ValueError(f"a salt has {LEAST_SALT_SIZE} to 255 bytes, not {len(salt)}")
    return sha256(
        _DOMAIN + _counted(kind.encode()) + _counted(name.encode()) + _counted(salt) + value.encode()
    ).hexdigest()


def check(kind: str, name: str, salt: bytes, value: str, commitment: str) -> None:
    """Raise WrongOpeningError unless salt and value give `commitment`."""
    try:
        found = commit(kind, name, salt, value)
    except ValueError:
        raise WrongOpeningError(name) from None
    if not hmac.compare_digest(found, commitment):
        raise WrongOpeningError(name)


def read_openings(raw: bytes) -> dict[str, tuple[bytes, str]]:
    """Salt and value by the commitment's name, from the JSON that people keep: `{name: {"salt": hex, "value": text}}`.

    The object may stand by itself or under `"openings"` in a larger file. Raises MalformedOpeningError.
    """
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        raise MalformedOpeningError("the file of openings is no JSON") from None
    if isinstance(value, dict) and isinstance(value.get("openings"), dict):
        value = value["openings"]
    if not isinstance(value, dict) or not value:
        raise MalformedOpeningError("the file holds no openings: an object of names, each with a salt and a value")
    return {name: _opening(name, one) for name, one in value.items()}


def check_openings(kind: str, found: Mapping[str, str], openings: Mapping[str, tuple[bytes, str]]) -> None:
    """Raise WrongOpeningError unless each opening is that of a commitment in an entry of `kind`."""
    for name, (salt, value) in openings.items():
        if name not in found:
            raise MalformedOpeningError(f"the entry has no commitment “{plain(name)}”")
        check(kind, name, salt, value, found[name])


def _opening(name: str, one: object) -> tuple[bytes, str]:
    if isinstance(one, dict) and isinstance(one.get("salt"), str) and isinstance(one.get("value"), str):
        try:
            return bytes.fromhex(one["salt"]), one["value"]
        except ValueError:
            pass
    raise MalformedOpeningError(f"the opening “{plain(name)}” has no salt in hexadecimal, or no value")


def _counted(part: bytes) -> bytes:
    return len(part).to_bytes(2) + part
