"""How sealed data and wrapped keys lie on the disk: AES-256-GCM, a version byte, and what they are bound to.

    sealed  = 0x01 || nonce (12 bytes) || ciphertext || tag (16 bytes)
    wrapped = 0x01 || nonce (12 bytes) || ciphertext of the key (32 bytes) || tag (16 bytes)

The associated data names the use, the cell, the purpose and the person, each with its length before it,
so that no two lists of names can be read as one another. A row that is moved to another person, another
column or another cell does not open.

Nonces are random. NIST SP 800-38D (8.3) allows 2^32 messages under one key that way; a person's key sees
a few for each thing they do, the cell's key one for each person. Pure: keys and names come in, bytes go out.
"""

import os
from functools import lru_cache
from hashlib import sha256
from hmac import digest

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = b"\x01"
NONCE, TAG, KEY = 12, 16, 32
OVERHEAD = len(VERSION) + NONCE + TAG

_SEALED = b"hustings/sealed/v1"
_WRAPPED = b"hustings/wrapped/v1"
_MARK = b"hustings/key-mark/v1"


class BrokenError(Exception):
    """The bytes are not what was sealed: another form, another key, another place, or changed."""


def bound_to(use: bytes, cell: str, purpose: str, subject: int) -> bytes:
    """The associated data."""
    return _names(use, cell, purpose) + subject.to_bytes(8, "big")


@lru_cache(maxsize=1024)
def _names(use: bytes, cell: str, purpose: str) -> bytes:
    """Kept, because there are as many as there are sealed columns, and each page asks for three."""
    parts = (use, cell.encode(), purpose.encode())
    return b"".join(len(part).to_bytes(2, "big") + part for part in parts)


def sealed_in(cell: str, purpose: str, subject: int) -> bytes:
    """What data of `subject` is bound to."""
    return bound_to(_SEALED, cell, purpose, subject)


def wrapped_in(cell: str, kek_id: str, subject: int) -> bytes:
    """What the key of `subject` is bound to."""
    return bound_to(_WRAPPED, cell, kek_id, subject)


def close(cipher: AESGCM, data: bytes, associated: bytes) -> bytes:
    """Seal `data`; `OVERHEAD` bytes longer than it was."""
    nonce = os.urandom(NONCE)
    return VERSION + nonce + cipher.encrypt(nonce, data, associated)


def open_(cipher: AESGCM, sealed: bytes, associated: bytes) -> bytes:
    """What `close` was given. BrokenError when it is not that."""
    if sealed[:1] != VERSION or len(sealed) < OVERHEAD:
        raise BrokenError
    try:
        return cipher.decrypt(sealed[1 : 1 + NONCE], sealed[1 + NONCE :], associated)
    except InvalidTag:
        raise BrokenError from None


def mark(key: bytes) -> str:
    """A key's name in the public log, in hex.

    Made with the key itself: only who still holds a copy of the key can tell that it is the one that
    was erased, which is what a restore must be able to do and nobody else should.
    """
    return digest(key, _MARK, sha256).hex()
