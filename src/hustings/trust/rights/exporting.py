"""An export is a state on a row: *asked* → *building* → *ready* → *expired*. Killed anywhere, it goes on.

The archive grows in `EXPORTS_ROOT/<key>/`, entry by entry (see `zipping`), in slices of a few seconds, so that the
quick worker is never busy for long with one person. What was written stays written: an export is of the moment
in which each of its documents was made, and says when. A file that goes while one builds (a clip deleted) is
left out and named; an account that goes takes its exports with it.
"""

import errno
import hashlib
import logging
import shutil
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import Q
from django_tasks import task

from hustings.lib import clock, ids
from hustings.lib.archives.zipping import Zip
from hustings.lib.errors import NotFoundError, TooManyRequestsError
from hustings.trust.keys import KeyErasedError
from hustings.trust.people import acting
from hustings.trust.rights import contents
from hustings.trust.rights.contents import Piece
from hustings.trust.rights.errors import ExportGoneError, RunningAlreadyError
from hustings.trust.rights.leases import ATTEMPTS, Lease, LeaseLostError, claim, free
from hustings.trust.rights.models import Export

log = logging.getLogger(__name__)

KEPT: Final = timedelta(days=7)
A_DAY: Final = 4  # exports of one account: each costs the server a minute
SLICE_S: Final = 3.0
SPARE_BYTES: Final = 256 << 20  # room that must stay for everything else
_NO_ROOM: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
State = Export.State
_LIVE: Final = (State.ASKED, State.BUILDING)


# --- Asking -------------------------------------------------------------------------------------------


def ask(person_id: int, handle: str | None = None) -> Export:
    """Begin an export of one's own data, or of an organisation's that one owns.

    What was ready before is deleted: there is one archive at a time. RunningAlreadyError; TooManyRequestsError.
    """
    account_id = acting(person_id, handle)
    lately = Export.objects.filter(account_id=account_id, asked_at__gt=clock.now() - timedelta(days=1))
    if lately.count() >= A_DAY:
        raise TooManyRequestsError("You have asked for several exports today.", params={"retry_after": 6 * 3600})
    with transaction.atomic():
        try:
            with transaction.atomic():
                made = Export.objects.create(account_id=account_id, asked_by=person_id)
        except IntegrityError:
            raise RunningAlreadyError from None
        build.enqueue(made.pk)
    for old in Export.objects.filter(account_id=account_id, state=State.READY):
        _expire(old)
    return made


def latest(person_id: int, handle: str | None = None) -> Export | None:
    """The account's last export, whatever has become of it."""
    return Export.objects.filter(account_id=acting(person_id, handle)).order_by("-pk").first()


def cancel(person_id: int, handle: str | None = None) -> None:
    """Stop an export that is under way, and delete what is there; or delete one that is ready."""
    for export in Export.objects.filter(account_id=acting(person_id, handle), state__in=(*_LIVE, State.READY)):
        _expire(export)


def mine(person_id: int, key: str) -> Export:
    """The export of that key, for whom it is about or the organisation's owners. NotFoundError for strangers.

    ExportGoneError when its days are over.
    """
    from hustings.trust.people import people

    export = Export.objects.filter(key=key).first() if ids.is_id(key, ids.SECRET_LENGTH) else None
    if export is None:
        raise NotFoundError
    if export.account_id != person_id:
        handle = people().handles([export.account_id]).get(export.account_id)
        # A member without the right learns no more than a stranger.
        if handle is None or handle not in people().organisations(person_id):
            raise NotFoundError
    if export.state == State.EXPIRED:
        raise ExportGoneError
    return export


# --- Building -----------------------------------------------------------------------------------------


@task()
def build(export_id: int) -> None:
    """One slice of the work. Safe to run twice: the lease says whose turn it is, the journal what is done."""
    lease = claim(Export, export_id, _LIVE)
    if lease is None:
        return
    export = lease.row
    assert isinstance(export, Export)
    if export.attempts > ATTEMPTS:
        _give_up(lease, "worker_failed")
        return
    try:
        if _slice(lease, export):
            build.enqueue(export_id)
    except (LeaseLostError, FileNotFoundError):
        _remove_if_gone(export)
        lease.rest("")
    except KeyErasedError:
        _give_up(lease, "erased")
    except OSError as fault:
        _stopped(lease, export, fault)
    except DatabaseError:
        log.warning("export %s: the database does not answer; it is tried again", export.pk, exc_info=True)
    except Exception:
        # Our own fault; the log carries the trace, and nothing of the person's data.
        log.exception("export %s failed and is tried again", export.pk)
        lease.rest("failed")


def _stopped(lease: Lease, export: Export, fault: OSError) -> None:
    """The disk does not do what it should, or the last writer still lives somewhere: wait, and try again."""
    if fault.errno in _NO_ROOM:
        # Half an archive must not be what keeps the disk full. However long that takes, it is not the export's fault.
        shutil.rmtree(folder_of(export), ignore_errors=True)
        lease.update(attempts=max(0, export.attempts - 1), done=0)
        lease.rest("disk_full")
    else:
        lease.rest("" if isinstance(fault, BlockingIOError) else "disk")
    log.warning("export %s: %s; it is tried again", export.pk, fault)


def _slice(lease: Lease, export: Export) -> bool:
    """Work for a few seconds; whether there is more."""
    until = time.monotonic() + SLICE_S
    folder = folder_of(export)
    folder.mkdir(parents=True, mode=0o700, exist_ok=True)
    if archive_of(export).exists() and not (folder / "part").exists():
        _ready(lease, export)  # killed between the file and the row
        return False
    if export.state == State.ASKED:
        total = sum(piece.size for piece in contents.films(export.account_id))
        _refuse_full_disk(total, folder)
        lease.update(state=State.BUILDING, total=total + 1)
    missing: list[str] = []
    with Zip(folder / "part") as archive:
        for piece in _pieces(export, archive):
            if piece.path in archive:
                continue
            if time.monotonic() > until:
                lease.release(done=archive.size)
                return True
            _add(archive, piece, lease, missing)
        _add(archive, _manifest(export, archive, missing), lease, missing)
        lease.beat(done=archive.size)
        archive.finish(archive_of(export))
    _ready(lease, export)
    return False


def _pieces(export: Export, archive: Zip) -> Iterator[Piece]:
    """What is still to come. Documents are made in one go; the last READMEs say that they are all there."""
    films = contents.films(export.account_id)
    if contents.README["cy"] in archive:
        return films
    return chain(contents.written(export.account_id), films)


def _add(archive: Zip, piece: Piece, lease: Lease, missing: list[str]) -> None:
    done = archive.size

    def beat(size: int) -> None:
        nonlocal done
        done += size
        lease.beat(done=done)

    try:
        archive.write(piece.path, piece.blocks(), deflate=piece.deflate, beat=beat, note=piece.note)
    except FileNotFoundError:
        if not archive.path.exists():
            raise LeaseLostError from None  # the account was erased, and its exports with it
        missing.append(piece.path)


def _manifest(export: Export, archive: Zip, missing: list[str]) -> Piece:
    files: list[dict[str, object]] = [
        {
            "path": entry.name,
            "size": entry.size,
            "sha256": entry.sha256,
            "schema": contents.schema_path(entry.name) or None,
        }
        for entry in archive.entries.values()
    ]
    rows = {
        entry.name.removeprefix("data/").removesuffix(".json"): entry.note["rows"] + entry.note["mentions"]
        for entry in archive.entries.values()
        if "rows" in entry.note
    }
    made = contents.manifest(export.account_id, files, missing, rows)
    return Piece("manifest.json", lambda: iter([made]))


def _ready(lease: Lease, export: Export) -> None:
    path = archive_of(export)
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
            lease.beat()
    now = clock.now()
    size = path.stat().st_size
    lease.release(
        state=State.READY,
        ready_at=now,
        expires_at=now + KEPT,
        size=size,
        done=size,
        total=size,
        sha256=digest.hexdigest(),
    )


def _give_up(lease: Lease, fault: str) -> None:
    """The person is told, and may ask again."""
    log.error("export %s is given up: %s", lease.row.pk, fault)
    shutil.rmtree(folder_of(lease.row), ignore_errors=True)
    lease.update(state=State.FAILED, fault=fault, lease_key="", lease_until=None)


def _refuse_full_disk(total: int, folder: Path) -> None:
    if shutil.disk_usage(folder).free < total + SPARE_BYTES:
        raise OSError(errno.ENOSPC, "no room for an archive of this size")


def _remove_if_gone(export: Export) -> None:
    if not Export.objects.filter(pk=export.pk, state__in=(*_LIVE, State.READY)).exists():
        shutil.rmtree(folder_of(export), ignore_errors=True)


# --- Files --------------------------------------------------------------------------------------------


def folder_of(export: object) -> Path:
    """Where an export's files lie. Its key is ours; nothing else becomes a path."""
    key = str(getattr(export, "key", ""))
    if not ids.is_id(key, ids.SECRET_LENGTH):
        raise ValueError("no key of an export")
    return Path(settings.EXPORTS_ROOT) / key


def archive_of(export: object) -> Path:
    """The whole archive, once it is ready."""
    return folder_of(export) / "export.zip"


# --- What time brings ---------------------------------------------------------------------------------


def wake_lost() -> None:
    """Exports whose worker died, whose rest is over, or whose wake was lost."""
    for export_id in free(Export, clock.now()).filter(state__in=_LIVE).values_list("pk", flat=True):
        build.enqueue(export_id)


def delete_expired(before: datetime) -> None:
    """Archives whose days are over. The row says so for a while."""
    for export in Export.objects.filter(state=State.READY, expires_at__lte=before):
        _expire(export)


def _expire(export: Export) -> None:
    """The file first: a row that says *expired* must be true."""
    shutil.rmtree(folder_of(export), ignore_errors=True)
    Export.objects.filter(pk=export.pk).exclude(state=State.FAILED).update(
        state=State.EXPIRED, lease_key="", lease_until=None
    )
    shutil.rmtree(folder_of(export), ignore_errors=True)


def remove_orphans() -> None:
    """Folders that no living row names, such as those of an account erased while its export was built."""
    root = Path(settings.EXPORTS_ROOT)
    if not root.exists():
        return
    there = {path.name for path in root.iterdir() if path.is_dir() and ids.is_id(path.name, ids.SECRET_LENGTH)}
    living = Export.objects.filter(Q(state__in=_LIVE) | Q(state=State.READY), key__in=there)
    for key in there - set(living.values_list("key", flat=True)):
        shutil.rmtree(root / key, ignore_errors=True)


def erase(account_id: int) -> int:
    """Every export of an account, files first; part of its closure. Answers how many there were."""
    found = list(Export.objects.filter(account_id=account_id))
    for export in found:
        shutil.rmtree(folder_of(export), ignore_errors=True)
        Export.objects.filter(pk=export.pk).delete()
        shutil.rmtree(folder_of(export), ignore_errors=True)
    return len(found)
