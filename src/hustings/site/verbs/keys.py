"""`hustings keys`: the cell's key, and the keys of people that it wraps."""

import json
import sys
import time
from typing import Annotated

import typer

from hustings.site import loading

app = typer.Typer(no_args_is_help=True, help="The cell's key, and the keys of people that it wraps.")

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of sentences.")]


def _refuse(fault: Exception) -> None:
    from hustings.lib.errors import HustingsError

    if not isinstance(fault, HustingsError):
        raise fault
    typer.echo(f"hustings keys: {fault.message} {fault.hint}", err=True)
    raise typer.Exit(1)


@app.command()
def status(as_json: Json = False) -> None:
    """Which key wraps how many people's, how many were erased, and what old copies of the database could still open."""
    loading.load()
    from hustings.lib.errors import HustingsError
    from hustings.trust.api import keys_standing

    try:
        now = keys_standing()
    except HustingsError as fault:
        _refuse(fault)
        return
    if as_json:
        typer.echo(json.dumps(now.as_json()))
        return
    typer.echo(f"The cell's key is {now.current}, made {now.made_at}, kept by the driver “{now.driver}”.")
    typer.echo(f"It wraps the keys of {now.living} people; {now.erased} people's keys were erased.")
    if now.traces:
        typer.echo(f"{now.traces} of these may still lie in the database's own files; the worker removes them.")
    if now.erased_since:
        typer.echo(
            f"{now.erased_since} were erased since the cell's key was made: a copy of the database from before, "
            "together with this key, still opens them. `hustings keys rotate` ends that."
        )
    if now.retiring:
        typer.echo(f"A rotation was not finished: {', '.join(now.retiring)} still stands. Run `hustings keys rotate`.")


@app.command()
def forget(place: Annotated[str, typer.Argument(help="The folder of a mirror that is destroyed.")]) -> None:
    """Say that a mirror of the keys is destroyed: closures wait until an erased key is gone from every mirror."""
    loading.load()
    from hustings.trust.api import forget_mirror

    if not forget_mirror(place):
        typer.echo(f"hustings keys: No mirror is known at {place}.", err=True)
        raise typer.Exit(1)
    typer.echo(f"The mirror at {place} is forgotten. Closures no longer wait for it.")


@app.command()
def rotate(as_json: Json = False) -> None:
    """Make another cell key, rewrap every living person's key with it and destroy the one before.

    Then run `hustings backup` with `--keys`: the mirror of the keys from before opens the database no more.
    """
    loading.load()
    from hustings.lib.errors import HustingsError
    from hustings.trust.api import rotate_keys

    began = last = time.monotonic()

    def progress(done: int, total: int) -> None:
        nonlocal last
        if sys.stderr.isatty() and not as_json and time.monotonic() - last > 0.1:
            last = time.monotonic()
            typer.echo(f"\r{done:,} of {total:,} keys rewrapped", nl=False, err=True)

    try:
        done = rotate_keys(progress)
    except HustingsError as fault:
        _refuse(fault)
        return
    if sys.stderr.isatty() and not as_json:
        typer.echo("\r\x1b[K", nl=False, err=True)
    if as_json:
        typer.echo(json.dumps({"current": done.current, "destroyed": done.destroyed, "rewrapped": done.rewrapped}))
        return
    typer.echo(f"{done.rewrapped:,} keys rewrapped with {done.current} in {time.monotonic() - began:.1f} s.")
    for name in done.destroyed:
        typer.echo(f"{name} is destroyed.")
    typer.echo("Mirror the keys now: hustings backup --keys. The mirror from before opens nothing of today.")
