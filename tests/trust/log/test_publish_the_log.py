"""The sequencer: places, tiles, the signature, proofs; waiting, forgetting, and clocks that go back."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hustings.lib.tlog import commitments
from hustings.lib.tlog.errors import TlogError
from hustings.lib.tlog.notes import Verifier
from hustings.lib.tlog.proofs import TlogProof
from hustings.trust import log
from hustings.trust.keys import erase_key
from hustings.trust.log import health, jobs, sequencing, signing, store
from hustings.trust.log.errors import NotSequencedYetError
from hustings.trust.models import LogCount, LogEntry, LogState
from trust.log import reading_the_log as outsider

pytestmark = pytest.mark.django_db

REVERSAL = {"decision": 0, "after": "appeal", "cause": "human_error", "restored": True}


def write(count: int) -> list[int]:
    return [log.append("moderation_reversal", {**REVERSAL, "standing_days": number}) for number in range(count)]


def verify(entry_id: int) -> None:
    proof = TlogProof.parse(log.proof(entry_id))
    proof.verify(log.entry(entry_id).leaf, [Verifier.parse(log.vkey())])


def test_an_empty_log_is_published_too() -> None:
    assert log.sequence_once() == 0
    assert outsider.published(signing.log_root()) == []


def test_entries_get_their_places_in_the_order_of_writing() -> None:
    written = write(3)
    assert log.sequence_once() == 3
    assert [log.entry(one).index for one in written] == [0, 1, 2]
    assert outsider.published(signing.log_root()) == outsider.in_the_database()
    assert log.sequence_once() == 0


@pytest.mark.parametrize("sizes", [[1] * 6, [255, 1, 1], [256, 256], [257, 300, 3], [700]])
def test_every_size_leads_to_the_signed_root(sizes: list[int]) -> None:
    for size in sizes:
        write(size)
        assert log.sequence_once() == size
        assert outsider.published(signing.log_root()) == outsider.in_the_database()
    assert outsider.checkpoint(signing.log_root()).size == sum(sizes)


def test_a_log_with_two_levels_of_full_tiles() -> None:
    """65,536 entries fill a tile of level 1; rows are made directly, because writing them is not what is tested."""
    rows = [LogEntry(kind="x", at=datetime.now(UTC), leaf=b"%d" % number) for number in range(65_536 + 300)]
    LogEntry.objects.bulk_create(rows, batch_size=5_000)
    assert log.sequence_once() == len(rows)
    assert len(outsider.published(signing.log_root())) == len(rows)
    verify(LogEntry.objects.get(index=0).pk)
    verify(LogEntry.objects.get(index=65_700).pk)


def test_a_proof_is_a_file_that_verifies_alone_and_only_for_its_entry() -> None:
    first, second = write(2)
    log.sequence_once()
    verify(first)
    verify(second)
    with pytest.raises(TlogError):
        TlogProof.parse(log.proof(first)).verify(log.entry(second).leaf, [Verifier.parse(log.vkey())])


def test_there_is_no_proof_before_the_checkpoint() -> None:
    [written] = write(1)
    with pytest.raises(NotSequencedYetError):
        log.proof(written)
    log.sequence_once()
    [later] = write(1)
    with pytest.raises(NotSequencedYetError):
        log.proof(later)
    with pytest.raises(NotSequencedYetError):
        log.await_sequenced(later, 0.05)
    log.sequence_once()
    assert log.await_sequenced(later, 0.05).index == 1


def test_old_proofs_stand_when_the_log_has_grown() -> None:
    [written] = write(1)
    log.sequence_once()
    receipt, leaf = log.proof(written), log.entry(written).leaf
    write(300)
    log.sequence_once()
    TlogProof.parse(receipt).verify(leaf, [Verifier.parse(log.vkey())])
    verify(written)


def test_forgetting_destroys_the_openings_and_no_proof() -> None:
    written = log.append("moderation_reversal", REVERSAL, secrets={"account": "12"}, subject=12)
    others = log.append("moderation_reversal", REVERSAL, secrets={"account": "13"}, subject=13)
    log.sequence_once()
    leaf = log.entry(written).leaf
    opening = log.openings(12)[0].openings["account"]
    assert log.forget(12) == 1
    assert log.openings(12) == []
    row = LogEntry.objects.get(pk=written)
    assert (row.subject, row.sealed, row.disclose_after) == (None, None, None)
    assert log.entry(written).leaf == leaf
    verify(written)
    verify(others)
    assert log.openings(13)[0].openings["account"].value == "13"
    # Who knows the value still cannot show that it is the one: without the salt, trying values finds nothing.
    commitment = log.entry(written).value["commitments"]["account"]
    tried = {commitments.commit("moderation_reversal", "account", bytes(32), value) for value in ("12", "13", "14")}
    assert commitment not in tried
    assert commitments.commit("moderation_reversal", "account", bytes.fromhex(opening.salt), "12") == commitment


def test_erasing_the_key_forgets_what_a_backup_kept() -> None:
    """A backup holds the sealed opening; without the person's key it opens for nobody, and all proofs verify."""
    written = log.append("moderation_reversal", REVERSAL, secrets={"account": "12"}, subject=12)
    log.sequence_once()
    kept = bytes(LogEntry.objects.get(pk=written).sealed or b"")
    log.forget(12)
    erase_key(12)
    LogEntry.objects.filter(pk=written).update(subject=12, sealed=kept)
    assert log.openings(12)[0].openings == {}
    log.sequence_once()
    verify(written)


def test_counts_by_kind_follow() -> None:
    write(3)
    log.append("key_erased", {"reason": "closure", "people": "1"})
    log.sequence_once()
    assert dict(LogCount.objects.values_list("kind", "entries")) == {"moderation_reversal": 3, "key_erased": 1}


def test_an_entry_that_was_written_first_and_committed_last_comes_last() -> None:
    """Row numbers are given before a transaction ends: an older number may turn up late, and loses nothing."""
    first, second = write(2)
    LogEntry.objects.filter(pk=first).update(index=-1)  # not there yet
    assert log.sequence_once() == 1
    LogEntry.objects.filter(pk=first).update(index=None)
    assert log.sequence_once() == 1
    assert [log.entry(one).index for one in (first, second)] == [1, 0]
    assert outsider.published(signing.log_root()) == outsider.in_the_database()


def test_a_clock_that_went_back_is_named(moved_clock: Any) -> None:
    noon = datetime(2026, 3, 4, 12, tzinfo=UTC)
    moved_clock(noon)
    write(1)
    moved_clock(noon - timedelta(seconds=30))
    write(1)
    log.sequence_once()
    assert LogState.objects.get().clock_back_index is None, "so much disorder is no fault of a clock"
    moved_clock(noon - timedelta(hours=1))
    write(1)
    log.sequence_once()
    state = LogState.objects.get()
    assert (state.clock_back_index, state.clock_back_s, state.latest_at) == (2, 3600, noon)
    assert any(f.bad and "3600 s behind" in f.message and f.hint for f in health.findings())
    moved_clock(noon + timedelta(hours=1))
    write(1)
    log.sequence_once()
    told = [f for f in health.findings() if "entry 2 was written by a clock that had gone back 3600 s" in f.message]
    assert [f.bad for f in told] == [False]


def test_incomplete_forms_of_tiles_go_when_the_tile_has_long_been_full() -> None:
    for size in (200, 100):
        write(size)
        log.sequence_once()
    root = signing.log_root()
    with sequencing.Sequencer() as sequencer:
        sequencer.once()
        sequencer.tidy()
        assert (root / "tile/0/000.p").exists(), "somebody may still be reading an older checkpoint"
        old = time.time() - sequencing.TIDY_AFTER_S - 1
        os.utime(root / "tile/0/000", (old, old))
        sequencer.tidy()
        sequencer.tidy()
    assert not (root / "tile/0/000.p").exists()
    assert not (root / "tile/entries/000.p").exists()
    assert (root / "tile/0/001.p").exists()
    assert len(outsider.published(root)) == 300
    verify(LogEntry.objects.get(index=0).pk)


def test_the_writer_takes_its_time_and_sees_a_lonely_entry_soon() -> None:
    writer = jobs.Writer()
    try:
        assert writer.step() == jobs.LOOK_S
        write(1)
        assert jobs.LOOK_S <= writer.step() <= jobs.BATCH_S
        assert outsider.checkpoint(signing.log_root()).size == 1
    finally:
        writer.sequencer.close()


def test_the_writer_says_what_is_wrong_and_goes_on_by_itself(caplog: pytest.LogCaptureFixture) -> None:
    write(1)
    log.sequence_once()
    signing.key_path().chmod(0o644)
    writer = jobs.Writer()
    try:
        waits = [writer.step() for _ in range(3)]
        assert waits == sorted(waits)
        assert waits[0] >= jobs.BATCH_S
        assert LogState.objects.get().fault == "log_key_mode"
        assert [r.levelname for r in caplog.records] == ["ERROR"], "once, not at every look"
        signing.key_path().chmod(0o600)
        writer.step()
        assert LogState.objects.get().fault == ""
    finally:
        writer.sequencer.close()


def test_looking_costs_two_questions(django_assert_num_queries: Any) -> None:
    with sequencing.Sequencer() as sequencer:
        sequencer.once()
        with django_assert_num_queries(2):
            sequencer.once()


def test_a_turn_costs_the_same_however_many_entries_it_has(django_assert_max_num_queries: Any) -> None:
    with sequencing.Sequencer() as sequencer:
        sequencer.once()
        for count in (1, sequencing.TURN):
            write(count)
            with django_assert_max_num_queries(14):
                assert sequencer.once() == count


def test_times_in_the_log_are_when_things_were_written(moved_clock: Any) -> None:
    moved_clock(datetime(2026, 3, 4, 12, tzinfo=UTC))
    [written] = write(1)
    moved_clock(datetime(2026, 3, 4, 13, tzinfo=UTC))
    log.sequence_once()
    assert log.entry(written).value["at"] == "2026-03-04T12:00:00Z"
    assert store.state().published_at == datetime(2026, 3, 4, 13, tzinfo=UTC)
