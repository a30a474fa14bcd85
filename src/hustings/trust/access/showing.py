"""How the pages of recorded access say things: moments, fields, errors of a form, who somebody is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import override

from hustings.lib.errors import HustingsError
from hustings.trust import datamap, scopes
from hustings.trust.access import approvals, rules
from hustings.trust.access.gate import Me
from hustings.trust.access.rules import Role
from hustings.trust.datamap import words
from hustings.trust.office import pages
from hustings.trust.office.refusals import words_for
from hustings.trust.people import people

# Screens in the order of the menu, each with the roles that have it.
MENU: tuple[tuple[str, frozenset[Role]], ...] = (
    ("cases", frozenset(Role)),
    ("look", frozenset(Role) - {Role.AUDITOR}),
    ("requests", frozenset(Role) - {Role.AUDITOR}),
    ("corrections", rules.MAY_LOOK["subject_request"]),
    ("approvals", rules.MAY_APPROVE_ORDERS),
    ("reviews", rules.MAY_REVIEW),
    ("closures", frozenset(Role)),
    ("ledger", rules.MAY_READ_REGISTERS),
    ("lawful", rules.MAY_READ_REGISTERS),
    ("roles", frozenset({Role.OPERATOR})),
)


def moment(at: datetime | None, lang: str) -> str:
    """Day and time as people of the language write them."""
    if at is None:
        return "–"
    with override(lang):
        return date_format(localtime(at), "j F Y, H:i")


def day(at: date | None, lang: str) -> str:
    """The day alone."""
    if at is None:
        return "–"
    with override(lang):
        return date_format(localtime(at) if isinstance(at, datetime) else at, "j F Y")


@dataclass(frozen=True, slots=True)
class Column:
    """A field of the data map in words: its name there, what it is for, and whether a second person is needed."""

    id: str
    about: str
    topic: str
    two: bool
    ticked: bool = False


def column(name: str, lang: str, *, ticked: bool = False) -> Column:
    """A field by its `app.Model.column`; one that is not in the map any more shows its name alone."""
    model, _, attribute = name.rpartition(".")
    line = datamap.fields().get((model, attribute))
    if line is None:
        return Column(name, "", "", two=False, ticked=ticked)
    return Column(name, words.purpose(line, lang), words.topic(line.topic, lang), rules.sensitive(line), ticked)


def handles(ids: Iterable[int | None]) -> dict[int, str]:
    """Handles by account; `#7` for an account that is no more."""
    wanted = {one for one in ids if one is not None}
    with scopes.service():
        found = people().handles(wanted)
    return {one: f"@{found[one]}" if one in found else f"#{one}" for one in wanted}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a form, with the field to jump to."""

    field: str
    text: str


def faults(error: HustingsError, lang: str) -> list[Fault]:
    """Every fault of an input in the reader's language, else in English; a refusal as one."""
    if error.fields:
        known = pages.words()[lang]
        return [Fault(name, known.get(f"trust.access.fault.{name}", text)) for name, text in error.fields.items()]
    message, hint, _ = words_for(error, lang)
    return [Fault("main", f"{message} {hint}")]


def desk(
    request: HttpRequest, me: Me, template: str, context: Mapping[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """A staff screen: the menu of the roles at hand, where one works from, and what waits for oneself."""
    waiting = {
        "approvals": len(approvals.waiting(me.id, me.roles)) if me.roles & rules.MAY_APPROVE_ORDERS else 0,
        "reviews": len(approvals.unreviewed(me.id)) if me.roles & rules.MAY_REVIEW else 0,
    }
    menu = [
        {"key": f"trust.access.menu.{name}", "address": f"/staff/{name}", "waiting": waiting.get(name, 0)}
        for name, roles in MENU
        if me.roles & roles
    ]
    details = {"me": me, "menu": menu, "path": request.path, **(context or {})}
    return pages.render(request, f"trust/access/{template}.html", details, status=status)
