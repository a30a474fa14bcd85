"""What the law keeps from a person for a while: told on the day, and counted in public when it was not."""

from collections.abc import Iterator
from datetime import date, datetime

from django.db import transaction

from hustings.lib import clock
from hustings.lib.errors import ForbiddenError, InvalidInputError, NotFoundError
from hustings.lib.tlog.schemas import TOKEN
from hustings.trust import log, scopes
from hustings.trust.access import rules
from hustings.trust.access.models import AccessEntry
from hustings.trust.access.roles import staff
from hustings.trust.log.models import LogEntry


def disclose_due() -> None:
    """Part of the sweep: tell the log of every delayed access whose day has come. The person sees it from that day.

    The log's entry is written with the row, so that a sweep that dies between tells it once.
    """
    for entry in _due():
        with transaction.atomic():
            if AccessEntry.objects.filter(pk=entry.pk, disclosed_at=None).update(disclosed_at=clock.now()):
                _say(entry, "disclosed")


def _due() -> Iterator[AccessEntry]:
    now = clock.now()
    rows = AccessEntry.objects.filter(disclose_after__lte=now, disclosed_at=None).order_by("disclose_after")
    for entry in rows[:500]:
        if entry.log_entry is not None and log.entry(entry.log_entry).index is not None:
            yield entry


def extend(officer: int, public_id: str, until: date, legal_basis: str) -> None:
    """A court keeps an access from the person for longer: the new day, and the law, go into the public log.

    NotFoundError, ForbiddenError, InvalidInputError.
    """
    with scopes.service():
        entry = AccessEntry.objects.filter(public_id=public_id, disclose_after__isnull=False).first()
        if entry is None:
            raise NotFoundError
        if rules.Role.PRIVACY not in staff().roles(officer):
            raise ForbiddenError("Your role does not decide this.", hint="A privacy officer does.")
        assert entry.disclose_after is not None
        today = clock.now().date()
        faults = {}
        if not max(today, entry.disclose_after.date()) < until <= today + rules.LONGEST_DELAY:
            faults["until"] = "A day after the present one, within the next year."
        if not TOKEN.fits(legal_basis):
            faults["legal_basis"] = "Name the law without spaces, such as IPA-2016/s94."
        if entry.disclosed_at is not None:
            faults["until"] = "The person has been told."
        if entry.log_entry is None or log.entry(entry.log_entry).index is None:
            faults["until"] = "The entry has no place in the public log yet. Try again in a few seconds."
        if faults:
            raise InvalidInputError(fields=faults)
        later = datetime(until.year, until.month, until.day, tzinfo=entry.disclose_after.tzinfo)
        with transaction.atomic():
            _say(entry, "extended", until=f"{until:%Y-%m-%d}", legal_basis=legal_basis)
            AccessEntry.objects.filter(pk=entry.pk, disclosed_at=None).update(disclose_after=later)
            assert entry.log_entry is not None, "a late disclosure has its entry"
            LogEntry.objects.filter(pk=entry.log_entry).update(disclose_after=later)


def _say(entry: AccessEntry, outcome: str, **more: str) -> None:
    assert entry.log_entry is not None
    assert entry.disclose_after is not None
    said = {"access": log.entry(entry.log_entry).index, "due": f"{entry.disclose_after:%Y-%m-%d}", "outcome": outcome}
    log.append("disclosure_due", said | more)


def counts() -> dict[str, int]:
    """In public: how many accesses are kept from people now, and how many of those should have been told."""
    with scopes.service():
        now = clock.now()
        kept = AccessEntry.objects.filter(disclose_after__isnull=False, disclosed_at=None)
        return {
            "delayed": kept.filter(disclose_after__gt=now).count(),
            "overdue": kept.filter(disclose_after__lte=now).count(),
        }


def delayed() -> list[AccessEntry]:
    """What is kept from people now, for the officers' screen."""
    with scopes.service():
        rows = AccessEntry.objects.filter(disclose_after__isnull=False, disclosed_at=None)
        return list(rows.order_by("disclose_after")[:200])
