"""Many at once: the limit of open uploads holds, and an upload whose account goes leaves nothing behind."""

from __future__ import annotations

import io
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from cast import Visitor
from hustings.accounts.api import Author
from hustings.lib.errors import NotFoundError
from hustings.videos import files, receiving
from hustings.videos.errors import DiskFullError, TooManyUploadsError, UploadGoneError
from hustings.videos.models import Upload, Video
from videos.live import Site

pytestmark = pytest.mark.urls("videos.urls")

AT_ONCE = """
import json, sys, django
django.setup()
from hustings.trust.api import service_from_here
service_from_here()
from concurrent.futures import ThreadPoolExecutor
from django.db import connection
from hustings.trust.api import in_service
from hustings.videos import receiving
from hustings.videos.errors import TooManyUploadsError

@in_service
def begin(_):
    try:
        receiving.create_upload({owner}, {owner}, 1000)
        return 1
    except TooManyUploadsError:
        return 0
    finally:
        connection.close()

with ThreadPoolExecutor(8) as pool:
    print(json.dumps(sum(pool.map(begin, range(24)))))
"""


@pytest.mark.own_database
def test_of_two_dozen_at_once_ten_are_let_in(tmp_path: Path) -> None:
    """On SQLite, in a process with a file of its own."""
    site = Site(tmp_path)
    assert site.python(AT_ONCE.format(owner=site.owner)) == 10
    assert site.row("SELECT count(*) FROM videos_upload") == (10,)
    assert len(list(site.uploads.iterdir())) == 10


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite's in-memory database has one connection")
def test_of_two_dozen_at_once_ten_are_let_in_on_postgresql(owner: Author, settings: Any) -> None:
    from hustings.trust.api import service

    def begin(_: int) -> int:
        try:
            with service():
                receiving.create_upload(owner.id, owner.id, 1000)
        except TooManyUploadsError:
            return 0
        else:
            return 1
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(begin, range(24))) == 10
    assert Upload.objects.count() == len(list(settings.UPLOADS_ROOT.iterdir())) == 10


@pytest.mark.django_db
def test_an_account_that_goes_while_a_part_arrives_leaves_no_file(owner: Author, settings: Any) -> None:
    """Rows and file go between two blocks of one request; the rest of it is written nowhere that has a name."""
    made = receiving.create_upload(owner.id, owner.id, 3 * receiving.BLOCK)
    upload = receiving.find(made.key, owner.id)

    class Closing(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() >= receiving.BLOCK and Video.objects.exists():
                receiving.terminate(upload)
                files.remove_upload(upload.key)
            return super().read(size)

    with pytest.raises(UploadGoneError):
        receiving.append(upload, 0, Closing(os.urandom(3 * receiving.BLOCK)))
    assert list(settings.UPLOADS_ROOT.iterdir()) == []


@pytest.mark.django_db
def test_a_part_that_comes_after_is_told_so(as_owner: Visitor, owner: Author, settings: Any) -> None:
    made = receiving.create_upload(owner.id, owner.id, 1000)
    upload = receiving.find(made.key, owner.id)
    files.remove_upload(upload.key)
    with pytest.raises(UploadGoneError):
        receiving.append(upload, 0, io.BytesIO(b"x" * 1000))
    receiving.complete_if_due(upload)
    assert list(settings.UPLOADS_ROOT.iterdir()) == []


@pytest.mark.django_db
def test_what_cannot_be_begun_leaves_neither_row_nor_file(
    owner: Author, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.UPLOAD_OPEN_PER_ACCOUNT = 0
    with pytest.raises(TooManyUploadsError):
        receiving.create_upload(owner.id, owner.id, 1000)
    settings.UPLOAD_OPEN_PER_ACCOUNT = 10
    with pytest.raises(NotFoundError):
        receiving.create_upload(999_999, owner.id, 1000)

    def full(*_: Any) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(receiving.os, "open", full)
        with pytest.raises(DiskFullError):
            receiving.create_upload(owner.id, owner.id, 1000)
    assert not Upload.objects.exists()
    assert not Video.objects.exists()
    assert list(settings.UPLOADS_ROOT.iterdir()) == []
