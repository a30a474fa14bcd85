"""Who works on a closure: a lease on its row that every chunk renews, and a rest after a failure.

Two workers at once: one takes the row, the other finds nothing to take. A worker that dies says nothing; its
lease runs out and the sweep wakes the next. One that was only slow finds its key gone, and its chunk is rolled back.
"""

import logging
import traceback
from datetime import datetime, timedelta
from pathlib import Path

from django.db import DatabaseError, transaction
from django.db.models import F, Q

from hustings.lib import clock, ids
from hustings.lib.errors import HustingsError
from hustings.trust.closure import rules
from hustings.trust.closure.models import Closure

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
ASK_AGAIN = timedelta(seconds=60)
# A lease or a rest that ends further ahead than any can was written before the clock went back: it binds nobody.
_AHEAD = timedelta(hours=1, minutes=5)


class LeaseLostError(Exception):
    """The row belongs to another worker now. What this one did since its last chunk is rolled back."""


def free(now: datetime) -> Q:
    """Rows that nobody holds and whose rest is over."""
    return Q(lease_until=None) | Q(lease_until__lte=now) | Q(lease_until__gt=now + _AHEAD)


def claim(closure_id: int) -> str | None:
    """Take the row; the key to it, or None when somebody has it, it rests, or it is finished."""
    key, now = ids.secret(), clock.now()
    rows = Closure.objects.filter(free(now), pk=closure_id)
    taken = rows.exclude(state__in=(Closure.State.COOLING, Closure.State.RECEIPT)).update(
        lease_key=key, lease_until=now + LEASE
    )
    return key if taken else None


def beat(closure_id: int, key: str, **values: object) -> None:
    """Change the row and keep it. LeaseLostError when it is another's; inside a chunk's transaction."""
    held = Closure.objects.filter(pk=closure_id, lease_key=key)
    if not held.update(lease_until=clock.now() + LEASE, **values):
        raise LeaseLostError


def give_back(closure_id: int, key: str, until: datetime | None = None) -> None:
    """Let go; nobody takes the row before `until`. Fine when it is lost already."""
    Closure.objects.filter(pk=closure_id, lease_key=key).update(lease_key="", lease_until=until)


def failed(closure_id: int, step: str, fault: BaseException) -> None:
    """Say what went wrong, where everybody who waits can see it, and try again after a rest.

    Which step and which kind of fault; what was being worked on stays out of the row and of the log.
    """
    told = fault.message if isinstance(fault, HustingsError) else _said(fault)
    log.error("closure %s: %s failed (%s at %s); it is tried again", closure_id, step, told, _where(fault))
    now = clock.now()
    try:
        Closure.objects.filter(pk=closure_id).update(
            attempts=F("attempts") + 1, error=f"{step}: {told}"[:200], error_at=now, lease_key="", woken_at=None
        )
        attempts = Closure.objects.filter(pk=closure_id).values_list("attempts", flat=True).first() or 1
        Closure.objects.filter(pk=closure_id).update(lease_until=now + rules.rest(attempts))
    except DatabaseError:
        # Not even this can be written: the lease runs out by itself.
        log.exception("closure %s: the failure could not be recorded", closure_id)


def _said(fault: BaseException) -> str:
    kind = type(fault).__name__
    return f"{kind}, {fault.strerror}" if isinstance(fault, OSError) and fault.strerror else kind


def _where(fault: BaseException) -> str:
    """The place in our code, without the sentence of the fault: that may hold what is not for a log."""
    ours = [frame for frame in traceback.extract_tb(fault.__traceback__) if "hustings" in frame.filename]
    return f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else "an unknown place"


def wake(closure_id: int, after_s: float = 0.0) -> None:
    """Ask for work on a closure, now or a little later, together with the rows that are being committed."""
    from hustings.trust.closure.jobs import advance

    now = clock.now()
    with transaction.atomic():
        Closure.objects.filter(pk=closure_id).update(woken_at=now)
        (advance.using(run_after=now + timedelta(seconds=after_s)) if after_s else advance).enqueue(closure_id)


def unanswered(now: datetime) -> Q:
    """Rows that were not asked about for so long that the question must be lost."""
    return Q(woken_at=None) | Q(woken_at__lte=now - ASK_AGAIN) | Q(woken_at__gt=now + ASK_AGAIN)
