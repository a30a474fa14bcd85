"""`hustings log status | follow | submit | vkey | recover`, as an operator runs them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hustings.site import cli
from hustings.trust import log
from hustings.trust.api import announce_serving
from hustings.trust.log import commands, signing
from trust.log import reading_the_log as outsider

pytestmark = pytest.mark.django_db

REVERSAL = {"decision": 0, "after": "appeal", "cause": "human_error", "restored": True}


def run(*words: str, status: int = 0) -> str:
    done = CliRunner().invoke(cli.app, ["log", *words])
    assert done.exit_code == status, (done.output, done.exception)
    return done.output


@pytest.fixture
def begun() -> None:
    announce_serving()
    log.append("moderation_reversal", REVERSAL)
    log.sequence_once()


@pytest.mark.usefixtures("begun")
def test_status_says_where_it_stands() -> None:
    told = run("status")
    assert "localhost:8000/log: 3 entries published" in told
    assert "WRONG" not in told
    log.append("moderation_reversal", REVERSAL)
    assert "1 more are on their way" in run("status")
    found = json.loads(run("status", "--json"))
    assert (found["published"], found["waiting"], found["ok"]) == (3, 1, True)
    assert found["vkey"] == log.vkey()


@pytest.mark.usefixtures("begun")
def test_status_is_red_when_something_is_wrong() -> None:
    signing.key_path().chmod(0o644)
    told = run("status", status=1)
    assert "WRONG" in told
    assert "chmod 600" in told
    assert json.loads(run("status", "--json", status=1))["ok"] is False


def test_before_the_log_has_begun() -> None:
    announce_serving()
    assert "not begun" in run("status")
    assert "has not begun" in run("vkey", status=1)
    assert "Nothing was changed" in run("recover")


@pytest.mark.usefixtures("begun")
def test_vkey_is_the_key_alone() -> None:
    assert run("vkey").strip() == log.vkey()


@pytest.mark.usefixtures("begun")
def test_follow_tells_old_and_new_entries_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "LOOK_S", 0.001)
    told = commands.follow(0)
    assert [one.index for one in islice(told, 3)] == [0, 1, 2]
    log.append("moderation_reversal", REVERSAL)
    log.sequence_once()
    assert next(told).index == 3

    def three(first: int | None = None) -> Any:
        return islice(real(first), 3)

    real = commands.follow
    monkeypatch.setattr(log, "follow", three, raising=False)
    lines = [json.loads(line) for line in run("follow", "--from", "1", "--json").splitlines()]
    assert [line["index"] for line in lines] == [1, 2, 3]
    assert lines[-1]["entry"]["kind"] == "moderation_reversal"
    assert "was reversed after appeal" in run("follow", "--from", "1")


@pytest.mark.usefixtures("begun")
def test_submit_without_witnesses_says_what_to_do() -> None:
    assert "HUSTINGS_LOG_POLICY" in run("submit", status=1)


@pytest.mark.usefixtures("begun")
def test_recover_tells_what_it_did() -> None:
    assert "Nothing was changed" in run("recover")
    shutil.rmtree(signing.log_root() / "tile")
    assert "recover" in run("status", status=1)
    assert "written anew" in run("recover")
    assert len(outsider.published(signing.log_root())) == 3


@pytest.mark.usefixtures("begun")
def test_an_outsiders_verifier_reads_what_the_server_wrote(tmp_path: Any) -> None:
    entry_ids = [log.append("moderation_reversal", REVERSAL) for _ in range(300)]
    log.sequence_once()
    words = ("verify", str(signing.log_root()), "--key", log.vkey(), "--state", str(tmp_path / "state"))
    assert "RIGHT" in run(*words)
    proof = tmp_path / "entry.tlog-proof"
    proof.write_bytes(log.proof(entry_ids[0]))
    assert "RIGHT" in run("check-proof", str(proof), "--key", log.vkey())
    path = signing.log_root() / "tile" / "entries" / "001.p" / "47"
    data = bytearray(path.read_bytes())
    data[100] ^= 1
    path.write_bytes(bytes(data))
    assert "WRONG" in run(*words, status=1)


@pytest.mark.parametrize("verb", ["status", "follow", "submit", "vkey", "recover"])
def test_each_verb_of_the_servers_side_starts_in_a_shell_of_its_own(verb: str, tmp_path: Path) -> None:
    """Within a test Django is loaded already; an operator's shell has nothing loaded."""
    alone = {name: value for name, value in os.environ.items() if not name.startswith(("HUSTINGS_", "DJANGO_"))}
    done = subprocess.run(
        [sys.executable, "-m", "hustings", "log", verb, "--help"],
        env=alone | {"HUSTINGS_DATA": str(tmp_path)},
        check=False,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert f"log {verb}" in done.stdout
