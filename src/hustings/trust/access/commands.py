"""What `hustings access …` does. Functions with text in and lines out; the command line only prints.

Whoever types these has the server's own user and could do worse; so each look names the person who looks,
who must hold the role, and is recorded as any other.
"""

from collections.abc import Iterable, Iterator

from hustings.lib.errors import InvalidInputError
from hustings.lib.tlog.words import plain
from hustings.trust import scopes
from hustings.trust.access import cases, looking, shells
from hustings.trust.access.ledger import access
from hustings.trust.access.shells import ROLE
from hustings.trust.people import people

_LONGEST = 20_000  # characters of one value; longer than any text that a member may write


def look(
    handle: str, *, who: str, purpose: str, case: str, fields: Iterable[str], reason: str, place: str, glass: str = ""
) -> Iterator[str]:
    """The chosen fields of a member, inside a recorded access: lines to print."""
    with scopes.service():
        actor, subject = people().by_handle(who), people().by_handle(handle)
    names = tuple(fields)
    with access(
        actor,
        subject,
        purpose=purpose,
        case=case,
        fields=names,
        place=place,
        reason=reason,
        break_glass=glass,
        method="command",
    ) as entry:
        shown = looking.look(subject, names)
    yield f"Recorded as {entry.id}; @{handle.removeprefix('@')} sees it."
    for one in shown:
        yield f"\n{one.label}"
        for row in one.rows:
            # Members chose these words, and the names of files: they are shown, and command no terminal of the staff.
            values = (plain(value, _LONGEST) for value in row)
            yield "  " + "; ".join(f"{field.name}: {value}" for field, value in zip(one.fields, values, strict=True))
        if not one.rows:
            yield "  nothing"


def open_case(kind: str, summary: str, *, who: str, about: str = "") -> str:
    """A new case; its reference."""
    with scopes.service():
        actor = people().by_handle(who)
        subject = people().by_handle(about) if about else None
    return cases.start(actor, kind, summary, subject)


def open_fields() -> Iterator[str]:
    """Every field that an access can open, with what it is for."""
    for choice in looking.choices():
        for field in choice.fields:
            yield f"{field.id:46} {field.purpose}"


def harden(role: str = ROLE) -> list[str]:
    """Make or renew the database's role for people. NotPostgresError."""
    count = shells.harden(role)
    return [
        f"The role {role} is there ({count} statements). It reads what is public, and nothing personal.",
        "Give a person a login with: hustings access login NAME --person HANDLE",
    ]


def harden_sql(role: str = ROLE) -> Iterator[str]:
    """The same as SQL, for an administrator of the database to run."""
    for statement in shells.statements(role):
        yield f"{statement};"


def give_login(login: str, handle: str, role: str = ROLE) -> list[str]:
    """A login of the database for one person."""
    with scopes.service():
        actor = people().by_handle(handle)
    shells.give_login(login, actor, role)
    return [
        f"{login} is @{handle.removeprefix('@')}'s. Set its password with psql: \\password {login}",
        "In a shell, as one line:",
        "SELECT hustings_access.ask('member', 'support', 'SU-…', ARRAY['accounts.Account.created_at'], 'why');",
        "then, a few seconds later: SELECT hustings_access.read('…');",
    ]


def take_login(login: str) -> list[str]:
    """Nothing can be asked for with the login any more."""
    if not login:
        raise InvalidInputError(fields={"login": "Name the login."})
    shells.take_away(login)
    return [f"{login} is nobody's now. To remove it from the database: DROP ROLE {login};"]
