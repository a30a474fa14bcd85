"""Who may act for an organisation. The loader is the lock: outsiders get 404, the wrong right 403."""

from dataclasses import dataclass

from django.db import transaction

from hustings.accounts.errors import LastOwnerError
from hustings.accounts.models import Account, Membership
from hustings.accounts.rules import fold_handle
from hustings.lib.errors import ForbiddenError, InvalidInputError, NotFoundError

Role = Membership.Role


@dataclass(frozen=True)
class Member:
    """A person's place in an organisation."""

    handle: str
    name: str
    role: str

    def as_json(self) -> dict[str, str]:
        return {"handle": self.handle, "name": self.name, "role": self.role}


def of_person(person_id: int) -> list[Member]:
    """The organisations a person belongs to, each with the person's role in it."""
    rows = Membership.objects.filter(person=person_id, organisation__is_active=True)
    found = rows.order_by("organisation__handle").values_list("organisation__handle", "organisation__name", "role")
    return [Member(*row) for row in found]


def members(asker_id: int, handle: str) -> list[Member]:
    """Every member of an organisation, for its members."""
    organisation_id, _ = _entered(asker_id, handle)
    rows = Membership.objects.filter(organisation=organisation_id).order_by("since", "pk")
    return [Member(*row) for row in rows.values_list("person__handle", "person__name", "role")]


def set_role(asker_id: int, handle: str, member_handle: str, role: str) -> Member:
    """Change what a member may do: owners only. LastOwnerError when nobody would be owner.

    NotFoundError for who is no member: people are taken in by `invitations`, when they say yes.
    """
    if role not in Role.values:
        raise InvalidInputError(fields={"role": "One of: owner, editor, analyst."})
    with transaction.atomic():
        organisation_id = owned(asker_id, handle, lock=True)
        row = Membership.objects.filter(organisation=organisation_id, person__handle=fold_handle(member_handle))
        found = row.values_list("person", "person__handle", "person__name").first()
        if found is None:
            raise NotFoundError("They are no member of this organisation.", hint="Invite them first.")
        person_id, person_handle, name = found
        if role != Role.OWNER:
            _keep_an_owner(organisation_id, but=person_id)
        row.update(role=role)
    return Member(person_handle, name, role)


def remove(asker_id: int, handle: str, member_handle: str) -> None:
    """End a membership: owners end anyone's, everybody their own. LastOwnerError for the last owner."""
    folded = fold_handle(member_handle)
    with transaction.atomic():
        organisation_id, role = _entered(asker_id, handle, lock=True)
        row = Membership.objects.filter(organisation=organisation_id, person__handle=folded)
        person_id = row.values_list("person", flat=True).first()
        if role != Role.OWNER and person_id != asker_id:
            raise ForbiddenError
        if person_id is None:
            raise NotFoundError
        _keep_an_owner(organisation_id, but=person_id)
        row.delete()


def _entered(asker_id: int, handle: str, *, lock: bool = False) -> tuple[int, str]:
    """The organisation's id and the asker's role in it. NotFoundError for outsiders."""
    rows = Membership.objects.filter(
        person=asker_id, organisation__handle=fold_handle(handle), organisation__is_active=True
    )
    if lock:
        # Changes of members wait for each other, so that two owners cannot leave past one another.
        list(Account.objects.select_for_update().filter(handle=fold_handle(handle)).values_list("pk"))
    found = rows.values_list("organisation", "role").first()
    if found is None:
        raise NotFoundError
    return found


def owned(asker_id: int, handle: str, *, lock: bool = False) -> int:
    """The organisation's id, for its owners. ForbiddenError for other members, NotFoundError for all else.

    With `lock`, inside a transaction, nobody else changes its members until the end.
    """
    organisation_id, role = _entered(asker_id, handle, lock=lock)
    if role != Role.OWNER:
        raise ForbiddenError
    return organisation_id


def _keep_an_owner(organisation_id: int, *, but: int) -> None:
    """LastOwnerError when `but` is the only owner left."""
    owners = Membership.objects.filter(organisation=organisation_id, role=Role.OWNER, person__is_active=True)
    if list(owners.values_list("person", flat=True)) == [but]:
        raise LastOwnerError
