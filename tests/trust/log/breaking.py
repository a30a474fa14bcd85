"""A disk that fails at one of its calls, in each of the ways in which disks and processes fail."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path

from hustings.trust.log.folder import Disk

WAYS = ("lost", "landed", "torn", "full")


class DiedError(BaseException):
    """The process is gone: nothing that catches ordinary failures may catch this."""


class BreakingDisk(Disk):
    """Breaks at call number `at` (from 1), once. `calls` counts them all; `at=0` never breaks.

    `lost`: dead before it was done. `landed`: dead after it was done. `torn`: a write stops in the middle, then
    dead. `full`: the disk has no room, and the process lives.
    """

    def __init__(self, at: int = 0, way: str = "lost", die: Callable[[], None] | None = None) -> None:
        self.at, self.way, self.calls = at, way, 0
        self.die = die or self._raise
        self.done: list[str] = []

    def _raise(self) -> None:
        raise DiedError

    def _break(self, name: str, act: Callable[[], None], half: Callable[[], None] | None = None) -> None:
        self.calls += 1
        self.done.append(name)
        if self.calls != self.at:
            act()
            return
        if self.way == "full":
            raise OSError(errno.ENOSPC, "No space left on device")
        if self.way == "torn" and half is not None:
            half()
        elif self.way == "landed":
            act()
        self.die()

    def make_folder(self, path: Path) -> None:
        self._break("make_folder", lambda: Disk.make_folder(self, path))

    def write(self, path: Path, data: bytes) -> None:
        half = data[: len(data) // 2]
        self._break("write", lambda: Disk.write(self, path, data), lambda: Disk.write(self, path, half))

    def flush(self, path: Path) -> None:
        self._break("flush", lambda: Disk.flush(self, path))

    def rename(self, source: Path, target: Path) -> None:
        self._break("rename", lambda: Disk.rename(self, source, target))
