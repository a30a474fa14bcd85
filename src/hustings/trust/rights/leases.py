"""Who works on an export or an import: a lease on its row, taken and given back by updates whose count is read.

As `videos/leases.py` does for clips, which trust may not know. A worker that dies says nothing: its lease runs
out. One that was only slow finds its key gone at the next beat, and stops.
"""

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import F, Q

from hustings.lib import clock, ids
from hustings.trust.rights.models import Work

LEASE: Final = timedelta(seconds=60)
BEAT_S: Final = 1.0  # also how often progress is written
ATTEMPTS: Final = 5
LONGEST_REST: Final = timedelta(minutes=10)


class LeaseLostError(Exception):
    """The row belongs to another worker now, or is gone. Nothing more may be written for it."""


@dataclass
class Lease:
    """A claim on one row."""

    row: Work
    key: str
    _beaten: float = field(default_factory=time.monotonic)

    def beat(self, **progress: Any) -> None:
        """Say that one is alive and how far one is, if it is time to. LeaseLostError when the row is another's."""
        now = time.monotonic()
        if now - self._beaten >= BEAT_S:
            self._beaten = now
            self.update(lease_until=clock.now() + LEASE, **progress)

    def update(self, **values: Any) -> None:
        """Change the row while it is ours. LeaseLostError when it is not."""
        if not _rows(self.row).filter(pk=self.row.pk, lease_key=self.key).update(**values):
            raise LeaseLostError

    def release(self, **values: Any) -> None:
        """Change the row and let go of it; what was done counts, so the attempts begin anew."""
        self.update(lease_key="", lease_until=None, rest_until=None, attempts=0, fault="", **values)

    def rest(self, fault: str) -> None:
        """Let go unfinished after a fault that may pass. Fine when the row is lost already."""
        until = clock.now() + min(LONGEST_REST, timedelta(seconds=5 * 4 ** min(6, self.row.attempts - 1)))
        _rows(self.row).filter(pk=self.row.pk, lease_key=self.key).update(
            lease_key="", lease_until=None, rest_until=until, fault=fault
        )


def claim(model: type[Work], row_id: int, states: tuple[str, ...]) -> Lease | None:
    """Take a row that is in one of `states`, free and not resting; None when there is nothing to take."""
    now = clock.now()
    key = ids.secret()
    taken = free(model, now).filter(pk=row_id, state__in=states)
    if not taken.update(lease_key=key, lease_until=now + LEASE, attempts=F("attempts") + 1):
        return None
    row = model._base_manager.filter(pk=row_id, lease_key=key).first()  # noqa: SLF001 - the manager of any model
    return Lease(row, key) if row is not None else None


def free(model: type[Work], now: datetime) -> Any:
    """Rows that nobody holds. A lease further ahead than any can be was written before the clock went back."""
    held = Q(lease_until__gt=now, lease_until__lte=now + LEASE + timedelta(seconds=5))
    resting = Q(rest_until__gt=now, rest_until__lte=now + LONGEST_REST)
    unheld = Q(lease_until=None) | ~held
    awake = Q(rest_until=None) | ~resting
    return model._base_manager.filter(unheld & awake)  # noqa: SLF001 - as above


def _rows(row: Work) -> Any:
    return type(row)._base_manager  # noqa: SLF001 - as above
