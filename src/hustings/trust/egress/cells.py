"""The cell: one region, one database, one media store; and the stamps that tell them from another cell's.

A deployment is held to it three times: the settings say where each store is, and a mismatch ends the start;
the folders carry a stamp file; and the database carries a row, read on each new connection by whichever
process opens it, a shell or a forgotten script too.
"""

import json
import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection

from hustings.lib import clock
from hustings.trust.egress import declared, rules, tally
from hustings.trust.egress.errors import CellError
from hustings.trust.egress.rules import Store

log = logging.getLogger(__name__)

STAMP = "cell.json"
# `"cell": "uk"` of the cell's key, `cell: uk` of the log's.
_KEY_NAMES_CELL = re.compile(r"^\s*\"?cell\"?: \"?([^\s\",]+)\"?,?$", re.MULTILINE)
_BOUND = (
    "People's keys and the public log are made for the cell {name}: keep HUSTINGS_CELL={name}, "
    "set HUSTINGS_REGION alone, and run this again."
)
UNNAMED = "local"  # what a deployment is called before the operator names it
_SHARES = """
afs beegfs ceph cifs fuse.ceph fuse.gcsfuse fuse.glusterfs fuse.rclone fuse.s3fs fuse.sshfs glusterfs gpfs lustre ncpfs
nfs nfs4 ocfs2 smb3 smbfs
"""
_NETWORK_FILESYSTEMS = frozenset(_SHARES.split())

_unchecked: ContextVar[bool] = ContextVar("hustings.trust.egress.unchecked", default=False)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who we are, or who a stamp says its store belongs to."""

    name: str
    region: str

    def __str__(self) -> str:
        return f"the cell {self.name} in region {self.region}"


def ours() -> Identity:
    """The cell of this process, by its settings."""
    return Identity(settings.CELL, settings.REGION)


# --- At the start -----------------------------------------------------------------------------------------


def hold() -> None:
    """Refuse to start unless every store is this cell's and lies in its region; then stamp what is new.

    Raises CellError with all faults at once. For `serve`, `worker`, `migrate`. A database that does not
    answer is no fault of the cell's: the first connection asks again.
    """
    _raise(faults())
    _raise(_folder_faults() | _key_faults())
    with suppress(DatabaseError):
        connection.ensure_connection()
        stamp_database()
    for folder in _folders():
        _stamp_folder(folder)


def faults() -> dict[str, str]:
    """What the settings and the list say that cannot be, setting to sentence."""
    found = rules.store_faults(settings.CELL, settings.REGION, stores())
    try:
        known = declared.destinations()
    except CellError as fault:
        return found | fault.fields
    told = {store.where for store in stores()}
    return found | {
        place: sentence
        for place, sentence in rules.destination_faults(settings.REGION, known).items()
        if place not in told  # said once, with its setting
    }


def stores() -> list[Store]:
    """Where the stores of this cell are, by the settings."""
    return [*_database_store(), *_media_stores(), *_backup_store(), *_keys_store(), *_mail_store()]


def _database_store() -> Iterator[Store]:
    database: dict[str, Any] = settings.DATABASES["default"]
    place = declared.database_place()
    if place is None:
        name = Path(str(database["NAME"]))
        is_file = "sqlite" in database["ENGINE"]
        where = str(name) if is_file else f"the socket {database.get('HOST') or 'of this machine'}"
        away = is_file and "mode=memory" not in str(name) and on_network_filesystem(name)
        yield Store("database", "database", where, "HUSTINGS_DATABASE_REGION", settings.DATABASE_REGION, away)
    else:
        away = not rules.is_loopback(place.host)
        yield Store("database", "database", place.place, "HUSTINGS_DATABASE_REGION", settings.DATABASE_REGION, away)


def _media_stores() -> Iterator[Store]:
    backend: Any = settings.STORAGES["default"]
    if not str(backend["BACKEND"]).endswith(".FileSystemStorage"):
        where = str(backend.get("OPTIONS", {}).get("endpoint_url") or backend["BACKEND"])
        yield Store("media", "media store", where, "HUSTINGS_MEDIA_REGION", settings.MEDIA_REGION, elsewhere=True)
    for folder in (settings.MEDIA_ROOT, settings.UPLOADS_ROOT):
        yield Store(
            "media",
            "media folder",
            str(folder),
            "HUSTINGS_MEDIA_REGION",
            settings.MEDIA_REGION,
            on_network_filesystem(folder),
        )


def _backup_store() -> Iterator[Store]:
    where = str(getattr(settings, "BACKUPS", "") or "")
    if where:
        away = "://" in where or on_network_filesystem(Path(where))
        yield Store("backup", "backup location", where, "HUSTINGS_BACKUP_REGION", settings.BACKUP_REGION, away)


def _keys_store() -> Iterator[Store]:
    if settings.KEYS_DRIVER == "command":
        # Whom the program asks, it alone knows: that is another machine until the operator says where.
        program = settings.KEYS_COMMAND.partition(" ")[0]
        yield Store(
            "keys", "cell's key", f"what {program} asks", "HUSTINGS_KEYS_REGION", settings.KEYS_REGION, elsewhere=True
        )
    else:
        folder = Path(settings.DATA)
        away = on_network_filesystem(folder)
        yield Store("keys", "cell's key", str(folder), "HUSTINGS_KEYS_REGION", settings.KEYS_REGION, away)


def _mail_store() -> Iterator[Store]:
    if settings.EMAIL_HOST:
        where = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
        away = not rules.is_loopback(settings.EMAIL_HOST)
        yield Store("mail", "mail server", where, "HUSTINGS_EMAIL_REGION", settings.EMAIL_REGION, away)


def on_network_filesystem(path: Path) -> bool:
    """Whether a folder or file lies on a mounted share: that is another machine. False where Linux cannot be asked."""
    try:
        mounts = Path("/proc/self/mountinfo").read_text()
    except OSError:
        return False
    return filesystem_of(os.path.realpath(path), mounts) in _NETWORK_FILESYSTEMS


def filesystem_of(path: str, mountinfo: str) -> str:
    """The type of the file system that holds `path`, by the lines of proc(5)'s mountinfo; the last mount wins."""
    best, kind = "", ""
    for line in mountinfo.splitlines():
        before, _, after = line.partition(" - ")
        fields = before.split()
        if len(fields) < 5 or not after:
            continue
        point = fields[4].encode().decode("unicode_escape")
        inside = path == point or path.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, kind = point, after.split()[0]
    return kind


# --- Stamps of folders ------------------------------------------------------------------------------------


def _folders() -> list[Path]:
    return [Path(settings.DATA), Path(settings.MEDIA_ROOT)]


def _folder_faults() -> dict[str, str]:
    return {str(folder): fault for folder in _folders() if (fault := folder_fault(folder)) is not None}


def folder_fault(folder: Path) -> str | None:
    """What is wrong with a folder's stamp, in a sentence; None when it is ours or has none yet."""
    path = folder / STAMP
    try:
        stamp = json.loads(path.read_text())
        found = Identity(str(stamp["cell"]), str(stamp["region"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        return f"The stamp {path} cannot be read. If the folder is this cell's, remove the file; it is made again."
    return None if found == ours() else _mismatch(f"The folder {folder}", found)


def _key_faults() -> dict[str, str]:
    """The key files of DATA name their cell too: one that was copied from another cell is said before it is used."""
    found = {}
    for path in (Path(settings.DATA) / "keys" / "cell-key", Path(settings.DATA) / "keys" / "log-signing-key"):
        cell = _cell_of_key(path)
        if cell not in {None, settings.CELL}:
            found[str(path)] = (
                f"The key {path} belongs to the cell {cell}, and this process is {ours()}. "
                "Put this cell's own key there, or correct HUSTINGS_CELL."
            )
    return found


def _cell_of_key(path: Path) -> str | None:
    """The cell that a key file names; None when there is none, or none can be read: whoever uses it says that."""
    try:
        text = path.read_text()
    except (OSError, UnicodeDecodeError):
        return None
    line = _KEY_NAMES_CELL.search(text)
    return line[1] if line else None


def _stamp_folder(folder: Path) -> None:
    path = folder / STAMP
    if path.exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f"{STAMP}.{os.getpid()}")
    aside.write_text(json.dumps({"cell": settings.CELL, "region": settings.REGION}) + "\n")
    try:
        os.link(aside, path)
    except FileExistsError:  # another process of ours was first, or another cell's
        _raise(_folder_faults())
    finally:
        aside.unlink()


def _mismatch(what: str, found: Identity) -> str:
    advice = "Correct the settings, or point them at this cell's own stores."
    if found.name == UNNAMED:
        advice = f"If it is this service, which had no name until now, run `hustings egress name {settings.CELL}`."
    return f"{what} belongs to {found}, and this process is {ours()}. {advice}"


# --- The stamp of the database ----------------------------------------------------------------------------


def database_fault(found: Identity | None) -> str | None:
    """What is wrong with a database's stamp; None when it is ours or has none yet."""
    return None if found is None or found == ours() else _mismatch("The database", found)


def read_database_stamp(opened: Any = connection) -> Identity | None:
    """Whose database it is; None while it has no table yet, or no row."""
    try:
        with opened.cursor() as cursor:
            cursor.execute("SELECT name, region FROM trust_cell WHERE id = 1")
            row = cursor.fetchone()
    except DatabaseError as fault:
        if getattr(fault.__cause__, "sqlstate", "") == "42P01" or "no such table" in str(fault):
            return None
        raise
    return Identity(*row) if row else None


def examine_connection(sender: object, connection: Any, **_: Any) -> None:
    """Receiver of Django's `connection_created`: another cell's database is closed again at once."""
    if connection.alias != "default":
        return
    place = declared.database_place()
    if place is not None:
        tally.connected(place.place)
    if _unchecked.get():
        return
    try:
        fault = database_fault(read_database_stamp(connection))
    except BaseException:
        connection.close()
        raise
    if fault is not None:
        connection.close()
        raise CellError({"HUSTINGS_DATABASE_URL": fault})


def stamp_database(**_: Any) -> None:
    """Write the row if there is none; refuse if it is another's. Also after each migration."""
    from hustings.trust.egress.models import Cell

    if "trust_cell" not in connection.introspection.table_names():
        return
    row, _made = Cell.objects.get_or_create(
        id=1, defaults={"name": settings.CELL, "region": settings.REGION, "stamped_at": clock.now()}
    )
    fault = database_fault(Identity(row.name, row.region))
    if fault is not None:
        raise CellError({"HUSTINGS_DATABASE_URL": fault})


@contextmanager
def unchecked() -> Iterator[None]:
    """For the one command that renames a cell: it must open the database under its old name."""
    token = _unchecked.set(True)
    connection.close()
    try:
        yield
    finally:
        connection.close()
        _unchecked.reset(token)


def rename() -> list[str]:
    """Give the settings' name to stores that had none; answers what was stamped. Raises CellError.

    Only from the unnamed cell, or within a region: to move a cell's data to another region is not a matter
    of a name. The name itself can change only before there are keys, which are made for it.
    """
    _raise(faults())
    done = []
    with unchecked():
        from hustings.trust.egress.models import Cell

        row = Cell.objects.filter(id=1).first()
        found = Identity(row.name, row.region) if row else None
        _may_take(found, "The database", "HUSTINGS_DATABASE_URL")
        if _key_faults():
            raise CellError({"HUSTINGS_CELL": _BOUND.format(name=(found or ours()).name)})
        for folder in _folders():
            _may_take(_folder_identity(folder), f"The folder {folder}", str(folder))
        if row is not None and found != ours():
            Cell.objects.filter(id=1).update(name=settings.CELL, region=settings.REGION)
            done.append("the database")
    stamp_database()
    for folder in _folders():
        if _folder_identity(folder) != ours():
            (folder / STAMP).unlink(missing_ok=True)
            _stamp_folder(folder)
            done.append(str(folder))
    return done


def _may_take(found: Identity | None, what: str, key: str) -> None:
    if found is None or found == ours() or found.name == UNNAMED or found.region == settings.REGION:
        return
    raise CellError({key: f"{what} belongs to {found}: its data stays there, and a name does not move it."})


def _folder_identity(folder: Path) -> Identity | None:
    try:
        stamp = json.loads((folder / STAMP).read_text())
        return Identity(str(stamp["cell"]), str(stamp["region"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _raise(found: dict[str, str]) -> None:
    if found:
        raise CellError(found)
