"""The rules of handles and names, asked of the database: taken, or too like somebody official."""

from django.db.models import Q

from hustings.accounts import rules
from hustings.accounts.models import Account
from hustings.lib.errors import InvalidInputError
from hustings.trust import api as trust

TAKEN = "Somebody has this handle already."
GONE = "This handle belonged to an account that was closed. It is not given again."
LOOKALIKE = "This is too easily mistaken for an official account."


def handle_taken() -> InvalidInputError:
    """The refusal of a handle that is somebody's."""
    return InvalidInputError(fields={"handle": TAKEN})


def handle_fault(handle: str, *, trusted: bool = False) -> str | None:
    """What is wrong with a folded handle that somebody wants, as a sentence; None when it is free."""
    fault = rules.handle_fault(handle, trusted=trusted)
    if fault:
        return fault
    skeleton = rules.skeleton(handle)
    # Organisations keep their skeleton to themselves, officials or not; people only their handle.
    near = Account.objects.filter(Q(handle=handle) | Q(skeleton=skeleton) & ~Q(kind=Account.Kind.PERSON))
    taken = set(near.values_list("handle", flat=True))
    if taken:
        return TAKEN if handle in taken else LOOKALIKE
    # A closed account's handle is never given again, by the operator neither.
    if trust.handle_was_closed(handle):
        return GONE
    if trust.closed_lookalike(skeleton):
        return LOOKALIKE
    return LOOKALIKE if not trusted and _misleads(handle, but=None) else None


def name_fault(name: str, *, account_id: int | None = None, trusted: bool = False) -> str | None:
    """What is wrong with a cleaned display name; `account_id` may be called what it is called."""
    fault = rules.name_fault(name)
    if fault:
        return fault
    return LOOKALIKE if not trusted and _misleads(name, but=account_id) else None


def _misleads(text: str, *, but: int | None) -> bool:
    """Whether `text` would be taken for an official account. There are few of those: all are compared."""
    official = Account.objects.filter(official=True).values_list("handle", "name")
    if but is not None:
        official = official.exclude(pk=but)
    return any(rules.misleads(text, known) for pair in [*official, *trust.closed_officials()] for known in pair)


def lookalikes_of(account_id: int) -> list[str]:
    """Handles of accounts that were there before this one became official and could be taken for it."""
    account = Account.objects.only("handle", "name").get(pk=account_id)
    others = Account.objects.exclude(pk=account_id).filter(is_active=True, official=False)
    found = [
        handle
        for handle, name in others.values_list("handle", "name").iterator(chunk_size=2000)
        if any(rules.misleads(text, known) for text in (handle, name) for known in (account.handle, account.name))
    ]
    return sorted(found)
