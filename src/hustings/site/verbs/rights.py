"""`hustings export` and `hustings import`. Checking an export loads neither Django nor a domain: the file is enough."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated

import typer

from hustings.site import loading

WRONG, UNUSABLE = 1, 2  # exit statuses: the archive is not whole; nothing was done

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of lines.")]


def export(
    handle: Annotated[str, typer.Argument(metavar="[HANDLE]", help="Whose archive to make, without @.")] = "",
    *,
    check: Annotated[str, typer.Option("--check", metavar="FILE", help="Check an archive, without any server.")] = "",
    as_json: Json = False,
) -> None:
    """Make somebody's archive and leave it on their own page; or, with --check, see whether one is whole.

    A check needs the file alone: every name, size and SHA-256, and each document by its schema.
    """
    if check:
        raise typer.Exit(_check(Path(check), as_json=as_json))
    if not handle:
        typer.echo("hustings export: Name an account, or a file with --check.", err=True)
        raise typer.Exit(UNUSABLE)
    loading.load()
    from hustings.trust import commands

    _say("export", lambda: commands.make_export(handle))


def import_(
    handle: Annotated[str, typer.Argument(help="For whom, without @. They decide on their own page.")],
    files: Annotated[list[Path], typer.Argument(help="An archive of TikTok or Hustings, or films.")],
) -> None:
    """Bring an archive for somebody, who sees what it would bring in and says yes or no."""
    loading.load()
    from hustings.trust import commands

    _say("import", lambda: commands.bring(handle, files))


def _check(path: Path, *, as_json: bool) -> int:
    from hustings.lib.archives.checking import check

    if not path.is_file():
        typer.echo(f"hustings export: There is no file {path}.", err=True)
        return UNUSABLE
    found = check(path)
    if as_json:
        typer.echo(
            json.dumps(
                {
                    "whole": found.good,
                    "handle": found.handle,
                    "server": found.server,
                    "made_at": found.made_at,
                    "files": found.files,
                    "bytes": found.bytes,
                    "rows": found.rows,
                    "missing": found.missing,
                    "faults": [{"where": where, "fault": fault} for where, fault in found.faults],
                }
            )
        )
        return 0 if found.good else WRONG
    from hustings.lib.tlog.words import plain

    lines = []
    if found.handle:
        lines.append(f"@{found.handle} of {found.server}, made at {found.made_at}")
        lines.append(f"{found.files} files, {found.bytes} bytes, {found.rows} rows")
    lines += [f"not there when it was made: {name}" for name in found.missing]
    lines += [f"{where}: {fault}" for where, fault in found.faults]
    for line in lines:
        typer.echo(plain(line, 1_000))  # an archive of a stranger commands no terminal
    typer.echo("Whole: every file is what the manifest says." if found.good else "NOT whole.")
    return 0 if found.good else WRONG


def _say(verb: str, act: Callable[[], Iterable[str]]) -> None:
    from hustings.lib.errors import HustingsError

    try:
        for line in act():
            typer.echo(line)
    except HustingsError as fault:
        named = [f"{name}: {sentence}" for name, sentence in fault.fields.items()]
        typer.echo("\n".join([f"hustings {verb}: {fault.message}", *named, fault.hint]), err=True)
        raise typer.Exit(WRONG) from None
