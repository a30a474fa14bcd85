"""Public identifiers: short, unguessable, safe in a URL, never the database's own keys."""

import secrets

# Base 58 leaves out 0, O, I and l, which people confuse when they read an address aloud.
ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

CLIP_LENGTH = 11  # 58^11 is about 2^64: a guess finds nothing
SECRET_LENGTH = 22  # 58^22 is about 2^128: for keys that grant something


def new(length: int = CLIP_LENGTH) -> str:
    """A fresh random identifier of `length` base-58 characters."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def secret() -> str:
    """A fresh identifier that is itself a permission, such as an upload's address."""
    return new(SECRET_LENGTH)


def is_id(text: str, length: int = CLIP_LENGTH) -> bool:
    """Whether `text` has the form of an identifier; says nothing about whether it exists."""
    return len(text) == length and all(c in ALPHABET for c in text)
