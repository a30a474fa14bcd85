r"""A whole file under a person's key, in pieces: films do not fit in memory, and a cut-off film must not look whole.

    object = "hustings file 1\n" · salt (32) · piece…
    piece  = AES-256-GCM of up to 1 MiB

Each file has a key of its own, HKDF-SHA-256 of the person's key with the salt; a piece's nonce is its number and
whether it is the last (the STREAM construction, Hoang, Reyhanitabar, Rogaway and Vizár 2015). So pieces can
be neither left out nor changed in order. Pure: keys and open files come in.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MAGIC = b"hustings file 1\n"
PIECE = 1 << 20
_SALT, _GCM_TAG = 32, 16
_INFO = b"hustings/backup-file/v1"

Beat = Callable[[int], None]  # plain bytes done since the last call


class StreamError(Exception):
    """The object is not what was sealed; the message says where."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A file that was sealed: its size and hash, and those of the object made of it."""

    size: int
    sha256: str
    sealed_size: int
    sealed_sha256: str


def seal(key: bytes, name: bytes, source: IO[bytes], sink: IO[bytes], beat: Beat) -> Sealed:
    """Seal `source` into `sink`, bound to `name`."""
    salt = os.urandom(_SALT)
    cipher = _cipher(key, salt)
    plain, sealed, size, sealed_size = sha256(), sha256(), 0, 0

    def put(data: bytes) -> None:
        nonlocal sealed_size
        sink.write(data)
        sealed.update(data)
        sealed_size += len(data)

    put(MAGIC + salt)
    number, piece = 0, source.read(PIECE)
    while True:
        after = source.read(PIECE) if len(piece) == PIECE else b""
        plain.update(piece)
        size += len(piece)
        put(cipher.encrypt(_nonce(number, last=not after), piece, name))
        beat(len(piece))
        if not after:
            return Sealed(size, plain.hexdigest(), sealed_size, sealed.hexdigest())
        number, piece = number + 1, after


def open_(key: bytes, name: bytes, source: IO[bytes], sink: IO[bytes], beat: Beat) -> tuple[int, str]:
    """The counterpart of `seal`: (size, SHA-256) of what was written into `sink`. StreamError names the piece."""
    if source.read(len(MAGIC)) != MAGIC:
        raise StreamError("does not begin as a sealed file does")
    cipher = _cipher(key, source.read(_SALT))
    digest, size, number = sha256(), 0, 0
    sealed = source.read(PIECE + _GCM_TAG)
    while True:
        after = source.read(PIECE + _GCM_TAG) if len(sealed) == PIECE + _GCM_TAG else b""
        try:
            piece = cipher.decrypt(_nonce(number, last=not after), sealed, name)
        except InvalidTag:
            raise StreamError(f"is not what was written in piece {number}, or ends too early") from None
        sink.write(piece)
        digest.update(piece)
        size += len(piece)
        beat(len(piece))
        if not after:
            return size, digest.hexdigest()
        number, sealed = number + 1, after


def _cipher(key: bytes, salt: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, salt, _INFO).derive(key))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
