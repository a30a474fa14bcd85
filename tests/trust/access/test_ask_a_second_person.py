"""What is sensitive, a minor's or ordered by a law needs somebody else; an emergency does not, and is reviewed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from cast import Visitor, person
from hustings.accounts import staff as roles
from hustings.accounts.api import Author
from hustings.lib import clock
from hustings.lib.errors import ForbiddenError, InvalidInputError, NotFoundError
from hustings.trust import log
from hustings.trust.access import approvals, cases, counting, lawful, rules
from hustings.trust.access.errors import AccessRefusedError, ApprovalNeededError, OwnApprovalError, UnknownCaseError
from hustings.trust.access.ledger import access
from hustings.trust.access.models import AccessEntry, AccessRequest
from hustings.trust.access.roles import staff
from trust.access.employed import at_desk, employed

LIKES = ["community.Like.video", "community.Like.created_at"]
CREATED = ["accounts.Account.created_at"]
WHY = "The account was taken over and is being used to harass a child right now."
Move = Callable[[datetime], None]


def ask(actor: Author, subject: Author, case: str, fields: list[str] = LIKES, **more: Any) -> str:
    asked = {"purpose": "moderation", "reason": "Your likes were reported as bought.", **more}
    return approvals.ask(actor.id, subject.id, case=case, fields=fields, **asked)


def look(actor: Author, subject: Author, case: str, fields: list[str] = LIKES, **more: Any) -> None:
    with access(actor.id, subject.id, **{"purpose": "moderation", "case": case, "fields": fields} | more):
        pass


def test_sensitive_fields_wait_for_another_person(
    moderator: Author, officer: Author, stranger: Author, case: str
) -> None:
    with pytest.raises(ApprovalNeededError) as needed:
        look(moderator, stranger, case)
    assert needed.value.params == {"why": "sensitive"}
    key = ask(moderator, stranger, case)
    with pytest.raises(ApprovalNeededError):
        look(moderator, stranger, case)
    approvals.decide(officer.id, key, approve=True)
    look(moderator, stranger, case)
    entry = AccessEntry.objects.get()
    assert entry.request == AccessRequest.objects.get().pk
    said = log.entry(entry.log_entry or 0).value
    assert said["policy"] == "two:sensitive"
    assert said["approver"] != said["actor"]


def test_a_minors_data_needs_a_second_person_whatever_it_is(moderator: Author, officer: Author) -> None:
    young = person("tegan", age_band="13-15")
    case = cases.start(moderator.id, "moderation", "Reported by a teacher", young.id)
    with pytest.raises(ApprovalNeededError) as needed:
        look(moderator, young, case, CREATED)
    assert needed.value.params == {"why": "minor"}


def test_never_the_same_person_and_never_the_wrong_role(
    moderator: Author, officer: Author, auditor: Author, stranger: Author, case: str
) -> None:
    roles.give("meredith", "privacy_officer")
    key = ask(moderator, stranger, case)
    with pytest.raises(OwnApprovalError):
        approvals.decide(moderator.id, key, approve=True)
    with pytest.raises(ForbiddenError):
        approvals.decide(auditor.id, key, approve=True)
    with pytest.raises(ForbiddenError):
        approvals.decide(stranger.id, key, approve=True)
    with pytest.raises(NotFoundError):
        approvals.decide(officer.id, "nothing", approve=True)
    assert key not in [row.public_id for row in approvals.waiting(moderator.id, staff().roles(moderator.id))]
    # The table holds it too, whatever code comes to write there.
    with pytest.raises(IntegrityError), transaction.atomic():
        AccessRequest.objects.update(decided_by=moderator.id)


def test_a_refusal_stays_one(moderator: Author, officer: Author, stranger: Author, case: str) -> None:
    key = ask(moderator, stranger, case)
    approvals.decide(officer.id, key, approve=False, note="Ask for less.")
    approvals.decide(officer.id, key, approve=False)  # landed, and reported lost: saying it again is fine
    with pytest.raises(InvalidInputError):
        approvals.decide(officer.id, key, approve=True)
    with pytest.raises(ApprovalNeededError):
        look(moderator, stranger, case)


def test_an_approval_covers_what_it_was_given_for_and_ends(
    moderator: Author, officer: Author, owner: Author, stranger: Author, case: str, moved_clock: Move
) -> None:
    approvals.decide(officer.id, ask(moderator, stranger, case), approve=True)
    look(moderator, stranger, case, LIKES[:1])
    another = cases.start(moderator.id, "moderation", "Another thing", None)
    for subject, of_case, fields in (
        (stranger, case, [*LIKES, "community.Save.video"]),
        (stranger, another, LIKES),
        (owner, another, LIKES),
    ):
        with pytest.raises(ApprovalNeededError):
            look(moderator, subject, of_case, fields)
    moved_clock(clock.now() + rules.APPROVAL_LASTS + timedelta(minutes=1))
    with pytest.raises(ApprovalNeededError):
        look(moderator, stranger, case, place="GB")


def test_a_request_that_nobody_answers_expires(
    moderator: Author, officer: Author, stranger: Author, case: str, moved_clock: Move
) -> None:
    key = ask(moderator, stranger, case)
    moved_clock(clock.now() + rules.REQUEST_LASTS + timedelta(minutes=1))
    assert approvals.waiting(officer.id, staff().roles(officer.id)) == []
    with pytest.raises(InvalidInputError):
        approvals.decide(officer.id, key, approve=True)


def test_asking_is_held_to_the_same_rules(moderator: Author, auditor: Author, stranger: Author, case: str) -> None:
    with pytest.raises(UnknownCaseError):
        ask(moderator, stranger, "MO-invented")
    with pytest.raises(AccessRefusedError):
        ask(auditor, stranger, case)
    with pytest.raises(InvalidInputError):
        ask(moderator, stranger, case, ["accounts.Account.password"])
    with pytest.raises(InvalidInputError) as wrong:
        ask(moderator, stranger, case, reason="why")
    assert "reason" in wrong.value.fields


def test_on_the_screens(
    moderator: Author, officer: Author, stranger: Author, case: str, desk: Callable[[Author], Visitor]
) -> None:
    wish = {
        "handle": "sian",
        "purpose": "moderation",
        "case": case,
        "fields": LIKES,
        "reason": "Bought likes, as was said.",
    }
    answer = desk(moderator).post("/staff/look", wish | {"act": "look"})
    assert answer.status_code == 403
    assert "A second person is needed" in answer.content.decode()
    assert desk(moderator).post("/staff/look", wish | {"act": "ask"}).status_code == 302
    queue = desk(officer).get("/staff/approvals").content.decode()
    assert "Bought likes, as was said." in queue
    assert "community.Like.video" in queue
    key = AccessRequest.objects.get().public_id
    assert desk(officer).post("/staff/approvals", {"request": key, "act": "approve"}).status_code == 302
    mine = desk(moderator).get("/staff/requests").content.decode()
    assert "Look now" in mine
    assert f"@{moderator.handle}, " in mine
    assert desk(moderator).post("/staff/look", wish | {"act": "look"}).status_code == 200
    assert "Somebody else approved it first." in Visitor(stranger).get("/trust/access").content.decode()


# --- Break-glass -----------------------------------------------------------------------------------------


def test_breaking_the_glass_works_at_once_and_is_loudest(
    moderator: Author, stranger: Author, case: str, monkeypatch: pytest.MonkeyPatch, officer: Author, auditor: Author
) -> None:
    told: list[tuple[set[int], str]] = []
    monkeypatch.setattr(type(staff()), "tell", lambda self, ids, subject, text: told.append((set(ids), subject)))
    look(moderator, stranger, case, break_glass=WHY)
    entry = AccessEntry.objects.get()
    assert entry.break_glass
    assert entry.justification == WHY
    assert entry.review_due == entry.started_at + timedelta(hours=72)
    said = log.entry(entry.log_entry or 0)
    assert said.value["break_glass"] is True
    assert str(said).startswith("BREAK-GLASS: ")
    assert told == [({officer.id, auditor.id}, "Hustings: somebody broke the glass")]


@pytest.mark.parametrize("text", ["now!", "x" * 39, "x" * 1001])
def test_it_demands_a_written_justification(text: str, moderator: Author, stranger: Author, case: str) -> None:
    with pytest.raises(InvalidInputError):
        look(moderator, stranger, case, break_glass=text)
    assert not AccessEntry.objects.exists()


def test_it_breaks_no_other_rule(
    moderator: Author, officer: Author, auditor: Author, stranger: Author, case: str
) -> None:
    with pytest.raises(UnknownCaseError):
        look(moderator, stranger, "MO-invented", break_glass=WHY)
    with pytest.raises(AccessRefusedError):
        look(auditor, stranger, case, break_glass=WHY)
    order = cases.start(officer.id, "legal_order", "An order that came today", stranger.id)
    with pytest.raises(AccessRefusedError):
        look(officer, stranger, order, purpose="legal_order", break_glass=WHY)


def test_somebody_else_reviews_it_in_time_or_everybody_sees_that_nobody_did(
    moderator: Author, officer: Author, stranger: Author, case: str, moved_clock: Move, anonymous: Visitor
) -> None:
    look(moderator, stranger, case, break_glass=WHY)
    key = AccessEntry.objects.get().public_id
    assert "Somebody else must review it by" in Visitor(stranger).get("/trust/access").content.decode()
    assert approvals.review_counts() == {"all": 1, "waiting": 1, "overdue": 0, "unjustified": 0}
    moved_clock(clock.now() + timedelta(hours=73))
    assert approvals.review_counts()["overdue"] == 1
    assert any(line.bad for line in counting.panels())
    assert "not reviewed within 72 hours" in anonymous.get("/trust").content.decode()

    with pytest.raises(OwnApprovalError):
        approvals.review(moderator.id, key, justified=True, note="I was right, of course.")
    with pytest.raises(ForbiddenError):
        approvals.review(stranger.id, key, justified=True, note="It was right, of course.")
    with pytest.raises(InvalidInputError):
        approvals.review(officer.id, key, justified=True, note="ok")
    approvals.review(officer.id, key, justified=False, note="Nobody was in danger.")
    assert approvals.review_counts() == {"all": 1, "waiting": 0, "overdue": 0, "unjustified": 1}
    assert not any(line.bad for line in counting.panels())
    assert "Found not justified" in Visitor(stranger).get("/trust/access").content.decode()


def test_the_review_on_the_screen(moderator: Author, auditor: Author, stranger: Author, case: str) -> None:
    look(moderator, stranger, case, break_glass=WHY)
    key = AccessEntry.objects.get().public_id
    at = at_desk(auditor)
    assert WHY in at.get("/staff/reviews").content.decode()
    assert at.post("/staff/reviews", {"access": key, "act": "justified", "note": ""}).status_code == 422
    said = {"access": key, "act": "justified", "note": "A child was in danger."}
    assert at.post("/staff/reviews", said).status_code == 302
    assert AccessEntry.objects.get().review == "justified"


# --- Legal orders ----------------------------------------------------------------------------------------


def test_a_legal_order_needs_the_register_and_a_second_person(
    officer: Author, auditor: Author, stranger: Author
) -> None:
    case = cases.start(officer.id, "legal_order", "A court order", stranger.id)
    asked = {"purpose": "legal_order", "reason": "A court ordered this."}
    with pytest.raises(InvalidInputError) as wrong:
        ask(officer, stranger, case, CREATED, **asked)
    assert "order" in wrong.value.fields
    with pytest.raises(InvalidInputError):
        ask(officer, stranger, case, CREATED, order="LR-invented", **asked)
    order = lawful.record(officer.id, lawful.Order("CO/4711/2026", "GB", "High Court", "court", "user_data"))
    with pytest.raises(ApprovalNeededError):
        look(officer, stranger, case, CREATED, purpose="legal_order")
    approvals.decide(auditor.id, ask(officer, stranger, case, CREATED, order=order, **asked), approve=True)
    look(officer, stranger, case, CREATED, purpose="legal_order")
    said = log.entry(AccessEntry.objects.get().log_entry or 0).value
    assert said["authority_country"] == "GB"
    assert "order" in said["commitments"]


def test_only_a_legal_order_can_keep_it_from_the_person(moderator: Author, stranger: Author, case: str) -> None:
    later = clock.now().date() + timedelta(days=30)
    with pytest.raises(InvalidInputError) as wrong:
        ask(moderator, stranger, case, disclose_after=later)
    assert "disclose_after" in wrong.value.fields


# --- Roles -----------------------------------------------------------------------------------------------


def test_roles_are_given_by_an_operator_and_never_to_oneself(owner: Author, stranger: Author) -> None:
    operator = employed("osian", "Osian Prys", "operator")
    roles.give("sian", "support", by=operator.id)
    assert staff().roles(stranger.id) == {rules.Role.SUPPORT}
    with pytest.raises(ForbiddenError):
        roles.give("osian", "privacy_officer", by=operator.id)
    with pytest.raises(ForbiddenError):
        roles.give("olwen", "support", by=stranger.id)
    with pytest.raises(InvalidInputError):
        roles.give("olwen", "king", by=operator.id)
    with pytest.raises(NotFoundError):
        roles.give("nobody", "support", by=operator.id)
    person("tegan", age_band="16-17")
    with pytest.raises(ForbiddenError):
        roles.give("tegan", "support")
    at = at_desk(operator)
    assert at.post("/staff/roles", {"handle": "olwen", "role": "support"}).status_code == 302
    assert at.post("/staff/roles", {"handle": "olwen", "role": "support", "act": "take"}).status_code == 302
    assert staff().roles(owner.id) == frozenset()
    assert at_desk(stranger).post("/staff/roles", {"handle": "olwen", "role": "support"}).status_code == 403
