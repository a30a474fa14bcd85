"""`hustings receipt`: check the receipt of a closed account as an outsider.

Loads neither Django nor a domain: whoever checks a receipt runs nothing of the server they do not trust.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from hustings.lib.receipts import Receipt
    from hustings.lib.tlog.checkpoints import Checkpoint
    from hustings.lib.tlog.notes import Verifier

app = typer.Typer(no_args_is_help=True, help="Receipts of closed accounts: check one as an outsider.")
WRONG, UNUSABLE = 1, 2  # exit statuses: the receipt is wrong; it could not be checked

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of sentences.")]


@app.callback()
def receipts() -> None:
    """A group, so that the verb is `hustings receipt verify`."""


@app.command()
def verify(
    file: Annotated[str, typer.Argument(help="The receipt, as it was downloaded.")],
    *,
    log: Annotated[str, typer.Option(help="The log's address: also look whether it still holds the entry.")] = "",
    key: Annotated[str, typer.Option(help="The log's public key, name+id+key, learned from somewhere else.")] = "",
    as_json: Json = False,
) -> None:
    """Check a receipt: its proof, what it commits to, and that it says that nothing was left.

    Ends with 0 when all is right, 1 when something is wrong with the receipt, 2 when it could not be checked.
    """
    from hustings.lib import receipts
    from hustings.lib.tlog.errors import NOT_THE_LOG, MalformedKeyError, TlogError
    from hustings.lib.tlog.notes import Verifier
    from hustings.lib.tlog.sources import source_of

    live: Checkpoint | None = None
    try:
        given = Verifier.parse(key) if key else None
    except MalformedKeyError as fault:
        _unusable(f"--key: {fault}", as_json)
    try:
        receipt = receipts.read(_bytes(file, as_json))
        source = source_of(log) if log else None
        believed, whence = _believed(receipt, given, receipts.published_key(source) if source and not given else None)
        checkpoint = receipts.check(receipt, believed)
        if source is not None:
            live = receipts.check_live(receipt, checkpoint, source, believed)
    except NOT_THE_LOG as fault:
        _unusable(str(fault), as_json)
    except TlogError as fault:
        if as_json:
            typer.echo(json.dumps({"ok": False, "code": fault.code, "message": str(fault)}))
        else:
            from hustings.lib.tlog.words import plain

            typer.echo(f"WRONG: {plain(str(fault), 2_000)}.")
        raise typer.Exit(WRONG) from None
    if as_json:
        typer.echo(json.dumps(_as_json(receipt, checkpoint, whence, live), indent=1))
    else:
        from hustings.lib.tlog.words import plain

        for line in _in_words(receipt, checkpoint, whence, live):
            typer.echo(plain(line, 2_000))  # whatever a stranger's receipt holds, here it commands no terminal


def _bytes(file: str, as_json: bool) -> bytes:
    from hustings.lib.receipts import LARGEST

    try:
        with Path(file).open("rb") as opened:
            return opened.read(LARGEST + 1)
    except OSError as fault:
        _unusable(f"{file}: {fault.strerror}", as_json)


def _believed(receipt: "Receipt", given: "Verifier | None", published: "Verifier | None") -> tuple["Verifier", str]:
    """Whose signature is asked for, and why it is believed to be the log's."""
    if given is not None:
        return given, "given"
    if published is not None:
        return published, "published by the log"
    return receipt.key, "the receipt's own"


def _in_words(receipt: "Receipt", checkpoint: "Checkpoint", whence: str, live: "Checkpoint | None") -> list[str]:
    from hustings.lib.tlog.words import plain

    said: Any = receipt.statement
    rows = sum(sum(some.values()) for some in said["erased"]["rows"].values())
    lines = [
        f"RIGHT: the receipt for closing {plain(receipt.openings['account'].value)}.",
        f"  closed     {said['locked_at']}, erased {said['erased_at']}, looked for {said['verified_at']}",
        f"  erased     {rows} records and {said['objects']['count']} files, each of them committed to by its SHA-256",
        f"  looked     {len(said['checks'])} checks, which found nothing",
        f"  in the log entry {receipt.proof.index} of “{plain(checkpoint.origin)}”, as it was at {checkpoint.size}",
    ]
    if live is not None:
        lines.append(f"  still      the log holds it now, at {live.size}, and continues what it signed then")
    lines.append("  what stays")
    for one in said["remains"]:
        until = f" (until {plain(str(one['until']))})" if one.get("until") else ""
        count = f" [{one['count']}]" if one.get("count") is not None else ""
        lines.append(f"    {plain(str(one['what']))}{count}{until}: {plain(str(one['why']), 400)}")
    if whence == "the receipt's own":
        lines.append(
            "  CAUTION    the log's key is the one in the receipt. Whoever made both could have made anything: name "
            "the log with --log, or its key with --key"
        )
    return lines


def _as_json(receipt: "Receipt", checkpoint: "Checkpoint", whence: str, live: "Checkpoint | None") -> dict[str, Any]:
    from hustings.lib.tlog.encodings import write_base64

    return {
        "ok": True,
        "account": receipt.openings["account"].value,
        "statement": receipt.statement,
        "log": {
            "origin": checkpoint.origin,
            "key": str(receipt.key),
            "key_from": whence,
            "index": receipt.proof.index,
            "size": checkpoint.size,
            "root": write_base64(checkpoint.root),
            "size_now": live.size if live is not None else None,
        },
    }


def _unusable(why: str, as_json: bool) -> NoReturn:
    if as_json:
        typer.echo(json.dumps({"ok": None, "code": "unusable", "message": why}))
    else:
        typer.echo(f"hustings receipt: {why}", err=True)
    raise typer.Exit(UNUSABLE)
