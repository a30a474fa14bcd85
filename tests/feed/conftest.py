"""A process as fresh as the test's database, and a public site to feed from."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hustings.feed import loading, pace, tally
from hustings.feed.loading import Keeper


@pytest.fixture(autouse=True)
def fresh_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing of an earlier test's catalogue, counts or limits."""
    monkeypatch.setattr(loading, "_keeper", None)
    tally.forget()
    pace.forget()
    yield
    tally.forget()


@pytest.fixture
def serving(db: None) -> Keeper:
    """The keeper as it is in a server process, but without its thread: the test takes the steps."""
    keeper = loading.keeper()
    keeper.load()
    keeper.running = True
    return keeper
