"""An outsider checks a receipt: a genuine one is right, and whatever was changed in one is named exactly."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hustings.accounts.api import Author
from hustings.lib import merkle, receipts
from hustings.lib.tlog import commitments
from hustings.lib.tlog.checkpoints import Checkpoint
from hustings.lib.tlog.errors import TlogError
from hustings.lib.tlog.notes import Signer
from hustings.lib.tlog.proofs import TlogProof
from hustings.trust import log
from hustings.trust.api import Wish, ask_to_close
from hustings.trust.closure import receipting
from hustings.trust.log import signing
from trust.closure.living import finish, live

Change = Callable[[dict[str, Any]], None]


@pytest.fixture
def raw(owner: Author, stranger: Author, moderator: Author, settle: Callable[[], int]) -> bytes:
    """A genuine receipt, of an account that had everything."""
    live(owner, stranger, moderator)
    secret = ask_to_close(owner.id, Wish())
    found = receipting.opened(finish(secret, settle), secret)
    assert found is not None
    return found


def test_a_genuine_one_is_right(raw: bytes) -> None:
    receipt = receipts.read(raw)
    checkpoint = receipts.check(receipt, receipt.key)
    assert checkpoint.size > receipt.proof.index
    assert receipt.statement["objects"]["count"] == 22
    assert receipt.statement["erased"]["files"] == {
        "captions": 3, "covers": 3, "posters": 6, "renditions": 6, "storyboards": 3, "uploads": 1,
    }  # fmt: skip
    assert receipt.encode() == raw


def _at(*path: str | int, value: Any) -> Change:
    def change(receipt: dict[str, Any]) -> None:
        place: Any = receipt
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value(place[path[-1]]) if callable(value) else value

    return change


def _flip(text: str) -> str:
    """Another character of the same alphabet in the middle."""
    middle = len(text) // 2
    return text[:middle] + ("1" if text[middle] != "1" else "2") + text[middle + 1 :]


def _remove(*path: str | int) -> Change:
    def change(receipt: dict[str, Any]) -> None:
        place: Any = receipt
        for step in path[:-1]:
            place = place[step]
        del place[path[-1]]

    return change


CHANGES: list[tuple[str, Change, str, str]] = [
    ("another format", _at("format", value="x"), "malformed_receipt", "the file"),
    ("no entry", _remove("entry"), "malformed_receipt", "entry"),
    ("the entry's bytes", _at("entry", value=_flip), "wrong_proof", "entry"),
    ("the salt of the statement", _at("openings", "receipt", "salt", value=_flip), "wrong_opening", "“receipt”"),
    ("the salt of the account", _at("openings", "account", "salt", value=_flip), "wrong_opening", "“account”"),
    (
        "a salt that is too short",
        _at("openings", "account", "salt", value="00"),
        "malformed_receipt",
        "openings.account",
    ),
    ("the statement's hash", _at("openings", "receipt", "value", value="0" * 64), "wrong_opening", "“receipt”"),
    ("another account", _at("openings", "account", "value", value="x"), "wrong_opening", "“account”"),
    ("no opening", _remove("openings", "receipt"), "malformed_receipt", "openings.receipt"),
    ("a count", _at("statement", "erased", "rows", "videos", "video", value=99), "wrong_statement", "statement"),
    ("what remains", _at("statement", "remains", value=[]), "wrong_statement", "statement"),
    ("what was found", _at("statement", "checks", 0, "found", value=1), "wrong_statement", "statement"),
    ("the handle", _at("statement", "handle", value="somebody"), "wrong_statement", "statement"),
    ("the site", _at("site", value="https://elsewhere.example"), "wrong_statement", "site"),
    ("a file's hash", _at("files", "sha256", "covers", 0, value=_flip), "wrong_files", "files"),
    ("a file less", lambda receipt: receipt["files"]["sha256"]["covers"].pop(), "wrong_files", "covers"),
    ("a kind less", _remove("files", "sha256", "posters"), "wrong_files", "posters"),
    ("the files' salt", _at("files", "salt", value=_flip), "wrong_files", "files"),
    ("a hash of no form", _at("files", "sha256", "covers", 0, value="xyz"), "malformed_receipt", "files.sha256.covers"),
    ("the proof's index", _at("proof", value=lambda text: text.replace("index ", "index 1")), "wrong_proof", "entry"),
    ("the checkpoint", _at("proof", value=lambda text: text.replace("/log\n", "/lug\n", 1)), "", ""),
    ("the signature", _at("proof", value=lambda text: text[:-20] + _flip(text[-20:])), "", ""),
    ("no proof", _at("proof", value=""), "malformed_proof", "line 1"),
    ("another key", _at("log", value=str(Signer.generate("localhost:8000/log").verifier)), "not_signed", ""),
    ("no key", _at("log", value="x"), "malformed_key", ""),
]


@pytest.mark.parametrize(("change", "code", "named"), [pytest.param(*c[1:], id=c[0]) for c in CHANGES])
def test_a_changed_one_is_named(raw: bytes, change: Change, code: str, named: str) -> None:
    value = json.loads(raw)
    change(value)
    with pytest.raises(TlogError) as found:
        receipts.check(receipts.read(json.dumps(value).encode()))
    if code:
        assert (found.value.code, named in str(found.value)) == (code, True), str(found.value)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"null", b"\xff", b'{"format": 1}', b"[" * 100_000])
def test_what_is_no_receipt_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(receipts.MalformedReceiptError):
        receipts.read(data)


def test_a_receipt_that_admits_a_leftover_is_genuine_and_still_wrong(raw: bytes) -> None:
    """As a server would write that signs what it found: the ties hold, and the check says what is wrong."""
    receipt = receipts.read(raw)
    with pytest.raises(receipts.LeftOverError, match="holders"):
        receipts._check_zero({**receipt.statement, "checks": [{"what": "holders", "looked_at": 1, "found": 3}]})


def test_one_file_can_be_shown_without_the_others() -> None:
    """As docs/formats/closure-receipt.md says: by its own salt and the hashes beside its way to the root."""
    import hmac

    from hustings.lib import merkle

    salt, files = bytes(32), {"covers": ["aa" * 32, "bb" * 32], "posters": ["cc" * 32]}
    order = [("covers", "aa" * 32), ("covers", "bb" * 32), ("posters", "cc" * 32)]
    leaves = []
    for number, (what, file) in enumerate(order):
        own = hmac.digest(salt, number.to_bytes(8, "big"), "sha256")[:16]
        leaves.append(merkle.leaf_hash(b"hustings/closure-file/v1\x00" + own + f"{what}\n{file}".encode()))
    root = merkle.root_of(leaves)
    assert receipts.root_of(salt, files) == root.hex()
    proof = merkle.inclusion_proof(
        1, 3, lambda level, index: leaves[index] if level == 0 else merkle.root_of(leaves[:2])
    )
    merkle.verify_inclusion(leaves[1], 1, 3, proof, root)


# --- By a stranger, who has a log of their own and signs whatever they like ---------------------------

_STRANGER = Signer.generate("stranger.example/log")


def _forged(*, version: int = 1, body: dict[str, Any] | None = None, **changes: Any) -> bytes:
    """A receipt of which every tie holds, made by nobody we know; `changes` are made to its statement."""
    no_files = receipts.root_of(bytes(16), {})
    day = "2026-03-04T05:06:07Z"
    statement = {
        "format": receipts.STATEMENT,
        "site": "https://stranger.example",
        "handle": "x",
        **dict.fromkeys(("asked_at", "locked_at", "erased_at", "verified_at"), day),
        "erased": {"rows": {"videos": {"video": 1}}, "files": {}},
        "objects": {"count": 0, "root": no_files},
        "remains": [{"what": "log", "why": "it only grows"}],
        "checks": [{"what": "holders", "found": 0}],
        **changes,
    }
    openings = {"receipt": receipts.digest(statement), "account": f"{statement['site']}/@{statement['handle']}"}
    salt = "00" * 16
    said = body or {"objects": no_files, "residue": {}, "account": "person", "erased": {}, "remaining": []}
    kept = {name: commitments.commit(receipts.KIND, name, bytes(16), value) for name, value in openings.items()}
    leaf = json.dumps(
        {**said, "kind": receipts.KIND, "v": version, "at": day, "commitments": kept},
        sort_keys=True,
        separators=(",", ":"),
    ).encode()
    note = Checkpoint(_STRANGER.verifier.name, 1, merkle.leaf_hash(leaf)).sign([_STRANGER])
    value = {
        "format": receipts.FORMAT,
        "site": statement["site"],
        "log": str(_STRANGER.verifier),
        "entry": base64.b64encode(leaf).decode(),
        "proof": TlogProof(0, [], note).encode().decode(),
        "openings": {name: {"salt": salt, "value": one} for name, one in openings.items()},
        "statement": statement,
        "files": {"salt": salt, "sha256": {}},
    }
    return json.dumps(value).encode()


def test_the_strangers_receipt_is_well_made() -> None:
    """So that what is refused below is refused for what was changed."""
    receipts.check(receipts.read(_forged()), None)


@pytest.mark.parametrize(
    ("raw", "code", "named"),
    [
        (_forged(erased={"rows": {"videos": [1]}, "files": {}}), "wrong_statement", "statement.erased.rows.videos"),
        (_forged(version=99), "malformed_receipt", "version 99"),
        (_forged(version=99, body={"objects": "x"}), "malformed_receipt", "version 99"),
        (_forged().replace(b'"it only grows"', rb'"\ud800"'), "malformed_receipt", "the file"),
        (_forged().replace(b'"it only grows"', b"NaN"), "malformed_receipt", "the file"),
        (_forged().replace(b'"it only grows"', b"1e999"), "malformed_receipt", "the file"),
    ],
    ids=["rows", "a version", "a version without fields", "half a character", "no number", "beyond numbers"],
)
def test_what_a_stranger_signs_is_named_and_never_breaks_the_check(raw: bytes, code: str, named: str) -> None:
    with pytest.raises(TlogError) as found:
        receipts.check(receipts.read(raw), None)
    assert (found.value.code, named in str(found.value)) == (code, True), str(found.value)


@pytest.mark.parametrize("where", ["count", "what", "why"])
def test_what_a_stranger_writes_commands_no_terminal(where: str, tmp_path: Path) -> None:
    file = tmp_path / "receipt.json"
    remains = {"what": "log", "why": "it only grows", where: "\x1b]0;owned\x07\u202e"}
    file.write_bytes(_forged(remains=[remains]))
    shown = _verify(str(file))
    assert shown.returncode == 0, shown.stderr
    assert "owned" in shown.stdout
    assert all(line.isprintable() for line in shown.stdout.splitlines())


# --- As a command, by somebody who has nothing of the server ------------------------------------------


def _verify(*arguments: str) -> subprocess.CompletedProcess[str]:
    import os

    env = {name: value for name, value in os.environ.items() if not name.startswith(("HUSTINGS_", "DJANGO_"))}
    return subprocess.run(
        [sys.executable, "-m", "hustings", "receipt", "verify", *arguments],
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_command(raw: bytes, tmp_path: Path) -> None:
    file = tmp_path / "receipt.json"
    file.write_bytes(raw)
    alone = _verify(str(file))
    assert alone.returncode == 0, alone.stdout + alone.stderr
    assert "RIGHT: the receipt for closing http://localhost:8000/@olwen" in alone.stdout
    assert "CAUTION" in alone.stdout, "its own key proves little"
    known = _verify(str(file), "--key", log.vkey())
    assert known.returncode == 0
    assert "CAUTION" not in known.stdout
    live_log = _verify(str(file), "--log", str(signing.log_root()), "--json")
    assert live_log.returncode == 0, live_log.stdout + live_log.stderr
    said = json.loads(live_log.stdout)
    assert said["ok"] is True
    assert said["log"]["size_now"] >= said["log"]["size"]


def test_the_command_names_what_is_wrong(raw: bytes, tmp_path: Path) -> None:
    value = json.loads(raw)
    value["openings"]["receipt"]["salt"] = _flip(value["openings"]["receipt"]["salt"])
    file = tmp_path / "receipt.json"
    file.write_text(json.dumps(value))
    wrong = _verify(str(file))
    assert wrong.returncode == 1
    assert "the opening of “receipt” does not give the commitment" in wrong.stdout
    stranger = _verify(str(file), "--key", str(Signer.generate("elsewhere/log").verifier))
    assert stranger.returncode == 1
    assert "no signature by elsewhere/log" in stranger.stdout
    assert _verify(str(tmp_path / "none.json")).returncode == 2
    assert _verify(str(file), "--key", "x").returncode == 2


def test_a_log_that_has_lost_it_is_named(raw: bytes, tmp_path: Path) -> None:
    import shutil

    file = tmp_path / "receipt.json"
    file.write_bytes(raw)
    copy = tmp_path / "log"
    shutil.copytree(signing.log_root(), copy)
    receipt = receipts.read(raw)
    for bundle in (copy / "tile" / "entries").rglob("*"):
        if bundle.is_file():
            bundle.write_bytes(bundle.read_bytes().replace(b"closure_receipt", b"closure_rec3ipt"))
    changed = _verify(str(file), "--log", str(copy), "--json")
    assert changed.returncode == 1
    assert json.loads(changed.stdout)["code"] == "wrong_entry"
    assert base64.b64encode(receipt.entry)
