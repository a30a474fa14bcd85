"""What `hustings account …` does. Functions with text in and text out; the command line only prints."""

import secrets

from django.conf import settings

from hustings.accounts import api, staff
from hustings.accounts.models import Account
from hustings.lib.errors import NotFoundError
from hustings.trust.api import Wish, ask_to_close, closures_under_way


def create(handle: str, *, name: str = "", owner: str = "", password: str = "") -> list[str]:
    """Make a person, or with `owner` an organisation that this person owns. Answers lines to print.

    A person without a given password gets one made up, printed once and kept nowhere. The operator may
    give reserved handles: they are kept for whom they belong to.
    """
    if owner:
        api.create_organisation(api.by_handle(owner).id, handle, name or handle, trusted=True)
        return [f"The organisation @{handle} is there; @{owner} owns it."]
    made_up = password or secrets.token_urlsafe(15)
    api.create_person(handle, name=name, password=made_up, trusted=True)
    lines = [f"@{handle} is there."]
    return lines if password else [*lines, f"Password, shown this once: {made_up}"]


def official(handle: str, *, given: bool = True) -> list[str]:
    """Give or take the verified mark, and name the accounts that could now be mistaken for this one."""
    account = api.by_handle(handle)
    alike = api.give_official_mark(account.id, given=given)
    lines = [f"@{account.handle} is {'now' if given else 'no longer'} marked as official."]
    if alike:
        lines.append("These could be mistaken for it; look at them: " + ", ".join(f"@{one}" for one in alike))
    return lines


def close(
    handle: str, *, words: str = "", link: str = "", days: int = 0, comments: str = "erase", archive: bool = False
) -> list[str]:
    """Close an account on its owner's behalf. InvalidInputError names every fault of the choices."""
    account = api.by_handle(handle)
    wish = Wish(days=days, comments=comments, archive=archive, words=words, link=link)
    secret = ask_to_close(account.id, wish)
    begun = f"closes in {days} days" if days else "is locked; a running `hustings worker` erases it"
    return [
        f"@{account.handle} {begun}.",
        "Its owner follows it, and finds the receipt, at this address, shown this once:",
        f"{settings.PUBLIC_URL}/trust/closing/{secret}",
    ]


def closing() -> list[dict[str, object]]:
    """Every closure under way, for programs."""
    return [
        {
            "closure": one.public_id,
            "kind": one.kind,
            "state": one.state,
            "percent": round(100 * one.share),
            "attempts": one.attempts,
            "error": one.error,
            "findings": one.findings,
        }
        for one in closures_under_way()
    ]


def closing_lines() -> list[str]:
    """The same for people."""
    lines = []
    for one in closures_under_way():
        lines.append(f"{one.public_id}  {one.kind:<12}  {one.state:<9}  {one.share:>4.0%}")
        if one.error:
            lines.append(f"    failed {one.attempts} times; last: {one.error}")
        lines += [f"    still found: {place}: {count}" for place, count in sorted(one.findings.items())]
    return lines or ["Nobody is leaving."]


def new_password(handle: str) -> list[str]:
    """Give a person who cannot get in a new password, printed once; ends their sessions."""
    account = Account.objects.filter(pk=api.by_handle(handle).id, kind=Account.Kind.PERSON).first()
    if account is None:
        raise NotFoundError("Only people sign in.", hint="Name a person, not an organisation.")
    made_up = secrets.token_urlsafe(15)
    account.set_password(made_up)
    account.save(update_fields=["password"])
    return [f"Password of @{account.handle}, shown this once: {made_up}"]


# --- `hustings staff …` --------------------------------------------------------------------------------


def staff_list() -> list[tuple[str, str]]:
    """(handle, role) of everybody who works for the service."""
    return staff.listed()


def staff_give(handle: str, role: str) -> list[str]:
    """Make a person of the staff."""
    staff.give(handle, role)
    return [
        f"@{handle.removeprefix('@')} is {role} now.",
        "They find the staff screens at /staff/ when they sign in with a passkey or a second factor.",
    ]


def staff_take(handle: str, role: str) -> list[str]:
    """End a role at once."""
    staff.take(handle, role)
    return [f"@{handle.removeprefix('@')} is no longer {role}."]
