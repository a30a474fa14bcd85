"""Each write of the sequencer is broken in turn, lost or landed, torn, the disk full: no entry is lost, doubled or moved.

What an outsider saw after the accident must be the beginning of what they see in the end.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson
import pytest

from hustings.lib.merkle import leaf_hash, root_of
from hustings.trust import log
from hustings.trust.log import sequencing, signing, store, writing
from hustings.trust.log.errors import LogWriteFailedError
from hustings.trust.models import LogCount, LogEntry, LogState
from trust.log import reading_the_log as outsider
from trust.log.breaking import WAYS, BreakingDisk, DiedError

pytestmark = pytest.mark.django_db

REVERSAL = {"decision": 0, "after": "appeal", "cause": "human_error", "restored": True}


class Story:
    """A log with some history, the entries that were written, and every checkpoint that anybody could have seen."""

    def __init__(self, root: Path, begin: int) -> None:
        self.root, self.written = root, 0
        self.seen: list[tuple[int, bytes]] = []
        self.write(begin)
        log.sequence_once()
        self.look()

    def write(self, count: int) -> None:
        """As `append` does, in one go: this file writes thousands."""
        rows = []
        for number in range(self.written, self.written + count):
            leaf, at, _ = writing._leaf("moderation_reversal", {**REVERSAL, "standing_days": number}, {})
            rows.append(LogEntry(kind="moderation_reversal", at=at, leaf=leaf))
        LogEntry.objects.bulk_create(rows)
        self.written += count

    def look(self) -> None:
        """What is published now must hold by itself, in the middle of whatever happened."""
        outsider.published(self.root)
        found = outsider.checkpoint(self.root)
        self.seen.append((found.size, found.root))

    def end(self) -> None:
        """A healthy sequencer goes on; then everything is counted."""
        self.write(2)
        log.sequence_once()
        entries = outsider.published(self.root)
        assert entries == outsider.in_the_database()
        assert [orjson.loads(entry)["standing_days"] for entry in entries] == list(range(self.written))
        hashes = [leaf_hash(entry) for entry in entries]
        for size, root in self.seen:
            assert root_of(hashes[:size]) == root, f"what was signed for {size} entries is no beginning of this"


def attempt(disk: BreakingDisk) -> None:
    sequencer = sequencing.Sequencer(disk=disk)
    with suppress(DiedError, LogWriteFailedError):
        sequencer.once()
    # The dead hold no lock; their lease stays.
    sequencer._fence = 0
    sequencer.close()


def calls_of(begin: int, more: int) -> int:
    """How many calls to the disk such a batch takes, measured on a log of its own."""
    story = Story(signing.log_root(), begin)
    story.write(more)
    disk = BreakingDisk()
    attempt(disk)
    story.end()
    begin_anew()
    return disk.calls


def begin_anew() -> None:
    signing.begin_anew()
    for model in (LogCount, LogEntry, LogState):
        model.objects.all().delete()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("begin", "more"), [(3, 2), (250, 10), (0, 1)], ids=["small", "full tiles", "the first"])
def test_at_every_call_to_the_disk(begin: int, more: int, way: str) -> None:
    calls = calls_of(begin, more)
    assert calls > 10
    for at in range(1, calls + 1):
        story = Story(signing.log_root(), begin)
        story.write(more)
        disk = BreakingDisk(at, way)
        attempt(disk)
        assert disk.calls == at, "it broke there"
        story.look()
        story.end()
        begin_anew()


@pytest.mark.parametrize("way", WAYS)
def test_twice_at_every_call_with_entries_coming_in_between(way: str) -> None:
    for at in range(1, calls_of(254, 5) + 1):
        story = Story(signing.log_root(), 254)
        story.write(5)
        attempt(BreakingDisk(at, way))
        story.look()
        story.write(3)
        attempt(BreakingDisk(at, way))
        story.look()
        story.end()
        begin_anew()


@pytest.mark.parametrize("way", WAYS)
def test_the_very_first_checkpoint(way: str) -> None:
    counting = BreakingDisk()
    attempt(counting)
    begin_anew()
    for at in range(1, counting.calls + 1):
        attempt(BreakingDisk(at, way))
        story = Story(signing.log_root(), 1)
        story.end()
        begin_anew()


ROWS = ["assign", "record_published", "take_lease", "keep_lease"]


@pytest.mark.parametrize("way", ["lost", "landed"])
@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("fault", [DiedError, LogWriteFailedError])
def test_at_every_write_to_the_database(
    name: str, way: str, fault: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    story = Story(signing.log_root(), 250)
    for _ in range(2):
        story.write(10)
        with monkeypatch.context() as patched:
            patched.setattr(store, name, _broken(getattr(store, name), way, fault))
            sequencer = sequencing.Sequencer()
            with suppress(DiedError, LogWriteFailedError):
                sequencer.once()
            sequencer._fence = 0
            sequencer.close()
        story.look()
    story.end()


def _broken(real: Callable[..., Any], way: str, fault: type[BaseException]) -> Callable[..., Any]:
    def breaking(*arguments: Any, **named: Any) -> Any:
        if way == "landed":
            real(*arguments, **named)
        raise fault

    return breaking


def test_the_same_sequencer_goes_on_after_a_full_disk() -> None:
    """The worker lives: its sequencer must believe the disk, not its memory."""
    story = Story(signing.log_root(), 250)
    with sequencing.Sequencer(disk=(disk := BreakingDisk())) as sequencer:
        sequencer.once()
        for at in range(1, 40):
            story.write(1)
            disk.calls, disk.at, disk.way = 0, at, "full"
            with suppress(LogWriteFailedError):
                sequencer.once()
            story.look()
        disk.at = 0
        sequencer.once()
        story.look()
    story.end()


def test_a_full_disk_says_which_file(tmp_path: Path) -> None:
    story = Story(signing.log_root(), 3)
    story.write(1)
    sequencer = sequencing.Sequencer(disk=BreakingDisk(1, "full"))
    with pytest.raises(LogWriteFailedError, match="No space left on device"):
        sequencer.once()
    sequencer.close()
    story.end()
