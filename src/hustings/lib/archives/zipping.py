"""Writing a ZIP that survives being killed: entry by entry, with a journal of what is safely there. No Django.

A ZIP's directory comes last, so half a ZIP says nothing of what is in it. Here each entry that is whole and on
the disk is named by one line of a journal beside the file. Whoever goes on reads the journal, cuts off what
came after the last whole entry, and adds what is missing; `finish` writes the directory.

The format is PKWARE's APPNOTE.TXT 6.3.9 with ZIP64 fields throughout, so that no size needs two ways of
writing. Media are stored as they are; what compresses well is deflated.
"""

import fcntl
import hashlib
import io
import json
import os
import struct
import zlib
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Final, Self

VERSION_NEEDED: Final = 45  # 4.5: ZIP64
_MADE_BY_UNIX: Final = 3 << 8 | VERSION_NEEDED
_UTF8: Final = 1 << 11
_STORED: Final = 0
_DEFLATED: Final = 8
_MODE: Final = 0o100644 << 16
# One fixed moment, the format's first: an archive says in its manifest when it was made, and equal content
# makes equal bytes.
_DATE: Final = 0x0021
_MAX32: Final = 0xFFFFFFFF

_LOCAL = struct.Struct("<4s5H3L2H")
_LOCAL_ZIP64 = struct.Struct("<2H2Q")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_CENTRAL_ZIP64 = struct.Struct("<2H3Q")
_END_ZIP64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR = struct.Struct("<4sLQL")
_END = struct.Struct("<4s4H2LH")


@dataclass(frozen=True, slots=True)
class Entry:
    """One whole entry: where its header begins, and what its content is. `sha256` is of the plain content.

    `note` is the writer's own, such as how many rows it holds; it stands in the journal and not in the ZIP.
    """

    name: str
    offset: int
    method: int
    crc: int
    packed: int
    size: int
    sha256: str
    note: dict[str, int] = field(default_factory=dict)


class Zip:
    """A ZIP being written at `path`, with its journal at `path` + `.journal`. One writer at a time.

    Opening it goes on where the last writer was killed; BlockingIOError while that one still lives. `write` raises
    OSError as the disk does (a full one: ENOSPC); the file then still holds every entry that the journal names.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._journal_path = path.with_name(f"{path.name}.journal")
        # Unbuffered: a buffer that could not be written to a full disk would try again when it is closed.
        self._file = _opened(path)
        # Held by the kernel for as long as the process lives: a writer that was only slow is never joined by another.
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._journal = _opened(self._journal_path)
        self._journal_end = 0
        self.entries: dict[str, Entry] = {}
        self._end = 0
        self._resume()

    def __contains__(self, name: str) -> bool:
        return name in self.entries

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *fault: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the files; what the journal names stays."""
        self._file.close()
        self._journal.close()

    @property
    def size(self) -> int:
        """Bytes of whole entries so far."""
        return self._end

    def _resume(self) -> None:
        """Take over what is whole; the rest of both files is cut off."""
        there = os.fstat(self._file.fileno()).st_size
        for line in self._journal.read().splitlines(keepends=True):
            entry = _read_line(line)
            # A line can only be torn at its end, and only the last: everything after it is not trusted either.
            if entry is None or _end_of(entry) > there:
                break
            self.entries[entry.name] = entry
            self._end = _end_of(entry)
            self._journal_end += len(line)
        self._journal.truncate(self._journal_end)
        self._file.truncate(self._end)

    def write(
        self,
        name: str,
        blocks: Iterable[bytes],
        *,
        deflate: bool = False,
        beat: Callable[[int], object] = int,
        note: Callable[[], dict[str, int]] = dict,
    ) -> Entry:
        """Add an entry; when this returns it is on the disk and in the journal.

        `beat` is called with each block's size, `note` once all blocks were read.

        Nothing of it stays when `blocks` raises. A name twice is a fault of ours: ValueError.
        """
        if name in self.entries:
            raise ValueError(f"{name} is in the archive already")
        start = self._end
        try:
            self._file.seek(start)
            _put(self._file, _local(name, _DEFLATED if deflate else _STORED, 0, 0, 0))
            entry = replace(self._pour(name, start, blocks, deflate=deflate, beat=beat), note=note())
            self._file.seek(start)
            _put(self._file, _local(name, entry.method, entry.crc, entry.packed, entry.size))
            os.fdatasync(self._file.fileno())
            line = json.dumps(asdict(entry)).encode() + b"\n"
            self._journal.seek(self._journal_end)
            _put(self._journal, line)
            os.fdatasync(self._journal.fileno())
        except BaseException:
            self._file.truncate(start)
            self._journal.truncate(self._journal_end)
            raise
        self.entries[name] = entry
        self._end = _end_of(entry)
        self._journal_end += len(line)
        return entry

    def _pour(
        self, name: str, start: int, blocks: Iterable[bytes], *, deflate: bool, beat: Callable[[int], object]
    ) -> Entry:
        digest, crc, size, packed = hashlib.sha256(), 0, 0, 0
        squeeze = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS) if deflate else None
        for block in blocks:
            digest.update(block)
            crc = zlib.crc32(block, crc)
            size += len(block)
            out = squeeze.compress(block) if squeeze else block
            packed += len(out)
            _put(self._file, out)
            beat(len(block))
        if squeeze:
            out = squeeze.flush()
            packed += len(out)
            _put(self._file, out)
        return Entry(name, start, _DEFLATED if deflate else _STORED, crc, packed, size, digest.hexdigest())

    def finish(self, target: Path) -> int:
        """Write the directory and move the whole ZIP to `target`; answers its size. Safe to run again when killed."""
        directory = b"".join(_central(entry) for entry in self.entries.values())
        self._file.seek(self._end)
        _put(self._file, directory + _ends(len(self.entries), len(directory), self._end))
        size = self._file.tell()
        os.fsync(self._file.fileno())
        self.path.replace(target)
        _sync_folder(target.parent)
        self.close()
        self._journal_path.unlink(missing_ok=True)
        return size


def _opened(path: Path) -> io.FileIO:
    return io.FileIO(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "r+b")


def _put(file: io.FileIO, data: bytes) -> None:
    """All of `data`: a disk that is nearly full takes a part and says so only at the next write."""
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]


def _read_line(line: bytes) -> Entry | None:
    if not line.endswith(b"\n"):
        return None
    try:
        return Entry(**json.loads(line))
    except (ValueError, TypeError):
        return None


def _end_of(entry: Entry) -> int:
    return entry.offset + _LOCAL.size + len(entry.name.encode()) + _LOCAL_ZIP64.size + entry.packed


def _local(name: str, method: int, crc: int, packed: int, size: int) -> bytes:
    raw = name.encode()
    return (
        _LOCAL.pack(
            b"PK\3\4", VERSION_NEEDED, _UTF8, method, 0, _DATE, crc, _MAX32, _MAX32, len(raw), _LOCAL_ZIP64.size
        )
        + raw
        + _LOCAL_ZIP64.pack(1, 16, size, packed)
    )


def _central(entry: Entry) -> bytes:
    raw = entry.name.encode()
    return (
        _CENTRAL.pack(
            b"PK\1\2",
            _MADE_BY_UNIX,
            VERSION_NEEDED,
            _UTF8,
            entry.method,
            0,
            _DATE,
            entry.crc,
            _MAX32,
            _MAX32,
            len(raw),
            _CENTRAL_ZIP64.size,
            0,
            0,
            0,
            _MODE,
            _MAX32,
        )
        + raw
        + _CENTRAL_ZIP64.pack(1, 24, entry.size, entry.packed, entry.offset)
    )


def _ends(count: int, length: int, offset: int) -> bytes:
    """The three records that close a ZIP64 file."""
    return (
        _END_ZIP64.pack(
            b"PK\6\6", _END_ZIP64.size - 12, _MADE_BY_UNIX, VERSION_NEEDED, 0, 0, count, count, length, offset
        )
        + _LOCATOR.pack(b"PK\6\7", 0, offset + length, 1)
        + _END.pack(b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, _MAX32, _MAX32, 0)
    )


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
