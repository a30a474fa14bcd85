"""A member with slow lines takes their own seat, and nobody else's."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from cast import Visitor, person
from hustings.accounts.api import Author
from hustings.trust.rights import seats, uploading
from hustings.trust.rights.models import Import
from hustings.trust.rights.seats import Seats


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seats, "WAIT_S", 0.01)


def test_one_person_has_no_more_than_theirs() -> None:
    some = Seats(3, each=1)
    assert some.take(1)
    assert not some.take(1)
    assert some.take(2)
    some.give_back(1)
    assert some.take(1)


def test_all_together_have_no_more_than_there_are() -> None:
    some = Seats(2, each=2)
    assert [some.take(who) for who in (1, 2, 3)] == [True, True, False]
    some.give_back(2)
    assert some.take(3)
    for who in (1, 3):
        some.give_back(who)
    assert not some._taken, "nobody is remembered who has none"


def _archive() -> SimpleUploadedFile:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("2024-06-02 11_30_05.mp4", b"\0" * uploading.SMALL)
    return SimpleUploadedFile("a.zip", made.getvalue())


def test_who_sends_slowly_keeps_nobody_else_from_sending(
    owner: Author, as_owner: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploading, "_seats", Seats(2, each=1))
    assert uploading._seats.take(owner.id), "what they send is still on its way"
    assert as_owner.post("/trust/import", {"file": _archive()}).status_code == 503
    other = Visitor(person("gwen"))
    assert other.post("/trust/import", {"file": _archive()}).status_code == 302


def test_a_decision_needs_no_seat(as_owner: Visitor, settle: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else nobody could begin, undo or cancel while files of others arrive."""
    key = str(as_owner.post("/trust/import", {"file": _archive()}).headers["Location"]).rpartition("/")[2]
    settle()
    monkeypatch.setattr(uploading, "_seats", Seats(0, each=0))
    assert as_owner.post(f"/trust/import/{key}", {"act": "cancel"}).status_code == 302
    assert not Import.objects.exists()
