"""Taking a snapshot: rows of one instant, then the files they name, then the log, then the manifest.

Killed anywhere, there is no snapshot and every earlier one is as it was; the next run finds the objects that
were finished. The rows come first, so that a file which is there was there or is newer; one that was deleted in
between is counted as missing.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings
from django.db.migrations.recorder import MigrationRecorder

from hustings.lib import clock
from hustings.lib.tlog.errors import TlogError
from hustings.trust import scopes
from hustings.trust.closure.backup import files, mirror, places, streams, tables
from hustings.trust.closure.backup.errors import BackupFailedError
from hustings.trust.closure.backup.frames import FrameWriter
from hustings.trust.closure.backup.models import Backup
from hustings.trust.closure.backup.places import Objects, Place
from hustings.trust.closure.backup.ring import CELL, Holder, SealingRing
from hustings.trust.keys import people
from hustings.trust.log import signing, standing
from hustings.trust.log.folder import ASIDE, Folder

FRAME = 64 << 10  # packed rows of one frame, about
_BLOCK = 1 << 20

Progress = Callable[[str, int, int], None]  # what is being done, how far, of how much


@dataclass
class Taken:
    """What a backup holds. `left_out` are rows of people whose key was erased and who are being erased, by table."""

    name: str
    rows: int = 0
    files: int = 0
    added_files: int = 0
    size: int = 0
    missing: int = 0
    left_out: dict[str, int] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)
    keys: int | None = None
    warnings: list[str] = field(default_factory=list)


def take(where: str, keys: str | None, progress: Progress) -> Taken:
    """Make a snapshot in `where`, and mirror the keys to `keys`. Raises the errors of `errors.py`, and CellKeyError."""
    with scopes.service():
        people.prepare_keys()
        place = places.backup_place(where, make=True)
        keys_root = places.keys_place(keys, place) if keys else None
        with place.locked(), places.writing(place.root):
            for left in place.parts():
                shutil.rmtree(left)
            taken = Taken(_name(place))
            _Taking(place, taken, progress).run()
            taken.removed = _remove_old(place)
        if keys_root is None:
            taken.warnings.append("The keys were not mirrored: without them nobody can restore this. Use --keys.")
        else:
            taken.keys = mirror.write(keys_root)
            if places.same_disk(place.root, keys_root):
                taken.warnings.append("Backup and keys lie on one disk: whoever takes it has both.")
        return taken


def _name(place: Place) -> str:
    """When it is made, to the second; of two in one second the later waits for the next number."""
    name = f"{clock.now():%Y-%m-%dT%H%M%SZ}"
    taken = [known for known in place.names() if known.startswith(name)]
    return f"{name}.{len(taken)}" if taken else name


class _Taking:
    """One run."""

    def __init__(self, place: Place, taken: Taken, progress: Progress) -> None:
        self.place, self.taken, self.progress = place, taken, progress
        self.ring = SealingRing(settings.CELL, taken.name)
        self.folder = place.snapshot(f"{taken.name}{places.PART}")
        self.objects: dict[str, Objects] = {}
        names = place.names()
        self.known = dict(place.objects(names[-1])) if names else {}

    def run(self) -> None:
        (self.folder / "rows").mkdir(parents=True)
        manifest: dict[str, Any] = {
            "format": places.FORMAT,
            "name": self.taken.name,
            "cell": settings.CELL,
            "region": settings.REGION,
            "made_at": clock.now().isoformat(timespec="seconds"),
            "tables": {},
            "left_out": self.taken.left_out,
        }
        plans = tables.plans()
        with tables.snapshot() as alias:
            manifest["migrations"] = sorted(f"{app}.{name}" for app, name in _migrations(alias))
            manifest["numbers"] = tables.next_numbers(alias, plans)
            for number, plan in enumerate(plans):
                self.progress(f"rows of {plan.label}", number, len(plans))
                manifest["tables"][plan.label] = self._table(plan, alias)
        manifest["files"] = self._files()
        manifest["objects"] = self._list_objects()
        manifest["log"] = copy_log(Path(signing.log_root()), self.place.log)
        cell = self.ring.holder(CELL)
        assert cell is not None, "the cell's own key is never erased"
        manifest["cell_tag"] = cell.tag.hex()
        places.write_manifest(self.folder, manifest)
        places.settle()
        self.folder.rename(self.place.snapshot(self.taken.name))
        places.settle()
        Backup.objects.create(
            name=self.taken.name,
            place=str(self.place.root),
            ends_on=(clock.now() + timedelta(days=settings.BACKUP_DAYS)).date() if settings.BACKUP_DAYS else None,
            rows=self.taken.rows,
            files=self.taken.files,
            size=self.taken.size,
        )

    # --- Rows ------------------------------------------------------------------------------------

    def _table(self, plan: tables.Plan, alias: str) -> dict[str, Any]:
        path = self.folder / "rows" / f"{plan.label}.rows"
        with path.open("wb") as file:
            frames = FrameWriter(file)
            for portion in tables.rows(plan, alias):
                self._portion(plan, portion, frames)
        self.taken.rows += frames.rows
        self.taken.size += frames.size
        return {"columns": plan.names, **_told(frames)}

    def _portion(
        self, plan: tables.Plan, portion: list[tuple[tuple[int, ...], list[Any]]], frames: FrameWriter
    ) -> None:
        """Rows about the same people go into one frame."""
        forgotten = [values[place] for _, values in portion for place in plan.forgets if values[place] is not None]
        self.ring.fetch([*(one for about, _ in portion for one in about), *forgotten])
        grouped: dict[tuple[int, ...], list[list[Any]]] = {}
        for about, values in portion:
            for place in plan.forgets:
                values[place] = self._alone(plan, values[place])
            grouped.setdefault(about or (CELL,), []).append(values)
        for about, rows in grouped.items():
            holders = self.ring.holders(about)
            if holders is None:
                self.taken.left_out[plan.label] = self.taken.left_out.get(plan.label, 0) + len(rows)
                continue
            for part in _in_parts(rows):
                sealed = self.ring.seal(holders, plan.purpose, tables.write(part))
                frames.write(tuple(holder.tag for holder in holders), len(part), sealed)

    def _alone(self, plan: tables.Plan, number: Any) -> Any:
        """A column that names somebody in a row that is not theirs: sealed for them, so that it goes when they go."""
        holder = self.ring.holder(number) if number is not None else None
        if holder is None:
            return None
        return tables.pack_alone(tables.Alone(holder.tag, self.ring.seal([holder], plan.purpose, tables.write(number))))

    # --- Files -----------------------------------------------------------------------------------

    def _files(self) -> dict[str, Any]:
        with (self.folder / "files.rows").open("wb") as file:
            frames = FrameWriter(file)
            for portion in files.walk():
                self.ring.fetch(found.owner for found in portion)
                for found in portion:
                    self.progress(f"file {self.taken.files + 1:,}", self.taken.files, 0)
                    holder = self.ring.holder(found.owner)
                    row = self._file(found, holder) if holder is not None else None
                    if row is not None and holder is not None:
                        sealed = self.ring.seal([holder], "backup/files", tables.write([row]))
                        frames.write((holder.tag,), 1, sealed)
                        self.taken.files += 1
        self.taken.size += frames.size
        return _told(frames)

    def _file(self, found: files.Found, holder: Holder) -> list[Any] | None:
        """Its row: name, size, SHA-256, object. A file never changes under its name, so an object is made once."""
        bound = f"{found.name}\0{found.size}"
        name = holder.object(bound)
        path = self.place.object(name)
        try:
            with found.path.open("rb") as source:
                if path.exists():
                    plain = _sha256(source)
                    self.objects[name] = self.known.get(name) or _measured(path)
                    return [found.name, found.size, plain, name]
                path.parent.mkdir(exist_ok=True)
                aside = path.with_name(f"{name}{places.PART}")
                beat = partial(self._beat, found.name)
                with aside.open("wb") as sink:
                    sealed = streams.seal(holder.key, name.encode(), source, sink, beat)
        except FileNotFoundError:
            if path.parent.is_dir() and not self.place.root.is_dir():
                raise
            self.taken.missing += 1
            return None
        if sealed.size != found.size:
            aside.unlink()
            raise BackupFailedError(f"{found.path} changed while it was read.", hint="Run it again.")
        aside.rename(path)
        self.objects[name] = Objects(sealed.sealed_size, sealed.sealed_sha256)
        self.taken.added_files += 1
        self.taken.size += sealed.sealed_size
        return [found.name, found.size, sealed.sha256, name]

    def _beat(self, name: str, _done: int) -> None:
        self.progress(f"file {self.taken.files + 1:,}", self.taken.files, 0)

    def _list_objects(self) -> dict[str, Any]:
        text = "".join(f"{name} {one.size} {one.sha256}\n" for name, one in sorted(self.objects.items()))
        (self.folder / "objects.txt").write_text(text)
        return {"count": len(self.objects), "sha256": sha256(text.encode()).hexdigest()}


def _told(frames: FrameWriter) -> dict[str, Any]:
    return {"sha256": frames.sha256, "size": frames.size, "frames": frames.frames, "rows": frames.rows}


def _in_parts(rows: list[list[Any]]) -> Iterator[list[msgspec.Raw]]:
    """Packed rows, in frames of a size that is quick to open; one row is never divided."""
    part: list[msgspec.Raw] = []
    size = 0
    for row in rows:
        packed = tables.write(row)
        if part and size + len(packed) > FRAME:
            yield part
            part, size = [], 0
        part.append(msgspec.Raw(packed))
        size += len(packed)
    yield part


def _migrations(alias: str) -> Sequence[tuple[str, str]]:
    from django.db import connections

    return list(MigrationRecorder(connections[alias]).applied_migrations())


def _sha256(source: Any) -> str:
    digest = sha256()
    while block := source.read(_BLOCK):
        digest.update(block)
    return digest.hexdigest()


def _measured(path: Path) -> Objects:
    with path.open("rb") as file:
        return Objects(path.stat().st_size, _sha256(file))


# --- The public log ----------------------------------------------------------------------------------


def copy_log(source: Path, target: Path) -> dict[str, Any] | None:
    """Bring a copy of the public log up to date; what it says of itself, None for a log that has not begun.

    The checkpoint is read first and written last, so the copy always has what its checkpoint covers. A copy
    that is further than its source is left as it is, and refused: the source was put back from an older one.
    """
    folder = Folder(source)
    note = folder.read(standing.CHECKPOINT)
    if note is None:
        return None
    size, there = _size(note), Folder(target).read(standing.CHECKPOINT)
    if there is not None and _size(there) > size:
        raise BackupFailedError(
            f"The log in the backup has {_size(there)} entries and this server's has {size}: it went back.",
            hint="Bring it up to date first: `hustings log recover`, with the log of the backup.",
        )
    for path in sorted(source.rglob("*")):
        copy = target / path.relative_to(source)
        plain = path.is_file() and not path.name.startswith(".") and not path.name.endswith(ASIDE)
        if plain and path.name != standing.CHECKPOINT and not _same(path, copy):
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
    target.mkdir(parents=True, exist_ok=True)
    (target / standing.CHECKPOINT).write_bytes(note)
    return {"origin": note.decode().partition("\n")[0], "size": size}


def _same(path: Path, copy: Path) -> bool:
    """A tile never changes under its name."""
    try:
        return copy.stat().st_size == path.stat().st_size
    except FileNotFoundError:
        return False


def _size(note: bytes) -> int:
    from hustings.lib.tlog.checkpoints import Checkpoint
    from hustings.lib.tlog.notes import parse_note

    try:
        return Checkpoint.parse(parse_note(note).text).size
    except TlogError as fault:
        raise BackupFailedError(f"The log's checkpoint cannot be read: {fault}.") from fault


# --- The end of old ones -----------------------------------------------------------------------------


def _remove_old(place: Place) -> list[str]:
    """Snapshots whose time is over; never the newest."""
    due = Backup.objects.filter(place=str(place.root), gone_at=None, ends_on__lte=clock.now().date())
    names = sorted(set(due.values_list("name", flat=True)) & set(place.names()[:-1]))
    if names:
        places.remove_snapshots(place, names)
    there = set(place.names())
    for row in Backup.objects.filter(place=str(place.root), gone_at=None):
        if row.name not in there:
            Backup.objects.filter(pk=row.pk).update(gone_at=clock.now())
    return names
