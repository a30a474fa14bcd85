"""Who may look for what reason, and when somebody else must agree first. Decisions without database or clock."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from hustings.lib.records import Field, Reader
from hustings.lib.tlog.schemas import REASONS, count_bucket

__all__ = ["REASONS", "count_bucket"]


class Role(StrEnum):
    """What a person of the staff is there for. Rights come from nothing else."""

    MODERATOR = "moderator"
    SUPPORT = "support"
    SECURITY = "security"
    AUDITOR = "auditor"
    PRIVACY = "privacy_officer"
    OPERATOR = "operator"


# A reason is a kind of work, and each kind is somebody's. Auditors read the registers, never people's data.
MAY_LOOK: dict[str, frozenset[Role]] = {
    "subject_request": frozenset({Role.SUPPORT, Role.PRIVACY}),
    "support": frozenset({Role.SUPPORT}),
    "security": frozenset({Role.SECURITY}),
    "moderation": frozenset({Role.MODERATOR}),
    "legal_order": frozenset({Role.PRIVACY}),
    "production_alert": frozenset({Role.OPERATOR, Role.SECURITY}),
    "research": frozenset({Role.PRIVACY}),
}
assert MAY_LOOK.keys() == set(REASONS), "every reason is somebody's"

# Who gives the second signature, and who reviews what was done without one.
MAY_APPROVE = frozenset({Role.PRIVACY})
MAY_APPROVE_ORDERS = frozenset({Role.PRIVACY, Role.AUDITOR})
MAY_REVIEW = frozenset({Role.PRIVACY, Role.AUDITOR})
MAY_OPEN_CASES = frozenset(Role) - {Role.AUDITOR}
MAY_READ_REGISTERS = frozenset({Role.PRIVACY, Role.AUDITOR})

# These reasons need a second person whatever is looked at.
ALWAYS_TWO = frozenset({"legal_order", "research"})

# fideslang categories whose reading needs a second person: what the law calls special, what people write for
# a few, what they watch, and what they keep to themselves.
SENSITIVE = (
    "user.behavior",  # what people watch, like and keep
    "user.content.private",
    "user.content.self_image",
    "user.biometric",
    "user.genetic",
    "user.health_and_medical",
    "user.demographic.political_opinion",
    "user.demographic.race_ethnicity",
    "user.demographic.religious_belief",
    "user.demographic.sexual_orientation",
    "user.location.precise",
)
REVIEW_WITHIN = timedelta(hours=72)
REQUEST_LASTS = timedelta(days=7)  # an unanswered request is no longer what was needed
APPROVAL_LASTS = timedelta(hours=24)  # the time box in which an approved request may be used
SESSION_LASTS = timedelta(hours=12)  # a working day; people go home
LONGEST_DELAY = timedelta(days=365)  # a court that wants more says so again, and the log with it
JUSTIFICATION = (40, 1000)  # characters: a sentence at least, and no essay
REASON_TEXT = (10, 500)
MOST_FIELDS = 60


def sensitive(field: Field) -> bool:
    """Whether the column belongs to a category that needs a second person."""
    if Reader.STAFF in field.readers:
        return False  # written to the staff, such as a report: their daily work, though each look is recorded
    return any(data == one or data.startswith(f"{one}.") for data in field.topic.data for one in SENSITIVE)


def choosable(field: Field) -> bool:
    """Whether any reason can open the column: what proves who somebody is, never; what is public, needless."""
    return field.personal and not field.topic.secret


def second_person(reason: str, fields: Iterable[Field], *, minor: bool) -> str:
    """Why a second person must agree, as a stable word; empty when nobody must."""
    if reason in ALWAYS_TWO:
        return reason
    if minor:
        return "minor"
    return "sensitive" if any(map(sensitive, fields)) else ""


def may_approve(roles: frozenset[Role], reason: str) -> bool:
    """Whether somebody with these roles may agree to an access for that reason."""
    return bool(roles & (MAY_APPROVE_ORDERS if reason == "legal_order" else MAY_APPROVE))


def role_for(roles: frozenset[Role], reason: str) -> Role | None:
    """The role in which somebody looks for that reason; None when theirs does not allow it."""
    return min(roles & MAY_LOOK.get(reason, frozenset()), default=None)


@dataclass(frozen=True, slots=True)
class Half:
    """A half-year: `year`, and 1 or 2."""

    year: int
    half: int

    @classmethod
    def of(cls, day: date) -> "Half":
        return cls(day.year, 1 if day.month <= 6 else 2)

    @property
    def months(self) -> tuple[str, ...]:
        """Its months, as `2026-03`."""
        first = 1 if self.half == 1 else 7
        return tuple(f"{self.year}-{month:02}" for month in range(first, first + 6))

    def __str__(self) -> str:
        return f"{self.year}-H{self.half}"


def months_between(first: str, last: str) -> list[str]:
    """Every month from `first` up to and without `last`, as `2026-03`."""
    year, month = map(int, first.split("-"))
    found = []
    while (name := f"{year}-{month:02}") < last:
        found.append(name)
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return found
