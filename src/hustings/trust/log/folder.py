"""Files that are there whole, or not at all, and stay after a power cut.

A file is written beside its place, flushed to the disk, renamed into it, and then the folder is flushed too: without
the last step a rename may be forgotten by a power cut after it was reported. A batch flushes each folder once.

The few calls that touch the disk go through `Disk`, so that tests can make each of them fail or be the last.
"""

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from hustings.trust.log.errors import LogWriteFailedError

ASIDE = ".aside"  # the ending of files on their way; nobody serves them


class Disk:
    """What is done to the disk, one call each."""

    def make_folder(self, path: Path) -> None:
        path.mkdir()

    def write(self, path: Path, data: bytes) -> None:
        """Create and fill; the data may still be in memory only."""
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(handle, view) :]
        finally:
            os.close(handle)

    def flush(self, path: Path) -> None:
        """Make what `path` (a file or a folder) holds outlive a power cut."""
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def rename(self, source: Path, target: Path) -> None:
        source.replace(target)

    def remove(self, path: Path) -> None:
        path.unlink(missing_ok=True)


class Folder:
    """The folder of a log. Names are relative, with `/`."""

    def __init__(self, root: Path, disk: Disk | None = None) -> None:
        self.root, self.disk = root, disk or Disk()

    def read(self, name: str) -> bytes | None:
        """The file's bytes, None when there is none."""
        try:
            return (self.root / name).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def put(self, files: Mapping[str, bytes]) -> None:
        """Write all files, or raise LogWriteFailedError; those that were placed before the failure stay, whole."""
        try:
            changed = self._make_folders({(self.root / name).parent for name in files})
            for name, data in files.items():
                aside = self._aside(name)
                self.disk.write(aside, data)
                self.disk.flush(aside)
            for name in files:
                self.disk.rename(self._aside(name), self.root / name)
                changed.add((self.root / name).parent)
            # The deepest first: a folder is worth nothing before what is in it.
            for folder in sorted(changed, key=lambda path: len(path.parts), reverse=True):
                self.disk.flush(folder)
        except OSError as fault:
            with suppress(OSError):
                for name in files:
                    self.disk.remove(self._aside(name))
            where = fault.filename or self.root
            raise LogWriteFailedError(f"A file of the log could not be written: {fault.strerror} ({where})") from fault

    def _aside(self, name: str) -> Path:
        return self.root / f"{name}{ASIDE}"

    def _make_folders(self, folders: Iterable[Path]) -> set[Path]:
        """Make what is missing; the folders that changed by it, which are to be flushed."""
        changed: set[Path] = set()
        for folder in folders:
            missing = []
            while not folder.is_dir():
                missing.append(folder)
                folder = folder.parent  # noqa: PLW2901 - we climb
            for new in reversed(missing):
                with suppress(FileExistsError):
                    self.disk.make_folder(new)
                changed.add(new.parent)
        return changed
