"""A signed-in viewer's row: read with one query, changed under a lock, made when first needed."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from hustings.community import api as community
from hustings.feed import viewer
from hustings.feed.models import ViewerState
from hustings.feed.query import Relations
from hustings.feed.turns import turn
from hustings.feed.viewer import Memory
from hustings.lib import clock
from hustings.lib.errors import BusyError
from hustings.trust.api import Key, key_of, wrapped_sql

# The community announces what changes; should an announcement have been lost with its process, the
# copy is wrong no longer than this.
RELATIONS_LAST = timedelta(hours=1)
_TRIES = 20  # one viewer has few hands


@dataclass(slots=True)
class State:
    """A viewer as a page needs them. `plain`: they object to being profiled, and `memory` is that of nobody."""

    memory: Memory
    relations: Relations
    plain: bool = False


_TABLE = ViewerState._meta.db_table  # noqa: SLF001 - Django's own documented way to a table's name
# By hand: every page asks one of these, and building the query would cost three times its answer. The
# viewer's wrapped key comes along, so that opening asks nothing more and an erased key opens nothing.
_KEY = wrapped_sql("account_id")
_READ = f"SELECT taste, seen, relations, plain, {_KEY} FROM {_TABLE} WHERE account_id = %s"  # noqa: S608 - no input in it
_TO_CHANGE = f"SELECT taste, seen, version, relations_at, plain, {_KEY} FROM {_TABLE} WHERE account_id = %s"  # noqa: S608 - likewise


def read(account_id: int) -> State:
    """One query; three more the first time ever."""
    taste, seen, relations, plain, *wrapped = _row(_READ, account_id)
    key = key_of(account_id, *wrapped)
    if plain:
        return State(Memory(), _relations(ViewerState.relations.field.open(key, relations)), plain=True)
    memory = viewer.unpack(ViewerState.taste.field.open(key, taste), ViewerState.seen.field.open(key, seen))
    return State(memory, _relations(ViewerState.relations.field.open(key, relations)))


def change(account_id: int, how: Callable[[Memory], None], also: Callable[[Key], None] | None = None) -> bool:
    """Let `how` move the viewer's memory on; `also` writes what must be there if and only if that is.

    False, and nothing is called or written, for a viewer who objects to being profiled.

    Nothing is locked while `how` thinks: the row is written only if it is still the one that was
    read, else everything begins again with the new one. So `how` may be called more than once.
    `also` gets the viewer's key, to seal what it writes.
    """
    for _ in range(_TRIES):
        taste, seen, version, relations_at, plain, *wrapped = _row(_TO_CHANGE, account_id)
        if plain:
            return False
        key = key_of(account_id, *wrapped)
        memory = viewer.unpack(ViewerState.taste.field.open(key, taste), ViewerState.seen.field.open(key, seen))
        how(memory)
        taste, seen = viewer.pack(memory)
        now = clock.now()
        if not now - RELATIONS_LAST < _instant(relations_at) <= now:
            copy_relations(account_id)
        with turn(), transaction.atomic():
            if ViewerState.objects.filter(pk=account_id, version=version).update(
                taste=ViewerState.taste.field.seal(key, taste),
                seen=ViewerState.seen.field.seal(key, seen),
                version=version + 1,
                updated_at=now,
            ):
                if also is not None:
                    also(key)
                return True
    raise BusyError


def set_plain(account_id: int, *, plain: bool) -> None:
    """Whether the viewer objects to being profiled. Who is just writing what they learnt begins again, and sees it."""
    own = ViewerState.objects.filter(pk=account_id)
    if plain and not own.exists():
        _make(account_id)
    own.exclude(plain=plain).update(plain=plain, version=F("version") + 1)


def copy_relations(account_id: int) -> None:
    """Take over the viewer's relations as they are now; nothing to do for somebody without a row."""
    with transaction.atomic():
        row = ViewerState.objects.select_for_update().filter(pk=account_id).first()
        if row is not None:
            _copy(row)
            row.save(update_fields=["relations", "relations_at"])


def known(account_ids: Iterable[int]) -> list[int]:
    """Those of the accounts that have a row."""
    return list(ViewerState.objects.filter(pk__in=list(account_ids)).values_list("pk", flat=True))


def copy_everybodys_relations() -> None:
    """After a restore that left somebody out: no copy names them any more."""
    for account_id in list(ViewerState.objects.order_by("pk").values_list("pk", flat=True)):
        copy_relations(account_id)


def forget(account_id: int) -> None:
    """Begin anew: taste and history go, what was decided about other accounts stays."""
    ViewerState.objects.filter(pk=account_id).update(
        taste=b"", seen=b"", version=F("version") + 1, updated_at=clock.now()
    )


def _row(query: str, account_id: int) -> tuple[Any, ...]:
    for _ in range(2):
        with connection.cursor() as cursor:
            cursor.execute(query, [account_id])
            row = cursor.fetchone()
        if row is not None:
            return tuple(row)
        _make(account_id)
    raise BusyError  # made and gone again: the account is being closed


def _instant(value: datetime) -> datetime:
    """A moment as the database's driver gives it: SQLite's is UTC without saying so."""
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _make(account_id: int) -> None:
    row = ViewerState(account_id=account_id)
    _copy(row)
    # Two first requests at once make one row.
    ViewerState.objects.bulk_create([row], ignore_conflicts=True)


def _copy(row: ViewerState) -> None:
    now = community.relations(row.account_id)
    row.relations_at = clock.now()
    row.relations = {
        "following": sorted(now.following),
        "blocked": sorted(now.blocked),
        "muted": sorted(now.muted),
        "words": list(now.words),
    }


def _relations(copied: dict[str, list[Any]]) -> Relations:
    return Relations(
        following=tuple(copied.get("following", ())),
        blocked=tuple(copied.get("blocked", ())),
        muted=tuple(copied.get("muted", ())),
        words=tuple(copied.get("words", ())),
    )
