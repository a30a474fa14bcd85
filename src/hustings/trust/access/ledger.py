"""`access`: the one way in which a person of the staff reads what is about somebody else.

Everything is asked first: the role, the case, the fields, the second person. Then the entry is written,
in the ledger and in the public log, and committed; only then is anything readable, and only what was
chosen. What was read in fact is added when the reading ends.
"""

import json
import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection

from hustings.lib import clock
from hustings.lib.errors import InvalidInputError, NotFoundError
from hustings.lib.records import Field, Table
from hustings.trust import datamap, scopes
from hustings.trust.access import approvals, cases, columns, places, rules
from hustings.trust.access.errors import AccessRefusedError, ApprovalNeededError
from hustings.trust.access.models import AccessEntry, LawfulRequest
from hustings.trust.access.places import Place
from hustings.trust.access.pseudonyms import pseudonym
from hustings.trust.access.roles import staff
from hustings.trust.access.rules import Role
from hustings.trust.inserting import insert_both
from hustings.trust.log.writing import prepared
from hustings.trust.scopes import Look

log = logging.getLogger(__name__)

# What each reason is in fideslang's taxonomy of data uses.
USES = {
    "subject_request": "essential.legal_obligation",
    "support": "essential.service.operations.support",
    "security": "essential.service.security",
    "moderation": "essential.service.security",
    "legal_order": "essential.legal_obligation",
    "production_alert": "essential.service.operations",
    "research": "essential.service.operations.improve",
}


_END = f"UPDATE {AccessEntry._meta.db_table} SET ended_at = %s, read = %s, rows = %s WHERE id = %s"  # noqa: S608, SLF001 - no input

# PostgreSQL need not wait for the disk here: what is lost in a crash is the note that less was read than was chosen.
_END_UNHURRIED = (
    "WITH unhurried AS (SELECT set_config('synchronous_commit', 'off', true) AS said) "  # noqa: S608 - no input
    f"UPDATE {AccessEntry._meta.db_table} SET ended_at = %s, read = %s, rows = %s "  # noqa: SLF001 - no input
    "FROM unhurried WHERE id = %s AND said = 'off'"
)


@dataclass(frozen=True, slots=True)
class Recorded:
    """An access that was committed: its public id, and the id by which the log is asked for its entry.

    `disclose_after` is from when the person may know of it, where that is not at once.
    """

    id: str
    log_entry: int
    disclose_after: datetime | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to do, complete and judged."""

    actor: int
    subject: int
    handle: str
    role: Role
    reason: str
    reason_text: str
    case: str
    fields: tuple[Field, ...]
    place: Place
    method: str
    why_two: str
    request: approvals.Approved | None
    justification: str
    disclose_after: datetime | None


@contextmanager
def access(
    actor: int,
    subject: int,
    *,
    purpose: str,
    case: str,
    fields: Iterable[str],
    place: Place | str | None = None,
    reason: str = "",
    break_glass: str = "",
    method: str = "screen",
) -> Iterator[Recorded]:
    """Record that `actor` looks at `fields` of `subject`; inside the block they can be read.

    `purpose` is one of the closed list (`rules.REASONS`), `case` the reference of an open case, `fields`
    names as `app.Model.column`. `place` is where the actor is; without it their staff session says so.
    `reason` is for the person who is looked at, in words. What is sensitive, a minor's, or asked for by a
    law needs an approved request, which is found by what it was given for; `break_glass`, a written
    justification, does without, is loud in the public log, and is reviewed by somebody else.

    Raises AccessRefusedError, UnknownCaseError, ApprovalNeededError, StaffSessionError, InvalidInputError.
    Must not stand in a transaction: a rollback would take the record away from under the reading.
    """
    with scopes.service():
        asked = _judged(actor, subject, purpose, case, tuple(fields), place, reason, break_glass, method)
        entry = _record(asked)
    look = Look(entry.pk, subject, frozenset(field.id for field in asked.fields))
    try:
        with scopes.staff(actor), scopes.looking(look):
            assert entry.log_entry is not None, "_record has just written it"
            yield Recorded(entry.public_id, entry.log_entry, entry.disclose_after)
    finally:
        look.ended = True
        with scopes.service():
            _complete(look)


def chosen(names: Iterable[str]) -> tuple[Field, ...]:
    """The declared columns with those names. InvalidInputError for what is not there, public or a secret."""
    wanted = tuple(dict.fromkeys(names))
    declared = datamap.fields()
    found, faults = [], {}
    for name in wanted:
        model, _, column = name.rpartition(".")
        line = declared.get((model, column))
        if line is None:
            faults[name] = "There is no such field."
        elif not rules.choosable(line):
            faults[name] = "Nobody may look at this."
        elif datamap.public(line):
            faults[name] = "Everyone may read this; it needs no access."
        elif owner_of(model) is None:
            faults[name] = "Whose it is cannot be told from the row, so nobody may look at it."
        else:
            found.append(line)
    if not wanted:
        faults["fields"] = "Choose the fields that you need."
    if len(wanted) > rules.MOST_FIELDS:
        faults["fields"] = f"Choose {rules.MOST_FIELDS} fields at most: an access is for a purpose."
    if faults:
        raise InvalidInputError(fields=faults)
    return tuple(found)


def owner_of(label: str) -> tuple[str, ...] | None:
    """How a row of `app.Model` leads to its owner; None when it does not."""
    return next((table.owner for table in columns.tables().values() if table.label == label), None)


def _judged(  # noqa: PLR0917 - what `access` was given, in its order
    actor: int,
    subject: int,
    reason: str,
    case: str,
    names: tuple[str, ...],
    place: Place | str | None,
    text: str,
    break_glass: str,
    method: str,
) -> Asked:
    fields = chosen(names)
    if reason not in rules.MAY_LOOK:
        raise InvalidInputError(fields={"purpose": "Choose a reason from the list."})
    facts = staff().facts(actor, subject)
    if not facts.handle:
        raise NotFoundError("There is no such account.")
    role = rules.role_for(facts.roles, reason)
    if role is None:
        raise AccessRefusedError
    if actor == subject:
        raise AccessRefusedError("Your own data needs no access.", hint="You see it in your settings.")
    where = Place.parse(place) if isinstance(place, str) else place or places.of(actor)
    cases.check(case, reason, subject)
    why = rules.second_person(reason, fields, minor=facts.minor)
    request = None
    justification = " ".join(break_glass.split())
    if why and not justification:
        request = approvals.usable(actor, subject, reason, case, {field.id for field in fields})
        if request is None:
            raise ApprovalNeededError(params={"why": why})
    if justification:
        _check_justification(justification, reason)
    said = " ".join(text.split())[: rules.REASON_TEXT[1]] or (request.reason if request else "")
    delayed = request.disclose_after if request else None
    return Asked(
        actor,
        subject,
        facts.handle,
        role,
        reason,
        said,
        case,
        fields,
        where,
        method,
        why,
        request,
        justification,
        delayed,
    )


def _check_justification(text: str, reason: str) -> None:
    least, most = rules.JUSTIFICATION
    if not least <= len(text) <= most:
        raise InvalidInputError(
            fields={"break_glass": f"Say in {least} to {most} characters why this cannot wait for a second person."}
        )
    if reason in rules.ALWAYS_TWO:
        raise AccessRefusedError(
            "A legal order and research can wait for a second person.", hint="Ask for approval; nobody is in danger."
        )


def _record(asked: Asked) -> AccessEntry:
    """The entry in the ledger and in the public log: both committed, or neither, before anything is read."""
    now = clock.now()
    entry = AccessEntry(
        actor=asked.actor,
        subject=asked.subject,
        role=asked.role.value,
        reason=asked.reason,
        reason_text=asked.reason_text,
        case=asked.case,
        fields=[field.id for field in asked.fields],
        method=asked.method,
        employer=asked.place.employer,
        employed_by=asked.place.employed_by,
        office_country=asked.place.office,
        physical_country=asked.place.physical,
        started_at=now,
        request=asked.request.pk if asked.request else None,
        authority=asked.request.authority if asked.request else None,
        break_glass=bool(asked.justification),
        justification=asked.justification,
        review_due=now + rules.REVIEW_WITHIN if asked.justification else None,
        disclose_after=asked.disclose_after,
    )
    body, committed = public_words(asked)
    said = prepared("access", body, secrets=committed, subject=asked.subject, disclose_after=asked.disclose_after)
    insert_both(said, entry, "log_entry")
    if asked.justification:
        _tell_officers(asked)
    return entry


def public_words(asked: Asked) -> tuple[dict[str, Any], dict[str, str]]:
    """The public entry, and what it only commits to."""
    tables = sorted({field.model for field in asked.fields})
    body: dict[str, Any] = {
        "reason": asked.reason,
        "role": asked.role.value,
        "categories": sorted({data for field in asked.fields for data in field.topic.data})[:32],
        "records": rules.count_bucket(sum(_records(table, asked.subject) for table in tables)),
        "method": asked.method,
        "office_country": asked.place.office,
        "physical_country": asked.place.physical,
        "break_glass": bool(asked.justification),
        "region": settings.REGION,
        "purpose": USES[asked.reason],
        "actor": pseudonym(asked.actor),
        "employer": asked.place.employed_by,
        "policy": f"two:{asked.why_two}" if asked.why_two else "one",
    }
    if len(tables) == 1:
        body["dataset"] = tables[0]
    if asked.disclose_after:
        body["disclose_after"] = f"{asked.disclose_after:%Y-%m-%d}"
    committed = {"subject": f"@{asked.handle}", "case": asked.case, "reason": asked.reason_text or asked.justification}
    if asked.request:
        body["approver"] = pseudonym(asked.request.decided_by)
        if asked.request.authority:
            order = LawfulRequest.objects.get(pk=asked.request.authority)
            body |= {"authority_country": order.country}
            committed["order"] = f"{order.authority}: {order.order}"
    return body, {name: value for name, value in committed.items() if value}


def _records(label: str, subject: int) -> int:
    """How many rows of a table the access opens, counted no further than the log's largest range."""
    if owner_of(label) == ("id",):
        return 1
    table: Table = datamap.table_of(label)
    return datamap.owned_rows(subject, table).order_by()[:1001].count()


def _tell_officers(asked: Asked) -> None:
    """Break-glass is never quiet: whoever may review it hears of it at once. Their screens show it besides."""
    port = staff()
    told = {one for role in rules.MAY_REVIEW for one in port.holders(role)} - {asked.actor}
    hours = int(rules.REVIEW_WITHIN.total_seconds() // 3600)
    try:
        port.tell(
            told,
            f"{settings.SITE_NAME}: somebody broke the glass",
            f"An access without the second person was made for the case {asked.case} ({asked.reason}).\n"
            f"It must be reviewed by somebody else within {hours} hours: {settings.PUBLIC_URL}/staff/reviews\n",
        )
    except OSError:
        log.exception("officers could not be written to; /staff/reviews shows them the access")


def _complete(look: Look) -> None:
    """What was read in fact. A process that dies before leaves the entry open: then all that was chosen counts."""
    sql = _END_UNHURRIED if connection.vendor == "postgresql" else _END
    ended = connection.ops.adapt_datetimefield_value(clock.now())
    with connection.cursor() as cursor:  # by hand, like the rest of what somebody waits for
        cursor.execute(sql, [ended, json.dumps(sorted(look.read)), look.rows, look.entry])
