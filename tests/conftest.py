"""The standing cast, their browsers, and folders and a clock of the test's own.

`owner` owns the organisation `council`, `teammate` is its editor, `stranger` has nothing to do with
it, `moderator` works the queue. `as_owner` and so on are their browsers; `anonymous` is nobody's.
"""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from cast import Visitor, person
from hustings.accounts.api import Author
from hustings.lib import clock

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def _postgres() -> str | None:
    """Why PostgreSQL is not what these tests run on, in one line; None when it is."""
    url = urlsplit(os.environ.get("HUSTINGS_DATABASE_URL", "sqlite"))
    if url.scheme not in {"postgres", "postgresql"}:
        return "PostgreSQL: not asked for (HUSTINGS_DATABASE_URL=postgres://…); running on SQLite"
    try:
        socket.create_connection((url.hostname or "127.0.0.1", url.port or 5432), timeout=2).close()
    except OSError as fault:
        return f"PostgreSQL: nothing answers at {url.hostname}:{url.port or 5432} ({fault})"
    return None


def pytest_report_header() -> list[str]:
    return [
        f"Chromium: {CHROMIUM}" if CHROMIUM else "Chromium: not found on PATH; browser tests are skipped",
        _postgres() or "PostgreSQL: running on it",
    ]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    postgres = _postgres() is None
    for item in items:
        if CHROMIUM is None and "browser" in item.keywords:
            item.add_marker(pytest.mark.skip(reason="no Chromium on PATH: install Debian's `chromium`"))
        if postgres and "own_database" in item.keywords:
            item.add_marker(pytest.mark.skip(reason="brings its own SQLite: once is enough"))


@pytest.fixture(autouse=True)
def media_root(tmp_path: Path, settings: Any) -> Path:
    """Folders of the test's own for data, media and uploads; the media's is the fixture."""
    settings.DATA = tmp_path / "data"
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.UPLOADS_ROOT = tmp_path / "uploads"
    settings.EXPORTS_ROOT = tmp_path / "exports"
    settings.IMPORTS_ROOT = tmp_path / "imports"
    for folder in (settings.DATA, settings.MEDIA_ROOT, settings.UPLOADS_ROOT):
        folder.mkdir()
    storages = {**settings.STORAGES}
    storages["default"] = {
        **storages["default"],
        "OPTIONS": {"location": str(settings.MEDIA_ROOT), "base_url": "/media/"},
    }
    settings.STORAGES = storages
    return tmp_path / "media"


@pytest.fixture(autouse=True, scope="session")
def _in_service() -> Iterator[None]:
    """Tests are the product at work; those of the guard open another scope themselves."""
    from hustings.trust.api import service

    with service():
        yield


@pytest.fixture(autouse=True)
def _own_keys() -> None:
    """Each test has its own cell key, because it has its own data folder; nobody's key is left in memory."""
    from hustings.trust.keys import people

    people.forget_held()


@pytest.fixture(autouse=True)
def _plain_client_files(settings: Any) -> None:
    """Tests do not depend on whether somebody has collected static files."""
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture
def moved_clock() -> Iterator[Callable[[datetime], None]]:
    """`moved_clock(instant)` holds the clock there until the test ends."""
    held: list[AbstractContextManager[None]] = []

    def move(instant: datetime) -> None:
        block = clock.set_to(instant)
        block.__enter__()
        held.append(block)

    yield move
    for block in reversed(held):
        block.__exit__(None, None, None)


@pytest.fixture
def settle(db: None) -> Callable[[], int]:
    """`settle()` does what a commit and the workers would do, until nothing is left; answers how many tasks.

    A task that fails fails the test, with its own traceback.
    """
    from django.db import connection
    from django_tasks_db.models import DBTaskResult

    from hustings.trust.log import sequence_once
    from hustings.trust.models import LogEntry

    def commit() -> None:
        while connection.run_on_commit:
            waiting, connection.run_on_commit = connection.run_on_commit, []
            for _, callback, _ in waiting:
                callback()

    def run() -> int:
        done = 0
        commit()
        while (waiting := DBTaskResult.objects.ready().first()) is not None:
            task = waiting.task
            waiting.delete()
            task.call(*waiting.args_kwargs["args"], **waiting.args_kwargs["kwargs"])
            done += 1
            commit()
        if LogEntry.objects.filter(index__isnull=True).exists():
            sequence_once()
        return done

    return run


@pytest.fixture
def owner(db: None) -> Author:
    return person("olwen", name="Olwen Rees")


@pytest.fixture
def teammate(db: None) -> Author:
    return person("tomos", name="Tomos Vaughan")


@pytest.fixture
def stranger(db: None) -> Author:
    return person("sian", name="Siân Hughes")


@pytest.fixture
def moderator(db: None) -> Author:
    return person("meredith", name="Meredith Lowe")


@pytest.fixture
def organisation(owner: Author, teammate: Author) -> Author:
    """The organisation `council`, with its owner and an editor."""
    from hustings.accounts import api

    key = api.create_organisation(owner.id, "council", "Cwm Council", trusted=True)
    api.add_member(key, teammate.id, "editor")
    return api.authors([key])[key]


@pytest.fixture
def anonymous(db: None) -> Visitor:
    return Visitor()


@pytest.fixture
def as_owner(owner: Author) -> Visitor:
    return Visitor(owner)


@pytest.fixture
def as_teammate(teammate: Author) -> Visitor:
    return Visitor(teammate)


@pytest.fixture
def as_stranger(stranger: Author) -> Visitor:
    return Visitor(stranger)


@pytest.fixture
def as_moderator(moderator: Author) -> Visitor:
    return Visitor(moderator)
