"""What a law keeps from a person: hidden until the day, shown from it, counted in public when it is late."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from cast import Visitor
from hustings.accounts.api import Author
from hustings.lib import clock
from hustings.lib.errors import ForbiddenError, InvalidInputError, NotFoundError
from hustings.trust import log
from hustings.trust.access import approvals, cases, counting, disclosure, lawful
from hustings.trust.access.ledger import access
from hustings.trust.access.models import AccessEntry
from hustings.trust.log.models import LogEntry

FIELD = ["accounts.Account.created_at"]
Move = Callable[[datetime], None]


@pytest.fixture
def quiet(officer: Author, auditor: Author, stranger: Author) -> AccessEntry:
    """An access under a court's order that forbids telling the stranger for thirty days."""
    order = lawful.record(officer.id, lawful.Order("CO/4711/2026", "GB", "High Court", "court", "user_data"))
    case = cases.start(officer.id, "legal_order", "A court order", stranger.id)
    key = approvals.ask(
        officer.id,
        stranger.id,
        purpose="legal_order",
        case=case,
        fields=FIELD,
        reason="A court ordered this.",
        order=order,
        disclose_after=clock.now().date() + timedelta(days=30),
    )
    approvals.decide(auditor.id, key, approve=True)
    with access(officer.id, stranger.id, purpose="legal_order", case=case, fields=FIELD):
        pass
    log.sequence_once()
    return AccessEntry.objects.get()


def test_hidden_until_the_day_and_shown_from_it(quiet: AccessEntry, as_stranger: Visitor, moved_clock: Move) -> None:
    address = f"/trust/access/{quiet.public_id}"
    assert "Nobody has looked at your data." in as_stranger.get("/trust/access").content.decode()
    assert as_stranger.get(f"{address}.tlog-proof").status_code == 404
    assert as_stranger.get(f"{address}.json").status_code == 404
    assert log.openings(quiet.subject) == []
    said = log.entry(quiet.log_entry or 0).value
    assert said["disclose_after"] == f"{quiet.disclose_after:%Y-%m-%d}", "that it is kept back is public at once"
    assert disclosure.counts() == {"delayed": 1, "overdue": 0}

    moved_clock(clock.now() + timedelta(days=31))
    page = as_stranger.get("/trust/access").content.decode()
    assert "A court ordered this." in page
    assert "Told late" in page
    assert as_stranger.get(f"{address}.tlog-proof").status_code == 200
    assert len(log.openings(quiet.subject)) == 1


def test_whoever_looks_is_told_until_when_it_is_kept_back(
    quiet: AccessEntry, officer: Author, desk: Callable[[Author], Visitor]
) -> None:
    wish = {
        "handle": "sian",
        "purpose": "legal_order",
        "case": quiet.case,
        "fields": FIELD,
        "reason": "A court ordered this.",
    }
    page = desk(officer).post("/staff/look", wish | {"act": "look"}).content.decode()
    assert "The order keeps it from @sian until " in page
    assert "sees it." not in page


def test_the_log_says_on_the_day_that_the_person_is_told(quiet: AccessEntry, moved_clock: Move) -> None:
    disclosure.disclose_due()
    assert log.latest("disclosure_due") is None
    moved_clock(clock.now() + timedelta(days=31))
    disclosure.disclose_due()
    disclosure.disclose_due()
    said = LogEntry.objects.filter(kind="disclosure_due")
    assert said.count() == 1
    value = log.entry(said.get().pk).value
    assert value["outcome"] == "disclosed"
    assert value["access"] == log.entry(quiet.log_entry or 0).index
    assert disclosure.counts() == {"delayed": 0, "overdue": 0}


def test_overdue_ones_are_counted_in_public(quiet: AccessEntry, moved_clock: Move, anonymous: Visitor) -> None:
    moved_clock(clock.now() + timedelta(days=31))
    assert disclosure.counts() == {"delayed": 0, "overdue": 1}
    assert any(line.bad for line in counting.panels())
    assert "past the day on which people should have been told" in anonymous.get("/trust").content.decode()


def test_a_court_may_extend_it_and_the_log_says_so(
    quiet: AccessEntry, officer: Author, auditor: Author, as_stranger: Visitor, moved_clock: Move
) -> None:
    until = (clock.now() + timedelta(days=60)).date()
    with pytest.raises(ForbiddenError):
        disclosure.extend(auditor.id, quiet.public_id, until, "IPA-2016/s94")
    with pytest.raises(NotFoundError):
        disclosure.extend(officer.id, "nothing", until, "IPA-2016/s94")
    odd = [(until, law) for law in ("a law", "Deddf-tŷ", "x" * 81)]
    for day, law in [(until - timedelta(days=45), "IPA"), (until + timedelta(days=400), "IPA"), *odd]:
        with pytest.raises(InvalidInputError):
            disclosure.extend(officer.id, quiet.public_id, day, law)
    disclosure.extend(officer.id, quiet.public_id, until, "IPA-2016/s94")
    latest = log.latest("disclosure_due")
    assert latest is not None
    assert latest.value["outcome"] == "extended"
    assert latest.value["until"] == until.isoformat()
    moved_clock(clock.now() + timedelta(days=31))
    assert "Nobody has looked" in as_stranger.get("/trust/access").content.decode()
    assert log.openings(quiet.subject) == []
    moved_clock(clock.now() + timedelta(days=31))
    assert "A court ordered this." in as_stranger.get("/trust/access").content.decode()


def test_the_registers_screen(quiet: AccessEntry, officer: Author, desk: Callable[[Author], Visitor]) -> None:
    at = desk(officer)
    page = at.get("/staff/lawful").content.decode()
    assert "High Court" in page
    assert "Kept from people by law" in page
    later = (clock.now() + timedelta(days=90)).date().isoformat()
    said = {"act": "extend", "access": quiet.public_id, "disclose_after": later, "legal_basis": "IPA-2016/s94"}
    assert at.post("/staff/lawful", said).status_code == 302
    quiet.refresh_from_db()
    assert quiet.disclose_after == datetime.fromisoformat(later).replace(tzinfo=UTC)
