"""Where backups and keys may lie, and what lies where.

    DEST/hustings-backup.json        whose backups these are
    DEST/snapshots/<name>/           manifest.json, manifest.note (signed), rows/<table>.rows, files.rows, objects.txt
    DEST/objects/<aa>/<name>         files, each sealed for whom it is about; shared by all snapshots
    DEST/log/                        the public log, as far as it is known

A snapshot is there when its folder has its name; while it is made it is called `<name>.part`. Keys never lie in or
above DEST, nor DEST in or above what it is a copy of.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings

from hustings.lib.tlog import notes
from hustings.lib.tlog.errors import TlogError
from hustings.trust.closure.backup.errors import (
    BackupDamagedError,
    BackupFailedError,
    BackupPlaceError,
    BackupRunningError,
)
from hustings.trust.egress import cells, rules
from hustings.trust.log import signing

FORMAT = "hustings backup 1"
MARK = "hustings-backup.json"
PART = ".part"
_NOTE = "hustings backup manifest v1"


@dataclass(frozen=True, slots=True)
class Objects:
    """What is known of an object: its size and the SHA-256 of its bytes."""

    size: int
    sha256: str


class Place:
    """A folder of backups."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def log(self) -> Path:
        return self.root / "log"

    def snapshot(self, name: str) -> Path:
        return self.root / "snapshots" / name

    def object(self, name: str) -> Path:
        return self.root / "objects" / name[:2] / name

    def names(self) -> list[str]:
        """Finished snapshots, the newest last."""
        folder = self.root / "snapshots"
        if not folder.is_dir():
            return []
        return sorted(path.name for path in folder.iterdir() if not path.name.endswith(PART) and path.is_dir())

    def parts(self) -> list[Path]:
        """What a killed backup left behind."""
        return sorted((self.root / "snapshots").glob(f"*{PART}"))

    def manifest(self, name: str) -> dict[str, Any]:
        """A snapshot's manifest, unchecked but for its form. BackupDamagedError."""
        path = self.snapshot(name) / "manifest.json"
        try:
            said = orjson.loads(path.read_bytes())
        except FileNotFoundError:
            raise BackupDamagedError(self.within(path), "is missing") from None
        except (OSError, ValueError):
            raise BackupDamagedError(self.within(path), "cannot be read") from None
        if not isinstance(said, dict) or said.get("format") != FORMAT or said.get("name") != name:
            raise BackupDamagedError(self.within(path), "is no manifest of this snapshot")
        return said

    def objects(self, name: str) -> Iterator[tuple[str, Objects]]:
        """The objects that a snapshot needs."""
        path = self.snapshot(name) / "objects.txt"
        try:
            lines = path.read_text().splitlines()
        except (OSError, UnicodeDecodeError):
            raise BackupDamagedError(self.within(path), "cannot be read") from None
        for number, line in enumerate(lines, 1):
            words = line.split(" ")
            if len(words) != 3 or not _is_hash(words[0]) or not words[1].isdigit() or not _is_hash(words[2]):
                raise BackupDamagedError(self.within(path), f"is not what was written in line {number}")
            yield words[0], Objects(int(words[1]), words[2])

    def within(self, path: Path) -> str:
        """A file's name as one says it: below the place."""
        return path.relative_to(self.root).as_posix()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One writer at a time. BackupRunningError."""
        with (self.root / ".lock").open("ab") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise BackupRunningError from None
            yield


def _is_hash(word: str) -> bool:
    return len(word) == 64 and set(word) <= set("0123456789abcdef")


# --- Which folders may be used -----------------------------------------------------------------------


def backup_place(where: str | Path, *, make: bool) -> Place:
    """The place of this cell's backups; with `make`, a new one is begun. BackupPlaceError, BackupFailedError."""
    root = Path(where).expanduser().resolve()
    _apart_from_data(root)
    _in_region(root, "backup", "backup location", "HUSTINGS_BACKUP_REGION", settings.BACKUP_REGION)
    place = Place(root)
    mark = root / MARK
    if mark.exists():
        _of_this_cell(mark)
    elif not make:
        raise BackupPlaceError(
            f"There is no backup at {root}.", hint="Name the folder that `hustings backup` was given."
        )
    else:
        if root.exists() and any(root.iterdir()):
            raise BackupPlaceError(
                f"{root} is not empty, and what is there is no backup.", hint="Name a folder of its own."
            )
        with writing(root):
            (root / "snapshots").mkdir(parents=True, exist_ok=True)
            (root / "objects").mkdir(exist_ok=True)
            mark.write_bytes(orjson.dumps({"format": FORMAT, "cell": settings.CELL, "region": settings.REGION}))
    return place


def keys_place(where: str | Path, backup: Place | None) -> Path:
    """The folder for the mirror of the keys: not with the backups, not inside them, not around them."""
    root = Path(where).expanduser().resolve()
    if backup is not None and (root == backup.root or root in backup.root.parents or backup.root in root.parents):
        raise BackupPlaceError(
            f"The keys would lie at {root}, the backups at {backup.root}: one inside the other.",
            hint="Whoever takes both has everything. Put the keys on another disk, best on another machine.",
        )
    if (root / MARK).exists():
        raise BackupPlaceError(f"{root} holds backups; keys never lie with them.", hint="Name another folder.")
    _in_region(root, "keys", "mirror of the keys", "HUSTINGS_KEYS_REGION", settings.KEYS_REGION)
    return root


def same_disk(one: Path, other: Path) -> bool:
    """Whether two folders lie on one file system: whoever takes that disk has both."""
    return one.exists() and other.exists() and one.stat().st_dev == other.stat().st_dev


def _apart_from_data(root: Path) -> None:
    for name, folder in (("DATA", settings.DATA), ("MEDIA", settings.MEDIA_ROOT), ("UPLOADS", settings.UPLOADS_ROOT)):
        data = Path(folder).resolve()
        if root == data or root in data.parents or data in root.parents:
            raise BackupPlaceError(
                f"{root} and HUSTINGS_{name} ({data}) lie one inside the other.",
                hint="A backup on its original's folder is lost with it; with DATA it would lie beside its keys.",
            )


def _in_region(root: Path, kind: str, name: str, variable: str, declared: str) -> None:
    store = rules.Store(kind, name, str(root), variable, declared, cells.on_network_filesystem(root))
    faults = rules.store_faults(settings.CELL, settings.REGION, [store])
    if faults:
        raise BackupPlaceError(" ".join(faults.values()))


def _of_this_cell(mark: Path) -> None:
    try:
        said = orjson.loads(mark.read_bytes())
        found = cells.Identity(str(said["cell"]), str(said["region"]))
        right = said["format"] == FORMAT
    except (OSError, ValueError, KeyError, TypeError):
        raise BackupDamagedError(mark.name, "cannot be read") from None
    if not right or found != cells.ours():
        raise BackupPlaceError(
            f"The backups at {mark.parent} are of {found}, and this process is {cells.ours()}.",
            hint="A cell is restored as itself, in its own region. Correct the settings, or name the right place.",
        )


@contextmanager
def writing(where: Path) -> Iterator[None]:
    """What the disk refuses is said with its place; a full disk above all."""
    try:
        yield
    except OSError as fault:
        raise BackupFailedError(
            f"{fault.filename or where} could not be written: {fault.strerror or fault}."
        ) from fault


# --- The manifest ------------------------------------------------------------------------------------


def write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    """Write it, and sign it with the log's key where there is one."""
    raw = orjson.dumps(manifest, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
    (folder / "manifest.json").write_bytes(raw)
    key = signing.load()
    if key is not None:
        text = _signed_text(manifest["name"], raw)
        (folder / "manifest.note").write_bytes(notes.write_note(text, [key.signer.sign(text)]))


def check_manifest(place: Place, name: str, verifier: notes.Verifier | None) -> bool:
    """Whether the manifest is signed; BackupDamagedError when what is signed is another one."""
    folder = place.snapshot(name)
    try:
        raw_note = (folder / "manifest.note").read_bytes()
    except FileNotFoundError:
        return False
    where = place.within(folder / "manifest.note")
    try:
        note = notes.open_note(raw_note, [verifier]) if verifier is not None else notes.parse_note(raw_note)
    except TlogError as fault:
        raise BackupDamagedError(where, f"is not signed by this cell's log: {fault}") from None
    if note.text != _signed_text(name, (folder / "manifest.json").read_bytes()):
        raise BackupDamagedError(place.within(folder / "manifest.json"), "is not the one that was signed")
    return True


def _signed_text(name: str, raw: bytes) -> str:
    return f"{_NOTE}\n{settings.CELL}\n{name}\n{sha256(raw).hexdigest()}\n"


# --- Making room -------------------------------------------------------------------------------------


def remove_snapshots(place: Place, names: list[str]) -> None:
    """Remove snapshots, and the objects that no other one needs."""
    for name in names:
        gone = place.snapshot(f"{name}.gone{PART}")
        place.snapshot(name).rename(gone)  # in one step: half a snapshot must not look like one
        shutil.rmtree(gone)
    needed: set[str] = set()
    for name in place.names():
        needed.update(found for found, _ in place.objects(name))
    for folder in (place.root / "objects").iterdir():
        for path in folder.iterdir():
            if path.name not in needed:
                path.unlink()


def settle() -> None:
    """Everything written so far is on its disk when this returns; one call instead of one for each of many files."""
    os.sync()
