"""Whose the files are that lie beside the database. Trust knows no domain: each says which folder, and whose."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from hustings.trust.closure.backup.errors import RestoreRefusedError

Owners = Callable[[Sequence[str]], Mapping[str, int]]
AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Kind:
    """One folder of files. `root` is asked each time; `owners` answers whose of the given names are whose.

    A name is the path below the root, with `/`. A file whose name `owners` leaves out is not backed up.
    """

    name: str
    root: Callable[[], Path]
    owners: Owners


@dataclass(frozen=True, slots=True)
class Found:
    """A file, with whom it is about and how large it was when it was found. `name` begins with its kind's."""

    owner: int
    name: str
    path: Path
    size: int


_kinds: dict[str, Kind] = {}


def register_files(name: str, root: Callable[[], Path], owners: Owners) -> None:
    """Called by a domain's AppConfig.ready for each folder in which it keeps people's files."""
    _kinds[name] = Kind(name, root, owners)


def walk() -> Iterator[list[Found]]:
    """Every file that belongs to somebody, in portions."""
    for kind in _kinds.values():
        portion: list[tuple[str, Path, int]] = []
        for entry in _below(kind.root(), ""):
            portion.append(entry)
            if len(portion) == AT_ONCE:
                yield _owned(kind, portion)
                portion = []
        if portion:
            yield _owned(kind, portion)


def _owned(kind: Kind, portion: list[tuple[str, Path, int]]) -> list[Found]:
    owners = kind.owners([name for name, _, _ in portion])
    return [Found(owners[name], f"{kind.name}/{name}", path, size) for name, path, size in portion if name in owners]


def _below(folder: Path, prefix: str) -> Iterator[tuple[str, Path, int]]:
    """Plain files below a folder; links are nobody's."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except FileNotFoundError:
        return
    for entry in entries:
        if entry.is_symlink():
            continue
        if entry.is_dir():
            yield from _below(Path(entry.path), f"{prefix}{entry.name}/")
        elif entry.is_file() and not entry.name.endswith(".part"):
            yield f"{prefix}{entry.name}", Path(entry.path), entry.stat().st_size


def place_of(name: str) -> Path:
    """Where a restored file goes. RestoreRefusedError for a name that leads out of its kind's folder."""
    kind, _, rest = name.partition("/")
    parts = PurePosixPath(rest).parts
    odd = not rest or rest.startswith("/") or "\\" in rest or "\0" in rest or any(part in {"..", "."} for part in parts)
    if kind not in _kinds or odd or "/".join(parts) != rest:
        raise RestoreRefusedError(f"The backup names a file that no part of this server keeps: {name[:80]!r}.")
    return _kinds[kind].root().joinpath(*parts)
