"""What closing an account asks of accounts: who it is, and the lock. The states are trust's (`trust/closure`).

`closing_since` says where a row stands: empty, open; set, locked and waiting to be erased; no row, gone.
"""

from collections.abc import Iterable
from importlib import import_module

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction

from hustings.accounts import avatars, events
from hustings.accounts.errors import LastOwnerError
from hustings.accounts.models import Account, Membership
from hustings.lib import clock
from hustings.trust.api import Subject, Wish, ask_to_close


def close(account_id: int, wish: Wish | None = None) -> str:
    """Begin to close an account, without cooling unless `wish` says otherwise; the secret of its owner's link.

    LastOwnerError when an organisation would be left without an owner; ClosingAlreadyError.
    """
    return ask_to_close(account_id, wish or Wish())


class Closing:
    """The one implementation of `trust.closure.subjects.Accounts`."""

    def subject(self, account_id: int) -> Subject | None:
        row = Account.objects.filter(pk=account_id).first()
        if row is None:
            return None
        organisation = row.kind == Account.Kind.ORGANISATION
        return Subject(row.pk, row.handle, row.name, organisation, row.official, row.skeleton)

    def refuse_orphans(self, account_id: int) -> None:
        """Owners of an organisation stand in line here, so that two who leave at once see each other."""
        with transaction.atomic():
            _refuse_orphans(account_id)

    def lock(self, account_id: int, *, insist: bool = False) -> None:
        if not insist:
            _refuse_orphans(account_id)
        Account.objects.filter(pk=account_id, closing_since=None).update(is_active=False, closing_since=clock.now())
        _end_sessions(account_id)
        # The account is locked whatever a receiver does; the machine announces again, and insists.
        transaction.on_commit(lambda: _withhold_picture(account_id))
        transaction.on_commit(lambda: events.account_closing.send_robust(Account, account_id=account_id))

    def announce(self, account_id: int) -> None:
        _withhold_picture(account_id)
        events.account_closing.send(Account, account_id=account_id)

    def known_by(self, account_id: int) -> Iterable[str]:
        return EmailAddress.objects.filter(user=account_id).values_list("email", flat=True)


def _refuse_orphans(person_id: int) -> None:
    owned = Membership.objects.select_for_update().filter(
        person=person_id, role=Membership.Role.OWNER, organisation__is_active=True
    )
    for organisation_id in list(owned.values_list("organisation", flat=True)):
        owners = Membership.objects.select_for_update().filter(
            organisation=organisation_id, role=Membership.Role.OWNER, person__is_active=True
        )
        if not [key for key in owners.values_list("person", flat=True) if key != person_id]:
            handle = Account.objects.values_list("handle", flat=True).get(pk=organisation_id)
            raise LastOwnerError(
                f"You are the only owner of @{handle}.",
                hint="Make somebody else an owner, or close the organisation first.",
                params={"organisation": handle},
            )


def _end_sessions(account_id: int) -> None:
    store: type[SessionBase] = import_module(settings.SESSION_ENGINE).SessionStore
    for key in UserSession.objects.filter(user=account_id).values_list("session_key", flat=True):
        store().delete(key)
    UserSession.objects.filter(user=account_id).delete()


def _withhold_picture(account_id: int) -> None:
    avatars.withhold(Account.objects.filter(pk=account_id).values_list("avatar", flat=True).first() or "")
