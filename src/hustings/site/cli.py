"""`hustings`: one command with a verb for each thing an operator, a developer or an auditor does."""

import json
import sys
from collections.abc import Callable
from typing import Annotated

import typer

from hustings.site import loading
from hustings.site.verbs import access as access_verbs
from hustings.site.verbs import backup as backup_verbs
from hustings.site.verbs import datamap as datamap_verbs
from hustings.site.verbs import egress as egress_verbs
from hustings.site.verbs import evaluate as evaluate_verbs
from hustings.site.verbs import keys as keys_verbs
from hustings.site.verbs import log as log_verbs
from hustings.site.verbs import receipt as receipt_verbs
from hustings.site.verbs import rights as rights_verbs

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
bench = typer.Typer(no_args_is_help=True, help="Measure speed. Figures and their meaning: docs/develop/speed.md.")
app.add_typer(bench, name="bench")
account = typer.Typer(no_args_is_help=True, help="Accounts: what only the operator gives or takes.")
app.add_typer(account, name="account")
app.add_typer(access_verbs.access, name="access")
app.add_typer(access_verbs.staff, name="staff")
app.add_typer(datamap_verbs.app, name="datamap")
app.add_typer(egress_verbs.app, name="egress")
app.add_typer(keys_verbs.app, name="keys")
app.add_typer(log_verbs.app, name="log")
app.add_typer(receipt_verbs.app, name="receipt")

app.callback()(loading.begin)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")]


app.command()(backup_verbs.backup)
app.command()(backup_verbs.restore)
app.command()(evaluate_verbs.evaluate)
app.command("export")(rights_verbs.export)
app.command("import")(rights_verbs.import_)


@app.command()
def migrate() -> None:
    """Bring the database to this version's form. Safe to run again."""
    loading.load()
    from hustings.site.database import prepare

    prepare()


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    processes: Annotated[int, typer.Option(help="Server processes; one per core is right.")] = 0,
) -> None:
    """Answer HTTP. Put a TLS proxy before it: docs/operate/proxy.md."""
    loading.load()
    from hustings.site.processes import serve as run

    run(host=host, port=port, processes=processes)


@app.command()
def worker(
    queue: Annotated[str, typer.Option(help="all, default (quick work) or renditions (encoding).")] = "all",
    once: Annotated[bool, typer.Option("--once", help="Do what is waiting, then end.")] = False,
) -> None:
    """Do the work that requests leave behind: probing, encoding, schedules, tidying."""
    loading.load()
    from hustings.site.processes import work

    work(queue=queue, once=once)


@app.command()
def check(
    address: Annotated[str, typer.Argument(metavar="[URL]", help="With --egress: would it be reached? Why?")] = "",
    egress: Annotated[bool, typer.Option("--egress", help="Where the server may connect to, and why.")] = False,
    as_json: Json = False,
) -> None:
    """Configuration and health. Ends with 1 when something is wrong, and says what to do."""
    loading.load()
    if egress or address:
        from hustings.site.verbs import egress as gate

        raise typer.Exit(gate.verdict(address, as_json=as_json) if address else gate.listing(as_json=as_json))
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
    loading.load()
    from hustings.site.environment import DECLARED, as_markdown

    print(
        json.dumps({s.name: {"default": s.default, "about": s.about} for s in DECLARED.values()})
        if as_json
        else as_markdown()
    )


@app.command()
def openapi() -> None:
    """Print the API's description; the client's types are generated from it."""
    loading.load()
    from hustings.site.api import api

    print(json.dumps(api.get_openapi_schema(path_prefix="/api/v1/"), indent=1, sort_keys=True))


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True}, hidden=True)
def django(context: typer.Context) -> None:
    """Django's own commands (makemigrations, shell), for those who develop."""
    loading.load()
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
    # What fills it writes its address, in the public log too, as the server that it starts does.
    loading.load(HUSTINGS_PUBLIC_URL=f"http://localhost:{port}")
    from hustings.demo.run import run

    run(port=port, clips=clips or None, reset=reset, serve=serve)


def _account(act: Callable[[], list[str]]) -> None:
    """Do it and print what it says; a refusal is a sentence and an exit status of 1."""
    from hustings.lib.errors import HustingsError, Severity

    try:
        lines = act()
    except HustingsError as fault:
        if fault.severity is Severity.FATAL:
            raise  # not about the account: `main` says it
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
    loading.load()
    from hustings.accounts import commands

    _account(lambda: commands.create(handle, name=name, owner=owner))


@account.command("official")
def account_official(
    handle: Annotated[str, typer.Argument(help="Whose account was checked.")],
    remove: Annotated[bool, typer.Option("--remove", help="Take the mark away.")] = False,
) -> None:
    """Give the verified mark, and name accounts that could be mistaken for this one."""
    loading.load()
    from hustings.accounts import commands

    _account(lambda: commands.official(handle, given=not remove))


@account.command("password")
def account_password(handle: Annotated[str, typer.Argument(help="Who cannot get in.")]) -> None:
    """Give somebody a new password, shown once; their sessions end."""
    loading.load()
    from hustings.accounts import commands

    _account(lambda: commands.new_password(handle))


@account.command("close")
def account_close(
    handle: Annotated[str, typer.Argument(help="Which account to close, for good.")],
    *,
    words: Annotated[str, typer.Option(help="What the public notice says, beside the date.")] = "",
    link: Annotated[str, typer.Option(help="Where the notice leads (https).")] = "",
    days: Annotated[int, typer.Option(help="Days of cooling, 0 to 30; 0 locks it now.")] = 0,
    comments: Annotated[str, typer.Option(help="Comments under others' clips: erase or anonymise.")] = "erase",
    archive: Annotated[bool, typer.Option("--archive", help="First a package for the public record.")] = False,
) -> None:
    """Lock an account and have it erased. There is no way back once it is locked."""
    loading.load()
    from hustings.accounts import commands

    _account(lambda: commands.close(handle, words=words, link=link, days=days, comments=comments, archive=archive))


@account.command("closing")
def account_closing(as_json: Json = False) -> None:
    """Accounts that are on their way out: how far each is, and what stands in its way. Without names."""
    loading.load()
    from hustings.accounts import commands

    print(json.dumps(commands.closing())) if as_json else _account(commands.closing_lines)


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
_add_bench("egress", "What the gate's hook costs a page and a connection.")
_add_bench("log", "The public log under load, verifying it, what a recorded access and a closure cost.")
_add_bench("export", "An archive of everything held about somebody: 1,000 events, 20 clips.")
_add_bench("browser", "In headless Chromium: size, first frame, swipes.")


def main() -> None:
    """The entry point. A verb that opens another cell's stores, or lacks the cell's key, ends with what is wrong."""
    from hustings.trust.errors import CellError, CellKeyError, RestoringError

    try:
        app()
    except (CellKeyError, RestoringError) as fault:
        typer.echo(f"hustings: {fault.message} {fault.hint}", err=True)
        raise SystemExit(2) from None
    except CellError as fault:
        for sentence in fault.fields.values():
            typer.echo(f"hustings: {sentence}", err=True)
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
