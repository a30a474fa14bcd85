"""Making an account and changing a profile: every fault of an input is gathered before answering."""

from django.db import IntegrityError, transaction

from hustings.accounts import checks, events, rules
from hustings.accounts.errors import TooYoungError
from hustings.accounts.models import Account, AgeBand
from hustings.lib import ids
from hustings.lib.errors import ForbiddenError, InvalidInputError

UNDER_13 = "under_13"


def age_fault(age_band: str) -> str | None:
    """What is wrong with an answer to the question about age. TooYoungError for under 13."""
    if age_band == UNDER_13:
        raise TooYoungError
    return None if age_band in AgeBand.values else "One of: 13-15, 16-17, 18+."


def new_person(handle: str, *, name: str, age_band: str, bio: str, trusted: bool) -> Account:
    """An unsaved person. TooYoungError before anything else is looked at, then InvalidInputError."""
    faults = {"age_band": age_fault(age_band)}
    account = _new(Account.Kind.PERSON, handle, name, bio, faults, trusted=trusted)
    account.age_band = age_band
    account.preferences = rules.default_preferences(age_band)
    return account


def new_organisation(handle: str, *, name: str, bio: str, trusted: bool) -> Account:
    """An unsaved organisation; InvalidInputError names every fault."""
    return _new(Account.Kind.ORGANISATION, handle, name, bio, {}, trusted=trusted)


def _new(
    kind: Account.Kind, handle: str, name: str, bio: str, faults: dict[str, str | None], *, trusted: bool
) -> Account:
    folded = rules.fold_handle(handle)
    called = rules.clean_name(name) or folded
    text = rules.clean_bio(bio)
    faults["handle"] = checks.handle_fault(folded, trusted=trusted)
    # Without a name the handle stands in, and has been looked at.
    faults["name"] = checks.name_fault(called, trusted=trusted) if name else None
    faults["bio"] = rules.bio_fault(text)
    refuse(faults)
    return Account(kind=kind, handle=folded, name=called, bio=text)


def refuse(faults: dict[str, str | None]) -> None:
    """InvalidInputError with every fault there is."""
    found = {field: fault for field, fault in faults.items() if fault}
    if found:
        raise InvalidInputError(fields=found)


def may_found(person: Account) -> None:
    """ForbiddenError unless the person may answer for an organisation."""
    if person.age_band != AgeBand.ADULT:
        raise ForbiddenError(
            "Organisations are founded by adults.",
            hint="Ask an adult of your organisation to create it and invite you.",
        )


def save(account: Account) -> int:
    """Insert a new account and announce it; answers its id. InvalidInputError when the handle was taken."""
    try:
        with transaction.atomic():
            account.save(force_insert=True)
    except IntegrityError:
        # Somebody took the handle between the check and the insert.
        raise checks.handle_taken() from None
    transaction.on_commit(lambda: events.account_created.send(Account, account_id=account.pk))
    return account.pk


def reserve_id() -> int:
    """An account id that nobody has or will get, for a person who is still making their passkey.

    A passkey carries the id, so the id must be known before the account is. The database's own
    counter gives it: a row is inserted and removed in one transaction, and nobody ever sees it.
    """
    with transaction.atomic():
        # Not a handle anybody could have; and the counter, not the row, is what is wanted.
        passing = Account.objects.create(handle=f"-{ids.secret().lower()}", name="-")
        key = passing.pk
        passing.delete()
    return key
