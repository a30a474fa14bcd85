"""A package for the public record is made after the lock and before anything is erased; without it nothing is."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from hustings.accounts.api import Author
from hustings.lib import clock, receipts
from hustings.trust.api import Wish, ask_to_close
from hustings.trust.closure import asking, receipting
from hustings.trust.rights.models import Export
from hustings.videos.models import Video
from trust.closure.living import finish, live

Settle = Callable[[], int]


@pytest.fixture(autouse=True)
def record(settings: Any, tmp_path: Path) -> Path:
    settings.PUBLIC_RECORD = tmp_path / "record"
    settings.EXPORTS_ROOT = tmp_path / "exports"
    return tmp_path / "record"


def test_the_package_lies_in_its_place_and_the_receipt_names_it(
    organisation: Author, owner: Author, stranger: Author, settle: Settle, record: Path
) -> None:
    live(organisation, stranger, owner)
    secret = ask_to_close(organisation.id, Wish(archive=True))
    row = finish(secret, settle)
    assert (row.state, row.error) == ("receipt", "")
    [package] = record.iterdir()
    raw = receipting.opened(row, secret)
    assert raw is not None
    statement = receipts.read(raw).statement
    assert statement["archive"] == {
        "place": package.name,
        "sha256": sha256(package.read_bytes()).hexdigest(),
        "bytes": package.stat().st_size,
    }
    assert "archive" in [one["what"] for one in statement["remains"]]
    with zipfile.ZipFile(package) as opened:
        assert opened.testzip() is None
        assert "clip number 1" in b"".join(opened.read(name) for name in opened.namelist()).decode(errors="replace")
    assert not Export.objects.exists()


def test_without_room_for_it_nothing_is_erased(
    organisation: Author,
    owner: Author,
    stranger: Author,
    settle: Settle,
    record: Path,
    moved_clock: Callable[[datetime], None],
) -> None:
    record.write_text("a file where the folder should be")
    live(organisation, stranger, owner)
    start = clock.now()
    moved_clock(start)
    secret = ask_to_close(organisation.id, Wish(archive=True))
    settle()
    row = asking.by_secret(secret)
    assert row.state == "locked"
    assert row.error.startswith("archive: The package for the public record cannot be placed")
    assert Video.objects.filter(author=organisation.id).count() == 4, "nothing is erased before it is"
    record.unlink()
    moved_clock(start + timedelta(minutes=5))
    assert finish(secret, settle).state == "receipt"
    assert len(list(record.iterdir())) == 1


def test_an_export_that_waits_for_its_owner_goes_too(stranger: Author, settle: Settle) -> None:
    from hustings.trust.rights import exporting

    export = exporting.ask(stranger.id)
    settle()
    export.refresh_from_db()
    assert export.state == "ready"
    row = finish(ask_to_close(stranger.id, Wish()), settle)
    assert row.state == "receipt", (row.error, row.findings)
    assert not Export.objects.exists()
    assert not exporting.folder_of(export).exists()
