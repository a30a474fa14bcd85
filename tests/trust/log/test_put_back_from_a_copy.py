"""Database or folder put back from an older copy, files damaged, keys gone: named exactly, nothing signed, and mended."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from hustings.lib import clock
from hustings.lib.merkle import leaf_hash
from hustings.lib.tlog.notes import Signer, Verifier
from hustings.lib.tlog.proofs import TlogProof
from hustings.trust import log
from hustings.trust.log import health, recovery, signing, standing, store
from hustings.trust.log.errors import (
    LogFileDamagedError,
    LogFilesWentBackError,
    LogForkedError,
    LogKeyMissingError,
    LogKeyModeError,
    LogKeyWrongError,
    LogStoppedError,
    LogTakenError,
    LogWentBackError,
)
from hustings.trust.log.folder import Folder
from hustings.trust.log.sequencing import Sequencer
from hustings.trust.models import LogCount, LogEntry, LogState
from trust.log import reading_the_log as outsider

pytestmark = pytest.mark.django_db

REVERSAL = {"decision": 0, "after": "appeal", "cause": "human_error", "restored": True}


def write(first: int, count: int, **more: Any) -> list[int]:
    return [
        log.append("moderation_reversal", {**REVERSAL, "standing_days": number}, **more)
        for number in range(first, first + count)
    ]


class Copies:
    """Copies of folder and rows, as backups are."""

    def __init__(self, aside: Path) -> None:
        self.aside = aside

    def take(self, name: str) -> None:
        shutil.copytree(signing.log_root(), self.aside / name)
        rows = {model: list(model.objects.values()) for model in (LogEntry, LogState, LogCount)}
        setattr(self, name, rows)

    def put_back_folder(self, name: str) -> None:
        shutil.rmtree(signing.log_root())
        shutil.copytree(self.aside / name, signing.log_root())

    def put_back_rows(self, name: str) -> None:
        for model, rows in getattr(self, name).items():
            model.objects.all().delete()
            model.objects.bulk_create([model(**row) for row in rows])


@pytest.fixture
def copies(tmp_path: Path) -> Copies:
    (tmp_path / "copies").mkdir()
    return Copies(tmp_path / "copies")


def refused(kind: type[LogStoppedError]) -> str:
    """The sequencer refuses by this name, twice, writes nothing, and `hustings check` says the same; its sentence."""
    before = {path: path.read_bytes() for path in signing.log_root().rglob("*") if path.is_file()}
    for _ in range(2):
        with pytest.raises(kind) as raised:
            log.sequence_once()
        assert type(raised.value) is kind
    assert before == {path: path.read_bytes() for path in signing.log_root().rglob("*") if path.is_file()}
    assert any(f.bad and f.message == raised.value.message and f.hint for f in health.findings())
    return raised.value.message


def whole(count: int) -> None:
    """The log goes on and holds each of the first `count` entries once, in order."""
    entries = outsider.published(signing.log_root())
    assert entries == outsider.in_the_database()
    assert [orjson.loads(entry)["standing_days"] for entry in entries][:count] == list(range(count))
    assert LogCount.objects.get(kind="moderation_reversal").entries == len(entries)


# --- The database went back ------------------------------------------------------------------------------------------


def test_an_older_database_is_refused_and_completed_from_the_files(copies: Copies) -> None:
    write(0, 300)
    log.sequence_once()
    waited = write(300, 1, secrets={"account": "12"}, subject=12)[0]
    copies.take("older")
    write(301, 260)
    log.sequence_once()
    receipt = log.proof(LogEntry.objects.get(index=500).pk)
    leaf = log.entry(LogEntry.objects.get(index=500).pk).leaf
    copies.put_back_rows("older")
    assert "561 entries were published, but the database knows 300" in refused(LogWentBackError)
    told: list[str] = []
    assert recovery.recover(told.append).entries == 261
    assert any("300 entries, 561 were signed" in line for line in told)
    whole(561)
    assert log.entry(waited).index == 300, "what waited in the copy is the same entry"
    assert log.openings(12)[0].openings["account"].value == "12", "and keeps its openings"
    write(561, 1)
    assert log.sequence_once() == 1
    whole(562)
    TlogProof.parse(receipt).verify(leaf, [Verifier.parse(log.vkey())])
    assert recovery.recover() == recovery.Recovered(0, 0)


def test_entries_written_into_the_older_database_wait_and_follow(copies: Copies) -> None:
    write(0, 5)
    log.sequence_once()
    copies.take("older")
    write(5, 5)
    log.sequence_once()
    copies.put_back_rows("older")
    later = write(10, 2)
    refused(LogWentBackError)
    recovery.recover()
    log.sequence_once()
    assert [log.entry(one).index for one in later] == [10, 11]
    whole(12)


def test_an_older_database_that_grew_again_is_another_history(copies: Copies) -> None:
    """Somebody forces it on: with as many or more entries of its own, the roots tell."""
    write(0, 5)
    log.sequence_once()
    copies.take("older")
    write(5, 5)
    log.sequence_once()
    for more in (5, 8):
        copies.put_back_rows("older")
        write(100, more)
        rows = store.waiting(100)
        tree = standing.read_edge(Folder(copies.aside / "older"), 5, bytes(store.state().root)).frontier()
        for row in rows:
            tree.append(leaf_hash(row.leaf))
        store.assign(rows, fence=store.state().fence, before=5, root=tree.root())
        assert "does not begin with the 10 that are published" in refused(LogForkedError)
        with pytest.raises(LogForkedError):
            recovery.recover()


def test_a_row_changed_behind_our_back_is_found_when_it_matters(copies: Copies) -> None:
    """A batch has its places and is not published yet; somebody edits a row in between."""
    write(0, 5)
    log.sequence_once()
    write(5, 2)
    rows = store.waiting(100)
    tree = standing.read_edge(Folder(signing.log_root()), 5, bytes(store.state().root)).frontier()
    for row in rows:
        tree.append(leaf_hash(row.leaf))
    store.assign(rows, fence=store.state().fence, before=5, root=tree.root())
    LogEntry.objects.filter(index=6).update(leaf=b"{}")
    refused(LogForkedError)
    LogEntry.objects.filter(index=6).delete()
    assert "1 are missing" in refused(LogForkedError)


# --- The folder went back --------------------------------------------------------------------------------------------


def test_an_older_folder_is_refused_and_completed_from_the_database(copies: Copies) -> None:
    write(0, 300)
    log.sequence_once()
    copies.take("older")
    write(300, 300)
    log.sequence_once()
    newest = outsider.checkpoint(signing.log_root())
    copies.put_back_folder("older")
    assert "600 entries were published, but the checkpoint" in refused(LogFilesWentBackError)
    assert recovery.recover().files > 3
    assert outsider.checkpoint(signing.log_root()) == newest
    whole(600)
    write(600, 1)
    log.sequence_once()
    whole(601)


def test_a_folder_that_is_gone(copies: Copies) -> None:
    write(0, 300)
    log.sequence_once()
    newest = outsider.checkpoint(signing.log_root())
    for path in signing.log_root().iterdir():
        if path.name != ".sequencer":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert "300 entries were published" in refused(LogFilesWentBackError)
    recovery.recover()
    write(300, 1)
    log.sequence_once()
    whole(301)
    assert outsider.checkpoint(signing.log_root()).size == newest.size + 1


def test_both_went_back_to_the_same_copy(copies: Copies) -> None:
    """Nobody here can know. Witnesses do, and so does everybody who remembers a checkpoint: it is their check."""
    write(0, 5)
    log.sequence_once()
    copies.take("older")
    write(5, 5)
    log.sequence_once()
    copies.put_back_rows("older")
    copies.put_back_folder("older")
    write(100, 1)
    assert log.sequence_once() == 1


# --- Damaged files ---------------------------------------------------------------------------------------------------


def cut(data: bytes) -> bytes:
    return data[:-1]


def flip(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


def gone(data: bytes) -> None:
    return None


@pytest.mark.parametrize("damage", [cut, flip, gone])
@pytest.mark.parametrize("name", ["tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/001.p/44"])
def test_a_damaged_file_of_the_edge_is_named_and_mended(name: str, damage: Callable[[bytes], bytes | None]) -> None:
    write(0, 300)
    log.sequence_once()
    path = signing.log_root() / name
    data = damage(path.read_bytes())
    path.unlink() if data is None else path.write_bytes(data)
    write(300, 1)
    # A hash that does not fit its entry is seen from the entry's side: the two files are a pair.
    pair = {"tile/0/001.p/44": "tile/entries/001.p/44"} if damage is flip else {}
    assert pair.get(name, name) in refused(LogFileDamagedError)
    assert recovery.recover().files == 1
    log.sequence_once()
    whole(301)


@pytest.mark.parametrize("damage", [cut, flip])
def test_a_damaged_checkpoint_is_named_and_mended(damage: Callable[[bytes], bytes]) -> None:
    write(0, 3)
    log.sequence_once()
    path = signing.log_root() / "checkpoint"
    note = path.read_bytes()
    path.write_bytes(damage(note) if damage is cut else note.replace(note[-5:-3], b"AA"))
    assert refused(LogFileDamagedError).startswith("checkpoint:")
    recovery.recover()
    assert path.read_bytes() == note
    log.sequence_once()
    whole(3)


def test_the_running_sequencer_notices_a_folder_put_back_under_its_hands(copies: Copies) -> None:
    write(0, 3)
    log.sequence_once()
    copies.take("older")
    with Sequencer() as sequencer:
        write(3, 3)
        sequencer.once()
        for path in (copies.aside / "older").rglob("*"):
            if path.is_file() and path.name != ".sequencer":
                shutil.copy(path, signing.log_root() / path.relative_to(copies.aside / "older"))
        write(6, 1)
        with pytest.raises(LogFilesWentBackError):
            sequencer.once()


# --- Keys ------------------------------------------------------------------------------------------------------------


def test_the_key_is_made_once_and_is_its_owners_alone() -> None:
    log.sequence_once()
    path = signing.key_path()
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o077 == 0
    text = path.read_text()
    assert "cell: local" in text
    assert "localhost:8000/log" in text
    write(0, 1)
    log.sequence_once()
    assert path.read_text() == text


def test_a_key_that_is_gone_is_never_replaced() -> None:
    write(0, 3)
    log.sequence_once()
    kept = signing.key_path().read_text()
    signing.key_path().unlink()
    write(3, 1)
    assert str(signing.key_path()) in refused(LogKeyMissingError)
    with pytest.raises(LogKeyMissingError):
        recovery.recover()
    assert not signing.key_path().exists()
    signing.key_path().touch(mode=0o600)
    signing.key_path().write_text(kept)
    log.sequence_once()
    whole(4)


@pytest.mark.parametrize("lost", ["rows", "folder"])
def test_a_key_that_is_gone_is_not_replaced_while_either_side_remembers(lost: str) -> None:
    write(0, 3)
    log.sequence_once()
    signing.key_path().unlink()
    if lost == "rows":
        for model in (LogEntry, LogState, LogCount):
            model.objects.all().delete()
    else:
        shutil.rmtree(signing.log_root())
    with pytest.raises(LogKeyMissingError):
        log.sequence_once()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_key_that_others_can_read_is_refused(mode: int) -> None:
    write(0, 1)
    log.sequence_once()
    signing.key_path().chmod(mode)
    assert f"{mode:04o}" in refused(LogKeyModeError)


def test_the_key_of_another_cell_is_refused(settings: Any) -> None:
    write(0, 1)
    log.sequence_once()
    settings.CELL = "us"
    assert "belongs to the cell “local”; this is the cell “us”" in refused(LogKeyWrongError)


def test_the_key_of_another_log_is_refused(settings: Any) -> None:
    write(0, 1)
    log.sequence_once()
    signing.key_path().write_text(f"cell: local\n{Signer.generate('localhost:8000/log').secret()}\n")
    assert "another than the one that signed" in refused(LogKeyWrongError)
    settings.LOG_ORIGIN = "elsewhere.example/log"
    assert "HUSTINGS_LOG_ORIGIN" in refused(LogKeyWrongError)


@pytest.mark.parametrize("text", ["", "cell: local\n", "cell: local\nPRIVATE+KEY+a+b+c\n", "cell: local\nnonsense"])
def test_a_file_that_is_no_key_is_refused_and_never_repeated(text: str) -> None:
    write(0, 1)
    log.sequence_once()
    signing.key_path().write_text(text)
    message = refused(LogKeyWrongError)
    assert "PRIVATE+KEY+a" not in message


def test_a_log_keeps_its_name_when_the_server_moves(settings: Any) -> None:
    write(0, 1)
    log.sequence_once()
    settings.PUBLIC_URL = "https://clips.senedd.example"
    write(1, 1)
    log.sequence_once()
    assert outsider.checkpoint(signing.log_root()).origin == "localhost:8000/log"
    assert any("a log keeps its name" in f.message and not f.bad for f in health.findings())


# --- Two at once -----------------------------------------------------------------------------------------------------


def test_of_two_in_one_folder_one_refuses() -> None:
    with Sequencer() as one, Sequencer() as other:
        one.once()
        with pytest.raises(LogTakenError):
            other.once()
        one.close()
        other.once()


def test_of_two_machines_on_one_database_one_refuses(tmp_path: Path, moved_clock: Any) -> None:
    """Each has a folder of its own, so only the lease keeps them apart; and what the other lacks keeps it out for good."""
    now = clock.now()
    moved_clock(now)
    with Sequencer() as one:
        write(0, 1)
        one.once()
        with Sequencer(tmp_path / "second machine") as other:
            with pytest.raises(LogTakenError):
                other.once()
            moved_clock(now + store.LEASE * 2)
            with pytest.raises(LogFilesWentBackError):
                other.once()
            # The first was asleep meanwhile. Its fence is old: it looks again and finds the lease taken.
            write(1, 1)
            with pytest.raises(LogTakenError):
                one.once()
            other.close()
        assert one.once() == 1
    whole(2)


@pytest.mark.parametrize("step", ["assign", "publishing", "record_published"])
def test_whoever_slept_while_another_took_over_changes_nothing(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lease is lost just before one of the steps."""
    write(0, 3)
    log.sequence_once()
    write(3, 2)
    before = (signing.log_root() / "checkpoint").read_bytes()
    real = getattr(store, step)

    def overtaken(*arguments: Any, **named: Any) -> Any:
        monkeypatch.setattr(store, step, real)
        LogState.objects.update(fence=1_000)
        return real(*arguments, **named)

    sequencer = Sequencer()
    sequencer.open()
    monkeypatch.setattr(store, step, overtaken)
    if step == "record_published":
        sequencer.once()
    else:
        with pytest.raises(LogTakenError):
            sequencer.once()
        assert (signing.log_root() / "checkpoint").read_bytes() == before
    sequencer.close()
    LogState.objects.update(lease_until=None)
    log.sequence_once()
    whole(5)


def test_recovery_waits_for_the_worker_to_end() -> None:
    with Sequencer() as sequencer:
        sequencer.once()
        with pytest.raises(LogTakenError):
            recovery.recover()
