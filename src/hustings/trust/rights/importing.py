"""An import is a state on a row: *received* → *preview* → *taking* → *done*, and back for a day.

Nothing is taken before the person has seen what would be; everything that is wrong with an archive is named at
once, and then nothing of it is kept. Each thing is taken by its domain, in a transaction of its own, under a
reference that stays the same: killed anywhere, it goes on, and what landed is not taken twice.

Links are never followed: what an archive only names, and does not hold, waits for the person to bring the film.
"""

import hashlib
import logging
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, Final, Self

from django.conf import settings
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import Count, Min, QuerySet
from django_tasks import task

from hustings.lib import clock, ids
from hustings.lib.archives.errors import BadArchiveError
from hustings.lib.archives.unzipping import Unzip, open_zip
from hustings.lib.errors import InvalidInputError, NotFoundError
from hustings.trust.importers import Brought, Importer, Taken, importer_of
from hustings.trust.keys import KeyErasedError
from hustings.trust.people import acting, people
from hustings.trust.rights import matching, reading
from hustings.trust.rights.errors import NotAnExportError, RunningAlreadyError, TooLateError
from hustings.trust.rights.leases import ATTEMPTS, Lease, LeaseLostError, claim, free
from hustings.trust.rights.models import Import, ImportItem

log = logging.getLogger(__name__)

SLICE_S: Final = 3.0
UNDO: Final = timedelta(days=1)
DECIDE: Final = timedelta(days=7)  # how long a preview waits for the person
WAIT: Final = timedelta(days=30)  # how long posts wait for their films
SPARE_BYTES: Final = 256 << 20
MOST_FILMS: Final = 500
_BLOCK: Final = 1 << 20
_AT_ONCE: Final = 50

State, ItemState = Import.State, ImportItem.State
_WORKING: Final = (State.RECEIVED, State.TAKING, State.UNDOING)
# What is ticked unless the person says otherwise: their own films, and what they decided about others. What
# they liked and watched shapes a profile, so they tick it themselves.
TICKED: Final = frozenset({"clip", "follow", "mute", "block", "word"})


# --- The person ---------------------------------------------------------------------------------------


def receive(person_id: int, files: Iterable[tuple[str, Path]], handle: str | None = None) -> Import:
    """Take over uploaded files (name as given, where they lie now): an archive, or films alone.

    InvalidInputError without any; RunningAlreadyError while another import is under way.
    """
    account_id = acting(person_id, handle)
    given = list(files)
    if not given:
        raise InvalidInputError(fields={"file": "Choose a file."})
    try:
        with transaction.atomic():
            batch = Import.objects.create(
                account_id=account_id,
                asked_by=person_id,
                total=sum(path.stat().st_size for _, path in given),
                expires_at=clock.now() + DECIDE,
            )
            _move_in(batch, given)
            look.enqueue(batch.pk)
    except IntegrityError:
        raise RunningAlreadyError from None
    return batch


def _move_in(batch: Import, given: list[tuple[str, Path]]) -> None:
    """Each under a name of ours; what it was called stands beside it."""
    folder = folder_of(batch)
    folder.mkdir(parents=True, mode=0o700, exist_ok=True)
    for name, path in given[:MOST_FILMS]:
        key = ids.new()
        (folder / f"{key}.name").write_text(name[:400], encoding="utf-8", errors="replace")
        path.replace(folder / f"{key}.file")


def mine(person_id: int, key: str) -> Import:
    """The import of that key, for who brought it or the organisation's owners. NotFoundError for strangers."""
    batch = Import.objects.filter(key=key).first() if ids.is_id(key, ids.SECRET_LENGTH) else None
    if batch is None:
        raise NotFoundError
    if batch.account_id != person_id:
        owner = people().handles([batch.account_id]).get(batch.account_id)
        if owner is None or owner not in people().organisations(person_id):
            raise NotFoundError
    return batch


def latest(person_id: int, handle: str | None = None) -> list[Import]:
    """The account's imports, newest first."""
    return list(Import.objects.filter(account_id=acting(person_id, handle)).order_by("-pk")[:10])


def start(person_id: int, key: str, kinds: Iterable[str], *, keep_visibility: bool = False) -> None:
    """Take in what the person ticked. NotFoundError unless there is a preview that waits for them."""
    batch = mine(person_id, key)
    chosen = sorted(set(kinds) & {kind for kind, _ in counts(batch)})
    with transaction.atomic():
        options = [*chosen, *(["keep_visibility"] if keep_visibility else [])]
        begun = Import.objects.filter(pk=batch.pk, state=State.PREVIEW)
        if not begun.update(state=State.TAKING, chosen=options, done=0, attempts=0):
            return
        batch.items.exclude(kind__in=chosen).filter(state=ItemState.FOUND).update(state=ItemState.LEFT)
        work.enqueue(batch.pk)


def bring_films(person_id: int, key: str, files: Iterable[tuple[str, Path]]) -> int:
    """Films for posts that wait for theirs; how many found one. The rest are not kept."""
    batch = mine(person_id, key)
    if batch.state not in {State.PREVIEW, State.DONE}:
        raise RunningAlreadyError
    waiting = list(batch.items.filter(kind="clip", state__in=(ItemState.WAITING, ItemState.FOUND)).order_by("number"))
    given = list(files)[:MOST_FILMS]
    found = matching.match((name for name, _ in given), [item.detail for item in waiting])
    with transaction.atomic():
        _move_in(batch, [(name, path) for name, path in given if name in found])
        for name, place in found.items():
            item = waiting[place]
            item.detail = {**item.detail, "film": name, "loose": True}
            item.state = ItemState.FOUND
            item.save(update_fields=["detail", "state"])
        if found and batch.state == State.DONE:
            _again(batch, State.TAKING)
    return len(found)


def undo(person_id: int, key: str) -> None:
    """Take back what an import brought, within a day. TooLateError afterwards."""
    batch = mine(person_id, key)
    if batch.state != State.DONE or batch.finished_at is None:
        raise NotFoundError
    if batch.finished_at + UNDO <= clock.now():
        raise TooLateError
    with transaction.atomic():
        _again(batch, State.UNDOING)


def _again(batch: Import, state: str) -> None:
    try:
        with transaction.atomic():
            if not Import.objects.filter(pk=batch.pk, state=State.DONE).update(state=state, done=0, attempts=0):
                return
    except IntegrityError:
        raise RunningAlreadyError from None
    work.enqueue(batch.pk)


def cancel(person_id: int, key: str) -> None:
    """Forget an archive that nothing was taken from."""
    batch = mine(person_id, key)
    if batch.state in {State.RECEIVED, State.PREVIEW, State.REFUSED}:
        shutil.rmtree(folder_of(batch), ignore_errors=True)
        batch.delete()


def counts(batch: Import) -> list[tuple[str, Counter[str]]]:
    """How many things of each kind are in which state, in the order of kinds."""
    found: dict[str, Counter[str]] = {}
    rows = batch.items.order_by().values("kind", "state").annotate(some=Count("pk"), first=Min("number"))
    for row in rows.order_by("first"):
        found.setdefault(row["kind"], Counter())[row["state"]] += row["some"]
    return list(found.items())


# --- Looking into it ----------------------------------------------------------------------------------


@task()
def look(batch_id: int) -> None:
    """*received* → *preview* or *refused*. All of it or nothing: what is found is written in one transaction."""
    _attempt(batch_id, (State.RECEIVED,), _look)


def _look(lease: Lease, batch: Import) -> bool:
    try:
        found = reading.read(_files(batch), lease.beat)
    except (BadArchiveError, NotAnExportError) as error:
        _refuse(lease, batch, error)
        return False
    rows = _known(batch.account_id, found.items)
    with transaction.atomic():
        batch.items.all().delete()
        ImportItem.objects.bulk_create(
            (
                ImportItem(batch=batch, account_id=batch.account_id, number=number, kind=kind, detail=detail)
                for number, (kind, detail) in enumerate(rows)
            ),
            batch_size=500,
        )
        lease.release(state=State.PREVIEW, source=found.source, expires_at=clock.now() + DECIDE)
        batch.summary = {"found": found.counts, "ignored": found.ignored, "unmatched": found.unmatched}
        batch.save(update_fields=["summary"])
    return False


def _known(account_id: int, items: list[tuple[str, dict[str, Any]]]) -> list[tuple[str, dict[str, Any]]]:
    """Each as it would be taken here; what means nothing here is left out."""
    by_kind: dict[str, list[dict[str, Any]]] = {}
    for kind, detail in items:
        by_kind.setdefault(kind, []).append(detail)
    rows: list[tuple[str, dict[str, Any]]] = []
    for kind, details in by_kind.items():
        importer = importer_of(kind)
        if importer is not None:
            rows += [(kind, dict(one)) for one in importer.known(account_id, kind, details) if one is not None]
    return rows


def _refuse(lease: Lease, batch: Import, error: BadArchiveError | NotAnExportError) -> None:
    """Every fault is kept for a day, so that the person can read them; nothing else is."""
    named = getattr(error, "faults", ())
    faults = [{"where": one.where, "code": one.code, "params": dict(one.params)} for one in named]
    shutil.rmtree(folder_of(batch), ignore_errors=True)
    with transaction.atomic():
        lease.update(state=State.REFUSED, expires_at=clock.now() + UNDO, lease_key="", lease_until=None)
        batch.summary = {"faults": faults or [{"where": "", "code": error.code, "params": {}}]}
        batch.save(update_fields=["summary"])


# --- Taking it in, and back ---------------------------------------------------------------------------


@task()
def work(batch_id: int) -> None:
    """One slice of taking in or of undoing."""
    if _attempt(batch_id, (State.TAKING, State.UNDOING), _slice):
        work.enqueue(batch_id)


def _attempt(batch_id: int, states: tuple[str, ...], step: Callable[[Lease, Import], bool]) -> bool:
    """Do a step if the row is free for it; whether there is more. Faults end in the row, never in a raise."""
    lease = claim(Import, batch_id, states)
    if lease is None:
        return False
    batch = lease.row
    assert isinstance(batch, Import)
    if batch.attempts > ATTEMPTS:
        log.error("import %s is given up", batch.pk)
        _stop(lease, batch)
        return False
    try:
        return step(lease, batch)
    except LeaseLostError:
        if not Import.objects.filter(pk=batch.pk).exists():
            shutil.rmtree(folder_of(batch), ignore_errors=True)
    except KeyErasedError:
        _stop(lease, batch)
    except (OSError, DatabaseError) as fault:
        log.warning("import %s: %s; it is tried again", batch.pk, fault)
        lease.rest("disk" if isinstance(fault, OSError) else "")
    except Exception:
        # Our own fault; the log carries the trace, and nothing of the archive.
        log.exception("import %s failed and is tried again", batch.pk)
        lease.rest("failed")
    return False


def _stop(lease: Lease, batch: Import) -> None:
    """Given up: what was taken stays and can be undone; the rest is not kept."""
    with suppress(LeaseLostError):
        if batch.state == State.RECEIVED:
            _refuse(lease, batch, NotAnExportError())
        else:
            batch.items.filter(state=ItemState.FOUND).update(state=ItemState.REFUSED, fault="worker_failed")
            _finish(lease, batch)


def _slice(lease: Lease, batch: Import) -> bool:
    until = time.monotonic() + SLICE_S
    undoing = batch.state == State.UNDOING
    step, waiting = (_undo, _to_undo(batch)) if undoing else (_take, _to_take(batch))
    total = batch.items.count()
    done = total - waiting.count()
    lease.update(total=total, done=done)
    with _Films(batch) as films:
        # A few at a time by a fresh query: each step changes what the query would find.
        while some := list(waiting[:_AT_ONCE]):
            for item in some:
                if time.monotonic() > until:
                    lease.release(done=done)
                    return True
                step(batch, item, films)
                done += 1
                lease.beat(done=done)
    _finish(lease, batch)
    return False


def _to_take(batch: Import) -> QuerySet[ImportItem]:
    return batch.items.filter(state=ItemState.FOUND).order_by("number")


def _to_undo(batch: Import) -> QuerySet[ImportItem]:
    return batch.items.filter(state=ItemState.TAKEN).order_by("-number")


def _take(batch: Import, item: ImportItem, films: "_Films") -> None:
    """One thing, and what became of it, in one transaction: both are written or neither is."""
    importer = importer_of(item.kind)
    detail = dict(item.detail)
    if importer is None:
        _became(item, Taken("refused", fault="unknown"))
    elif item.kind != "clip":
        with transaction.atomic():
            _became(item, importer.take(batch.account_id, _brought(batch, item, detail)))
    elif not detail.get("film"):
        _became(item, Taken(ItemState.WAITING))
    else:
        _take_clip(batch, item, importer, films)


def _take_clip(batch: Import, item: ImportItem, importer: Importer, films: "_Films") -> None:
    detail = dict(item.detail)
    try:
        with films.film(item) as (path, sha256):
            detail["captions"] = films.captions(detail)
            brought = _brought(batch, item, _as_asked(batch, detail), path, sha256)
            with transaction.atomic():
                _became(item, importer.take(batch.account_id, brought))
    except BadArchiveError:
        _became(item, Taken("refused", fault="damaged"))
    except KeyError:
        _became(item, Taken(ItemState.WAITING))  # the film is gone; another may be brought


def _as_asked(batch: Import, detail: dict[str, Any]) -> dict[str, Any]:
    """Private, unless the person asked that each stays as wide as it was. A draft in any case."""
    wide = detail.get("visibility") if "keep_visibility" in batch.chosen else None
    return {**detail, "visibility": wide or "private"}


def _brought(
    batch: Import, item: ImportItem, detail: dict[str, Any], film: Path | None = None, sha256: str = ""
) -> Brought:
    return Brought(item.kind, detail, batch.asked_by or batch.account_id, film, sha256)


def _became(item: ImportItem, taken: Taken) -> None:
    if taken.before:
        item.detail = {**item.detail, "before": dict(taken.before)}
    item.state, item.result, item.fault = taken.state, taken.result[:64], taken.fault[:40]
    item.save(update_fields=["detail", "state", "result", "fault"])


def _undo(batch: Import, item: ImportItem, films: "_Films") -> None:
    importer = importer_of(item.kind)
    gone = importer is None or importer.undo(
        batch.account_id, item.kind, item.result, dict(item.detail).get("before", {})
    )
    item.state = ItemState.UNDONE if gone else ItemState.KEPT
    item.save(update_fields=["state"])


def _finish(lease: Lease, batch: Import) -> None:
    """The archive is not needed any more; posts that wait for their films are, for a month."""
    shutil.rmtree(folder_of(batch), ignore_errors=True)
    now = clock.now()
    waits = batch.items.filter(state=ItemState.WAITING).exists()
    lease.release(
        state=State.UNDONE if batch.state == State.UNDOING else State.DONE,
        finished_at=now,
        done=batch.items.count(),
        total=batch.items.count(),
        expires_at=now + (WAIT if waits and batch.state != State.UNDOING else UNDO),
    )


# --- Files --------------------------------------------------------------------------------------------


class _Films:
    """Films of an import: in its archive, or brought beside it. One is unpacked at a time, and gone afterwards."""

    def __init__(self, batch: Import) -> None:
        self._folder = folder_of(batch)
        self._files = dict(_files(batch))
        self._archive: Unzip | None = None
        self._opened: BinaryIO | None = None

    def __enter__(self) -> Self:
        for path in self._files.values():
            if reading.is_archive(path):
                self._opened = path.open("rb")
                self._archive = open_zip(self._opened, reading.limits())
                break
        return self

    def __exit__(self, *fault: object) -> None:
        if self._opened is not None:
            self._opened.close()

    def film(self, item: ImportItem) -> "_Unpacked":
        """The film of a clip as a file, for as long as one works on it. KeyError when it is not there any more."""
        name = str(item.detail["film"])
        if item.detail.get("loose") or self._archive is None or name not in self._archive.members:
            return _Unpacked(self._files[name])
        return _Unpacked(self._folder / f"{ids.new()}.film", blocks=self._archive.blocks(name))

    def captions(self, detail: dict[str, Any]) -> list[dict[str, Any]]:
        """Caption tracks of a clip: language and text."""
        if self._archive is None:
            return []
        return [
            {"language": one["language"], "body": self._archive.read(one["path"], most=1 << 20)}
            for one in detail.get("tracks", ())
            if one["path"] in self._archive.members
        ]


class _Unpacked:
    """A film on the disk while it is taken in, and its SHA-256."""

    def __init__(self, path: Path, *, blocks: Iterable[bytes] | None = None) -> None:
        self._path, self._blocks = path, blocks

    def __enter__(self) -> tuple[Path, str]:
        digest = hashlib.sha256()
        try:
            if self._blocks is None:
                with self._path.open("rb") as file:
                    while block := file.read(_BLOCK):
                        digest.update(block)
            else:
                with self._path.open("xb") as file:
                    for block in self._blocks:
                        file.write(block)
                        digest.update(block)
        except BaseException:
            self.__exit__()
            raise
        return self._path, digest.hexdigest()

    def __exit__(self, *fault: object) -> None:
        if self._blocks is not None:
            self._path.unlink(missing_ok=True)


def _files(batch: Import) -> list[tuple[str, Path]]:
    """(name as given, where it lies) of what was brought."""
    folder = folder_of(batch)
    if not folder.exists():
        return []
    return [(path.read_text(encoding="utf-8"), path.with_suffix(".file")) for path in sorted(folder.glob("*.name"))]


def folder_of(batch: Import) -> Path:
    """Where an import's files lie until they are taken. Its key is ours; nothing else becomes a path."""
    if not ids.is_id(batch.key, ids.SECRET_LENGTH):
        raise ValueError("no key of an import")
    return Path(settings.IMPORTS_ROOT) / batch.key


def room_for(size: int) -> bool:
    """Whether an archive of `size` bytes fits, and unpacking one film of it."""
    root = Path(settings.IMPORTS_ROOT)
    root.mkdir(parents=True, mode=0o700, exist_ok=True)
    return shutil.disk_usage(root).free > 2 * size + SPARE_BYTES


# --- What time brings ---------------------------------------------------------------------------------


def wake_lost() -> None:
    """Imports whose worker died, whose rest is over, or whose wake was lost."""
    for batch_id, state in free(Import, clock.now()).filter(state__in=_WORKING).values_list("pk", "state"):
        (look if state == State.RECEIVED else work).enqueue(batch_id)


def forget_expired(before: datetime) -> None:
    """Imports that are over, and those nobody went on with: files, then rows."""
    for batch in Import.objects.filter(expires_at__lte=before):
        shutil.rmtree(folder_of(batch), ignore_errors=True)
        batch.delete()


def remove_orphans() -> None:
    """Files that no row names, an hour after they came: uploads that broke off, imports of accounts that are gone."""
    root = Path(settings.IMPORTS_ROOT)
    if not root.exists():
        return
    old = clock.now().timestamp() - 3600
    there = {path.name: path for path in root.iterdir() if path.stat().st_mtime < old}
    living = set(Import.objects.filter(key__in=there).values_list("key", flat=True))
    for name in there.keys() - living:
        path = there[name]
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


def erase(account_id: int) -> int:
    """Every import of an account, files first; part of its closure. Answers how many there were."""
    found = list(Import.objects.filter(account_id=account_id))
    for batch in found:
        shutil.rmtree(folder_of(batch), ignore_errors=True)
        batch.delete()
        shutil.rmtree(folder_of(batch), ignore_errors=True)
    return len(found)


__all__ = [
    "TICKED", "bring_films", "cancel", "counts", "erase", "folder_of", "forget_expired", "latest", "look",
    "mine", "receive", "remove_orphans", "room_for", "start", "undo", "wake_lost", "work",
]  # fmt: skip
