"""Who works for the service, and as what. Roles are given by the command line or by an operator, never taken.

The one implementation of trust's `Staff`: what a role may do is decided there (`trust/access/rules.py`).
"""

import logging
from collections.abc import Iterable
from typing import cast

from allauth.account.authentication import get_authentication_records
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import send_mail
from django.db import connection, transaction
from django.http import HttpRequest

from hustings.accounts.models import Account, AgeBand, StaffRole
from hustings.lib.errors import ForbiddenError, InvalidInputError, NotFoundError
from hustings.trust.api import Facts, Role, service

log = logging.getLogger(__name__)

assert set(StaffRole.Role.values) == {role.value for role in Role}, (
    "the roles that are given are those that trust knows"
)


_PEOPLE, _GIVEN = Account._meta.db_table, StaffRole._meta.db_table  # noqa: SLF001 - Django's own way to a table's name
_AGE = Account._meta.get_field("age_band")  # noqa: SLF001 - as above
# Both sides of an access in one query, by hand because it stands before every look.
_FACTS = f"""
    SELECT 0, handle, age_band, is_operator FROM {_PEOPLE} WHERE id = %s
    UNION ALL
    SELECT 1, role, NULL, is_operator FROM {_PEOPLE} who LEFT JOIN {_GIVEN} given ON given.account_id = who.id
     WHERE who.id = %s AND who.is_active"""  # noqa: S608 - no input in it


class Roles:
    """What trust may ask about staff."""

    def roles(self, account_id: int) -> frozenset[Role]:
        with service():
            return _roles(account_id)

    def facts(self, actor: int, subject: int) -> Facts:
        with service(), connection.cursor() as cursor:
            cursor.execute(_FACTS, [subject, actor])
            rows = cursor.fetchall()
            handle, sealed = next(((row[1], row[2]) for row in rows if row[0] == 0), ("", b""))
            roles = {Role(row[1]) for row in rows if row[0] == 1 and row[1]}
            if any(row[3] for row in rows if row[0] == 1):
                roles.add(Role.OPERATOR)
            band = _AGE.open(subject, sealed) if sealed else ""
        return Facts(frozenset(roles), handle, minor=band in {AgeBand.TEEN_13_15, AgeBand.TEEN_16_17})

    def holders(self, role: Role) -> list[int]:
        with service():
            rows = StaffRole.objects.filter(role=role.value, account__is_active=True)
            return list(rows.order_by("account").values_list("account", flat=True))

    def strong(self, request: HttpRequest) -> bool:
        return any(
            record.get("method") == "mfa" for record in get_authentication_records(request, cast(Account, request.user))
        )

    def give(self, handle: str, role: str, *, by: int | None = None) -> None:
        give(handle, role, by=by)

    def take(self, handle: str, role: str, *, by: int | None = None) -> None:
        take(handle, role, by=by)

    def listed(self) -> list[tuple[str, str]]:
        return listed()

    def tell(self, account_ids: Iterable[int], subject: str, text: str) -> None:
        if not settings.EMAIL_HOST:
            return
        with service():
            rows = EmailAddress.objects.filter(user__in=set(account_ids), verified=True, primary=True)
            addresses = list(rows.values_list("email", flat=True))
        for address in addresses:
            send_mail(subject, text, None, [address])


def _roles(account_id: int) -> frozenset[Role]:
    """Those given, and `operator` for whoever runs the server; none once the account is closing."""
    rows = Account.objects.filter(pk=account_id, is_active=True).values_list("is_operator", "staff_roles__role")
    found = {Role(role) for _, role in rows if role}
    return frozenset(found | {Role.OPERATOR} if any(operates for operates, _ in rows) else found)


# --- Giving and taking --------------------------------------------------------------------------------


def give(handle: str, role: str, *, by: int | None = None) -> None:
    """Make a person of the staff. `by` is the operator who gives it; None: the command line of the server.

    ForbiddenError for who is no operator, InvalidInputError for an unknown role, NotFoundError. Giving twice is once.
    """
    person = _person(handle, role, by)
    if person.age_band != AgeBand.ADULT:
        raise ForbiddenError("Staff are adults.", hint="Give the role to somebody of 18 or over.")
    with transaction.atomic():
        StaffRole.objects.get_or_create(account=person, role=role, defaults={"given_by_id": by})


def take(handle: str, role: str, *, by: int | None = None) -> None:
    """End a role at once; what is open in it ends with the next request."""
    StaffRole.objects.filter(account=_person(handle, role, by), role=role).delete()


def _person(handle: str, role: str, by: int | None) -> Account:
    if role not in StaffRole.Role.values:
        raise InvalidInputError(fields={"role": f"One of: {', '.join(StaffRole.Role.values)}."})
    if by is not None and Role.OPERATOR not in _roles(by):
        raise ForbiddenError("Only an operator gives and takes roles.", hint="Ask the person who runs the server.")
    folded = handle.removeprefix("@").lower()
    person = Account.objects.filter(handle=folded, kind=Account.Kind.PERSON, is_active=True).first()
    if person is None:
        raise NotFoundError("There is no person with this handle.", hint="Organisations have no roles; people do.")
    if by == person.pk:
        raise ForbiddenError("Nobody gives roles to themselves.", hint="Ask another operator, or use the command line.")
    return person


def listed() -> list[tuple[str, str]]:
    """(handle, role) of everybody who has one."""
    rows = StaffRole.objects.filter(account__is_active=True).order_by("account__handle", "role")
    return list(rows.values_list("account__handle", "role"))
