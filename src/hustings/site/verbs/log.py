"""`hustings log`: the public log. Most verbs are for outsiders, and need no database, no settings and no secrets.

Those load neither Django nor a domain: whoever checks a log runs nothing of the server they do not trust.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from hustings.site import loading

if TYPE_CHECKING:
    from hustings.lib.tlog.notes import Verifier
    from hustings.lib.tlog.policies import Policy

app = typer.Typer(no_args_is_help=True, help="The public log: check one as an outsider, witness one, make keys.")
WRONG, UNUSABLE = 1, 2  # exit statuses: the log is wrong; it could not be checked

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of sentences.")]
Key = Annotated[str, typer.Option(help="The log's public key, name+id+key, learned from somewhere else than the log.")]
PolicyFile = Annotated[str, typer.Option("--policy", help="A policy: logs, witnesses and how many must have cosigned.")]


@app.command()
def verify(
    url: Annotated[str, typer.Argument(help="The log: an https or file address, or a folder.")],
    *,
    key: Key = "",
    policy: PolicyFile = "",
    origin: Annotated[str, typer.Option(help="The log's name, where it is not that of its key.")] = "",
    older: Annotated[str, typer.Option(help="A checkpoint of this log from somewhere else, to compare with.")] = "",
    state: Annotated[str, typer.Option(help="Where to remember what logs showed; else in your home folder.")] = "",
    any_entries: Annotated[
        bool, typer.Option("--any-entries", help="For logs of other programs: do not look into the entries.")
    ] = False,
    last: Annotated[int, typer.Option(min=0, max=1_000, help="How many of the last entries to print.")] = 10,
    jobs: Annotated[int, typer.Option(min=0, max=64, help="Processes; 0 is one for each core, up to four.")] = 0,
    as_json: Json = False,
) -> None:
    """Check a log as an outsider: its signature, that it continues what it showed before, and every entry.

    Ends with 0 when all is right, 1 when something is wrong with the log, 2 when it could not be checked.
    """
    with _sentences():
        from hustings.lib.tlog.remembering import Memory
        from hustings.lib.tlog.reporting import as_json as to_json
        from hustings.lib.tlog.reporting import in_words
        from hustings.lib.tlog.scanning import cores
        from hustings.lib.tlog.sources import source_of
        from hustings.lib.tlog.verifying import Trust, Visitor

        trust = Trust(_key(key), _policy(policy), origin or None, _file(older) if older else None)
        visitor = Visitor(
            Memory(Path(state) if state else _home()),
            datetime.now(UTC),
            jobs=jobs or min(cores(), 4),
            form=not any_entries,
            keep=last,
        )
        source = source_of(url)
        with _progress() as progress:
            visit = visitor.visit(source, trust, progress)
        if as_json:
            typer.echo(json.dumps(to_json(visit), indent=1))
        else:
            for line in in_words(visit):
                typer.echo(line)
    raise typer.Exit(0 if visit.sound else WRONG)


@app.command("check-proof")
def check_proof(
    proof: Annotated[str, typer.Argument(help="The .tlog-proof file.")],
    entry: Annotated[str, typer.Argument(help="The entry; without it, the one that the proof file carries.")] = "",
    *,
    key: Key = "",
    policy: PolicyFile = "",
    origin: Annotated[str, typer.Option(help="The log's name, where it is not that of its key.")] = "",
    openings: Annotated[str, typer.Option(help="What the entry keeps secret: JSON of names, salts and values.")] = "",
    as_json: Json = False,
) -> None:
    """Check without a network that an entry is in a log. Ends with 0 when it is, 1 when not, 2 when unusable."""
    with _sentences():
        from hustings.lib.tlog.commitments import read_openings
        from hustings.lib.tlog.errors import NOT_THE_LOG, TlogError
        from hustings.lib.tlog.reporting import proof_in_words, proof_json
        from hustings.lib.tlog.verifying import check
        from hustings.lib.tlog.words import plain

        whom = _policy(policy) or [found for found in [_key(key)] if found]
        if not whom:
            _unusable("name the log's key with --key, or a policy with --policy")
        given = _file(entry) if entry else None
        opened = read_openings(_file(openings)) if openings else {}
        try:
            proven = check(_file(proof), given, whom, origin or None, opened)
        except NOT_THE_LOG:
            raise
        except TlogError as fault:
            wrong = {"ok": False, "code": fault.code, "message": str(fault)}
            typer.echo(json.dumps(wrong) if as_json else f"WRONG: {plain(str(fault), 2_000)}.")
            raise typer.Exit(WRONG) from None
        if as_json:
            typer.echo(json.dumps(proof_json(proven), indent=1))
        else:
            for line in proof_in_words(proven):
                typer.echo(line)


@app.command()
def keygen(
    name: Annotated[str, typer.Argument(help="The key's name: the log's address without https://, or the witness's.")],
    file: Annotated[str, typer.Argument(help="Where to put the private key; nothing may be there yet.")],
    witness: Annotated[bool, typer.Option("--witness", help="A key to cosign with, not to run a log with.")] = False,
) -> None:
    """Make a key. The private half goes into FILE, readable by you alone; the public half is printed."""
    with _sentences():
        from hustings.lib.tlog import notes

        signer = notes.Signer.generate(name, notes.COSIGNATURE if witness else notes.ED25519)
        try:
            handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with open(handle, "w", encoding="utf-8") as out:  # noqa: PTH123 - the descriptor holds the mode
                out.write(signer.secret() + "\n")
                out.flush()
                os.fsync(out.fileno())
        except OSError as fault:
            _unusable(f"{file}: {fault.strerror}")
        typer.echo(str(signer.verifier))


@app.command()
def witness(
    listen: Annotated[str, typer.Option(help="HOST:PORT to listen on; put a TLS proxy before it.")],
    state: Annotated[str, typer.Option(help="The folder of this witness's memory. Back it up; never copy it back.")],
    key: Annotated[str, typer.Option(help="The file of the witness's private key (hustings log keygen --witness).")],
    logs: Annotated[list[str], typer.Option("--log", help="A log to witness: VKEY, or VKEY=ORIGIN. May be repeated.")],
) -> None:
    """Cosign the checkpoints of other people's logs, as long as each continues the one before (C2SP tlog-witness)."""
    with _sentences():
        from hustings.lib.tlog.notes import Signer
        from hustings.lib.tlog.serving import WitnessServer
        from hustings.lib.tlog.witness import open_witness

        signer = Signer.parse(_secret(key))
        known: dict[str, list[Verifier]] = {}
        for text in logs:
            vkey, _, origin = text.partition("=")
            verifier = _key(vkey)
            if verifier is None:
                _unusable("--log names no key")
            known.setdefault(origin or verifier.name, []).append(verifier)
        host, _, port = listen.rpartition(":")
        if not host or not (port.isascii() and port.isdigit() and int(port) < 65_536):
            _unusable("--listen wants HOST:PORT, such as 127.0.0.1:8790")
        with open_witness(Path(state), signer, known, lambda: datetime.now(UTC)) as cosigner:
            try:
                server = WitnessServer((host.strip("[]"), int(port)), cosigner)
            except OSError as fault:
                _unusable(f"cannot listen on {listen}: {fault.strerror}")
            with server:
                typer.echo(f"witness  {signer.verifier}", err=True)
                for origin in known:
                    typer.echo(f"log      {origin}", err=True)
                typer.echo(f"listens  http://{host}:{server.server_address[1]}/add-checkpoint", err=True)
                try:
                    server.serve_forever()
                except KeyboardInterrupt:
                    typer.echo("ended", err=True)


@app.command()
def formats(
    write: Annotated[str, typer.Option(help="Write entries.md and entries/*.json into this folder instead.")] = "",
) -> None:
    """Print what each kind of entry holds, as docs/formats/entries.md has it."""
    from hustings.lib.tlog.describing import as_markdown, files

    if not write:
        typer.echo(as_markdown(), nl=False)
        return
    for name, text in files().items():
        path = Path(write) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


# --- The server's own side: these read its settings and its database ------------------------------------------------


@app.command()
def status(as_json: Json = False) -> None:
    """Where this server's log stands, and what is wrong with it. Ends with 1 when something is."""
    with _of_this_server() as log:
        found = log.status()
        if as_json:
            typer.echo(json.dumps(found.as_json(), indent=1))
        else:
            typer.echo(f"{found.origin or 'no log yet'}: {found.published:,} entries published {found.published_at}")
            if found.waiting or found.decided > found.published:
                waiting = found.waiting + found.decided - found.published
                typer.echo(f"{waiting:,} more are on their way, the oldest for {found.waiting_s:.0f} s")
            for finding in found.findings:
                typer.echo(f"{'WRONG' if finding.bad else 'ok':>5}  {finding.message}")
                if finding.bad and finding.hint:
                    typer.echo(f"       {finding.hint}")
        raise typer.Exit(0 if found.sound else WRONG)


@app.command()
def follow(
    first: Annotated[
        int | None, typer.Option("--from", min=0, help="The entry to begin with; else only new ones.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on each line.")] = False,
) -> None:
    """Print entries of this server's log as they are published, until you press Ctrl-C."""
    with _of_this_server() as log:
        try:
            for one in log.follow(first):
                if as_json:
                    said = {"index": one.index, "entry": json.loads(one.leaf)}
                    typer.echo(json.dumps(said, ensure_ascii=False))
                else:
                    typer.echo(f"{one.index:>8}  {one.at:%Y-%m-%d %H:%M:%S}  {one.kind:<24}  {one}")
                sys.stdout.flush()
        except KeyboardInterrupt:
            pass


@app.command()
def submit(as_json: Json = False) -> None:
    """Hand the checkpoint to each witness of HUSTINGS_LOG_POLICY and print what it says. 1 when one does not cosign."""
    with _of_this_server() as log:
        answers = log.submit()
        if as_json:
            said = [
                {"witness": one.name, "cosigned": one.signature is not None, "size": one.size, "why": one.why}
                for one in answers
            ]
            typer.echo(json.dumps(said, indent=1))
        else:
            for one in answers:
                typer.echo(f"{one.name}: " + (f"cosigned {one.size:,} entries" if one.signature else one.why))
        raise typer.Exit(0 if all(one.signature for one in answers) else WRONG)


@app.command()
def vkey() -> None:
    """Print the public key of this server's log. Give it to people by another way than this server."""
    with _of_this_server() as log:
        typer.echo(log.vkey())


@app.command()
def recover() -> None:
    """Make database and log folder agree again after one was put back from an older copy. Stop the worker first."""
    with _of_this_server() as log:
        done = log.recover(typer.echo)
        if not done.entries and not done.files:
            typer.echo("Database and folder tell the same. Nothing was changed.")


@contextmanager
def _of_this_server() -> Iterator[ModuleType]:
    """Loads the settings; a refusal is its sentence and what to do, and ends with 1."""
    loading.load()
    from hustings.lib.errors import HustingsError
    from hustings.trust.api import log, service

    with service():
        try:
            yield log
        except HustingsError as fault:
            typer.echo(f"hustings log: {fault.message}\n{fault.hint}", err=True)
            raise typer.Exit(WRONG) from None


def _unusable(why: str) -> NoReturn:
    from hustings.lib.tlog.words import plain

    typer.echo(f"hustings log: {plain(why, 2_000)}.", err=True)
    raise typer.Exit(UNUSABLE)


@contextmanager
def _sentences() -> Iterator[None]:
    """Whatever is not the log's fault ends with a sentence and 2, never with a trace of calls."""
    from hustings.lib.tlog.errors import TlogError

    try:
        yield
    except TlogError as fault:
        _unusable(str(fault))


def _key(text: str) -> "Verifier | None":
    from hustings.lib.tlog.notes import Verifier

    return Verifier.parse(text) if text else None


def _policy(file: str) -> "Policy | None":
    from hustings.lib.tlog.policies import Policy

    return Policy.parse(_file(file)) if file else None


def _file(name: str, most: int = 16 * 1024 * 1024) -> bytes:
    try:
        with Path(name).open("rb") as file:
            data = file.read(most + 1)
    except OSError as fault:
        _unusable(f"{name}: {fault.strerror}")
    if len(data) > most:
        _unusable(f"{name} is larger than {most} bytes")
    return data


def _secret(name: str) -> str:
    """A private key's text. A file that others may read is refused: its key must count as known."""
    try:
        if Path(name).stat().st_mode & 0o077:
            _unusable(f"{name} can be read by others; chmod 600 it, and make a new key if others had it")
    except OSError as fault:
        _unusable(f"{name}: {fault.strerror}")
    return _file(name, 4_096).decode("utf-8", "replace")


def _home() -> Path:
    """Where programs of this person remember things (XDG Base Directory Specification)."""
    base = os.environ.get("XDG_STATE_HOME", "")
    return (Path(base) if base.startswith("/") else Path.home() / ".local" / "state") / "hustings" / "logs"


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """A line on a terminal that says how far it is, once it takes longer than two seconds."""
    began, shown = time.monotonic(), False

    def tell(done: int, whole: int) -> None:
        nonlocal shown
        took = time.monotonic() - began
        if took > 2 and sys.stderr.isatty():
            shown = True
            left = took / max(done, 1) * (whole - done)
            sys.stderr.write(
                f"\r{100 * done // max(whole, 1):>3} %  {done:,} of {whole:,} entries, {left:.0f} s left   "
            )
            sys.stderr.flush()

    try:
        yield tell
    finally:
        if shown:
            sys.stderr.write("\r" + " " * 70 + "\r")
