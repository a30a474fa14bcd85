"""The last look: at the bytes of SQLite's own files, where a deleted row could still lie.

`secure_delete` overwrites what is deleted, and emptying the write-ahead log removes old copies of pages. This
looks whether both have done so, for names that can stand nowhere by chance. PostgreSQL keeps dead rows until they are
vacuumed, in files that are not ours to read: there this looks at nothing and says so.
"""

import mmap
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from django.db import connection

_HEAD = 8  # bytes of a name that are compared at once
_BLOCK = 16 << 20
_PATIENCE_MS = 1_000  # for readers that still need the log
LARGEST = 1 << 30  # bytes of a file that is rewritten in one go


def sweep(names: Iterable[str], *, beat: Callable[[], None]) -> tuple[int, dict[str, int]]:
    """(bytes looked at, how often each name was found). Zero bytes where there is no such file."""
    wanted = sorted({name.encode() for name in names if len(name.encode()) >= _HEAD})
    path = _file()
    if path is None:
        return 0, {}
    _empty_log()
    size, found = 0, dict[str, int]()
    for part in (path, path.with_name(f"{path.name}-wal")):
        if part.exists() and part.stat().st_size:
            size += part.stat().st_size
            for name, count in _search(part, wanted, beat).items():
                found[name] = found.get(name, 0) + count
    return size, found


def _file() -> Path | None:
    if connection.vendor != "sqlite" or connection.is_in_memory_db():  # type: ignore[attr-defined]  # SQLite's has it
        return None
    return Path(connection.settings_dict["NAME"])


def _empty_log() -> None:
    """Move what the write-ahead log holds into the file, and cut the log; a reader that needs it keeps it for now."""
    if connection.in_atomic_block:
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        before = int(cursor.fetchone()[0])
        cursor.execute(f"PRAGMA busy_timeout = {_PATIENCE_MS}")
        try:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            cursor.fetchall()
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {before}")


def overwrite_deleted() -> None:
    """From here on this connection overwrites every page that it frees, not only where that costs nothing."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete = ON")
            cursor.fetchall()


def scrub() -> bool:
    """Rewrite the file without what is no row's; whether that was done. Asked when a sweep found something.

    SQLite moves rows between pages, and `secure_delete` does not reach the copies that this leaves in the room between
    rows. `VACUUM` does. Readers go on meanwhile and writers wait, a second or two for each 100 MB; so a file beyond
    `LARGEST` is left as it is, and the receipt says what was found in it.
    """
    if not can_scrub() or connection.in_atomic_block:
        return False
    overwrite_deleted()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
    _empty_log()
    return True


def can_scrub() -> bool:
    """Whether the file is small enough to be rewritten while people use it."""
    path = _file()
    return path is not None and path.stat().st_size <= LARGEST


def _search(path: Path, wanted: list[bytes], beat: Callable[[], None]) -> dict[str, int]:
    """Occurrences of each name. Compares eight bytes at a time, from each of eight starts, for all names at once."""
    if not wanted:
        return {}
    heads = np.unique(np.array([np.frombuffer(name[:_HEAD], np.uint64)[0] for name in wanted]))
    by_head: dict[bytes, list[bytes]] = {}
    for name in wanted:
        by_head.setdefault(name[:_HEAD], []).append(name)
    longest = max(map(len, wanted))
    found: dict[str, int] = {}
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for begin in range(0, len(data), _BLOCK):
            # Some more than a block, so that a name across two blocks is seen; it is counted where it begins.
            block = data[begin : begin + _BLOCK + longest]
            for shift in range(_HEAD):
                whole = (len(block) - shift) // _HEAD
                if whole <= 0:
                    continue
                words = np.frombuffer(block, np.uint64, whole, shift)
                for place in np.flatnonzero(np.isin(words, heads)):
                    at = shift + int(place) * _HEAD
                    if at < _BLOCK:
                        for name in by_head[block[at : at + _HEAD]]:
                            if block.startswith(name, at):
                                text = name.decode()
                                found[text] = found.get(text, 0) + 1
            beat()
    return found
