"""Making an account and changing a profile: every fault of an input is gathered before answering."""

from hustings.accounts import checks, rules
from hustings.accounts.errors import TooYoungError
from hustings.accounts.models import Account, AgeBand
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
