"""Counting for everybody: additions gather in memory and reach the database about once a second.

One statement for many clips instead of one for each event. What a crash can lose is a second of
these nameless counts (more under a flood of events for ever new clips, when they queue); a
signed-in viewer's own state and events are written before they are confirmed (see recording.py).
Additions are made by the database, so processes never overwrite each other.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from itertools import islice
from threading import Lock
from time import monotonic

from django.db import DatabaseError, connection, transaction

from hustings.community import api as community
from hustings.feed.models import ClipStats
from hustings.feed.turns import turn
from hustings.feed.weights import current as weights
from hustings.lib import clock
from hustings.lib.errors import NotFoundError

log = logging.getLogger(__name__)

_CHUNK = 200  # clips in one transaction: others wait for a few milliseconds, not for all


@dataclass(slots=True)
class Addition:
    """What is added to one clip. `popularity` goes into `day` and `week`, `views` to the community."""

    impressions: int = 0
    skips: int = 0
    completions: int = 0
    watched_s: float = 0.0
    watched_share: float = 0.0
    refusals: int = 0
    popularity: float = 0.0
    views: int = 0

    def add(self, other: "Addition") -> None:
        for name in _NAMES:
            setattr(self, name, getattr(self, name) + getattr(other, name))


_NAMES = tuple(field.name for field in fields(Addition))

_lock = Lock()
_waiting: dict[int, Addition] = {}


def of(additions: dict[int, Addition], video_id: int) -> Addition:
    """The clip's addition in a batch, made when it is its first."""
    found = additions.get(video_id)
    if found is None:
        found = additions[video_id] = Addition()
    return found


def add(additions: dict[int, Addition]) -> None:
    """Take over a batch; it is written by the next `flush`."""
    with _lock:
        for video_id, addition in additions.items():
            if video_id in _waiting:
                _waiting[video_id].add(addition)
            else:
                _waiting[video_id] = addition


def waiting() -> int:
    """How many clips have something to be written."""
    return len(_waiting)


def flush(rest: Callable[[float], object] | None = None) -> int:
    """Write what is waiting now, the longest waiting first; answers for how many clips.

    What cannot be written waits for the next time. `rest` is called between two transactions with the
    seconds that the last one took: on SQLite one writer at a time has the whole database, and
    viewers come first.
    """
    written, left = 0, len(_waiting)
    while written < left:
        with _lock:
            keys = list(islice(_waiting, min(_CHUNK, left - written)))
            # In one order everywhere, so that two processes that write the same rows never wait in a ring.
            chunk = [(key, _waiting.pop(key)) for key in sorted(keys)]
        began = monotonic()
        try:
            _write(chunk)
        except (DatabaseError, NotFoundError):
            # NotFoundError: a clip vanished in this very moment; the next try leaves it out.
            log.warning("counts of %d clips could not be written and wait", len(chunk), exc_info=True)
            add(dict(chunk))
            break
        written += len(chunk)
        if rest is not None and written < left:
            rest(monotonic() - began)
    return written


def forget() -> None:
    """Drop what is waiting."""
    with _lock:
        _waiting.clear()


def _write(chunk: list[tuple[int, Addition]]) -> None:
    with turn(), transaction.atomic():
        _upsert(chunk)
        if views := {video_id: one.views for video_id, one in chunk if one.views}:
            community.add_views(views)


def _upsert(chunk: Iterable[tuple[int, Addition]]) -> None:
    now = clock.now().timestamp()
    rows = [
        (video_id, one.impressions, one.skips, one.completions, one.watched_s, one.watched_share,
         one.refusals, one.popularity, one.popularity, now)
        for video_id, one in chunk
    ]  # fmt: skip
    quality = weights().quality
    table = ClipStats._meta.db_table  # noqa: SLF001 - Django's own documented way to a table's name
    sums = ", ".join(
        f"{name} = {table}.{name} + excluded.{name}"
        for name in ("impressions", "skips", "completions", "watched_s", "watched_share", "refusals")
    )
    # A clock that went back must not make popularity grow: the exponent is never positive.
    fades = ", ".join(
        f"{name} = {table}.{name} * POWER(0.5, "
        f"(CASE WHEN excluded.touched_at > {table}.touched_at "
        f"THEN excluded.touched_at - {table}.touched_at ELSE 0 END) / {hours * 3600.0}) + excluded.{name}"
        for name, hours in (("day", quality.day_half_life_h), ("week", quality.week_half_life_h))
    )
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {table} (video_id, impressions, skips, completions, watched_s, watched_share,"  # noqa: S608 - no input in it
            " refusals, day, week, touched_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
            f" ON CONFLICT (video_id) DO UPDATE SET {sums}, {fades}, touched_at = excluded.touched_at",
            rows,
        )
