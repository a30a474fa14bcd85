"""`hustings staff …`: who works for the service. `hustings access …`: looking with a record, and database shells."""

import json
from collections.abc import Callable, Iterable
from typing import Annotated

import typer

from hustings.site import loading

staff = typer.Typer(no_args_is_help=True, help="Who works for the service, and as what. See docs/operate/staff.md.")
access = typer.Typer(no_args_is_help=True, help="Looking at somebody's data with a record; roles of database shells.")

Handle = Annotated[str, typer.Argument(help="The handle, without @.")]
Role = Annotated[
    str, typer.Argument(help="moderator, support, security, auditor, privacy_officer or operator.", metavar="ROLE")
]
Who = Annotated[str, typer.Option("--as", help="The handle of the person of the staff who does it.")]
DatabaseRole = Annotated[str, typer.Option("--role", help="The name of the database's role.")]


@staff.command("list")
def staff_list(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of lines.")] = False,
) -> None:
    """Everybody who has a role."""
    loading.load()
    from hustings.accounts import commands

    held = commands.staff_list()
    if as_json:
        typer.echo(json.dumps({"staff": [{"handle": handle, "role": role} for handle, role in held]}))
        return
    for handle, role in held:
        typer.echo(f"@{handle:30} {role}")
    if not held:
        typer.echo("Nobody has a role yet: hustings staff give HANDLE ROLE")


@staff.command("give")
def staff_give(handle: Handle, role: Role) -> None:
    """Give a person a role. They need a passkey or a second factor to use it."""
    loading.load()
    from hustings.accounts import commands

    _say("staff", lambda: commands.staff_give(handle, role))


@staff.command("take")
def staff_take(handle: Handle, role: Role) -> None:
    """Take a role back; it ends at once."""
    loading.load()
    from hustings.accounts import commands

    _say("staff", lambda: commands.staff_take(handle, role))


@access.command("fields")
def fields() -> None:
    """List every field that an access can open."""
    loading.load()
    from hustings.trust.api import access_commands

    _say("access", access_commands.open_fields)


@access.command("case")
def case(
    kind: Annotated[str, typer.Argument(help="The reason that it is for, such as support.")],
    summary: Annotated[str, typer.Argument(help="What it is about, without private facts.")],
    *,
    who: Who,
    about: Annotated[str, typer.Option(help="The handle of the member it is about.")] = "",
) -> None:
    """Open a case and print its reference."""
    loading.load()
    from hustings.trust.api import access_commands

    _say("access", lambda: [access_commands.open_case(kind, summary, who=who, about=about)])


@access.command("look")
def look(
    handle: Handle,
    *,
    who: Who,
    purpose: Annotated[str, typer.Option("--reason", help="One of the closed list, such as moderation.")],
    of_case: Annotated[str, typer.Option("--case", help="The reference of an open case.")],
    field: Annotated[list[str], typer.Option(help="A field, as `hustings access fields` names it. May be repeated.")],
    because: Annotated[str, typer.Option(help="Why, in a sentence that the member will read.")],
    place: Annotated[str, typer.Option("--from", help="Where you are: GB, or GB/FR for an office in GB from France.")],
    break_glass: Annotated[str, typer.Option(help="In an emergency: why it cannot wait for a second person.")] = "",
) -> None:
    """Print chosen fields of a member. Recorded before anything is read; the member sees it."""
    loading.load()
    from hustings.trust.api import access_commands

    _say(
        "access",
        lambda: access_commands.look(
            handle,
            who=who,
            purpose=purpose,
            case=of_case,
            fields=field,
            reason=because,
            place=place,
            glass=break_glass,
        ),
    )


@access.command("harden")
def harden(
    role: DatabaseRole = "hustings_reader",
    show: Annotated[bool, typer.Option("--print", help="Print the SQL instead of running it.")] = False,
) -> None:
    """On PostgreSQL: a role for people with a database shell that reads nothing personal without a record."""
    loading.load()
    from hustings.trust.api import access_commands

    _say("access", lambda: access_commands.harden_sql(role) if show else access_commands.harden(role))


@access.command("login")
def login(
    name: Annotated[str, typer.Argument(help="The login of the database.")],
    person: Annotated[str, typer.Option(help="The handle of the person it is for.")],
    role: DatabaseRole = "hustings_reader",
) -> None:
    """On PostgreSQL: give one person a login with that role."""
    loading.load()
    from hustings.trust.api import access_commands

    _say("access", lambda: access_commands.give_login(name, person, role))


@access.command("logout")
def logout(name: Annotated[str, typer.Argument(help="The login of the database.")]) -> None:
    """On PostgreSQL: nothing can be asked for with this login any more."""
    loading.load()
    from hustings.trust.api import access_commands

    _say("access", lambda: access_commands.take_login(name))


def _say(verb: str, act: Callable[[], Iterable[str]]) -> None:
    """Print what it says; a refusal is its sentences and an exit status of 1."""
    from hustings.lib.errors import HustingsError

    try:
        for line in act():
            typer.echo(line)
    except HustingsError as fault:
        typer.echo(f"hustings {verb}: {' '.join([fault.message, *fault.fields.values(), fault.hint])}", err=True)
        raise typer.Exit(1) from None
