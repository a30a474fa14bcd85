"""Closing an account: a state on its row. *Locked* at once, then erased by the sweep, safe to run twice.

`closing_since` says where an account stands: empty, open; set, locked and waiting to be erased; no
row, gone. A worker killed at any point leaves a row with `closing_since`, and the next sweep goes on.
"""

import logging
from importlib import import_module

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction

from hustings.accounts import avatars, events
from hustings.accounts.errors import LastOwnerError
from hustings.accounts.models import Account, Membership
from hustings.lib import clock

log = logging.getLogger(__name__)


def lock(account_id: int) -> None:
    """Nobody is signed in as the account any more and nobody sees it.

    LastOwnerError when an organisation would be left without an owner.
    """
    with transaction.atomic():
        # Owners of an organisation stand in line here, so that two who leave at once see each other.
        _refuse_orphans(account_id)
        locked = Account.objects.filter(pk=account_id, closing_since=None).update(
            is_active=False, official=False, closing_since=clock.now()
        )
        _end_sessions(account_id)
    if locked:
        # The account is locked whatever a receiver does; one that fails is asked again by the sweep.
        events.account_closing.send_robust(Account, account_id=account_id)


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


def erase_locked() -> None:
    """Erase every locked account: files, then rows and all that hangs on them. Part of the sweep."""
    for account_id, picture in Account.objects.exclude(closing_since=None).values_list("pk", "avatar"):
        try:
            events.account_closing.send(Account, account_id=account_id)
            avatars.remove(picture)
            Account.objects.get(pk=account_id).delete()
        except Exception:
            # One account's trouble must not keep the others from being erased; its row is tried again.
            log.exception("account %s could not be erased yet", account_id)
