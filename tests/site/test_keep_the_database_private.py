"""Somebody with a login on the machine and no role: the database's file is not theirs to read."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connections

from hustings.trust.access.backends.sqlite3.base import DatabaseWrapper

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    """As most systems have it: whatever is made, everybody may read."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def _written(path: Path) -> None:
    """A database of which the journal is there, too."""
    settings = connections["default"].settings_dict
    options = {"init_command": "PRAGMA journal_mode=WAL;"}
    database = DatabaseWrapper({**settings, "NAME": str(path), "OPTIONS": options, "CONN_MAX_AGE": 0}, "beside")
    with database.cursor() as cursor:
        cursor.execute("CREATE TABLE something (word text)")
    modes = {one.name: stat.S_IMODE(one.stat().st_mode) for one in path.parent.glob(f"{path.name}*")}
    database.close()
    assert {f"{path.name}-wal", f"{path.name}-shm"} <= modes.keys()
    assert not [name for name, mode in modes.items() if mode & stat.S_IRWXO], modes


def test_a_new_one_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "new.sqlite3"
    _written(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_an_old_one_is_shut_and_its_group_stays(tmp_path: Path) -> None:
    file = tmp_path / "old.sqlite3"
    file.touch(mode=0o664)
    file.chmod(0o664)
    _written(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o660


def test_one_in_memory_has_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    database = DatabaseWrapper({**connections["default"].settings_dict, "NAME": ":memory:", "OPTIONS": {}}, "beside")
    with database.cursor() as cursor:
        cursor.execute("SELECT 1")
    database.close()
    assert not list(tmp_path.glob("*memory*"))
