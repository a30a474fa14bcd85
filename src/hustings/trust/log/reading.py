"""Asking about entries: what they say, where they stand, the proof that they do, and what they mean to a person."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hustings.lib import clock
from hustings.lib.errors import NotFoundError
from hustings.lib.merkle import inclusion_proof
from hustings.lib.tlog import entries, tiles
from hustings.lib.tlog.checkpoints import Checkpoint
from hustings.lib.tlog.errors import FileError
from hustings.lib.tlog.notes import parse_note
from hustings.lib.tlog.proofs import TlogProof
from hustings.trust.keys import KeyErasedError, open_sealed
from hustings.trust.log import signing, standing
from hustings.trust.log.errors import LogFileDamagedError, LogKeyMissingError, NotSequencedYetError
from hustings.trust.log.folder import Folder
from hustings.trust.log.models import LogEntry, LogState
from hustings.trust.log.writing import PURPOSE, Opening

_LOOK_S = 0.05
_PUBLIC = ("id", "index", "kind", "at", "leaf")  # never the columns about a person, unless they are asked for


@dataclass(frozen=True, slots=True)
class LoggedEntry:
    """An entry as anybody may see it. `id` is this database's; `index` is None until it has its place in the log."""

    id: int
    index: int | None
    kind: str
    at: datetime
    leaf: bytes

    @property
    def value(self) -> Mapping[str, Any]:
        """The entry's JSON."""
        return entries.parse(self.leaf).value

    def __str__(self) -> str:
        return self.says("en")

    def says(self, language: str) -> str:
        """The entry as a sentence, in English or Welsh."""
        return entries.say(entries.parse(self.leaf), language)


@dataclass(frozen=True, slots=True)
class Opened:
    """An entry with what its commitments mean, by their names. Empty when the person's key is gone."""

    entry: LoggedEntry
    openings: Mapping[str, Opening]


def entry(entry_id: int) -> LoggedEntry:
    """The entry that `append` answered `entry_id` for. NotFoundError."""
    row = LogEntry.objects.filter(pk=entry_id).values_list(*_PUBLIC).first()
    if row is None:
        raise NotFoundError
    return _logged(row)


def entry_at(index: int) -> LoggedEntry:
    """The entry with a place in the log. NotFoundError."""
    row = LogEntry.objects.filter(index=index).values_list(*_PUBLIC).first()
    if row is None:
        raise NotFoundError
    return _logged(row)


def latest(kind: str) -> LoggedEntry | None:
    """The last entry of a kind, also one that still waits for its place."""
    row = LogEntry.objects.filter(kind=kind).order_by("-id").values_list(*_PUBLIC).first()
    return _logged(row) if row else None


def page(kind: str | None = None, *, before: int | None = None, limit: int = 50) -> list[LoggedEntry]:
    """Published entries, newest first, of one kind or of all; `before` is an index to go on from."""
    upto = published_size()
    rows = LogEntry.objects.filter(index__lt=upto if before is None else min(before, upto))
    rows = rows.filter(kind=kind) if kind else rows
    return [_logged(row) for row in rows.order_by("-index").values_list(*_PUBLIC)[:limit]]


def between(first: int, end: int) -> list[LoggedEntry]:
    """The entries with the places [first, end), in order."""
    rows = LogEntry.objects.filter(index__gte=first, index__lt=end).order_by("index")
    return [_logged(row) for row in rows.values_list(*_PUBLIC)]


def published_size() -> int:
    """How many entries the published checkpoint covers."""
    return LogState.objects.filter(pk=1).values_list("published_size", flat=True).first() or 0


def proof(entry_id: int) -> bytes:
    """A `.tlog-proof` (C2SP) of the entry: its place, the way to the root, and the signed checkpoint.

    It carries the entry itself as its extra data, so that the file alone is enough: `hustings log check-proof`.
    Raises NotFoundError, and NotSequencedYetError until a published checkpoint covers it.
    """
    found = entry(entry_id)
    return _proof(found.index, found.leaf)


def proof_at(index: int) -> bytes:
    """The proof of the entry with that place."""
    return _proof(index, entry_at(index).leaf)


def _proof(index: int | None, leaf: bytes) -> bytes:
    folder = Folder(signing.log_root())
    note = folder.read(standing.CHECKPOINT)
    if index is None or note is None:
        raise NotSequencedYetError
    checkpoint = Checkpoint.parse(parse_note(note).text)
    if index >= checkpoint.size:
        raise NotSequencedYetError
    try:
        hashes = inclusion_proof(index, checkpoint.size, tiles.reader(checkpoint.size, standing.fetch(folder)))
    except FileError as fault:
        raise LogFileDamagedError(f"{fault}.") from fault
    return TlogProof(index, hashes, note, leaf).encode()


def await_sequenced(entry_id: int, timeout_s: float) -> LoggedEntry:
    """Wait until a published checkpoint covers the entry. NotSequencedYetError when it takes longer.

    Only outside a transaction: an entry gets its place after the commit.
    """
    until = time.monotonic() + timeout_s
    while True:
        found = entry(entry_id)
        if found.index is not None and found.index < published_size():
            return found
        if time.monotonic() >= until:
            raise NotSequencedYetError
        time.sleep(_LOOK_S)


def openings(subject: int) -> list[Opened]:
    """What the log says about an account, newest first, with the openings kept for it.

    Left out is what the law still keeps from them (`disclose_after`). Ask for nobody but the person themselves, or
    inside a recorded access.
    """
    now = clock.now()
    rows = LogEntry.objects.filter(subject=subject).order_by("-id").values_list(*_PUBLIC, "sealed", "disclose_after")
    told = [row for row in rows if row[-1] is None or row[-1] <= now]
    return [Opened(_logged(row[:5]), _opened(subject, row[5])) for row in told]


def openings_of(entry_id: int, subject: int) -> Mapping[str, Opening]:
    """The openings of one entry, as kept for `subject`; empty when there are none. Does not ask what may be told."""
    sealed = LogEntry.objects.filter(pk=entry_id, subject=subject).values_list("sealed", flat=True).first()
    return _opened(subject, sealed)


def vkey() -> str:
    """The log's public key, as it is handed to those who verify. LogKeyMissingError before the log has begun."""
    text = Folder(signing.log_root()).read("vkey")
    if text is None:
        raise LogKeyMissingError("The log has not begun: it gets its key with its first entry.")
    return text.decode().strip()


def _opened(subject: int, sealed: bytes | memoryview | None) -> Mapping[str, Opening]:
    if sealed is None:
        return {}
    try:
        plain = open_sealed(subject, PURPOSE, bytes(sealed))
    except KeyErasedError:
        return {}
    return {name: Opening(salt, value) for name, (salt, value) in json.loads(plain).items()}


def _logged(row: tuple[Any, ...]) -> LoggedEntry:
    key, index, kind, at, leaf = row
    return LoggedEntry(key, index, kind, at, bytes(leaf))
