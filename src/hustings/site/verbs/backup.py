"""`hustings backup` and `hustings restore`."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated, NoReturn

import typer

from hustings.site import loading

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of sentences.")]
KeysOption = Annotated[str, typer.Option("--keys", help="The folder of the keys' mirror; else HUSTINGS_BACKUPS_KEYS.")]


def backup(
    dest: Annotated[str, typer.Argument(help="The folder of the backups; else HUSTINGS_BACKUPS.")] = "",
    *,
    keys: KeysOption = "",
    check: Annotated[bool, typer.Option("--check", help="Check the newest snapshot instead of making one.")] = False,
    as_json: Json = False,
) -> None:
    """Make a snapshot of this cell: rows, files and log, each sealed under the key of whom it is about.

    The keys go elsewhere, with --keys; without them nobody can restore it. Safe while the server runs.
    """
    loading.load()
    from django.conf import settings

    from hustings.lib.errors import HustingsError
    from hustings.trust.api import take_backup

    where = dest or settings.BACKUPS
    if not where:
        _refuse("backup", "Name a folder: hustings backup DEST, or set HUSTINGS_BACKUPS.")
    try:
        if check:
            _check(where, as_json=as_json)
            return
        with _progress(quiet=as_json) as tell:
            taken = take_backup(where, keys or settings.BACKUPS_KEYS or None, tell)
    except HustingsError as fault:
        _refuse("backup", f"{fault.message} {fault.hint}")
    if as_json:
        typer.echo(json.dumps(asdict(taken)))
        return
    typer.echo(f"Snapshot {taken.name}: {taken.rows:,} rows and {taken.files:,} files.")
    typer.echo(f"It added {_bytes(taken.size)}; {taken.added_files:,} of the files are new.")
    if taken.left_out:
        typer.echo(f"{sum(taken.left_out.values()):,} rows of people who are being erased were left out.")
    if taken.missing:
        typer.echo(f"{taken.missing:,} files were deleted while it ran.")
    for name in taken.removed:
        typer.echo(f"Snapshot {name} was removed: its time was over.")
    if taken.keys is not None:
        typer.echo(f"The mirror holds {taken.keys:,} keys.")
    for warning in taken.warnings:
        typer.echo(f"Note: {warning}", err=True)


def restore(
    source: Annotated[str, typer.Argument(help="The folder of the backups.")],
    *,
    keys: Annotated[str, typer.Option("--keys", help="The folder of the keys' mirror.")],
    snapshot: Annotated[str, typer.Option(help="Which snapshot; else the newest.")] = "",
    log: Annotated[str, typer.Option(help="A newer copy of the public log, where there is one.")] = "",
    as_json: Json = False,
) -> None:
    """Put a cell back, into an empty data folder and an empty database. Erasures made since are made again first.

    Killed, it goes on when it is run again; until it has ended no server starts.
    """
    loading.load()
    from hustings.lib.errors import HustingsError
    from hustings.trust.api import restore_backup

    try:
        with _progress(quiet=as_json) as tell:
            done = restore_backup(source, keys, snapshot or None, log or None, tell)
    except HustingsError as fault:
        _refuse("restore", f"{fault.message} {fault.hint}")
    if as_json:
        typer.echo(json.dumps(asdict(done)))
        return
    typer.echo(f"Snapshot {done.name} is restored: {done.rows:,} rows and {done.files:,} files.")
    typer.echo(f"The public log has {done.log_size:,} entries.")
    if not done.signed:
        typer.echo("Its manifest is not signed: it was made before the log had a key.")
    if done.erasures:
        typer.echo(f"Keys that the log says were destroyed, and were dropped from the mirror: {done.erasures:,}.")
    if done.closed:
        typer.echo(f"Accounts that were closed since, and were closed again: {done.closed:,}.")
    for table, count in sorted(done.dropped.items()):
        typer.echo(f"  {count:>9,} rows of {table} stay away: their key is gone.")
    if done.dropped_files:
        typer.echo(f"  {done.dropped_files:>9,} files likewise.")
    for table, count in sorted(done.mended.items()):
        typer.echo(f"  {count:>9,} rows of {table} named something of theirs and were put in order.")
    typer.echo("Start the server and a worker; the worker makes the search index anew.")


def _check(where: str, *, as_json: bool) -> None:
    from hustings.trust.api import check_backup

    with _progress(quiet=as_json) as tell:
        checked = check_backup(where, tell)
    if as_json:
        typer.echo(json.dumps(asdict(checked)))
        return
    signature = "signed by this cell's log" if checked.signed else "not signed"
    typer.echo(f"Snapshot {checked.name} is whole: {checked.rows:,} rows, {checked.files:,} files, {signature}.")


def _refuse(verb: str, sentence: str) -> NoReturn:
    typer.echo(f"hustings {verb}: {sentence}", err=True)
    raise typer.Exit(1)


def _bytes(size: int) -> str:
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1_000 or unit == "GB":
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1_000  # type: ignore[assignment]  # a number to print
    raise AssertionError


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    """A line on a terminal that says what is being done, once it takes longer than two seconds."""
    began, last, shown = time.monotonic(), 0.0, False

    def tell(what: str, done: int, whole: int) -> None:
        nonlocal last, shown
        now = time.monotonic()
        if quiet or now - began < 2 or now - last < 0.1 or not sys.stderr.isatty():
            return
        last, shown = now, True
        bar = f"{100 * done // whole:>3} %  " if whole else "       "
        sys.stderr.write(f"\r\x1b[K{bar}{what}")
        sys.stderr.flush()

    try:
        yield tell
    finally:
        if shown:
            sys.stderr.write("\r\x1b[K")
