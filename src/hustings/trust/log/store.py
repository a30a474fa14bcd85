"""The log's rows, and who may change them.

Only the holder of the lease assigns places, and each of its writes names its fence: a sequencer that was asleep while
another took over changes nothing any more. On PostgreSQL the row stays locked while a checkpoint is published, so that
nobody can take over between the look and the deed; on SQLite there is one machine, and the lock on the folder does it.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.db import connection, transaction
from django.db.models import F, QuerySet

from hustings.lib import clock
from hustings.lib.errors import HustingsError
from hustings.lib.merkle import EMPTY_ROOT
from hustings.trust.log.errors import LogTakenError
from hustings.trust.log.models import LogCount, LogEntry, LogState

LEASE = timedelta(seconds=30)
AT_ONCE = 4_096  # leaves of one query: some megabytes
# Writers are many, and an entry's time is taken before its transaction ends: so much disorder is no fault of a clock.
DISORDER = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row of the outbox."""

    id: int
    kind: str
    at: datetime
    leaf: bytes


def state() -> LogState:
    """The one row, made when it is missing."""
    found = LogState.objects.filter(pk=1).first()
    return found or LogState.objects.get_or_create(pk=1, defaults={"root": EMPTY_ROOT})[0]


def flush_commits() -> None:
    """Whatever was committed so far outlives a power cut from here on.

    Requests are content with less on SQLite (`synchronous=NORMAL`: a power cut may take the last moments); what is
    signed must not be taken back. One flush of SQLite's journal carries every commit in it, ours and others', and
    unlike `synchronous=FULL` it keeps no writer waiting. A journal that was emptied meanwhile was flushed before.
    """
    if connection.vendor != "sqlite":
        return
    journal = Path(f"{connection.settings_dict['NAME']}-wal")
    try:
        handle = os.open(journal, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def take_lease(holder: str) -> int:
    """Become the one sequencer; the number that every later write must show. Raises LogTakenError."""
    state()
    now = clock.now()
    with transaction.atomic():
        row = LogState.objects.select_for_update().get(pk=1)
        if row.holder != holder and row.lease_until is not None and row.lease_until > now:
            raise LogTakenError(f"Another sequencer holds the log until {row.lease_until:%H:%M:%S} UTC.")
        fence = row.fence + 1
        LogState.objects.filter(pk=1).update(holder=holder, lease_until=now + LEASE, fence=fence)
    return fence


def keep_lease(fence: int) -> None:
    """Go on for as long again. Raises LogTakenError when somebody else took over."""
    if not _mine(fence).update(lease_until=clock.now() + LEASE):
        _lost()


def give_up_lease(fence: int) -> None:
    """Let the next one begin at once."""
    _mine(fence).update(lease_until=None)


def waiting(limit: int) -> list[Waiting]:
    """The oldest rows without a place, by their time. Only the sequencer changes that: they stay so until it does."""
    rows = LogEntry.objects.filter(index__isnull=True).order_by("id").values_list("id", "kind", "at", "leaf")
    found = [Waiting(key, kind, at, bytes(leaf)) for key, kind, at, leaf in rows[:limit]]
    # Of two transactions at once the one with the smaller number may have read the clock later.
    return sorted(found, key=lambda row: (row.at, row.id))


def somebody_waits() -> bool:
    return LogEntry.objects.filter(index__isnull=True).exists()


def tidied(fence: int, tiles: int) -> None:
    """Remember up to which full tile the incomplete forms are gone."""
    _mine(fence).update(tidied_tiles=tiles)


def assign(rows: Sequence[Waiting], *, fence: int, before: int, root: bytes) -> None:
    """Give `rows` the places from `before` on, all or none; `root` is the tree's with them. The log's one commit."""
    latest, back = _times(rows, before)
    with transaction.atomic():
        changed = _mine(fence).filter(size=before)
        values = {"size": before + len(rows), "root": root, "latest_at": latest, "lease_until": clock.now() + LEASE}
        if not changed.update(**values, **back):
            _lost()
        with connection.cursor() as cursor:
            cursor.executemany(
                'UPDATE trust_logentry SET "index" = %s WHERE id = %s AND "index" IS NULL',
                [(before + number, row.id) for number, row in enumerate(rows)],
            )
            if cursor.rowcount != len(rows):
                raise LogTakenError("Some of these entries have a place already.")
        _count(row.kind for row in rows)


def _times(rows: Sequence[Waiting], before: int) -> tuple[datetime, dict[str, int]]:
    """The latest time so far, and the last step back that is more than disorder."""
    latest, back = state().latest_at, {}
    for number, row in enumerate(rows):
        if latest is not None and row.at < latest - DISORDER:
            back = {"clock_back_index": before + number, "clock_back_s": int((latest - row.at).total_seconds())}
        latest = row.at if latest is None else max(latest, row.at)
    assert latest is not None, "a batch has rows"
    return latest, back


def _count(kinds: Iterator[str]) -> None:
    counts: dict[str, int] = {}
    for kind in kinds:
        counts[kind] = counts.get(kind, 0) + 1
    for kind, more in sorted(counts.items()):
        if not LogCount.objects.filter(pk=kind).update(entries=F("entries") + more):
            LogCount.objects.create(kind=kind, entries=more)


def put_back(first: int, found: Sequence[Waiting], root: bytes, fence: int) -> None:
    """Enter rows that the database has lost: `found` have the places from `first` on, all or none.

    A row that still waits with the same leaf is the same entry, and keeps its openings.
    """
    latest = max((row.at for row in found), default=state().latest_at)
    before = state().latest_at
    with transaction.atomic():
        waits: dict[bytes, list[int]] = {}
        for row in waiting(1_000_000):
            waits.setdefault(row.leaf, []).append(row.id)
        missing = []
        for place, row in enumerate(found, first):
            if same := waits.get(row.leaf):
                LogEntry.objects.filter(pk=same.pop(0)).update(index=place)
            else:
                missing.append(LogEntry(kind=row.kind, at=row.at, leaf=row.leaf, index=place))
        LogEntry.objects.bulk_create(missing, batch_size=500)
        values = {
            "size": first + len(found),
            "root": root,
            "latest_at": max(filter(None, (latest, before)), default=None),
        }
        if not _mine(fence).filter(size=first).update(**values):
            _lost()
        _count(row.kind for row in found)


def leaves(first: int, end: int) -> Iterator[list[bytes]]:
    """The leaves [first, end) in order, in portions. Raises LookupError when one is missing."""
    while first < end:
        upto = min(end, first + AT_ONCE)
        rows = LogEntry.objects.filter(index__gte=first, index__lt=upto).order_by("index")
        found = [bytes(leaf) for leaf in rows.values_list("leaf", flat=True)]
        if len(found) != upto - first:
            raise LookupError(f"of the entries {first} to {upto - 1}, {upto - first - len(found)} are missing")
        yield found
        first = upto


@contextmanager
def publishing(fence: int) -> Iterator[None]:
    """Inside, nobody can take over. Raises LogTakenError when somebody has."""
    if connection.features.has_select_for_update:
        with transaction.atomic():
            if not _mine(fence).select_for_update().exists():
                _lost()
            yield
    else:
        if not _mine(fence).exists():
            _lost()
        yield


def record_published(fence: int, size: int, note: str) -> None:
    """Remember what anybody may have seen; called when the file is in its place."""
    _mine(fence).update(published_size=size, checkpoint=note, published_at=clock.now(), **_NO_FAULT)


_NO_FAULT = {"fault": "", "fault_message": ""}


def record_fault(fault: HustingsError) -> None:
    """Tell those who look from other processes why nothing is published."""
    LogState.objects.filter(pk=1).exclude(fault=fault.code, fault_message=fault.message).update(
        fault=fault.code, fault_message=fault.message
    )


def record_well() -> None:
    LogState.objects.filter(pk=1).exclude(fault="").update(**_NO_FAULT)


def _mine(fence: int) -> QuerySet[LogState]:
    return LogState.objects.filter(pk=1, fence=fence)


def _lost() -> None:
    raise LogTakenError("Another sequencer took over.")
