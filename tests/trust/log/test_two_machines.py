"""Sequencers that really run at once, on one PostgreSQL: one writes, the others wait and never write beside it.

On SQLite there is one machine; `test_the_sequencer_is_killed.py` has several processes there.
"""

from __future__ import annotations

import threading
import time
from pathlib import Path

import orjson
import pytest
from django.db import connection, connections

from hustings.trust import log
from hustings.trust.api import in_service
from hustings.trust.log import sequencing, signing, store
from hustings.trust.log.errors import LogStoppedError
from hustings.trust.log.folder import Disk
from trust.log import reading_the_log as outsider

pytestmark = pytest.mark.django_db(transaction=True)

REVERSAL = {"decision": 0, "after": "appeal", "cause": "human_error", "restored": True}
COUNT = 300


@pytest.fixture(autouse=True)
def _postgresql() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite serves one machine")


@in_service
def write(first: int) -> None:
    for number in range(first, first + COUNT):
        log.append("moderation_reversal", {**REVERSAL, "standing_days": number})
    connections.close_all()


class Publisher(threading.Thread):
    """Wants to sequence all the time; whatever is not a refusal is told."""

    def __init__(self, done: threading.Event) -> None:
        super().__init__()
        self.done = done
        self.fault: BaseException | None = None

    @in_service
    def run(self) -> None:
        while not self.done.is_set():
            try:
                log.sequence_once()
            except LogStoppedError:
                time.sleep(0.002)
            except BaseException as fault:  # noqa: BLE001 - told to the test
                self.fault = fault
                break
        connections.close_all()


def test_threads_that_want_the_same_log_take_turns() -> None:
    """Four want to sequence one folder while two write: whoever is refused tries again."""
    done = threading.Event()
    publishers = [Publisher(done) for _ in range(4)]
    writers = [threading.Thread(target=write, args=(first,)) for first in (0, COUNT)]
    for thread in (*publishers, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    until = time.monotonic() + 60
    while store.state().published_size < 2 * COUNT and time.monotonic() < until:
        time.sleep(0.01)
    done.set()
    for thread in publishers:
        thread.join()
    assert [publisher.fault for publisher in publishers] == [None] * 4
    entries = outsider.published(signing.log_root())
    assert entries == outsider.in_the_database()
    numbers = [orjson.loads(entry)["standing_days"] for entry in entries]
    assert sorted(numbers) == list(range(2 * COUNT))
    for first in (0, COUNT):
        own = [number for number in numbers if first <= number < first + COUNT]
        assert own == sorted(own), "each writer's entries stand in the order in which they were written"


def test_nobody_takes_over_while_a_checkpoint_is_being_published(tmp_path: Path) -> None:
    """The row stays locked meanwhile: between the look at the lease and the deed there is no gap."""
    log.sequence_once()
    log.append("moderation_reversal", REVERSAL)
    order: list[str] = []
    slow = threading.Event()

    class SlowDisk(Disk):
        def rename(self, source: Path, target: Path) -> None:
            if target.name == "checkpoint":
                slow.set()
                time.sleep(0.5)
                order.append("published")
            super().rename(source, target)

    @in_service
    def publish() -> None:
        sequencer = sequencing.Sequencer(disk=SlowDisk())
        sequencer.once()
        sequencer.close()
        connections.close_all()

    @in_service
    def take_over() -> None:
        slow.wait(10)
        assert store.state().size == 1, "a plain look is not held up"
        order.append("looked")
        store.LogState.objects.filter(pk=1).update(holder="the other machine")
        order.append("took over")
        connections.close_all()

    threads = [threading.Thread(target=publish), threading.Thread(target=take_over)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert order == ["looked", "published", "took over"]
