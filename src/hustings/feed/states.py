"""A signed-in viewer's row: read with one query, changed under a lock, made when first needed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
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

# The community announces what changes; should an announcement have been lost with its process, the
# copy is wrong no longer than this.
RELATIONS_LAST = timedelta(hours=1)
_TRIES = 20  # one viewer has few hands


@dataclass(slots=True)
class State:
    """A viewer as a page needs them."""

    memory: Memory
    relations: Relations


def read(account_id: int) -> State:
    """One query; three more the first time ever."""
    # By hand: every page asks this, and building the query would cost three times its answer.
    table = ViewerState._meta.db_table  # noqa: SLF001 - Django's own documented way to a table's name
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT taste, seen, relations FROM {table} WHERE account_id = %s",  # noqa: S608 - no input in it
            [account_id],
        )
        row = cursor.fetchone()
    if row is None:
        _make(account_id)
        return read(account_id)
    taste, seen, relations = row
    copied = relations if isinstance(relations, dict) else orjson.loads(relations)
    return State(viewer.unpack(bytes(taste), bytes(seen)), _relations(copied))


def change(account_id: int, how: Callable[[Memory], None], also: Callable[[], None] | None = None) -> None:
    """Let `how` move the viewer's memory on; `also` writes what must be there if and only if that is.

    Nothing is locked while `how` thinks: the row is written only if it is still the one that was
    read, else everything begins again with the new one. So `how` may be called more than once.
    """
    for _ in range(_TRIES):
        row = _row(account_id)
        memory = viewer.unpack(bytes(row.taste), bytes(row.seen))
        how(memory)
        taste, seen = viewer.pack(memory)
        now = clock.now()
        if not now - RELATIONS_LAST < row.relations_at <= now:
            copy_relations(account_id)
        with turn(), transaction.atomic():
            if ViewerState.objects.filter(pk=account_id, version=row.version).update(
                taste=taste, seen=seen, version=row.version + 1, updated_at=now
            ):
                if also is not None:
                    also()
                return
    raise BusyError


def copy_relations(account_id: int) -> None:
    """Take over the viewer's relations as they are now; nothing to do for somebody without a row."""
    with transaction.atomic():
        row = ViewerState.objects.select_for_update().filter(pk=account_id).first()
        if row is not None:
            _copy(row)
            row.save(update_fields=["relations", "relations_at"])


def forget(account_id: int) -> None:
    """Begin anew: taste and history go, what was decided about other accounts stays."""
    ViewerState.objects.filter(pk=account_id).update(
        taste=b"", seen=b"", version=F("version") + 1, updated_at=clock.now()
    )


def _row(account_id: int) -> ViewerState:
    row = ViewerState.objects.defer("relations").filter(pk=account_id).first()
    if row is None:
        _make(account_id)
        row = ViewerState.objects.defer("relations").get(pk=account_id)
    return row


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
