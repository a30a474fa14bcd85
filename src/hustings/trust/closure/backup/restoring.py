"""Putting a cell back: keys, rows, files and log into an empty place; what no key opens stays away.

    begun ──► checked ──► keys ──► rows (one transaction) ──► files ──► log ──► erasures replayed ──► done

Until it is done a file, `restoring.json` in the data folder, keeps every server and worker from starting. Killed
anywhere, the same command goes on: the rows are there wholly or not at all, and a file that is there is not
written again.

Erasures come first and last. Before a row is read, a key that the newest log says was destroyed is dropped, even when
an older mirror still has it, and nothing of whom the journal says was closed is opened. At the end each of them is
closed once more (`closure/replaying.py`): what others have of them goes, their notice stands, a sweep finds nothing.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection, transaction

from hustings.lib import clock
from hustings.lib.merkle import Frontier, leaf_hash
from hustings.lib.tlog import entries, tiles
from hustings.lib.tlog.errors import FileError, TlogError
from hustings.lib.tlog.notes import Signer, Verifier
from hustings.trust import scopes
from hustings.trust.closure import journal, replaying
from hustings.trust.closure.backup import checking, files, mirror, places, streams, tables
from hustings.trust.closure.backup.errors import BackupDamagedError, RestoreRefusedError, RestoringError
from hustings.trust.closure.backup.frames import Frame, read_frames
from hustings.trust.closure.backup.mirror import Mirror
from hustings.trust.closure.backup.models import Backup
from hustings.trust.closure.backup.places import Place
from hustings.trust.closure.backup.ring import CELL, Holder, OpeningRing
from hustings.trust.closure.backup.taking import copy_log
from hustings.trust.egress import cells
from hustings.trust.keys import envelope, people
from hustings.trust.keys.models import CellKey, PersonKey
from hustings.trust.log import recovery, signing, standing
from hustings.trust.log.folder import Folder
from hustings.trust.log.models import LogState

MARK = "restoring.json"
AT_ONCE = 1_000

Progress = Callable[[str, int, int], None]

_restored: list[Callable[[], None]] = []


def on_restored(call: Callable[[], None]) -> None:
    """Called by a domain's AppConfig.ready: what it makes anew when rows were put back and some stayed away."""
    _restored.append(call)


@dataclass
class Restored:
    """What was put back. `dropped` are rows that no key opens any more, by table; `mended` those that named them."""

    name: str
    rows: int = 0
    files: int = 0
    signed: bool = False
    erasures: int = 0
    closed: int = 0
    dropped: dict[str, int] = field(default_factory=dict)
    dropped_files: int = 0
    mended: dict[str, int] = field(default_factory=dict)
    log_size: int = 0


def mark_path() -> Path:
    return Path(settings.DATA) / MARK


def hold_to_restored() -> None:
    """Refuse to start while a restore is half done. RestoringError."""
    if mark_path().exists():
        raise RestoringError


def restore(where: str, keys: str, name: str | None, log: str | None, progress: Progress) -> Restored:
    """Restore the snapshot `name`, the newest without one. `log` is a newer copy of the public log, if there is one.

    RestoreRefusedError, BackupDamagedError, BackupPlaceError: nothing has been changed then.
    """
    with scopes.service():
        place = places.backup_place(where, make=False)
        keys_root = places.keys_place(keys, place)
        name = _chosen(place, name)
        known = mirror.read(keys_root)
        Path(settings.DATA).mkdir(parents=True, exist_ok=True)  # a new machine has none, and SQLite makes no folders
        run = _Restoring(place, name, known, Path(log) if log else None, progress)
        run.refuse_if_in_use()
        run.check()
        with places.writing(Path(settings.DATA)):
            run.begin()
            run.put_keys()
            run.put_rows()
            run.put_files()
            run.put_log()
            run.replay_erasures()
            if run.done.dropped or run.done.closed:
                for call in _restored:
                    call()
            mark_path().unlink()
        return run.done


def _chosen(place: Place, name: str | None) -> str:
    names = place.names()
    if not names:
        raise RestoreRefusedError(f"There is no finished backup at {place.root}.")
    if name is None:
        return names[-1]
    if name not in names:
        raise RestoreRefusedError(
            f"There is no snapshot {name[:60]!r} at {place.root}.", hint=f"There are: {', '.join(names)}."
        )
    return name


class _Restoring:
    """One run."""

    def __init__(self, place: Place, name: str, known: Mirror, log: Path | None, progress: Progress) -> None:
        self.place, self.name, self.known, self.newer_log, self.progress = place, name, known, log, progress
        self.done = Restored(name)
        self.manifest: dict[str, Any] = {}
        self.verifier = _verifier(known)
        self.logs = [Folder(root) for root in (place.log, log, Path(signing.log_root())) if root is not None]
        # Whose keys do not come back, although the mirror has them: destroyed by the log, closed by the journal.
        self.marks = {mark for folder in self.logs for mark in _marks(folder, self.verifier)}
        self.gone = {row.subject for row in known.rows if row.wrapped and row.mark in self.marks}
        self.closed = {one.subject for one in known.closed}

    # --- Before anything is changed ----------------------------------------------------------------

    def refuse_if_in_use(self) -> None:
        """Into an empty data folder and an empty database alone; or on with what was begun."""
        begun = _begun()
        if begun is not None:
            if begun != {"backup": self.name, "place": str(self.place.root)}:
                raise RestoreRefusedError(
                    f"The restore of {begun.get('backup')} from {begun.get('place')} was begun here and has not ended.",
                    hint="Go on with that one, or begin anew with an empty data folder and an empty database.",
                )
            return
        data = Path(settings.DATA)
        for file, content in self.known.files.items():
            path = data / file
            if file != "secret-key" and path.exists() and path.read_bytes() != content:
                raise RestoreRefusedError(
                    f"{path} is another one than in the mirror: this cell has keys of its own.",
                    hint="Restore into an empty data folder (HUSTINGS_DATA) and an empty database.",
                )
        if _tables_there():
            full = [plan.label for plan in tables.plans() if not tables.is_empty(plan)]
            if full or PersonKey.objects.exists():
                raise RestoreRefusedError(
                    f"The database is not empty: there are rows in {', '.join(full[:5]) or 'the keys'}.",
                    hint="Restore into an empty database: what is here would be mixed with what was there.",
                )

    def check(self) -> None:
        """The snapshot whole, of this version, with its own keys, and no older a log than the mirror knows."""
        self.manifest, self.done.signed = checking.check(self.place, self.name, self.verifier, self.progress)
        if (self.manifest["cell"], self.manifest["region"]) != (settings.CELL, settings.REGION):
            raise RestoreRefusedError("The snapshot is of another cell.", hint="A cell is restored as itself.")
        holder = self._holder(CELL)
        if holder is None or holder.tag.hex() != self.manifest["cell_tag"]:
            raise RestoreRefusedError(
                "These keys are of another database than this backup.",
                hint="Name the mirror of the keys that belongs to it.",
            )
        self._fits_this_version()
        size = max((_log_size(folder, self.verifier) for folder in self.logs), default=0)
        if size < self.known.log_size:
            raise RestoreRefusedError(
                f"The copy of the public log has {size} entries, and the keys' mirror knows of {self.known.log_size}.",
                hint="Name a newer copy with --log: going on from the older one would sign a second history.",
            )

    def _fits_this_version(self) -> None:
        known = {plan.label: plan.names for plan in tables.plans()}
        written = {label: said["columns"] for label, said in self.manifest["tables"].items()}
        odd = sorted(label for label in known.keys() | written.keys() if known.get(label) != written.get(label))
        if odd:
            raise RestoreRefusedError(
                f"The snapshot was made by another version: {', '.join(odd[:5])} had another form.",
                hint="Install the version that made it, restore, then upgrade.",
            )

    # --- Changing ----------------------------------------------------------------------------------

    def begin(self) -> None:
        path = mark_path()
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_suffix(".part")
        aside.write_bytes(orjson.dumps({"backup": self.name, "place": str(self.place.root)}))
        with aside.open("rb") as file:
            os.fsync(file.fileno())
        aside.replace(path)

    def put_keys(self) -> None:
        """The files of keys, each readable by the server's user alone."""
        for name, content in self.known.files.items():
            if name not in {*(f"keys/{one}" for one in mirror.KEY_FILES), "secret-key"}:
                raise RestoreRefusedError(f"The mirror of the keys names a file {name[:60]!r} that is no key.")
            path = Path(settings.DATA) / name
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            aside = path.with_name(f".{path.name}.{os.getpid()}")
            handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            aside.replace(path)

    def put_rows(self) -> None:
        """Form the database, then everything in one transaction, so that half of it is never there."""
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        cells.hold()
        people.forget_held()
        if Backup.objects.filter(pk=self.name).exclude(restored_at=None).exists():
            return  # a run before this one has done it
        ring = self._ring()
        plans = {plan.label: plan for plan in tables.plans()}
        with transaction.atomic():
            self._put_person_keys()
            LogState.objects.all().delete()
            for number, label in enumerate(self.manifest["tables"]):
                self.progress(f"rows of {label}", number, len(self.manifest["tables"]))
                self._put_table(plans[label], ring)
            self._forget_the_erased(list(plans.values()))
            self.done.mended = tables.mend(list(plans.values()))
            numbers, account = self.manifest["numbers"], get_user_model()._meta.label  # noqa: SLF001 - Django's documented way
            # Also of those who came after the snapshot and are lost: their numbers have keys.
            known = [row.subject for row in self.known.rows if row.subject < people.PEOPLE_BELOW]
            numbers[account] = max([numbers.get(account, 0), *known])
            tables.set_next_numbers(numbers)
            LogState.objects.update(holder="", lease_until=None, fault="", fault_message="")
            Backup.objects.update_or_create(
                name=self.name,
                defaults={"place": str(self.place.root), "rows": self.done.rows, "restored_at": clock.now()},
            )

    def _put_person_keys(self) -> None:
        CellKey.objects.all().delete()
        CellKey.objects.bulk_create(CellKey(id=key, state=state, made_at=at) for key, state, at in self.known.cell_keys)
        now = clock.now()
        rows = []
        for row in self.known.rows:
            if row.subject in self.gone:
                rows.append(PersonKey(subject=row.subject, made_at=row.made_at, erased_at=now))
            else:
                rows.append(
                    PersonKey(
                        subject=row.subject,
                        wrapped=row.wrapped,
                        kek_id=row.kek_id,
                        mark=row.mark,
                        made_at=row.made_at,
                        erased_at=row.erased_at,
                    )
                )
        PersonKey.objects.bulk_create(rows, batch_size=AT_ONCE)
        self.done.erasures = len(self.gone)

    def _put_table(self, plan: tables.Plan, ring: OpeningRing) -> None:
        waiting: list[list[Any]] = []
        for frame, rows in self._opened(
            self.place.snapshot(self.name) / "rows" / f"{plan.label}.rows", plan.purpose, ring
        ):
            if rows is None:
                self.done.dropped[plan.label] = self.done.dropped.get(plan.label, 0) + frame.rows
                continue
            for row in rows:
                for at in plan.forgets:
                    if isinstance(row[at], tables.Alone):
                        number = ring.open([row[at].tag], plan.purpose, row[at].sealed)
                        row[at] = tables.read_one(number) if number is not None else None
            waiting += rows
            self.done.rows += len(rows)
            if len(waiting) >= AT_ONCE:
                tables.insert(plan, waiting)
                waiting = []
        if waiting:
            tables.insert(plan, waiting)

    def _opened(self, path: Path, purpose: str, ring: OpeningRing) -> Iterator[tuple[Frame, list[list[Any]] | None]]:
        """Each frame with its rows; None where a key is gone."""
        where = self.place.within(path)
        with path.open("rb") as file:
            for frame in read_frames(file, where):
                try:
                    data = ring.open(frame.tags, purpose, frame.sealed)
                    rows = tables.read(data) if data is not None else None
                except (envelope.BrokenError, ValueError):
                    raise BackupDamagedError(where, f"does not open in frame {frame.number}") from None
                yield frame, rows

    def _forget_the_erased(self, plans: list[tables.Plan]) -> None:
        """What is kept of the erased without their number: openings of the log that nobody can open."""
        erased = {row.subject for row in self.known.rows if not row.wrapped} | self.gone | self.closed
        for plan in plans:
            if plan.label == "trust.LogEntry":
                for some in _in_parts(sorted(erased)):
                    plan.model._base_manager.filter(subject__in=some).update(  # noqa: SLF001 - a default manager may hide rows
                        subject=None, sealed=None, disclose_after=None
                    )

    # --- Files and log -------------------------------------------------------------------------------

    def put_files(self) -> None:
        """Every file whose key is there; one that is there already is looked at, not written."""
        ring, made = self._ring(), 0
        total = self.manifest["files"]["rows"]
        for frame, rows in self._opened(self.place.snapshot(self.name) / "files.rows", "backup/files", ring):
            made += frame.rows
            self.progress("files", made, total)
            holder = ring.holder(frame.tags[0])
            if rows is None or holder is None:
                self.done.dropped_files += frame.rows
                continue
            for name, size, digest, object_name in rows:
                self._put_file(holder, name, size, digest, object_name)
                self.done.files += 1

    def _put_file(self, holder: Holder, name: str, size: int, digest: str, object_name: str) -> None:
        path = files.place_of(name)
        if path.is_file() and path.stat().st_size == size:
            return
        source = self.place.object(object_name)
        where = self.place.within(source)
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(f".{path.name}.part")
        try:
            with source.open("rb") as sealed, aside.open("wb") as sink:
                found = streams.open_(holder.key, object_name.encode(), sealed, sink, lambda _: None)
                sink.flush()
                os.fdatasync(sink.fileno())
        except streams.StreamError as fault:
            raise BackupDamagedError(where, str(fault)) from None
        if found != (size, digest):
            raise BackupDamagedError(where, f"is not the file {name}")
        aside.chmod(0o644)
        aside.replace(path)

    def put_log(self) -> None:
        """The furthest copy of the log goes into its place; the database is completed from it."""
        root = Path(signing.log_root())
        begun = [folder for folder in self.logs if folder.read(standing.CHECKPOINT) is not None]
        furthest = max(begun, key=lambda folder: _log_size(folder, self.verifier), default=None)
        if furthest is not None and furthest.root != root:
            shutil.rmtree(root / "tile", ignore_errors=True)
            copy_log(furthest.root, root)
        if self.verifier is not None and furthest is not None:
            recovery.recover()
        self.done.log_size = LogState.objects.filter(pk=1).values_list("size", flat=True).first() or 0

    def replay_erasures(self) -> None:
        """Close again, wholly and with the same care, who was erased since the snapshot was made or is being erased."""
        since = datetime.fromisoformat(self.manifest["made_at"]) - timedelta(days=1)
        rows = {row.subject: row for row in self.known.rows}
        for one in self.known.closed:
            journal.write(one)
        subjects = []
        for subject in sorted(self.closed):
            row = rows.get(subject)
            if row is None or row.erased_at is None or row.erased_at >= since:
                subjects.append(subject)
        for number, replayed in enumerate(replaying.replay(subjects)):
            self.progress("closing again", number, len(subjects))
            if replayed.left:
                places_left = ", ".join(f"{place}: {count}" for place, count in replayed.left.items())
                raise RestoreRefusedError(
                    f"Something of a closed account is still there ({places_left}); nothing is served.",
                    hint="Run the same command again; it goes on. If it says so again, that is a fault of the program.",
                )
        self.done.closed = len(subjects)

    # --- Keys ----------------------------------------------------------------------------------------

    def _ring(self) -> OpeningRing:
        """The keys that open: of the living. Unwrapped by the cell's key, which is in its place by now."""
        living = {
            row.subject: (row.wrapped, row.kek_id)
            for row in self.known.rows
            if row.wrapped and row.subject not in self.gone and row.subject not in self.closed
        }
        return OpeningRing(settings.CELL, self.name, people.unwrapped(living))

    def _holder(self, subject: int) -> Holder | None:
        """One key, before anything is in its place."""
        row = next((row for row in self.known.rows if row.subject == subject and row.wrapped), None)
        if row is None:
            return None
        key = mirror.unwrap_one(self.known, row)
        return Holder(subject, key, self.name) if key is not None else None


def _begun() -> dict[str, Any] | None:
    try:
        said: dict[str, Any] = orjson.loads(mark_path().read_bytes())
    except FileNotFoundError:
        return None
    except ValueError:
        return {}
    return said


def _tables_there() -> bool:
    return PersonKey._meta.db_table in connection.introspection.table_names()  # noqa: SLF001 - Django's documented way


def _in_parts(numbers: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(numbers), AT_ONCE):
        yield numbers[start : start + AT_ONCE]


# --- What the log says about keys --------------------------------------------------------------------


def _verifier(known: Mirror) -> Verifier | None:
    raw = known.files.get("keys/log-signing-key")
    if raw is None:
        return None
    lines = [line for line in raw.decode().splitlines() if line and not line.startswith("#")]
    try:
        return Signer.parse(lines[-1]).verifier
    except (TlogError, IndexError):
        raise RestoreRefusedError("The mirror's key of the public log cannot be read.") from None


def _log_size(folder: Folder, verifier: Verifier | None) -> int:
    """How many entries a copy of the log covers, by a checkpoint with our own signature."""
    note = folder.read(standing.CHECKPOINT)
    if note is None or verifier is None:
        return 0
    return standing.signed(note, verifier, standing.CHECKPOINT).size


def _marks(folder: Folder, verifier: Verifier | None) -> Iterator[str]:
    """The marks of the keys that the log says were destroyed. The whole copy must be what was signed."""
    size = _log_size(folder, verifier)
    if not size or verifier is None:
        return
    tree = Frontier()
    found = []
    try:
        for number in range((size + tiles.WIDTH - 1) // tiles.WIDTH):
            for entry in standing.read_bundle(folder, number, size):
                tree.append(leaf_hash(entry))
                said = entries.parse(entry)
                if said.kind == "key_erased" and "mark" in said.value:
                    found.append(said.value["mark"])
    except (FileError, TlogError) as fault:
        raise RestoreRefusedError(f"The copy of the log at {folder.root} is damaged: {fault}.") from fault
    note = folder.read(standing.CHECKPOINT)
    assert note is not None, "it has a size"
    if tree.root() != standing.signed(note, verifier, standing.CHECKPOINT).root:
        raise RestoreRefusedError(f"The copy of the log at {folder.root} does not hold what its checkpoint signs.")
    yield from found
