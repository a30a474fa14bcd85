"""Where somebody works from, as they said at the start of their working day: every entry carries it."""

import re
from dataclasses import dataclass

from django.db import connection

from hustings.lib import clock
from hustings.lib.errors import InvalidInputError
from hustings.trust import scopes
from hustings.trust.access.errors import StaffSessionError
from hustings.trust.access.models import StaffSession
from hustings.trust.access.rules import SESSION_LASTS

EMPLOYED_BY = ("controller", "processor", "authority")
# By hand: it stands before every look.
_OF = (
    "SELECT office_country, physical_country, employer, employed_by "  # noqa: S608 - no input in it
    f"FROM {StaffSession._meta.db_table} WHERE actor = %s AND ends_at > %s"  # noqa: SLF001 - no input in it
)
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Place:
    """ISO 3166-1 codes of the office and of where the person is; for whom they work, and in what part."""

    office: str
    physical: str
    employer: str = ""
    employed_by: str = "controller"

    @classmethod
    def parse(cls, text: str) -> "Place":
        """`GB`, or `GB/FR` for somebody of a British office who is in France."""
        office, _, physical = text.upper().partition("/")
        place = cls(office, physical or office)
        if faults := place.faults():
            raise InvalidInputError(fields=faults)
        return place

    def faults(self) -> dict[str, str]:
        """What is wrong with it, by field."""
        found = {
            name: "A country's code of two letters, such as GB."
            for name, value in (("office", self.office), ("physical", self.physical))
            if not _COUNTRY.fullmatch(value) and (name == "office" or value != self.office)
        }
        if self.employed_by not in EMPLOYED_BY:
            found["employed_by"] = f"One of: {', '.join(EMPLOYED_BY)}."
        if len(self.employer) > 80:
            found["employer"] = "80 characters at most."
        return found


def begin(actor: int, place: Place) -> None:
    """Start a staff session: it lasts a working day. InvalidInputError names every fault."""
    faults = place.faults()
    if not place.employer.strip():
        faults["employer"] = "Say for whom you work."
    if faults:
        raise InvalidInputError(fields=faults)
    now = clock.now()
    said = {
        "employer": place.employer.strip(),
        "employed_by": place.employed_by,
        "office_country": place.office,
        "physical_country": place.physical,
        "started_at": now,
        "ends_at": now + SESSION_LASTS,
    }
    with scopes.service():
        StaffSession.objects.update_or_create(actor=actor, defaults=said)


def end(actor: int) -> None:
    """End it, as people do who go home or move on."""
    with scopes.service():
        StaffSession.objects.filter(pk=actor).delete()


def of(actor: int) -> Place:
    """Where somebody works from now. StaffSessionError when nobody said, or not today."""
    now = connection.ops.adapt_datetimefield_value(clock.now())
    with scopes.service(), connection.cursor() as cursor:
        cursor.execute(_OF, [actor, now])
        row = cursor.fetchone()
    if row is None:
        raise StaffSessionError
    return Place(*row)
