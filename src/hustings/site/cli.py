"""`hustings`: one command with a verb for each thing an operator, a developer or an auditor does."""

import json
import os
import sys
from collections.abc import Callable
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
bench = typer.Typer(no_args_is_help=True, help="Measure speed. Figures and their meaning: docs/develop/speed.md.")
app.add_typer(bench, name="bench")
account = typer.Typer(no_args_is_help=True, help="Accounts: what only the operator gives or takes.")
app.add_typer(account, name="account")

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")]


def _django() -> None:
    """Load the settings and the domains; a wrong setting ends here with a sentence."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hustings.site.settings")
    import django

    from hustings.site.environment import SettingError

    try:
        django.setup()
    except SettingError as fault:
        typer.echo(f"hustings: {fault}. All settings: docs/operate/settings.md", err=True)
        raise typer.Exit(2) from None


@app.command()
def migrate() -> None:
    """Bring the database to this version's form. Safe to run again."""
    _django()
    from hustings.site.database import prepare

    prepare()


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    processes: Annotated[int, typer.Option(help="Server processes; one per core is right.")] = 0,
) -> None:
    """Answer HTTP. Put a TLS proxy before it: docs/operate/proxy.md."""
    _django()
    from hustings.site.processes import serve as run

    run(host=host, port=port, processes=processes)


@app.command()
def worker(
    queue: Annotated[str, typer.Option(help="all, default (quick work) or renditions (encoding).")] = "all",
    once: Annotated[bool, typer.Option("--once", help="Do what is waiting, then end.")] = False,
) -> None:
    """Do the work that requests leave behind: probing, encoding, schedules, tidying."""
    _django()
    from hustings.site.processes import work

    work(queue=queue, once=once)


@app.command()
def check(as_json: Json = False) -> None:
    """Configuration and health. Ends with 1 when something is wrong, and says what to do."""
    _django()
    from hustings.site.health import examine

    findings = examine()
    if as_json:
        print(json.dumps({"ok": not any(f.bad for f in findings), "findings": [f.as_json() for f in findings]}))
    else:
        for finding in findings:
            typer.echo(str(finding))
    raise typer.Exit(1 if any(f.bad for f in findings) else 0)


@app.command()
def settings(as_json: Json = False) -> None:
    """List every setting: its variable, its default and what it is for."""
    _django()
    from hustings.site.environment import DECLARED, as_markdown

    print(
        json.dumps({s.name: {"default": s.default, "about": s.about} for s in DECLARED.values()})
        if as_json
        else as_markdown()
    )


@app.command()
def openapi() -> None:
    """Print the API's description; the client's types are generated from it."""
    _django()
    from hustings.site.api import api

    print(json.dumps(api.get_openapi_schema(path_prefix="/api/v1/"), indent=1, sort_keys=True))


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True}, hidden=True)
def django(context: typer.Context) -> None:
    """Django's own commands (makemigrations, shell), for those who develop."""
    _django()
    from django.core.management import execute_from_command_line

    execute_from_command_line(["hustings django", *context.args])


@app.command()
def demo(
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    clips: Annotated[int, typer.Option(help="How many clips to make.")] = 0,
    reset: Annotated[bool, typer.Option("--reset", help="Remove the demonstration first.")] = False,
    serve: Annotated[bool, typer.Option(help="Open the server when the first clips are there.")] = True,
) -> None:
    """Set up a demonstration, print its address and serve it."""
    _django()
    from hustings.demo.run import run

    run(port=port, clips=clips or None, reset=reset, serve=serve)


def _account(act: Callable[[], list[str]]) -> None:
    """Do it and print what it says; a refusal is a sentence and an exit status of 1."""
    from hustings.lib.errors import HustingsError

    try:
        lines = act()
    except HustingsError as fault:
        sentences = [fault.message, *fault.fields.values(), fault.hint]
        typer.echo(f"hustings account: {' '.join(sentences)}", err=True)
        raise typer.Exit(1) from None
    for line in lines:
        typer.echo(line)


@account.command("create")
def account_create(
    handle: Annotated[str, typer.Argument(help="The handle, without @. Reserved ones may be given.")],
    name: Annotated[str, typer.Option(help="The display name.")] = "",
    owner: Annotated[str, typer.Option(help="Make an organisation that this person owns.")] = "",
) -> None:
    """Make a person (a password is made up and shown once), or an organisation."""
    _django()
    from hustings.accounts import commands

    _account(lambda: commands.create(handle, name=name, owner=owner))


@account.command("official")
def account_official(
    handle: Annotated[str, typer.Argument(help="Whose account was checked.")],
    remove: Annotated[bool, typer.Option("--remove", help="Take the mark away.")] = False,
) -> None:
    """Give the verified mark, and name accounts that could be mistaken for this one."""
    _django()
    from hustings.accounts import commands

    _account(lambda: commands.official(handle, given=not remove))


@account.command("password")
def account_password(handle: Annotated[str, typer.Argument(help="Who cannot get in.")]) -> None:
    """Give somebody a new password, shown once; their sessions end."""
    _django()
    from hustings.accounts import commands

    _account(lambda: commands.new_password(handle))


@account.command("close")
def account_close(handle: Annotated[str, typer.Argument(help="Which account to close, for good.")]) -> None:
    """Lock an account now and have it erased. There is no way back."""
    _django()
    from hustings.accounts import commands

    _account(lambda: commands.close(handle))


def _bench(name: str, function: Callable[[], dict[str, object]], as_json: bool) -> None:
    result = function()
    if as_json:
        print(json.dumps(result))
        return
    typer.echo(f"{name} on {result['machine']}, {result['at']}")
    for figure, value in dict(result["figures"]).items():  # type: ignore[call-overload]  # a JSON object
        typer.echo(f"  {figure:>24}  {value}")


def _benchmarks(name: str) -> Callable[[], dict[str, object]]:
    """The benchmark's `run`. Benchmarks live beside the source, not in the installed package."""
    import importlib
    from pathlib import Path

    root = Path(__file__).parents[3]
    if not (root / "benchmarks" / f"{name}.py").exists():
        typer.echo("hustings bench: benchmarks/ is part of the source tree; run it from a clone.", err=True)
        raise typer.Exit(2)
    sys.path.insert(0, str(root))
    run: Callable[[], dict[str, object]] = importlib.import_module(f"benchmarks.{name}").run
    return run


def _add_bench(name: str, about: str) -> None:
    def command(as_json: Json = False) -> None:
        _bench(name, _benchmarks(name), as_json)

    command.__doc__ = about
    bench.command(name)(command)


_add_bench("ingest", "From the last byte of an upload to playable, and what the renditions cost.")
_add_bench("feed", "Pages over HTTP: 100,000 videos, 10,000 viewers.")
_add_bench("events", "Watching events in batches, and how soon a page reflects them.")
_add_bench("browser", "In headless Chromium: size, first frame, swipes.")


def main() -> None:
    """The entry point."""
    app()


if __name__ == "__main__":
    main()
