"""Putting right what is held: where people do it themselves, and requests for what only staff can change.

A request is a case of the reason *subject request*: staff read its text inside a recorded access alone, as
everything else about people, and whoever asked sees that they did.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction

from hustings.lib import clock, ids, text
from hustings.lib.errors import InvalidInputError, NotFoundError, TooManyRequestsError
from hustings.lib.records import Field
from hustings.trust import datamap, scopes
from hustings.trust.access.cases import CaseFact
from hustings.trust.holdings import holders
from hustings.trust.people import acting
from hustings.trust.rights.models import Correction

OPEN_AT_ONCE: Final = 10
TEXT: Final = (10, 1000)  # characters
PREFIX: Final = "CO-"
State = Correction.State


@dataclass(frozen=True, slots=True)
class Place:
    """A column about somebody, and where they change it themselves; an empty address: they ask us."""

    field: Field
    address: str


def addresses() -> Mapping[str, str]:
    """Where people change things, by table or column."""
    return {name: where for holder in holders() for name, where in getattr(holder, "corrections", {}).items()}


def places(account_id: int) -> list[Place]:
    """Every column that is held about an account in rows of its own, as the map orders them."""
    known = addresses()
    found = []
    for table in datamap.tables().values():
        if not table.subjects or not datamap.count_of(account_id, table):
            continue
        for name in sorted(datamap.personal_columns(table.model)):
            field = datamap.fields()[table.model, name]
            where = known.get(field.id) or known.get(table.model) or ""
            # What proves who somebody is they replace; it is never put right.
            if where or not field.topic.secret:
                found.append(Place(field, where))
    return found


def ask(person_id: int, column: str, words: str, handle: str | None = None) -> Correction:
    """Say that something is wrong. InvalidInputError names every fault; TooManyRequestsError beyond ten open ones."""
    account_id = acting(person_id, handle)
    said = text.clean(words)
    faults = {}
    if column not in {place.field.id for place in places(account_id) if not place.address}:
        faults["column"] = "Choose what is wrong from the list."
    if not TEXT[0] <= len(said) <= TEXT[1]:
        faults["text"] = f"Say in {TEXT[0]} to {TEXT[1]} characters what is wrong and what is right."
    if faults:
        raise InvalidInputError(fields=faults)
    with transaction.atomic():
        if Correction.objects.filter(account_id=account_id, state=State.OPEN).count() >= OPEN_AT_ONCE:
            raise TooManyRequestsError("You have many open requests.", hint="Wait until we have answered some of them.")
        return Correction.objects.create(account_id=account_id, asked_by=person_id, column=column, text=said)


def of(person_id: int, handle: str | None = None) -> list[Correction]:
    """The account's requests, newest first."""
    return list(Correction.objects.filter(account_id=acting(person_id, handle)).order_by("-pk")[:50])


# --- Staff --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Waiting:
    """An open request as the office lists it: not a word of what it says."""

    reference: str
    account_id: int
    column: str
    asked_at: datetime


def waiting() -> list[Waiting]:
    """Open requests, oldest first. The office's own list; what each says is read inside an access alone."""
    with scopes.service():
        rows = Correction.objects.filter(state=State.OPEN).order_by("pk")
        return [
            Waiting(f"{PREFIX}{key}", account_id, column, asked_at)
            for key, account_id, column, asked_at in rows.values_list("key", "account_id", "column", "asked_at")
        ]


def one(reference: str) -> Waiting:
    """The open request of that reference. NotFoundError."""
    found = next((row for row in waiting() if row.reference == reference), None)
    if found is None:
        raise NotFoundError
    return found


def answer(staff_id: int, reference: str, words: str, *, done: bool) -> None:
    """Close a request with an answer that whoever asked reads. InvalidInputError without one; NotFoundError."""
    said = text.clean(words)
    if not TEXT[0] <= len(said) <= TEXT[1]:
        raise InvalidInputError(fields={"answer": f"Write an answer of {TEXT[0]} to {TEXT[1]} characters."})
    with scopes.service(), transaction.atomic():
        key = _key(reference)
        row = Correction.objects.select_for_update().filter(key=key, state=State.OPEN).first()
        if row is None:
            raise NotFoundError
        row.state = State.DONE if done else State.DECLINED
        row.answer, row.decided_at, row.decided_by = said, clock.now(), staff_id
        row.save(update_fields=["state", "answer", "decided_at", "decided_by"])


def case(reference: str) -> CaseFact | None:
    """What recorded access asks about a reference of ours."""
    key = _key(reference)
    if not key:
        return None
    with scopes.service():
        row = Correction.objects.filter(key=key).values_list("state", "account_id").first()
    return CaseFact("subject_request", row[0] == State.OPEN, row[1]) if row else None


def _key(reference: str) -> str:
    key = reference.removeprefix(PREFIX)
    return key if reference.startswith(PREFIX) and ids.is_id(key, ids.SECRET_LENGTH) else ""
