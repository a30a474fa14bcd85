"""Who has looked at somebody's data, as that person sees it: at once, or from the day the law allows."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from hustings.lib import clock
from hustings.lib.errors import NotFoundError
from hustings.trust import scopes
from hustings.trust.access.models import AccessEntry
from hustings.trust.log import reading
from hustings.trust.log.models import LogEntry
from hustings.trust.log.writing import Opening

SHOWN = 100  # of one page


@dataclass(frozen=True, slots=True)
class Seen:
    """One look at a person's data. `index` is None until it has its place in the public log.

    Who looked is said by their role and place; their name is not: the people of a service must be
    answerable, and need not be findable. The officers know it.
    """

    id: str
    index: int | None
    reason: str
    words: str
    case: str
    role: str
    employer: str
    employed_by: str
    office: str
    physical: str
    fields: tuple[str, ...]
    read: tuple[str, ...]
    rows: int
    started_at: datetime
    finished: bool
    break_glass: bool
    review: str
    review_due: datetime | None
    two: bool
    delayed: bool


def looks(subject: int, *, most: int | None = None, before: str = "") -> list[Seen]:
    """What may be told now, newest first: all of it, or `most` that are older than the look `before`.

    NotFoundError when that is no look at them.
    """
    with scopes.service():
        rows = list(page(_told(subject), before)[:most])
        logged = LogEntry.objects.filter(pk__in=[row.log_entry for row in rows])
        indexes = dict(logged.values_list("pk", "index"))
    return [_seen(row, indexes.get(row.log_entry or 0)) for row in rows]


def page(rows: QuerySet[AccessEntry], before: str) -> QuerySet[AccessEntry]:
    """Newest first, beginning after the look `before`. However many came later, none is ever out of reach."""
    rows = rows.order_by("-pk")
    if not before:
        return rows
    last = rows.filter(public_id=before).values_list("pk", flat=True).first()
    if last is None:
        raise NotFoundError
    return rows.filter(pk__lt=last)


def proof(subject: int, public_id: str) -> bytes:
    """The `.tlog-proof` of one of the looks at oneself. NotFoundError, NotSequencedYetError."""
    return reading.proof(_logged(subject, public_id))


def openings(subject: int, public_id: str) -> dict[str, Opening]:
    """What shows the meaning of the entry's commitments. NotFoundError."""
    return dict(reading.openings_of(_logged(subject, public_id), subject))


def _logged(subject: int, public_id: str) -> int:
    with scopes.service():
        found = _told(subject).filter(public_id=public_id).values_list("log_entry", flat=True).first()
    if found is None:
        raise NotFoundError
    return found


def _told(subject: int) -> QuerySet[AccessEntry]:
    now = clock.now()
    rows = AccessEntry.objects.filter(subject=subject, log_entry__isnull=False)
    return rows.filter(Q(disclose_after=None) | Q(disclose_after__lte=now) | Q(disclosed_at__isnull=False))


def _seen(row: AccessEntry, index: int | None) -> Seen:
    return Seen(
        row.public_id,
        index,
        row.reason,
        row.reason_text or row.justification,
        row.case,
        row.role,
        row.employer,
        row.employed_by,
        row.office_country,
        row.physical_country,
        tuple(row.fields),
        tuple(row.read if row.ended_at else row.fields),
        row.rows,
        row.started_at,
        row.ended_at is not None,
        row.break_glass,
        row.review,
        row.review_due,
        row.request is not None,
        row.disclose_after is not None,
    )
