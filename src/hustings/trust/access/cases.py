"""What an access is for: a case that exists, is open, is of the reason's kind and about the person."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from hustings.lib import clock, ids
from hustings.lib.errors import InvalidInputError, NotFoundError
from hustings.trust import scopes
from hustings.trust.access.errors import UnknownCaseError
from hustings.trust.access.models import AccessCase, LawfulRequest
from hustings.trust.access.rules import MAY_LOOK


@dataclass(frozen=True, slots=True)
class CaseFact:
    """What a domain knows of a case of its own. `subject` None: it is about nobody in particular yet."""

    kind: str
    open: bool
    subject: int | None = None


Checker = Callable[[str], CaseFact | None]
_OWN = f"SELECT kind, closed_at, subject FROM {AccessCase._meta.db_table} WHERE reference = %s"  # noqa: S608, SLF001 - no input
_checkers: list[Checker] = []
_LETTERS = {
    "subject_request": "SR",
    "support": "SU",
    "security": "SE",
    "moderation": "MO",
    "legal_order": "LO",
    "production_alert": "PA",
    "research": "RE",
}


def register_cases(checker: Checker) -> None:
    """A domain with cases of its own says how to find one by its reference; None for what is not its."""
    _checkers.append(checker)


def check(reference: str, reason: str, subject: int) -> None:
    """UnknownCaseError unless there is such an open case, of this kind, about this person or about nobody yet."""
    fact = _own(reference) or next((fact for ask in _checkers if (fact := ask(reference))), None)
    if fact is None or not fact.open or fact.kind != reason or fact.subject not in {None, subject}:
        raise UnknownCaseError


def _own(reference: str) -> CaseFact | None:
    with connection.cursor() as cursor:  # by hand: it stands before every look
        cursor.execute(_OWN, [reference])
        row = cursor.fetchone()
    if row is not None:
        return CaseFact(row[0], row[1] is None, row[2])
    outcome = LawfulRequest.objects.filter(reference=reference).values_list("outcome", flat=True).first()
    return None if outcome is None else CaseFact("legal_order", outcome not in {"refused", "withdrawn"})


# --- Staff's own -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Case:
    """A case as a screen shows it."""

    reference: str
    kind: str
    subject: int | None
    summary: str
    opened_by: int
    opened_at: datetime
    closed_at: datetime | None


_SHOWN = ("reference", "kind", "subject", "summary", "opened_by", "opened_at", "closed_at")


def start(actor: int, kind: str, summary: str, subject: int | None = None) -> str:
    """A new case; its reference. InvalidInputError names every fault."""
    faults = {}
    said = " ".join(summary.split())
    if kind not in MAY_LOOK:
        faults["kind"] = "Choose a reason from the list."
    if not 5 <= len(said) <= 200:
        faults["summary"] = "Say in 5 to 200 characters what it is about, without naming private facts."
    if faults:
        raise InvalidInputError(fields=faults)
    reference = f"{_LETTERS[kind]}-{ids.new(8)}"
    with scopes.service():
        AccessCase.objects.create(reference=reference, kind=kind, subject=subject, summary=said, opened_by=actor)
    return reference


def close(reference: str) -> None:
    """Nobody may look for this case any more. NotFoundError; closing twice is closing once."""
    with scopes.service():
        found = AccessCase.objects.filter(reference=reference)
        if not found.filter(closed_at=None).update(closed_at=clock.now()) and not found.exists():
            raise NotFoundError


def listed(*, open_only: bool = True, limit: int = 100) -> list[Case]:
    """Cases, newest first: the office's own list, which says what people work on and nothing of what they saw."""
    with scopes.service():
        rows = AccessCase.objects.order_by("-opened_at").values_list(*_SHOWN)
        rows = rows.filter(closed_at=None) if open_only else rows
        return [Case(*row) for row in rows[:limit]]


def one(reference: str) -> Case:
    """A case by its reference. NotFoundError."""
    with scopes.service():
        row = AccessCase.objects.filter(reference=reference).values_list(*_SHOWN).first()
    if row is None:
        raise NotFoundError
    return Case(*row)
