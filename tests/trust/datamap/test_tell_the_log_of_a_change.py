"""A change of the map is an entry of the public log, once, whoever notices it first."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hustings.trust.datamap import changes, document, jobs
from hustings.trust.datamap.models import MapState
from hustings.trust.log.models import LogEntry


def entries() -> list[dict[str, Any]]:
    rows = LogEntry.objects.filter(kind="data_map_changed").order_by("pk")
    return [json.loads(bytes(row.leaf)) for row in rows]


def test_the_first_map_and_then_each_change(db: None, settings: Any) -> None:
    assert not changes.recorded()
    assert changes.record() is not None
    assert changes.recorded()
    assert changes.record() is None
    (first,) = entries()
    assert first["map"] == document.fingerprint()
    assert first["added"] == first["changed"] == first["removed"] == []
    assert "previous" not in first

    settings.EVENT_DAYS += 1
    assert not changes.recorded()
    assert changes.record() is not None
    second = entries()[1]
    assert second["previous"] == first["map"]
    assert second["map"] == document.fingerprint()
    assert "rule:feed.events" in second["changed"]
    assert "feed.EventBatch.events" in second["changed"]
    assert second["added"] == second["removed"] == []
    assert len(entries()) == 2


def test_new_and_gone_columns_are_named(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    changes.record()
    real = document.document()
    fewer = {**real, "columns": real["columns"][1:]}
    monkeypatch.setattr(document, "document", lambda: fewer)
    changes.record()
    monkeypatch.setattr(document, "document", lambda: real)
    changes.record()
    name = real["columns"][0]["column"]
    assert [entry["removed"] for entry in entries()] == [[], [name], []]
    assert [entry["added"] for entry in entries()] == [[], [], [name]]


def test_two_who_notice_at_once_write_one_entry(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other wrote between our look and our lock."""
    changes.record()
    fresh = "0" * 64
    monkeypatch.setattr(document, "fingerprint", lambda: fresh)
    real = changes._lines

    def meanwhile() -> Any:
        MapState.objects.filter(pk=1).update(sha256=fresh)
        return real()

    monkeypatch.setattr(changes, "_lines", meanwhile)
    assert changes.record() is None
    assert len(entries()) == 1


def test_an_entry_that_cannot_be_written_is_written_the_next_time(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The state changes with the entry or not at all: a lost write is tried again."""
    from hustings.trust import log

    def refuse(*_: Any, **__: Any) -> int:
        raise OSError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(log, "append", refuse)
        with pytest.raises(OSError, match="full"):
            changes.record()
    assert not changes.recorded()
    assert changes.record() is not None


def test_the_sweep_tells_it_once_in_a_process(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_told", {"once": False})
    for _ in range(2):
        jobs.log_changed_map()
    assert len(entries()) == 1
