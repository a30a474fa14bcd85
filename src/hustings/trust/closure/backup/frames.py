r"""Rows in a file, sealed in frames: for each frame who must still have a key, how many rows, and the bytes.

    file  = "hustings rows 1\n" frame…
    frame = length of the body (4) · rows (4) · tags (1) · check (8) · body
    body  = tag (16)… · sealed rows

Numbers are big-endian. The check is the beginning of SHA-256 over the nine bytes before it and the body, so that a
flipped bit is found without any key, and named by its frame and where that begins. The whole file's SHA-256
stands in the signed manifest. A tag says under whose key the frame is sealed to those who have that key, and to
nobody else (`ring.py`). Pure: files and bytes come in.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import IO

from hustings.trust.closure.backup.errors import BackupDamagedError

MAGIC = b"hustings rows 1\n"
TAG = 16
LARGEST = 64 << 20  # of a body: no row of ours comes near, and a damaged length must not fill the memory
_HEAD = struct.Struct(">IIB")
_CHECK = 8


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame; `offset` is where it begins in its file."""

    number: int
    offset: int
    rows: int
    tags: tuple[bytes, ...]
    sealed: bytes


class FrameWriter:
    """Writes frames and keeps count: `rows`, `frames`, `size` and the file's `sha256`."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._digest = file, sha256()
        self.rows = self.frames = self.size = 0
        self._put(MAGIC)

    def write(self, tags: tuple[bytes, ...], rows: int, sealed: bytes) -> None:
        body = b"".join(tags) + sealed
        head = _HEAD.pack(len(body), rows, len(tags))
        self._put(head + sha256(head + body).digest()[:_CHECK] + body)
        self.rows += rows
        self.frames += 1

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def _put(self, data: bytes) -> None:
        self._file.write(data)
        self._digest.update(data)
        self.size += len(data)


def read_frames(file: IO[bytes], name: str) -> Iterator[Frame]:
    """The frames of a file in their order. BackupDamagedError names the first that is not as it was written."""
    if file.read(len(MAGIC)) != MAGIC:
        raise BackupDamagedError(name, "does not begin as a file of rows does")
    number, offset = 0, len(MAGIC)
    while head := file.read(_HEAD.size + _CHECK):
        where = f"is not what was written in frame {number}, which begins at byte {offset}"
        if len(head) < _HEAD.size + _CHECK:
            raise BackupDamagedError(name, where)
        length, rows, tags = _HEAD.unpack_from(head)
        body = file.read(length) if length <= LARGEST else b""
        right = sha256(head[: _HEAD.size] + body).digest()[:_CHECK] == head[_HEAD.size :]
        if len(body) != length or not right or tags * TAG > length:
            raise BackupDamagedError(name, where)
        cut = tags * TAG
        yield Frame(number, offset, rows, tuple(body[start : start + TAG] for start in range(0, cut, TAG)), body[cut:])
        number += 1
        offset += len(head) + length
