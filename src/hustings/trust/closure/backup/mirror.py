r"""The mirror of the keys: what opens the backups, in another place, and never more of it than there is now.

    DEST2/hustings-keys-<cell>.mirror

One file, replaced as a whole: the wrapped keys of the living, the names of those whose keys were erased, the files
of DATA/keys, and which accounts were closed. Whoever was erased is gone from it with the next run; what lay there
before is overwritten. It holds no data of anybody's, and the backups hold no key.

    file   = "hustings keys 1\n" · head · portion… · SHA-256 of all before
    head, portion = length (4) · JSON or msgpack
"""

import base64
import os
import struct
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

import msgspec
import orjson
from django.conf import settings

from hustings.lib import clock
from hustings.trust import scopes
from hustings.trust.closure import journal
from hustings.trust.closure.backup import places, tables
from hustings.trust.closure.backup.errors import BackupDamagedError, BackupFailedError, BackupPlaceError
from hustings.trust.closure.backup.models import KeysMirror
from hustings.trust.keys import cellkeys, envelope
from hustings.trust.keys.errors import CellKeyError
from hustings.trust.keys.models import CellKey, PersonKey
from hustings.trust.log.models import LogState

MAGIC = b"hustings keys 1\n"
AT_ONCE = 5_000
KEY_FILES = ("cell-key", "log-signing-key")
_LENGTH = struct.Struct(">I")
_HASH = 32


@dataclass(frozen=True, slots=True)
class Row:
    """One person's key, wrapped; or that it was erased."""

    subject: int
    wrapped: bytes
    kek_id: str
    mark: str
    made_at: datetime
    erased_at: datetime | None


@dataclass
class Mirror:
    """A mirror that was read: whole, and of this cell."""

    made_at: datetime
    driver: str
    cell_keys: list[tuple[str, str, datetime]]
    files: dict[str, bytes]  # below DATA
    closed: list[journal.Closed]
    log_size: int
    rows: list[Row] = field(default_factory=list)


def path_in(root: Path) -> Path:
    return root / f"hustings-keys-{settings.CELL}.mirror"


def write(root: Path) -> int:
    """Replace the mirror by what is now; how many keys it holds."""
    path = path_in(root)
    with scopes.service(), places.writing(root):
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        aside = path.with_name(f".{path.name}.{os.getpid()}")
        aside.unlink(missing_ok=True)
        handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                count = _write(file)
                file.flush()
                os.fsync(file.fileno())
            _replace(aside, path)
        finally:
            aside.unlink(missing_ok=True)
    KeysMirror.objects.update_or_create(place=str(root), defaults={"made_at": clock.now(), "keys": count})
    return count


def forget(where: str) -> bool:
    """Take the operator's word that the mirror at a place is destroyed; whether one was known there."""
    with scopes.service():
        return bool(KeysMirror.objects.filter(place=str(Path(where).expanduser().resolve())).delete()[0])


def _write(file: IO[bytes]) -> int:
    digest, count = sha256(MAGIC), 0

    def put(data: bytes) -> None:
        digest.update(_LENGTH.pack(len(data)) + data)
        file.write(_LENGTH.pack(len(data)) + data)

    file.write(MAGIC)
    with tables.snapshot() as alias:
        put(orjson.dumps(_head(alias)))
        found = PersonKey.objects.using(alias).order_by("pk")
        columns = ("subject", "wrapped", "kek_id", "mark", "made_at", "erased_at")
        portion: list[list[Any]] = []
        for subject, wrapped, *rest in found.values_list(*columns).iterator(chunk_size=AT_ONCE):
            portion.append([subject, bytes(wrapped), *rest])
            count += bool(wrapped)
            if len(portion) == AT_ONCE:
                put(tables.write(portion))
                portion = []
        put(tables.write(portion))
    file.write(digest.digest())
    return count


def _head(alias: str) -> dict[str, Any]:
    cell_keys = CellKey.objects.using(alias).exclude(state=CellKey.State.DESTROYED)
    state = LogState.objects.using(alias).filter(pk=1).first()
    return {
        "cell": settings.CELL,
        "region": settings.REGION,
        "made_at": clock.now(),
        "driver": cellkeys.driver().name,
        "cell_keys": list(cell_keys.values_list("id", "state", "made_at")),
        "files": {name: base64.b64encode(data).decode() for name, data in _key_files()},
        "closed": [asdict(one) for one in journal.every()],
        "log_size": state.published_size if state else 0,
    }


def _key_files() -> Iterator[tuple[str, bytes]]:
    data = Path(settings.DATA)
    for name in (*(f"keys/{one}" for one in KEY_FILES), "secret-key"):
        if (data / name).is_file():
            yield name, (data / name).read_bytes()


def _replace(aside: Path, path: Path) -> None:
    try:
        before: IO[bytes] | None = path.open("r+b")
    except FileNotFoundError:
        before = None
    aside.rename(path)
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    if before is not None:
        # What lay here holds keys that are erased now. On a disk that writes elsewhere than it is told, this is not
        # enough, and the cell's key is to be rotated (docs/operate/keys.md).
        with before:
            size = os.fstat(before.fileno()).st_size
            while (left := size - before.tell()) > 0:
                before.write(bytes(min(left, 1 << 20)))
            before.flush()
            os.fsync(before.fileno())


def read(root: Path) -> Mirror:
    """The mirror in a folder. BackupPlaceError for none or another cell's, BackupDamagedError."""
    path = path_in(root)
    try:
        with path.open("rb") as file:
            return _read(file, path.name)
    except FileNotFoundError:
        others = sorted(one.name for one in root.glob("hustings-keys-*.mirror")) if root.is_dir() else []
        raise BackupPlaceError(
            f"There is no mirror of the keys of the cell {settings.CELL} at {root}"
            + (f", only {', '.join(others)}." if others else "."),
            hint="Name the folder that `hustings backup --keys` was given. Without the keys nothing can be restored.",
        ) from None
    except OSError as fault:
        raise BackupFailedError(f"{path} could not be read: {fault.strerror}.") from fault


def _read(file: IO[bytes], name: str) -> Mirror:
    raw = file.read()
    body, digest = raw[:-_HASH], raw[-_HASH:]
    if not body.startswith(MAGIC) or sha256(body).digest() != digest:
        raise BackupDamagedError(name, "is not what was written: its SHA-256 is another")
    parts = list(_parts(body))
    head = orjson.loads(parts[0])
    if (head["cell"], head["region"]) != (settings.CELL, settings.REGION):
        raise BackupPlaceError(
            f"The keys are of the cell {head['cell']} in region {head['region']}, "
            f"and this process is the cell {settings.CELL} in region {settings.REGION}.",
            hint="A cell is restored as itself, in its own region.",
        )
    rows = [Row(*row) for part in parts[1:] for row in msgspec.msgpack.decode(part)]
    return Mirror(
        datetime.fromisoformat(head["made_at"]),
        head["driver"],
        [(key, state, datetime.fromisoformat(at).astimezone(UTC)) for key, state, at in head["cell_keys"]],
        {one: base64.b64decode(data) for one, data in head["files"].items()},
        [journal.Closed(**one) for one in head["closed"]],
        head["log_size"],
        rows,
    )


def unwrap_one(known: Mirror, row: Row) -> bytes | None:
    """A key of the mirror, unwrapped with the mirror's own cell key; None when it does not fit.

    Asked before anything is in its place, to see whether the keys belong to a backup at all.
    """
    if known.driver != "file":
        keeper: cellkeys.Driver = cellkeys.driver()
        try:
            return keeper.unwrap(row.kek_id, [(row.subject, row.wrapped)])[0]
        except envelope.BrokenError:
            return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cell-key"
        path.touch(mode=0o600)
        path.write_bytes(known.files.get("keys/cell-key", b""))
        try:
            return cellkeys.FileDriver(path, settings.CELL).unwrap(row.kek_id, [(row.subject, row.wrapped)])[0]
        except (envelope.BrokenError, CellKeyError):
            return None


def _parts(body: bytes) -> Iterator[bytes]:
    at = len(MAGIC)
    while at < len(body):
        (length,) = _LENGTH.unpack_from(body, at)
        yield body[at + _LENGTH.size : at + _LENGTH.size + length]
        at += _LENGTH.size + length
