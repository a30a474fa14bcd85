"""What an account says about itself, and how its owner likes things."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction

from hustings.accounts import avatars, checks, events, organisations, rules
from hustings.accounts.models import Account
from hustings.accounts.people import refuse
from hustings.lib.errors import NotFoundError
from hustings.trust.api import closing_on


def own(account_id: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """A person's own account and preferences, as `GET /me` says them. NotFoundError for no such account."""
    account = Account.objects.filter(pk=account_id).first()
    if account is None:
        raise NotFoundError
    places = organisations.of_person(account_id)
    closing = closing_on([account.handle, *(place.handle for place in places)])
    return {
        "handle": account.handle,
        "name": account.name,
        "bio": account.bio,
        "avatar": avatars.url(account.avatar),
        "official": account.official,
        "age_band": account.age_band,
        "closing_on": _iso(closing.get(account.handle)),
        "organisations": [place.as_json() | {"closing_on": _iso(closing.get(place.handle))} for place in places],
    }, account.preferences


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def change(
    account_id: int,
    *,
    name: str | None = None,
    bio: str | None = None,
    preferences: Mapping[str, object] | None = None,
) -> None:
    """Change what is given; InvalidInputError names every fault, and nothing is changed then."""
    faults: dict[str, str | None] = {}
    changed: dict[str, object] = {}
    if name is not None:
        changed["name"] = rules.clean_name(name)
        faults["name"] = checks.name_fault(str(changed["name"]), account_id=account_id)
    if bio is not None:
        changed["bio"] = rules.clean_bio(bio)
        faults["bio"] = rules.bio_fault(str(changed["bio"]))
    for wrong, fault in rules.preference_faults(preferences or {}).items():
        faults[f"preferences.{wrong}"] = fault
    refuse(faults)
    with transaction.atomic():
        # Locked, because preferences are merged: two devices that change different ones both count.
        account = Account.objects.select_for_update().filter(pk=account_id, is_active=True).first()
        if account is None:
            raise NotFoundError
        if preferences:
            changed["preferences"] = rules.merge_preferences(account.preferences, preferences)
        for field, value in changed.items():
            setattr(account, field, value)
        if changed:
            account.save(update_fields=set(changed))
        if "preferences" in changed:
            events.preferences_changed.send(Account, account_id=account_id, preferences=account.preferences)
    if changed.keys() & {"name", "bio"}:
        events.account_changed.send(Account, account_id=account_id)


def set_picture(account_id: int, data: bytes | None) -> str | None:
    """Show this picture (None: none any more); answers its address. ImageRefusedError changes nothing.

    The old file goes after the row names the new one, so that a crash leaves at worst a file that nobody
    names, never a name without a file.
    """
    kept = avatars.keep(data) if data is not None else ""
    with transaction.atomic():
        before = (
            Account.objects.select_for_update().filter(pk=account_id, is_active=True).values_list("avatar", flat=True)
        )
        old = before.first()
        if old is None:
            avatars.remove(kept)
            raise NotFoundError
        Account.objects.filter(pk=account_id).update(avatar=kept)
    avatars.remove(old)
    events.account_changed.send(Account, account_id=account_id)
    return avatars.url(kept)
