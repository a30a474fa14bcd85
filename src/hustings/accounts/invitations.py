"""Nobody becomes a member without saying yes: owners invite, the person accepts or declines.

An invitation stands for 14 days and is then forgotten. One that was declined keeps its place until then, so that
nobody is asked again and again; one that was withdrawn does too, for the same reason. It stands on the word of who
asked: once they are no owner any more, nobody can accept it, or an owner who is shown the door leaves a key outside.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.dispatch import Signal

from hustings.accounts import events, organisations
from hustings.accounts.errors import AlreadyMemberError, InvitationDeclinedError, InvitationOverError
from hustings.accounts.models import Account, Invitation, Membership
from hustings.accounts.organisations import Member, Role
from hustings.accounts.rules import INVITATION_STANDS, INVITATIONS_A_DAY, fold_handle
from hustings.lib import clock
from hustings.lib.errors import InvalidInputError, NotFoundError, TooManyRequestsError

State = Invitation.State


@dataclass(frozen=True)
class Asked:
    """An invitation as the organisation's owners see it."""

    handle: str
    name: str
    role: str
    expires_at: datetime

    def as_json(self) -> dict[str, str]:
        return {
            "handle": self.handle,
            "name": self.name,
            "role": self.role,
            "expires_at": self.expires_at.isoformat().replace("+00:00", "Z"),
        }


@dataclass(frozen=True)
class Offered(Asked):
    """An invitation as the person sees it: `handle` and `name` are the organisation's, `by` is the owner's name."""

    official: bool
    by: str

    def as_json(self) -> dict[str, str]:
        return {**super().as_json(), "by": self.by, "official": self.official}  # type: ignore[dict-item]  # JSON


def _nobody_refuses(organisation_id: int, person_id: int) -> bool:
    return False


_refuses: Callable[[int, int], bool] = _nobody_refuses


def register_refusal(test: Callable[[int, int], bool]) -> None:
    """The community says, given an organisation and a person, whether one has blocked the other."""
    global _refuses  # noqa: PLW0603 - one slot, filled when the server starts
    _refuses = test


def standing() -> "QuerySet[Invitation]":
    """Invitations that are not yet forgotten, whatever came of them."""
    return Invitation.objects.filter(at__gt=clock.now() - INVITATION_STANDS)


def pending() -> "QuerySet[Invitation]":
    """Invitations that can be answered: who asked for the organisation is its owner still."""
    owner = Membership.objects.filter(
        organisation=OuterRef("organisation"), person=OuterRef("invited_by"), role=Role.OWNER, person__is_active=True
    )
    return standing().filter(Exists(owner), state=State.PENDING)


# --- The owners' side ---------------------------------------------------------------------------------------


def invite(asker_id: int, handle: str, member_handle: str, role: str) -> Asked:
    """Ask somebody to join, or change the role they are asked for: owners only. The person is told once.

    AlreadyMemberError, InvitationDeclinedError while an earlier answer stands, TooManyRequestsError beyond
    the pace of an organisation; NotFoundError for nobody, and for whom a block stands between.
    """
    if role not in Role.values:
        raise InvalidInputError(fields={"role": "One of: owner, editor, analyst."})
    with transaction.atomic():
        organisation_id = organisations.owned(asker_id, handle, lock=True)
        person = _person(organisation_id, member_handle)
        known = standing().filter(organisation=organisation_id, person=person.pk).first()
        if known is not None and known.state == State.DECLINED:
            raise InvitationDeclinedError(params={"until": (known.at + INVITATION_STANDS).date().isoformat()})
        if known is None:
            _take_turn(organisation_id)
            known = Invitation.objects.update_or_create(
                organisation_id=organisation_id,
                person_id=person.pk,
                defaults={"role": role, "invited_by_id": asker_id, "state": State.PENDING, "at": clock.now()},
            )[0]
            _announce(events.invited, organisation_id, person.pk)
        else:
            # The day they were asked stays, and they are not told again: a change of mind is no second knock.
            Invitation.objects.filter(pk=known.pk).update(role=role, invited_by_id=asker_id, state=State.PENDING)
    return Asked(person.handle, person.name, role, known.at + INVITATION_STANDS)


def withdraw(asker_id: int, handle: str, member_handle: str) -> None:
    """Take an invitation back: owners only. NotFoundError when none waits for an answer."""
    with transaction.atomic():
        organisation_id = organisations.owned(asker_id, handle, lock=True)
        row = standing().filter(
            organisation=organisation_id, person__handle=fold_handle(member_handle), state=State.PENDING
        )
        person_id = row.values_list("person", flat=True).first()
        if person_id is None or not row.update(state=State.WITHDRAWN):
            raise NotFoundError
        _announce(events.invitation_over, organisation_id, person_id)


def of_organisation(asker_id: int, handle: str) -> list[Asked]:
    """Who has not answered yet, for owners."""
    organisation_id = organisations.owned(asker_id, handle)
    rows = pending().filter(organisation=organisation_id, person__is_active=True)
    found = rows.order_by("at", "pk").values_list("person__handle", "person__name", "role", "at")
    return [Asked(who, name, role, at + INVITATION_STANDS) for who, name, role, at in found]


def _person(organisation_id: int, member_handle: str) -> Account:
    folded = fold_handle(member_handle)
    person = Account.objects.filter(handle=folded, kind=Account.Kind.PERSON, is_active=True).first()
    if person is None or _refuses(organisation_id, person.pk):
        raise NotFoundError("There is nobody with this handle.", hint="Ask for the handle on their profile.")
    if Membership.objects.filter(organisation=organisation_id, person=person.pk).exists():
        raise AlreadyMemberError
    return person


def _take_turn(organisation_id: int) -> None:
    """Under the organisation's lock. Every row counts that was made in a day, whatever became of it."""
    day = timedelta(days=1)
    times = Invitation.objects.filter(organisation=organisation_id, at__gt=clock.now() - day).order_by("-at")
    last = list(times.values_list("at", flat=True)[:INVITATIONS_A_DAY])
    if len(last) == INVITATIONS_A_DAY:
        raise TooManyRequestsError(params={"retry_after": int((last[-1] + day - clock.now()).total_seconds()) + 1})


# --- The person's side --------------------------------------------------------------------------------------


def of_person(person_id: int) -> list[Offered]:
    """What somebody has been asked and has not answered, oldest first."""
    rows = pending().filter(person=person_id, organisation__is_active=True)
    found = rows.order_by("at", "pk").values_list(
        "organisation__handle", "organisation__name", "role", "at", "organisation__official", "invited_by__name"
    )
    return [
        Offered(handle, name, role, at + INVITATION_STANDS, official, by or "")
        for handle, name, role, at, official, by in found
    ]


def accept(person_id: int, handle: str) -> Member:
    """Say yes. Asking again changes nothing.

    InvitationOverError when it was taken back, has run out, or came from somebody who is no owner any more.
    """
    with transaction.atomic():
        organisation = Account.objects.select_for_update().filter(handle=fold_handle(handle), is_active=True).first()
        if organisation is None:
            raise InvitationOverError
        place = Membership.objects.filter(organisation=organisation, person=person_id)
        row = pending().filter(organisation=organisation, person=person_id).first()
        if row is not None:
            if not place.exists():
                Membership.objects.create(organisation=organisation, person_id=person_id, role=row.role)
            row.delete()
            _announce(events.invitation_over, organisation.pk, person_id)
        role = place.values_list("role", flat=True).first()
    if role is None:
        raise InvitationOverError
    return Member(organisation.handle, organisation.name, role)


def decline(person_id: int, handle: str) -> None:
    """Say no. Asking again changes nothing. InvitationOverError when there is nothing to decline."""
    rows = standing().filter(person=person_id, organisation__handle=fold_handle(handle))
    with transaction.atomic():
        organisation_id = rows.filter(state=State.PENDING).values_list("organisation", flat=True).first()
        if organisation_id is not None and rows.filter(state=State.PENDING).update(state=State.DECLINED):
            _announce(events.invitation_over, organisation_id, person_id)
        elif not rows.filter(state=State.DECLINED).exists():
            raise InvitationOverError


def _announce(event: Signal, organisation_id: int, person_id: int) -> None:
    transaction.on_commit(lambda: event.send(Invitation, organisation_id=organisation_id, person_id=person_id))
