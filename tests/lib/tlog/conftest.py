from pathlib import Path

import pytest

from lib.tlog.small_log import Outsider, SmallLog


@pytest.fixture
def log(tmp_path: Path) -> SmallLog:
    """An empty place for a log; `write` fills it."""
    return SmallLog(tmp_path / "log")


@pytest.fixture
def outsider(tmp_path: Path) -> Outsider:
    """Somebody who checks it, for the first time."""
    return Outsider(tmp_path / "memory")
