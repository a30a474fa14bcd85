"""A person's key: made with the first thing that is sealed, kept in memory for a moment, erased for good.

Unwrapped keys are used for at most ten minutes, `MOST` of them, and dropped when others come; whether a key still
stands is looked up again every `FRESH_S` seconds. So an erasure holds at once in the process that erased
and after five seconds at the latest in all others; where a query brings the wrapped key along
(`wrapped_sql`), at once everywhere. What another process seals in those seconds nobody can open.
"""

import logging
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from threading import Lock
from time import monotonic

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from hustings.lib import clock
from hustings.trust import scopes
from hustings.trust.keys import cellkeys, envelope
from hustings.trust.keys.errors import CellKeyError, KeyErasedError, SealBrokenError
from hustings.trust.keys.models import CellKey, PersonKey

log = logging.getLogger(__name__)

FRESH_S = 5.0
KEPT_S = 600.0
MOST = 20_000  # unwrapped keys in memory; about 10 MB
PEOPLE_BELOW = 1 << 62  # other rooms number keys of things from here on; 0 is the cell itself
_AT_ONCE = 500  # rows of one query


@dataclass(slots=True)
class _Held:
    """A key in memory. `wrapped` is what it was unwrapped from: another value in the row is another key."""

    wrapped: bytes
    cipher: AESGCM
    held_since: float
    stood_at: float  # when the row was last seen, committed; -inf: never yet


_held: OrderedDict[int, _Held] = OrderedDict()
_lock = Lock()
_pinned: ContextVar[dict[int, AESGCM] | None] = ContextVar("hustings.trust.keys.pinned", default=None)


# --- What others call --------------------------------------------------------------------------------


class Key:
    """A person's key in the hands of one piece of work: for a request, not to be kept."""

    __slots__ = ("_cipher", "subject")

    def __init__(self, subject: int, cipher: AESGCM) -> None:
        self.subject, self._cipher = subject, cipher

    def seal(self, purpose: str, data: bytes) -> bytes:
        """`data`, bound to the cell, the person and `purpose`, such as `feed.ViewerState.taste`."""
        return envelope.close(self._cipher, data, envelope.sealed_in(settings.CELL, purpose, self.subject))

    def open(self, purpose: str, sealed: bytes) -> bytes:
        """What was sealed. SealBrokenError when it was changed or belongs elsewhere."""
        try:
            return envelope.open_(self._cipher, sealed, envelope.sealed_in(settings.CELL, purpose, self.subject))
        except envelope.BrokenError:
            raise SealBrokenError from None


def seal(subject: int, purpose: str, data: bytes) -> bytes:
    """`data` under the person's key, made when there is none yet.

    KeyErasedError when the person's key was erased: nothing is kept about them any more.
    """
    return Key(subject, _cipher(subject, make=True)).seal(purpose, data)


def open_sealed(subject: int, purpose: str, sealed: bytes) -> bytes:
    """What was sealed. KeyErasedError; SealBrokenError when it was changed or belongs elsewhere."""
    return Key(subject, _cipher(subject, make=False)).open(purpose, sealed)


def key_of(subject: int, wrapped: bytes | memoryview | None = None, kek_id: str | None = None) -> Key:
    """The person's key, made when there is none yet. KeyErasedError.

    A query that brought the wrapped key along (`wrapped_sql`) hands it over, and no other query is made.
    """
    if wrapped is None:
        return Key(subject, _cipher(subject, make=True))
    return Key(subject, _unwrapped(subject, bytes(wrapped), kek_id, stands=True))


def wrapped_sql(column: str) -> str:
    """Two SQL expressions, `wrapped` and `kek_id` of the person in `column`, for a query that opens what it reads."""
    return ", ".join(
        f"(SELECT {name} FROM {_TABLE} WHERE subject = {column})"  # noqa: S608 - no input in it
        for name in ("wrapped", "kek_id")
    )


def erase_key(subject: int, reason: str = "closure") -> bool:
    """Erase the person's key for good; whether there was one. Safe to call twice.

    `reason` is a word of the log's schema: closure, request or retention.

    In the caller's transaction, with its entry in the public log: both happen or neither does.
    """
    if subject <= 0:
        raise ValueError("the cell's own key is not erased")
    forget_held(subject)
    with scopes.service(), transaction.atomic():
        row = PersonKey.objects.select_for_update().filter(pk=subject).first()
        if row is None:
            tombstone = PersonKey(subject=subject, erased_at=clock.now())
            PersonKey.objects.bulk_create([tombstone], ignore_conflicts=True)
            # Somebody made a key in between: it goes the usual way.
            row = PersonKey.objects.select_for_update().get(pk=subject)
        if row.erased_at is not None:
            return False
        from hustings.trust import log

        log.append("key_erased", {"reason": reason, "people": "1", "mark": row.mark})
        row.wrapped, row.kek_id, row.mark, row.erased_at, row.traces = b"", "", "", clock.now(), True
        row.save(update_fields=["wrapped", "kek_id", "mark", "erased_at", "traces"])
        # Once more after the commit: a reader beside us may have taken the old row into memory.
        transaction.on_commit(partial(forget_held, subject))
        transaction.on_commit(empty_traces)
    return True


def is_erased(subject: int) -> bool:
    """Whether the person's key was erased."""
    with scopes.service():
        return PersonKey.objects.filter(pk=subject, erased_at__isnull=False).exists()


@contextmanager
def holding(subjects: Iterable[int]) -> Iterator[None]:
    """Inside the block the keys of `subjects` are there, made where they were missing, with a few queries for all.

    For bulk work; hold it for seconds. People whose key was erased are left out: sealing for them raises
    as ever.
    """
    token = _pinned.set({**(_pinned.get() or {}), **_gathered(sorted(set(subjects)))})
    try:
        yield
    finally:
        _pinned.reset(token)


def forget_held(subject: int | None = None) -> None:
    """Drop a person's key from memory, or everybody's."""
    with _lock:
        if subject is None:
            _held.clear()
        else:
            _held.pop(subject, None)


def empty_traces() -> None:
    """Remove erased keys from where the database keeps old versions of its rows. Part of the sweep, too.

    SQLite: rows are overwritten where they lie (`secure_delete`), and its log is emptied here, as soon as
    no reader needs it. PostgreSQL: dead rows are vacuumed; its log and its replicas keep them for as long
    as they are configured to. `hustings keys rotate` makes every such copy worthless.
    """
    if connection.in_atomic_block:
        return
    with scopes.service():
        waiting = list(PersonKey.objects.filter(traces=True).values_list("pk", flat=True))
        if not waiting:
            return
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("PRAGMA busy_timeout")
                patience = cursor.fetchone()[0]
                # A reader may hold on to the log for long; the next sweep tries again.
                cursor.execute("PRAGMA busy_timeout = 500")
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                busy = cursor.fetchone()[0]
                cursor.execute(f"PRAGMA busy_timeout = {int(patience)}")
                if busy:
                    return
            else:
                cursor.execute(f"VACUUM {_TABLE}")
        PersonKey.objects.filter(pk__in=waiting).update(traces=False)


# --- Keys in memory ----------------------------------------------------------------------------------


def _cipher(subject: int, *, make: bool) -> AESGCM:
    pinned = _pinned.get()
    if pinned is not None and subject in pinned:
        return pinned[subject]
    held = _held.get(subject)
    if held is not None and monotonic() - held.stood_at < FRESH_S:
        return held.cipher
    row = _row(subject)
    if row is None and make:
        with scopes.service(), transaction.atomic():
            _make([subject])
        row = _row(subject)
    if row is None:
        raise SealBrokenError("There is no key for sealed data: it was restored without its keys, or moved.")
    return _unwrapped(subject, *row, stands=True)


def _unwrapped(subject: int, wrapped: bytes, kek_id: str | None, *, stands: bool = False) -> AESGCM:
    """The key of a row. `stands`: the row was read just now, for itself."""
    if not wrapped:
        raise KeyErasedError
    held = _held.get(subject)
    if held is None or held.wrapped != wrapped or monotonic() - held.held_since > KEPT_S:
        held = _Held(
            wrapped, AESGCM(unwrapped({subject: (wrapped, kek_id or "")})[subject]), monotonic(), float("-inf")
        )
        with _lock:
            _held.pop(subject, None)
            _held[subject] = held
            # The oldest stand first: those whose time is over go, asked for or not.
            while len(_held) > MOST or held.held_since - next(iter(_held.values())).held_since > KEPT_S:
                _held.popitem(last=False)
    if stands:
        _stood(subject, held)
    return held.cipher


def _stood(subject: int, held: _Held) -> None:
    """A row was seen; what a transaction sees may yet be rolled back, so it counts with the commit."""
    if not connection.in_atomic_block:
        held.stood_at = monotonic()
        return

    def committed() -> None:
        # What was erased meanwhile is not here any more and does not come back.
        if _held.get(subject) is held:
            held.stood_at = monotonic()

    transaction.on_commit(committed)


# --- Rows --------------------------------------------------------------------------------------------

_TABLE = PersonKey._meta.db_table  # noqa: SLF001 - Django's own documented way to a table's name
_CELL_TABLE = CellKey._meta.db_table  # noqa: SLF001 - likewise


def _row(subject: int) -> tuple[bytes, str] | None:
    """By hand: this may stand before every read of something sealed."""
    with scopes.service(), connection.cursor() as cursor:
        cursor.execute(f"SELECT wrapped, kek_id FROM {_TABLE} WHERE subject = %s", [subject])  # noqa: S608 - no input
        row = cursor.fetchone()
    return None if row is None else (bytes(row[0]), row[1])


def _rows(subjects: list[int]) -> dict[int, tuple[bytes, str]]:
    found: dict[int, tuple[bytes, str]] = {}
    for start in range(0, len(subjects), _AT_ONCE):
        rows = PersonKey.objects.filter(pk__in=subjects[start : start + _AT_ONCE]).values_list(
            "pk", "wrapped", "kek_id"
        )
        found |= {subject: (bytes(wrapped), kek_id) for subject, wrapped, kek_id in rows}
    return found


def _gathered(wanted: list[int]) -> dict[int, AESGCM]:
    return {subject: AESGCM(key) for subject, key in raw_keys(wanted).items()}


def raw_keys(wanted: list[int]) -> dict[int, bytes]:
    """The keys themselves, made where they were missing; without those that were erased. For backups."""
    with scopes.service(), transaction.atomic():
        found = _rows(wanted)
        missing = [subject for subject in wanted if subject not in found]
        for start in range(0, len(missing), _AT_ONCE):
            _make(missing[start : start + _AT_ONCE])
        found |= _rows(missing)
    return unwrapped({subject: row for subject, row in found.items() if row[0]})


def unwrapped(rows: dict[int, tuple[bytes, str]]) -> dict[int, bytes]:
    """The keys themselves, by person, of rows' (wrapped, kek_id). For those who wrap them again."""
    keys: dict[int, bytes] = {}
    by_kek: dict[str, list[tuple[int, bytes]]] = {}
    for subject, (wrapped, kek_id) in rows.items():
        by_kek.setdefault(kek_id, []).append((subject, wrapped))
    for kek_id, wrapped_keys in by_kek.items():
        try:
            opened = cellkeys.driver().unwrap(kek_id, wrapped_keys)
        except envelope.BrokenError:
            raise SealBrokenError(
                "A person's key does not open with the cell's key it names.",
                hint="The database and the cell key do not belong together; see docs/operate/keys.md.",
            ) from None
        keys |= dict(zip([subject for subject, _ in wrapped_keys], opened, strict=True))
    return keys


def _make(subjects: list[int]) -> None:
    """Keys for people who have none, in the caller's transaction. Somebody else's, made meanwhile, stays."""
    current = _hold_current()
    fresh = [(subject, AESGCM.generate_key(256)) for subject in subjects]
    kek_id, wrapped = cellkeys.driver().wrap(fresh)
    # Another key than the table's is the new one of a rotation that is just beginning, beside the one before;
    # alone it is the key of another database.
    if kek_id != current and current not in cellkeys.driver().ids():
        raise _another([current])
    now = clock.now()
    PersonKey.objects.bulk_create(
        [
            PersonKey(subject=subject, wrapped=one, kek_id=kek_id, mark=envelope.mark(key), made_at=now)
            for (subject, key), one in zip(fresh, wrapped, strict=True)
        ],
        ignore_conflicts=True,
    )


def _hold_current() -> str:
    """Share the current cell key's row until the commit; its name. Made when this is the first use of all."""
    lock = "FOR SHARE" if connection.features.has_select_for_update else ""
    for _ in range(2):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT id FROM {_CELL_TABLE} WHERE state = 'current' {lock}")  # noqa: S608 - no input
            row = cursor.fetchone()
        if row is not None:
            return str(row[0])
        prepare_keys()
    raise CellKeyError("The cell has no current key.", hint="Run `hustings keys rotate`: a rotation was not finished.")


def prepare_keys() -> None:
    """The cell's first key, where nothing is wrapped yet; else see that the right one is there. CellKeyError."""
    with scopes.service():
        keeper = cellkeys.driver()
        known = dict(CellKey.objects.exclude(state=CellKey.State.DESTROYED).values_list("pk", "state"))
        there = keeper.ids()
        if not there and not known:
            keeper.make()
            there = keeper.ids()
        if not known:
            CellKey.objects.bulk_create([CellKey(id=there[-1])], ignore_conflicts=True)
            return
        wrapped = PersonKey.objects.filter(erased_at=None).count()
        if not there:
            raise CellKeyError(
                f"The cell's key is missing, and the keys of {wrapped} people are wrapped with it.",
                hint="Put it back from the backup of the keys (docs/operate/keys.md). None is made in its place.",
            )
        lost = sorted(set(known) - set(there))
        if lost and PersonKey.objects.filter(kek_id__in=lost).exists():
            raise _another(lost)


def hold_to_keys() -> None:
    """Refuse to start without the cell's key. For `serve` and `worker`; a database without tables is said elsewhere."""
    try:
        prepare_keys()
    except DatabaseError:
        log.warning("the cell's key was not looked at: the database does not answer, or `hustings migrate` never ran")


def _another(lost: list[str]) -> CellKeyError:
    return CellKeyError(
        f"The cell's key is another one: people's keys are wrapped with {', '.join(lost)}, which is not there.",
        hint="Put back the key that belongs to this database; the newest is in the last backup of the keys.",
    )
