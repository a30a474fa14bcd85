"""Witnesses: real `hustings log witness` processes on the loopback, asked through the gate."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from hustings.lib.tlog import notes
from hustings.lib.tlog.policies import Policy
from hustings.lib.tlog.proofs import TlogProof
from hustings.trust import log
from hustings.trust.egress import declared
from hustings.trust.log import health, jobs, signing, witnesses
from hustings.trust.log.errors import LogPolicyError, LogQuorumError
from hustings.trust.log.sequencing import Sequencer
from hustings.trust.models import LogCount, LogEntry, LogState, LogWitness
from trust.log import reading_the_log as outsider

pytestmark = pytest.mark.django_db

REVERSAL = {"decision": 0, "after": "appeal", "cause": "human_error", "restored": True}


_numbers = count(1)


def write(more: int = 1) -> list[int]:
    return [log.append("moderation_reversal", {**REVERSAL, "standing_days": next(_numbers)}) for _ in range(more)]


class Witness:
    """A witness in a process of its own. `stop` and `start` are its power switch; its memory is its folder."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.folder = name, folder
        folder.mkdir()
        made = self._hustings("keygen", name, str(folder / "key"), "--witness").communicate()[0]
        self.vkey = made.strip()
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            self.port = int(listener.getsockname()[1])
        self.process: subprocess.Popen[str] | None = None

    def start(self, log_vkey: str) -> None:
        self.process = self._hustings(
            "witness",
            *("--listen", f"127.0.0.1:{self.port}", "--state", str(self.folder / "state")),
            *("--key", str(self.folder / "key"), "--log", log_vkey),
        )
        for _ in range(300):
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            assert self.process.poll() is None, self.process.communicate()
            time.sleep(0.05)
        raise AssertionError("the witness does not listen")

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.communicate()
            self.process = None

    @property
    def line(self) -> str:
        return f"witness {self.name.split('.')[0]} {self.vkey} http://127.0.0.1:{self.port}\n"

    def _hustings(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "hustings", "log", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


Run = Callable[[str], Witness]
Agree = Callable[..., Policy]


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    """`run("one")` starts a witness that knows this log, which begins with it."""
    log.sequence_once()
    running: list[Witness] = []

    def start(name: str) -> Witness:
        witness = Witness(f"{name}.witness.example", tmp_path / name)
        running.append(witness)
        witness.start(log.vkey())
        return witness

    yield start
    for witness in running:
        witness.stop()


@pytest.fixture
def agree(settings: Any, tmp_path: Path) -> Agree:
    """`agree(one, two, quorum="none")` writes the policy and sets it."""

    def write_policy(*members: Witness, quorum: str = "none", group: str = "") -> Policy:
        path = tmp_path / f"policy-{time.monotonic_ns()}"
        lines = [f"log {log.vkey()}\n", *(member.line for member in members), group, f"quorum {quorum}\n"]
        path.write_text("".join(lines))
        settings.LOG_POLICY = str(path)
        declared.forget()
        return Policy.parse(path.read_bytes())

    return write_policy


def cosigners() -> set[str]:
    note = notes.parse_note((signing.log_root() / "checkpoint").read_bytes())
    return {signature.name for signature in note.signatures[1:]}


def cosign() -> None:
    with Sequencer() as sequencer:
        sequencer.once()
        sequencer.cosign()


def test_without_a_quorum_the_log_does_not_wait_and_cosignatures_follow(run: Run, agree: Agree) -> None:
    one, two = run("one"), run("two")
    policy = agree(one, two)
    [written] = write()
    log.sequence_once()
    assert cosigners() == set(), "published at once"
    cosign()
    assert cosigners() == {one.name, two.name}
    strict = Policy.parse(f"log {log.vkey()}\n{one.line}{two.line}group both all one two\nquorum both\n".encode())
    TlogProof.parse(log.proof(written)).verify(log.entry(written).leaf, strict)
    assert policy.quorum is None
    assert outsider.checkpoint(signing.log_root()).size == 1


def test_each_round_proves_that_the_log_only_grew(run: Run, agree: Agree) -> None:
    one = run("one")
    agree(one)
    for more in (1, 2, 250, 7, 300):
        write(more)
        log.sequence_once()
        cosign()
        assert cosigners() == {one.name}
    row = LogWitness.objects.get()
    assert (row.name, row.size, row.answer) == ("one", 560, "")
    assert row.cosigned_at is not None


def test_a_witness_that_is_away_holds_up_nothing_and_catches_up(run: Run, agree: Agree) -> None:
    one, two = run("one"), run("two")
    agree(one, two)
    two.stop()
    write(3)
    log.sequence_once()
    cosign()
    assert cosigners() == {one.name}
    assert "did not answer" in LogWitness.objects.get(name="two").answer
    assert any(f.bad and "witness two" in f.message for f in health.findings())
    two.start(log.vkey())
    cosign()
    assert cosigners() == {one.name, two.name}
    assert not any(f.bad and "witness" in f.message for f in health.findings())


def test_a_witness_knows_better_than_we_how_far_it_followed(run: Run, agree: Agree) -> None:
    """Our memory of it is lost, or is of another witness: its 409 says where to begin."""
    one = run("one")
    agree(one)
    for wrong in (0, 2, 999):
        write(3)
        log.sequence_once()
        LogWitness.objects.update(size=wrong)
        cosign()
        assert cosigners() == {one.name}


def test_a_quorum_comes_before_the_checkpoint(run: Run, agree: Agree) -> None:
    one, two, three = run("one"), run("two"), run("three")
    agree(one, two, three, group="group most 2 one two three\n", quorum="most")
    write(2)
    log.sequence_once()
    assert len(cosigners()) == 3
    two.stop()
    write(2)
    log.sequence_once()
    assert cosigners() == {one.name, three.name}
    three.stop()
    before = (signing.log_root() / "checkpoint").read_bytes()
    write(2)
    with pytest.raises(LogQuorumError) as raised:
        log.sequence_once()
    assert "“most”" in raised.value.message
    assert "two: " in raised.value.message
    assert (signing.log_root() / "checkpoint").read_bytes() == before
    write(1)
    with pytest.raises(LogQuorumError):
        log.sequence_once()
    three.start(log.vkey())
    log.sequence_once()
    assert outsider.checkpoint(signing.log_root()).size == 7
    assert outsider.published(signing.log_root()) == outsider.in_the_database()


def test_what_witnesses_were_shown_binds_even_when_it_was_never_published(run: Run, agree: Agree) -> None:
    """The database is put back to before a batch that a witness has cosigned and nobody else has seen."""
    from hustings.trust.log.errors import LogWentBackError

    one, two = run("one"), run("two")
    agree(one, two, group="group both all one two\n", quorum="both")
    write(2)
    log.sequence_once()
    rows = {model: list(model.objects.values()) for model in (LogEntry, LogState, LogCount)}
    two.stop()
    write(3)
    with pytest.raises(LogQuorumError):
        log.sequence_once()
    for model, kept in rows.items():
        model.objects.all().delete()
        model.objects.bulk_create([model(**row) for row in kept])
    write(4)
    with pytest.raises(LogWentBackError):
        log.sequence_once()
    two.start(log.vkey())
    log.recover()
    log.sequence_once()
    assert outsider.checkpoint(signing.log_root()).size == 9
    assert cosigners() == {one.name, two.name}


def test_a_witness_notices_both_folder_and_database_put_back(run: Run, agree: Agree) -> None:
    """Nobody inside can: the witness has seen more."""
    one = run("one")
    agree(one)
    write(5)
    log.sequence_once()
    cosign()
    for model in (LogEntry, LogState, LogCount):
        model.objects.all().delete()
    key = signing.key_path().read_text()
    signing.begin_anew()
    signing.key_path().touch(mode=0o600)
    signing.key_path().write_text(key)
    write(2)
    cosign()
    assert cosigners() == set()
    assert "has cosigned 5 entries of this log, which now shows 2" in LogWitness.objects.get().answer
    write(3)
    cosign()
    assert "another history of 5 entries: the log forked" in LogWitness.objects.get().answer
    write(3)
    cosign()
    assert "does not accept the proof" in LogWitness.objects.get().answer


def test_submit_says_what_each_witness_says(run: Run, agree: Agree) -> None:
    one, two = run("one"), run("two")
    agree(one, two)
    two.stop()
    write()
    log.sequence_once()
    said = {one.name: one for one in log.submit()}
    assert said["one"].signature is not None
    assert (said["two"].signature, said["two"].why) == (
        None,
        f"127.0.0.1:{two.port} did not answer (ConnectionRefusedError).",
    )


def test_only_witnesses_of_the_policy_are_on_the_gates_list(run: Run, agree: Agree, settings: Any) -> None:
    one = run("one")
    agree(one)
    settings.EGRESS_DEVELOPMENT = False
    declared.forget()
    assert f"127.0.0.1:{one.port}" in [known.place for known in declared.destinations()]
    write()
    log.sequence_once()
    cosign()
    assert cosigners() == {one.name}
    known = [w for w in witnesses.destinations() if w.port == one.port]
    assert [w.categories for w in known] == [()]


def test_a_policy_that_cannot_be_used_stops_with_its_lines(settings: Any, tmp_path: Path) -> None:
    write()
    log.sequence_once()
    path = tmp_path / "policy"
    settings.LOG_POLICY = str(path)
    with pytest.raises(LogPolicyError, match="cannot be read"):
        witnesses.policy()
    path.write_text("log nonsense\nquorum most\n")
    with pytest.raises(LogPolicyError, match="line 1"):
        witnesses.policy()
    assert any(f.bad and "line 1" in f.message for f in health.findings())
    other = notes.Signer.generate("elsewhere.example/log").verifier
    path.write_text(f"log {other}\nquorum none\n")
    with pytest.raises(LogPolicyError, match="does not name this log"):
        cosign()


def test_an_answer_that_is_no_cosignature_is_not_published(
    run: Run, agree: Agree, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hustings.trust.egress.gate import Answer

    one = run("one")
    agree(one)
    write()
    log.sequence_once()
    stranger = notes.Signer.generate("stranger.example", notes.COSIGNATURE)
    text = notes.parse_note((signing.log_root() / "checkpoint").read_bytes()).text
    answers = [
        (200, b""),
        (200, b"\xe2\x80\x94 hello\n"),
        (200, f"{stranger.sign(text, 1_700_000_000)}\n".encode()),
        (200, b"\xff" * 100),
        (409, b"no number\n"),
        (500, b"oh\n"),
        (404, b""),
    ]
    for status, body in answers:
        answer = Answer(status, {}, body, "")
        monkeypatch.setattr(witnesses.gate, "request", lambda *_, **__: answer)  # noqa: B023 - used at once
        cosign()
        assert cosigners() == set()
        assert LogWitness.objects.get().answer


def test_the_workers_thread_adds_what_comes(run: Run, agree: Agree) -> None:
    one = run("one")
    agree(one)
    writer = jobs.Writer()
    try:
        write()
        writer.step()
        assert writer.published.is_set()
        writer.sequencer.cosign()
        assert cosigners() == {one.name}
        write()
        writer.step()
        assert cosigners() == set(), "a new checkpoint is nobody's yet"
    finally:
        writer.sequencer.close()
