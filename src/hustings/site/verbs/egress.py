"""`hustings egress` and `hustings check --egress`: where this server may connect to."""

import getpass
import json
from typing import Annotated

import typer

from hustings.site import loading

app = typer.Typer(no_args_is_help=True, help="The cell and its gate: where data may go. See docs/operate/cells.md.")

User = Annotated[str, typer.Option(help="The system user that runs `serve` and `worker`.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")]


@app.command("list")
def list_(as_json: Json = False) -> None:
    """The declared list, why each place is on it, and what went there in the last 30 days."""
    loading.load()
    raise typer.Exit(listing(as_json=as_json))


@app.command()
def nftables(user: User = "") -> None:
    """Print the same list as rules for the kernel's packet filter; load them with `nft -f`."""
    _print_rules("nftables", user)


@app.command()
def systemd() -> None:
    """Print the same list as a drop-in for the systemd units (addresses only)."""
    _print_rules("systemd", "")


@app.command()
def name() -> None:
    """Give a service that had no name the one in HUSTINGS_CELL and HUSTINGS_REGION. Stop it first."""
    loading.load()
    from hustings.trust.api import name_cell

    done = name_cell()
    for what in done:
        typer.echo(f"stamped: {what}")
    if not done:
        typer.echo("Everything has this name already.")


def listing(*, as_json: bool) -> int:
    """Print the list; 1 when something about it is wrong."""
    from django.conf import settings

    from hustings.trust.api import egress_faults, egress_list

    lines, faults = egress_list(), list(egress_faults())
    if as_json:
        found = {"cell": settings.CELL, "region": settings.REGION, "destinations": [line.as_json() for line in lines]}
        typer.echo(json.dumps({**found, "faults": [fault for fault, _ in faults]}))
        return 1 if faults else 0
    typer.echo(f"Cell {settings.CELL}, region {settings.REGION}. This server may connect to:")
    for line in lines:
        known = line.destination
        typer.echo(f"\n  {known.place}  ({known.region or 'region not declared'})")
        typer.echo(f"      what for   {line.purpose}")
        typer.echo(f"      sends      {', '.join(known.categories) or 'nothing about anybody'}")
        if known.transfer:
            typer.echo(f"      ground     {known.transfer}")
        typer.echo(f"      because    {known.because}")
        counted = f", {line.bytes_out:,} bytes out, {line.bytes_in:,} in" if line.bytes_out is not None else ""
        typer.echo(f"      last month {line.connections:,} connections{counted}")
    if not lines:
        typer.echo("\n  nothing at all")
    typer.echo("\nEverything else is refused. `hustings check --egress URL` says of one address why.")
    for fault, hint in faults:
        typer.echo(f"\nWRONG  {fault}\n       {hint}")
    return 1 if faults else 0


def verdict(url: str, *, as_json: bool) -> int:
    """Print whether the gate would let a connection through; 1 when not. Nothing is sent."""
    from hustings.trust.api import egress_verdict

    found = egress_verdict(url)
    if as_json:
        typer.echo(json.dumps({"place": found.place, "allowed": found.allowed, "why": found.why}))
    else:
        typer.echo(f"{found.place}: {'allowed' if found.allowed else 'refused'}. {found.why}")
        if found.hint:
            typer.echo(found.hint)
    return 0 if found.allowed else 1


def _print_rules(kind: str, user: str) -> None:
    loading.load()
    from hustings.trust.api import egress_rules

    try:
        typer.echo(egress_rules(kind=kind, user=user or getpass.getuser()), nl=False)
    except ValueError:
        typer.echo(f"hustings: {user!r} is no name of a system user.", err=True)
        raise typer.Exit(2) from None
