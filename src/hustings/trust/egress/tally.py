"""Counting what goes through the gate: in memory, then in rows of a day; about nobody.

Every process counts for itself and adds to the shared rows: a server when a request ends, a worker in
its sweep, a command at its end. A process that is killed loses what it had not yet added, 15 seconds at most.
"""

import atexit
import threading
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db import IntegrityError, models, transaction
from django.db.models import F

from hustings.lib import clock

EVERY_S = 15.0
KEEP = timedelta(days=400)


@dataclass
class Sums:
    """What was counted and not yet written."""

    traffic: defaultdict[tuple[date, str], list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0, 0]))
    refusals: defaultdict[tuple[date, str, str], int] = field(default_factory=lambda: defaultdict(int))

    def __bool__(self) -> bool:
        return bool(self.traffic or self.refusals)


@dataclass
class _Tally:
    lock: threading.Lock = field(default_factory=threading.Lock)
    sums: Sums = field(default_factory=Sums)
    written: float = 0.0


_tally = _Tally()


def connected(place: str) -> None:
    """A connection to a declared place was opened."""
    _add(place, 1, 0, 0)


def moved(place: str, *, bytes_out: int, bytes_in: int) -> None:
    """A connection ended; so much went over it."""
    _add(place, 0, bytes_out, bytes_in)


def refused(kind: str, caller: str) -> None:
    """Something tried to leave and may not."""
    with _tally.lock:
        _tally.sums.refusals[clock.now().date(), kind, caller[:100]] += 1


def _add(place: str, *amounts: int) -> None:
    with _tally.lock:
        sums = _tally.sums.traffic[clock.now().date(), place]
        for index, amount in enumerate(amounts):
            sums[index] += amount


def flush() -> None:
    """Add what was counted to the rows. What cannot be written now is kept for the next time."""
    with _tally.lock:
        sums, _tally.sums = _tally.sums, Sums()
        _tally.written = time.monotonic()
    if not sums:
        return
    try:
        _write(sums)
    except BaseException:
        with _tally.lock:
            for key, amounts in sums.traffic.items():
                kept = _tally.sums.traffic[key]
                _tally.sums.traffic[key] = [a + b for a, b in zip(kept, amounts, strict=True)]
            for refusal, count in sums.refusals.items():
                _tally.sums.refusals[refusal] += count
        raise


def flush_now_and_then(**_: Any) -> None:
    """After a request: costs a comparison when there is nothing to write, or it was written just now."""
    if _tally.sums and time.monotonic() - _tally.written > EVERY_S:
        # The visitor's answer is on its way; a database that is busy is no matter of theirs.
        with suppress(Exception):
            flush()


def forget_old() -> None:
    """Counts older than thirteen months tell nobody anything."""
    from hustings.trust.egress.models import EgressRefusal, EgressTraffic

    before = clock.now().date() - KEEP
    EgressTraffic.objects.filter(day__lt=before).delete()
    EgressRefusal.objects.filter(day__lt=before).delete()


def _write(sums: Sums) -> None:
    from hustings.trust.egress.models import EgressRefusal, EgressTraffic

    with transaction.atomic():
        for (day, place), (connections, bytes_out, bytes_in) in sums.traffic.items():
            amounts = {"connections": connections, "bytes_out": bytes_out, "bytes_in": bytes_in}
            _increase(EgressTraffic, {"day": day, "place": place}, amounts)
        for (day, kind, caller), count in sums.refusals.items():
            _increase(EgressRefusal, {"day": day, "kind": kind, "caller": caller}, {"count": count})


def _increase(model: type[models.Model], key: dict[str, Any], amounts: dict[str, int]) -> None:
    rows = model._default_manager.filter(**key)  # noqa: SLF001 - Django's own name for it
    changes = {name: F(name) + amount for name, amount in amounts.items()}
    if rows.update(**changes):
        return
    try:
        with transaction.atomic():
            model._default_manager.create(**key, **amounts)  # noqa: SLF001 - as above
    except IntegrityError:  # another process began the day first
        rows.update(**changes)


def at_the_end() -> None:
    """Registered once per process: what a short command counted is not lost."""
    atexit.register(_last_words)


def _last_words() -> None:
    if _tally.sums:
        with suppress(Exception):
            flush()
