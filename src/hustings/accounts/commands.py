"""What `hustings account …` does. Functions with text in and text out; the command line only prints."""

import secrets

from hustings.accounts import api
from hustings.accounts.models import Account
from hustings.lib.errors import NotFoundError


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


def close(handle: str) -> list[str]:
    """Close an account on its owner's behalf: locked now, erased by the next sweep of a worker."""
    account = api.by_handle(handle)
    api.close(account.id)
    return [f"@{account.handle} is locked. A running `hustings worker` erases it within a minute."]


def new_password(handle: str) -> list[str]:
    """Give a person who cannot get in a new password, printed once; ends their sessions."""
    account = Account.objects.filter(pk=api.by_handle(handle).id, kind=Account.Kind.PERSON).first()
    if account is None:
        raise NotFoundError("Only people sign in.", hint="Name a person, not an organisation.")
    made_up = secrets.token_urlsafe(15)
    account.set_password(made_up)
    account.save(update_fields=["password"])
    return [f"Password of @{account.handle}, shown this once: {made_up}"]
