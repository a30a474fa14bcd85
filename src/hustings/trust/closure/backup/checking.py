"""Whether a snapshot is as it was written: every file of it, every frame, every object. Needs no key.

A flipped bit is named by its file and its place in it. With the log's public key the manifest's signature is checked
too, so that a snapshot whose parts were exchanged is found.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from hustings.lib.tlog.notes import Verifier
from hustings.trust.closure.backup import places
from hustings.trust.closure.backup.errors import BackupDamagedError, BackupPlaceError
from hustings.trust.closure.backup.frames import read_frames
from hustings.trust.closure.backup.places import Objects, Place
from hustings.trust.log import signing

_BLOCK = 1 << 20

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Checked:
    """A snapshot that is whole."""

    name: str
    signed: bool
    rows: int
    files: int


def check_newest(where: str, progress: Progress) -> Checked:
    """Check the newest snapshot of a place. BackupPlaceError, BackupDamagedError."""
    place = places.backup_place(where, make=False)
    names = place.names()
    if not names:
        raise BackupPlaceError(f"There is no finished backup at {place.root}.")
    key = signing.load()
    manifest, signed = check(place, names[-1], key.verifier if key else None, progress)
    rows = sum(table["rows"] for table in manifest["tables"].values())
    return Checked(names[-1], signed, rows, manifest["files"]["rows"])


def check(place: Place, name: str, verifier: Verifier | None, progress: Progress) -> tuple[dict[str, Any], bool]:
    """(the manifest, whether it is signed). BackupDamagedError names the first thing that is wrong."""
    manifest = place.manifest(name)
    signed = places.check_manifest(place, name, verifier)
    for number, (path, said) in enumerate(row_files(place, name, manifest)):
        progress(f"checking {place.within(path)}", number, len(manifest["tables"]) + 1)
        _check_rows(place, path, said)
    folder = place.snapshot(name)
    listed = folder / "objects.txt"
    if _hash(listed, place) != manifest["objects"]["sha256"]:
        raise BackupDamagedError(place.within(listed), "is not what was written: its SHA-256 is another")
    for number, (object_name, known) in enumerate(place.objects(name)):
        progress("checking files", number, manifest["objects"]["count"])
        check_object(place, object_name, known)
    return manifest, signed


def row_files(place: Place, name: str, manifest: dict[str, Any]) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The files of rows of a snapshot, with what the manifest says of each."""
    folder = place.snapshot(name)
    for label, said in manifest["tables"].items():
        if not all(part.isidentifier() for part in label.split(".")):
            raise BackupDamagedError(place.within(folder / "manifest.json"), f"names a table {label[:60]!r}")
        yield folder / "rows" / f"{label}.rows", said
    yield folder / "files.rows", manifest["files"]


def _check_rows(place: Place, path: Path, said: dict[str, Any]) -> None:
    where = place.within(path)
    rows = frames = 0
    try:
        with path.open("rb") as file:
            for frame in read_frames(file, where):
                rows += frame.rows
                frames += 1
    except FileNotFoundError:
        raise BackupDamagedError(where, "is missing") from None
    if (rows, frames) != (said["rows"], said["frames"]) or _hash(path, place) != said["sha256"]:
        raise BackupDamagedError(
            where, f"holds {rows} rows in {frames} frames; {said['rows']} in {said['frames']} were written"
        )


def check_object(place: Place, name: str, said: Objects) -> None:
    """One object. The first wrong MiB is not told apart: only the whole has a hash without a key."""
    path = place.object(name)
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        raise BackupDamagedError(place.within(path), "is missing") from None
    if size != said.size:
        raise BackupDamagedError(place.within(path), f"has {size} bytes; {said.size} were written")
    if _hash(path, place) != said.sha256:
        raise BackupDamagedError(place.within(path), "is not what was written: its SHA-256 is another")


def _hash(path: Path, place: Place) -> str:
    digest = sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
    except FileNotFoundError:
        raise BackupDamagedError(place.within(path), "is missing") from None
    return digest.hexdigest()
