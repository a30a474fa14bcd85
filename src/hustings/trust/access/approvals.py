"""The second person: asking, agreeing, refusing; and the review of what was done without one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Q

from hustings.lib import clock
from hustings.lib.errors import ForbiddenError, InvalidInputError, NotFoundError
from hustings.trust import scopes
from hustings.trust.access import cases, rules
from hustings.trust.access.errors import AccessRefusedError, OwnApprovalError
from hustings.trust.access.models import AccessEntry, AccessRequest, LawfulRequest
from hustings.trust.access.roles import staff


@dataclass(frozen=True, slots=True)
class Approved:
    """A request that somebody agreed to and that may be used now."""

    pk: int
    decided_by: int
    authority: int | None
    disclose_after: datetime | None
    reason: str = ""


def ask(
    actor: int,
    subject: int,
    *,
    purpose: str,
    case: str,
    fields: Iterable[str],
    reason: str,
    order: str = "",
    disclose_after: date | None = None,
) -> str:
    """Ask for a second person's word; the request's public id. InvalidInputError, UnknownCaseError, AccessRefusedError.

    `order` is the reference of a lawful request in the register, needed for a legal order. `disclose_after`
    is the day from which the law lets the person be told, for legal orders alone, a year away at most.
    """
    from hustings.trust.access.ledger import chosen

    with scopes.service():
        lines = chosen(fields)
        facts = staff().facts(actor, subject)
        if purpose not in rules.MAY_LOOK:
            raise InvalidInputError(fields={"purpose": "Choose a reason from the list."})
        if not facts.handle:
            raise NotFoundError("There is no such account.")
        if rules.role_for(facts.roles, purpose) is None or actor == subject:
            raise AccessRefusedError
        cases.check(case, purpose, subject)
        said = " ".join(reason.split())
        found = _faults(purpose, said, order, disclose_after)
        authority = (
            LawfulRequest.objects.filter(reference=order).values_list("pk", flat=True).first() if order else None
        )
        if order and authority is None:
            found["order"] = "There is no such lawful request in the register."
        if found:
            raise InvalidInputError(fields=found)
        why = rules.second_person(purpose, lines, minor=facts.minor)
        now = clock.now()
        row = AccessRequest.objects.create(
            actor=actor,
            subject=subject,
            reason=purpose,
            reason_text=said,
            case=case,
            fields=[line.id for line in lines],
            why_two=why or "wanted",
            authority=authority,
            disclose_after=_midnight(disclose_after),
            asked_at=now,
            expires_at=now + rules.REQUEST_LASTS,
        )
        return row.public_id


def _faults(purpose: str, said: str, order: str, disclose_after: date | None) -> dict[str, str]:
    found = {}
    least, most = rules.REASON_TEXT
    if not least <= len(said) <= most:
        found["reason"] = f"Say in {least} to {most} characters why you need this; the person will read it."
    if purpose == "legal_order" and not order:
        found["order"] = "Name the lawful request in the register that this answers."
    if disclose_after is not None:
        today = clock.now().date()
        if purpose != "legal_order":
            found["disclose_after"] = "Only a legal order can keep an access from the person."
        elif not today < disclose_after <= today + rules.LONGEST_DELAY:
            found["disclose_after"] = "A day within the next year."
    return found


def _midnight(day: date | None) -> datetime | None:
    return None if day is None else datetime(day.year, day.month, day.day, tzinfo=clock.now().tzinfo)


def decide(decider: int, public_id: str, *, approve: bool, note: str = "") -> None:
    """Agree or refuse, as another person with the right role. Repeating the same word changes nothing.

    NotFoundError, OwnApprovalError, ForbiddenError; InvalidInputError for a request that is decided or too old.
    """
    with scopes.service():
        row = AccessRequest.objects.filter(public_id=public_id).first()
        if row is None:
            raise NotFoundError
        if row.actor == decider:
            raise OwnApprovalError
        if not rules.may_approve(staff().roles(decider), row.reason):
            raise ForbiddenError("Your role does not approve this.", hint="A privacy officer does.")
        now = clock.now()
        word = AccessRequest.State.APPROVED if approve else AccessRequest.State.REFUSED
        changed = AccessRequest.objects.filter(pk=row.pk, state=AccessRequest.State.WAITING, expires_at__gt=now).update(
            state=word,
            decided_by=decider,
            decided_at=now,
            note=" ".join(note.split())[:500],
            usable_until=now + rules.APPROVAL_LASTS if approve else None,
        )
        if not changed and (row.state, row.decided_by) != (word, decider):
            raise InvalidInputError("This request is decided already, or too old.", hint="Look at the list again.")


def usable(actor: int, subject: int, reason: str, case: str, fields: set[str]) -> Approved | None:
    """The approved request that covers this access now, if there is one."""
    rows = AccessRequest.objects.filter(
        actor=actor,
        subject=subject,
        reason=reason,
        case=case,
        state=AccessRequest.State.APPROVED,
        usable_until__gt=clock.now(),
    ).order_by("-pk")
    for row in rows:
        if fields <= set(row.fields):
            assert row.decided_by is not None, "approved by nobody"
            return Approved(row.pk, row.decided_by, row.authority, row.disclose_after, row.reason_text)
    return None


def state_of(row: AccessRequest) -> str:
    """Its state, with what time did to it: an unanswered request expires, an approval is used up."""
    now = clock.now()
    if row.state == AccessRequest.State.WAITING and row.expires_at <= now:
        return "expired"
    if row.state == AccessRequest.State.APPROVED and (row.usable_until is None or row.usable_until <= now):
        return "over"
    return row.state


def waiting(decider: int, roles: frozenset[rules.Role]) -> list[AccessRequest]:
    """What this person could decide now, oldest first."""
    with scopes.service():
        rows = AccessRequest.objects.filter(state=AccessRequest.State.WAITING, expires_at__gt=clock.now())
        found = rows.exclude(actor=decider).order_by("asked_at")[:100]
        return [row for row in found if rules.may_approve(roles, row.reason)]


def of_actor(actor: int) -> list[AccessRequest]:
    """What somebody asked for lately, newest first."""
    with scopes.service():
        since = clock.now() - timedelta(days=30)
        return list(AccessRequest.objects.filter(actor=actor, asked_at__gt=since).order_by("-asked_at")[:50])


# --- Reviews of break-glass ----------------------------------------------------------------------------


def unreviewed(reviewer: int | None = None) -> list[AccessEntry]:
    """Accesses made without a second person that nobody has reviewed, the most urgent first."""
    with scopes.service():
        rows = AccessEntry.objects.filter(break_glass=True, reviewed_at=None)
        rows = rows.exclude(actor=reviewer) if reviewer is not None else rows
        return list(rows.order_by("review_due")[:100])


def review(reviewer: int, public_id: str, *, justified: bool, note: str) -> None:
    """Say whether a broken glass was justified, as another person. NotFoundError, OwnApprovalError, ForbiddenError."""
    with scopes.service():
        entry = AccessEntry.objects.filter(public_id=public_id, break_glass=True).first()
        if entry is None:
            raise NotFoundError
        if entry.actor == reviewer:
            raise OwnApprovalError
        if not staff().roles(reviewer) & rules.MAY_REVIEW:
            raise ForbiddenError("Your role does not review this.", hint="Privacy officers and auditors do.")
        said = " ".join(note.split())
        if not rules.REASON_TEXT[0] <= len(said) <= 1000:
            raise InvalidInputError(fields={"note": "Say in a sentence why you find so."})
        AccessEntry.objects.filter(pk=entry.pk, reviewed_at=None).update(
            reviewed_at=clock.now(),
            reviewed_by=reviewer,
            review="justified" if justified else "unjustified",
            review_note=said,
        )


def is_overdue(entry: AccessEntry) -> bool:
    """Whether a look without a second person should have been reviewed by now."""
    return entry.break_glass and entry.reviewed_at is None and (entry.review_due or clock.now()) < clock.now()


def review_counts() -> dict[str, int]:
    """Break-glass in public: how many ever, not yet reviewed, overdue, and found unjustified."""
    with scopes.service():
        found: dict[str, Any] = AccessEntry.objects.filter(break_glass=True).aggregate(
            all=Count("pk"),
            waiting=Count("pk", filter=Q(reviewed_at=None)),
            overdue=Count("pk", filter=Q(reviewed_at=None, review_due__lt=clock.now())),
            unjustified=Count("pk", filter=Q(review="unjustified")),
        )
        return found
