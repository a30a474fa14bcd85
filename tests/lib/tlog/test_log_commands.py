"""`hustings log` as a journalist types it: exit statuses, sentences, JSON, and nothing of the server behind it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hustings.lib.merkle import inclusion_proof, leaf_hash, root_of
from hustings.lib.tlog import commitments, tiles
from hustings.lib.tlog.entries import encode
from hustings.lib.tlog.notes import Signer
from hustings.lib.tlog.proofs import TlogProof
from hustings.site.cli import app
from lib.tlog.small_log import ACCESS, SmallLog, access

run = CliRunner().invoke


def log_command(*arguments: object) -> tuple[int, str, str]:
    done = run(app, ["log", *map(str, arguments)])
    return done.exit_code, done.stdout, done.stderr


def test_right(log: SmallLog, tmp_path: Path) -> None:
    log.write([access(number, reason="security" if number == 3 else "support") for number in range(300)])
    arguments = ("verify", log.folder, "--key", log.signer.verifier, "--state", tmp_path / "state")
    status, out, _ = log_command(*arguments)
    assert status == 0
    assert "RIGHT: the signature is good, and every entry is in the signed tree." in out
    assert "the first visit" in out
    assert "security" in out
    assert out.count("a person in the role moderator in GB looked at") == 10
    assert "It continues what it showed on" in log_command(*arguments)[1]


def test_right_for_programs(log: SmallLog, tmp_path: Path) -> None:
    log.write([access(0, disclose_after="2026-01-02"), access(-5)])
    status, out, _ = log_command("verify", log.folder, "--key", log.signer.verifier, "--state", tmp_path, "--json")
    told = json.loads(out)
    assert (status, told["ok"], told["size"], told["key_from"]) == (0, True, 2, "given")
    assert told["log"]["kinds"]["access v1"]["count"] == 2
    assert told["log"]["overdue"] == [0]
    assert told["log"]["clock_went_back"] == {"count": 1, "entries": [1]}
    assert told["fault"] is None
    assert len(told["warnings"]) == 1


def test_wrong(log: SmallLog, tmp_path: Path) -> None:
    log.write(300)
    log.flip(tiles.entries_path(0), byte=100)
    arguments = ("verify", log.folder, "--key", log.signer.verifier, "--state", tmp_path / "state")
    status, out, _ = log_command(*arguments)
    assert status == 1
    assert "WRONG: tile/entries/000: entry 0 is not the one that the log has signed." in out
    status, out, _ = log_command(*arguments, "--json")
    assert status == 1
    assert json.loads(out)["fault"] == {
        "code": "wrong_entry",
        "message": "tile/entries/000: entry 0 is not the one that the log has signed",
        "path": "tile/entries/000",
        "index": 0,
    }


def test_a_fork_leaves_evidence(log: SmallLog, tmp_path: Path) -> None:
    arguments = ("verify", log.folder, "--key", log.signer.verifier, "--state", tmp_path / "state")
    log.write(3)
    assert log_command(*arguments)[0] == 0
    log.write([access(9), access(1), access(2), access(3)])
    status, out, _ = log_command(*arguments)
    assert status == 1
    assert "the log forked" in out
    assert (Path(out.split("is in ")[1].split("\n")[0]) / "before.checkpoint").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("verify", "/no/such/folder"),
        ("verify", "ftp://log.example/"),
        ("verify", "http://127.0.0.1:9/log"),
        ("verify", ".", "--key", "nonsense"),
        ("verify", ".", "--policy", "/no/such/file"),
        ("check-proof", "/no/such/file", "--key", "nonsense"),
        ("check-proof", "/no/such/file"),
        ("check-proof", "/dev/null"),
        ("keygen", "a b", "/no/such/folder/key"),
        ("keygen", "a", "/no/such/folder/key"),
        ("witness", "--listen", "x", "--state", "x", "--key", "/no/such/file", "--log", "x"),
    ],
)
def test_what_cannot_be_checked_ends_with_a_sentence(arguments: tuple[str, ...]) -> None:
    status, out, err = log_command(*arguments)
    assert status == 2
    assert err.startswith("hustings log: ")
    assert err.strip().endswith(".")
    assert "Traceback" not in out + err


def test_a_memory_that_cannot_be_written(log: SmallLog, tmp_path: Path) -> None:
    log.write(1)
    (tmp_path / "state").write_text("a file where a folder should be")
    status, _, err = log_command("verify", log.folder, "--key", log.signer.verifier, "--state", tmp_path / "state")
    assert (status, "--state" in err) == (2, True)


def test_nothing_in_a_log_commands_the_terminal(log: SmallLog, tmp_path: Path) -> None:
    log.write([b"\x1b[2J\x1b]0;owned\x07", "\u202eevil".encode(), b'{"at":"2026-01-01T00:00:00Z","kind":"x","v":1}'])
    status, out, _ = log_command("verify", log.folder, "--key", log.signer.verifier, "--state", tmp_path / "state")
    assert status == 1
    assert all(line.isprintable() for line in out.split("\n"))


def test_a_proof_and_its_entry(log: SmallLog, tmp_path: Path) -> None:
    log.write(11)
    leaves = [leaf_hash(entry) for entry in log.entries]
    hashes = inclusion_proof(4, 11, lambda level, i: root_of(leaves[i << level : (i + 1) << level]))
    proof, alone, entry = tmp_path / "a.tlog-proof", tmp_path / "b.tlog-proof", tmp_path / "entry"
    checkpoint = log.checkpoint_file.read_bytes()
    proof.write_bytes(TlogProof(4, hashes, checkpoint).encode())
    alone.write_bytes(TlogProof(4, hashes, checkpoint, log.entries[4]).encode())
    entry.write_bytes(log.entries[4])
    key = ("--key", log.signer.verifier)
    for arguments in ((proof, entry), (alone,)):
        status, out, _ = log_command("check-proof", *arguments, *key)
        assert status == 0
        assert "RIGHT: this is entry 4 of the log" in out
        assert "a person in the role moderator" in out
    told = json.loads(log_command("check-proof", alone, *key, "--json")[1])
    assert (told["ok"], told["index"], told["size"]) == (True, 4, 11)
    entry.write_bytes(log.entries[5])
    status, out, _ = log_command("check-proof", proof, entry, *key)
    assert (status, out.startswith("WRONG: the entry is not shown to be number 4")) == (1, True)
    assert log_command("check-proof", alone, "--key", Signer.generate("x").verifier)[0] == 1
    assert log_command("check-proof", proof, *key)[0] == 2
    assert json.loads(log_command("check-proof", proof, entry, *key, "--json")[1])["code"] == "wrong_proof"


def test_what_an_entry_keeps_secret(log: SmallLog, tmp_path: Path) -> None:
    salt = bytes(range(32))
    made = commitments.commit("access", "subject", salt, "gwen")
    log.write([encode("access", 1, "2026-01-01T00:00:00Z", ACCESS, {"subject": made, "case": "ab" * 32})])
    proof, openings = tmp_path / "a.tlog-proof", tmp_path / "openings.json"
    proof.write_bytes(TlogProof(0, [], log.checkpoint_file.read_bytes(), log.entries[0]).encode())
    arguments = ("check-proof", proof, "--key", log.signer.verifier, "--openings", openings)
    right = {"subject": {"salt": salt.hex(), "value": "gwen"}}
    for file in (right, {"openings": right, "more": 1}):
        openings.write_text(json.dumps(file))
        status, out, _ = log_command(*arguments)
        assert status == 0
        assert "its subject is “gwen”: the opening is right" in out
        assert "its case is kept secret" in out
    assert json.loads(log_command(*arguments, "--json")[1])["opened"] == {"subject": "gwen"}
    for name, salted, value, code in [
        ("subject", salt.hex(), "owen", "wrong_opening"),
        ("subject", salt[::-1].hex(), "gwen", "wrong_opening"),
        ("case", salt.hex(), "gwen", "wrong_opening"),
        ("actor", salt.hex(), "gwen", "malformed_opening"),
    ]:
        openings.write_text(json.dumps({name: {"salt": salted, "value": value}}))
        status, out, _ = log_command(*arguments, "--json")
        assert (status, json.loads(out)["code"]) == (1, code)
    for text in ("", "[]", "{}", '{"a": 1}', '{"subject": {"salt": "zz", "value": "x"}}', "[" * 100_000):
        openings.write_text(text)
        assert log_command(*arguments)[0] == 2


def test_a_key_is_made_once(tmp_path: Path) -> None:
    file = tmp_path / "key"
    status, out, _ = log_command("keygen", "log.example", file)
    assert status == 0
    assert str(Signer.parse(file.read_text()).verifier) == out.strip()
    assert file.stat().st_mode & 0o777 == 0o600
    before = file.read_text()
    assert log_command("keygen", "log.example", file)[0] == 2
    assert file.read_text() == before


def test_an_outsider_needs_nothing_of_the_server(log: SmallLog, tmp_path: Path) -> None:
    """No Django, no settings, no database; and no setting of the server's can break it."""
    log.write(3)
    script = (
        "import sys\n"
        "from hustings.site.cli import app\n"
        "try:\n"
        f"    app(['log', 'verify', {str(log.folder)!r}, '--key', {str(log.signer.verifier)!r}, '--state', {str(tmp_path / 's')!r}])\n"
        "except SystemExit as end:\n"
        "    assert end.code == 0, end.code\n"
        "loaded = [name for name in sys.modules if name.split('.')[0] in {'django', 'numpy', 'numba'} or name.startswith('hustings.trust')]\n"
        "assert not loaded, loaded\n"
    )
    done = subprocess.run([sys.executable, "-c", script], env={"HUSTINGS_DATABASE_URL": "nonsense", "PATH": "/usr/bin"}, capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_what_each_kind_holds_is_printed() -> None:
    status, out, _ = log_command("formats")
    assert (status, "### access, version 1" in out) == (0, True)
