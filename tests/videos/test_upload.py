"""A person uploads a file over tus: in one part, in many, cut off, doubled, refused."""

from __future__ import annotations

import base64
import errno
import hashlib
import io
import os
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import OperationalError

from cast import Visitor
from hustings.accounts.api import Author
from hustings.lib import clock
from hustings.trust.datamap import retention
from hustings.videos import jobs, receiving
from hustings.videos.errors import UploadLockedError
from hustings.videos.models import Upload, Video

pytestmark = [pytest.mark.urls("videos.urls"), pytest.mark.django_db]

TUS = {"Tus-Resumable": "1.0.0"}
TYPE = "application/offset+octet-stream"
BODY = os.urandom(300_000)


def begin(visitor: Visitor, length: int = len(BODY), **headers: str) -> Any:
    return visitor.post("/api/v1/uploads/", headers=TUS | {"Upload-Length": str(length)} | headers)


def patch(visitor: Visitor, at: str, offset: int, body: bytes, **headers: str) -> Any:
    extra = TUS | {"Upload-Offset": str(offset)} | headers
    # Django's client names no type for an empty body unless told twice.
    return visitor.generic("PATCH", at, body, content_type=TYPE, headers=extra, CONTENT_TYPE=TYPE)


def head(visitor: Visitor, at: str) -> Any:
    return visitor.head(at, headers=TUS)


def code(response: Any) -> str:
    return str(response.json()["code"])


@pytest.fixture
def upload(as_owner: Visitor) -> str:
    response = begin(as_owner)
    assert response.status_code == 201, response.content
    return str(response["Location"])


def test_says_what_it_can_do(anonymous: Visitor) -> None:
    response = anonymous.options("/api/v1/uploads/")
    assert response.status_code == 204
    assert response["Tus-Version"] == "1.0.0"
    assert set(response["Tus-Extension"].split(",")) >= {"creation", "termination", "expiration", "checksum"}
    assert response["Tus-Max-Size"] == "1000000000"
    assert set(response["Tus-Checksum-Algorithm"].split(",")) == {"sha1", "sha256", "md5"}


def test_in_one_part(as_owner: Visitor, upload: str, settings: Any) -> None:
    response = patch(as_owner, upload, 0, BODY)
    assert response.status_code == 204
    assert response["Upload-Offset"] == str(len(BODY))
    assert "Upload-Expires" in response
    video = Video.objects.get()
    assert video.public_id == response["Hustings-Clip"]
    assert (video.state, video.release) == ("received", "draft")
    assert video.source_sha256 == hashlib.sha256(BODY).hexdigest()
    assert (settings.UPLOADS_ROOT / video.upload.key).read_bytes() == BODY


def test_the_clip_is_there_from_the_start(as_owner: Visitor) -> None:
    name = base64.b64encode(b"../../etc/passwd\0.mp4").decode()
    response = begin(as_owner, **{"Upload-Metadata": f"filename {name},filetype dmlkZW8vbXA0"})
    video = Video.objects.get(public_id=response["Hustings-Clip"])
    assert video.state == "receiving"
    assert video.upload.filename == "../../etc/passwd.mp4"
    assert video.upload.key in response["Location"]


def test_with_the_first_part_at_once(as_owner: Visitor) -> None:
    response = as_owner.post(
        "/api/v1/uploads/", data=BODY[:1000], content_type=TYPE, headers=TUS | {"Upload-Length": str(len(BODY))}
    )
    assert response.status_code == 201
    assert response["Upload-Offset"] == "1000"


def test_in_parts_and_after_a_reload(as_owner: Visitor, upload: str, settings: Any) -> None:
    assert patch(as_owner, upload, 0, BODY[:100_000])["Upload-Offset"] == "100000"
    stands = head(as_owner, upload)
    assert stands.status_code == 200
    assert (stands["Upload-Offset"], stands["Upload-Length"]) == ("100000", str(len(BODY)))
    assert stands["Cache-Control"] == "no-store"
    assert patch(as_owner, upload, 100_000, BODY[100_000:]).status_code == 204
    video = Video.objects.get()
    assert video.state == "received"
    assert (settings.UPLOADS_ROOT / video.upload.key).read_bytes() == BODY


def test_method_override(as_owner: Visitor, upload: str) -> None:
    headers = TUS | {"Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"}
    response = as_owner.post(upload, data=BODY, content_type=TYPE, headers=headers)
    assert response.status_code == 204


@pytest.mark.parametrize("offset", [0, 5, 200_000])
def test_a_wrong_offset_is_told_the_right_one(as_owner: Visitor, upload: str, offset: int) -> None:
    patch(as_owner, upload, 0, BODY[:1000])
    response = patch(as_owner, upload, offset, BODY[1000:2000])
    assert (response.status_code, code(response)) == (409, "wrong_offset")
    assert response["Upload-Offset"] == "1000"
    assert head(as_owner, upload)["Upload-Offset"] == "1000"


def test_other_refusals_of_a_part(as_owner: Visitor, upload: str) -> None:
    wrong_type = as_owner.patch(upload, data=b"x", content_type="text/plain", headers=TUS | {"Upload-Offset": "0"})
    assert wrong_type.status_code == 415
    assert patch(as_owner, upload, 0, BODY + b"more").status_code == 413
    assert patch(as_owner, upload, 0, b"x", **{"Upload-Offset": "-1"}).status_code == 400
    old = as_owner.patch(upload, data=b"x", content_type=TYPE, headers={"Upload-Offset": "0"})
    assert old.status_code == 412
    assert old["Tus-Version"] == "1.0.0"
    assert as_owner.get(upload, headers=TUS).status_code == 405
    assert head(as_owner, upload)["Upload-Offset"] == "0"


@pytest.mark.parametrize(
    ("length", "headers", "status", "said"),
    [
        ("1000000001", {}, 413, "too_large"),
        ("0", {}, 422, "empty_file"),
        ("", {}, 400, "length_needed"),
        ("-5", {}, 400, "bad_header"),
        ("9" * 40, {}, 400, "bad_header"),
        ("", {"Upload-Defer-Length": "1"}, 400, "length_needed"),
        ("5", {"Upload-Metadata": "filename not-base64!"}, 400, "bad_header"),
        ("5", {"Upload-Metadata": "a YQ==,a YQ=="}, 400, "bad_header"),
        ("5", {"Upload-Metadata": "account " + base64.b64encode(b"nobody").decode()}, 404, "not_found"),
    ],
)
def test_an_upload_that_cannot_be(
    as_owner: Visitor, length: str, headers: dict[str, str], status: int, said: str
) -> None:
    response = as_owner.post("/api/v1/uploads/", headers=TUS | {"Upload-Length": length} | headers)
    assert (response.status_code, code(response)) == (status, said)
    assert response.json()["hint"]
    assert not Video.objects.exists()


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "md5"])
def test_checksums(as_owner: Visitor, upload: str, algorithm: str, settings: Any) -> None:
    def named(body: bytes) -> str:
        return f"{algorithm} " + base64.b64encode(hashlib.new(algorithm, body).digest()).decode()

    good = patch(as_owner, upload, 0, BODY[:1000], **{"Upload-Checksum": named(BODY[:1000])})
    assert good.status_code == 204
    bad = patch(as_owner, upload, 1000, BODY[1000:3000], **{"Upload-Checksum": named(b"other")})
    assert (bad.status_code, code(bad)) == (460, "checksum_mismatch")
    assert head(as_owner, upload)["Upload-Offset"] == "1000"
    assert len(list(settings.UPLOADS_ROOT.iterdir())) == 1
    unknown = patch(as_owner, upload, 1000, BODY[1000:], **{"Upload-Checksum": "crc32 AAAA"})
    assert unknown.status_code == 400
    rest = patch(as_owner, upload, 1000, BODY[1000:], **{"Upload-Checksum": named(BODY[1000:])})
    assert rest.status_code == 204
    assert Video.objects.get().state == "received"


def test_only_its_owner_finds_it(as_stranger: Visitor, anonymous: Visitor, upload: str) -> None:
    for answer in (
        head(as_stranger, upload),
        patch(as_stranger, upload, 0, BODY),
        as_stranger.delete(upload, headers=TUS),
    ):
        assert answer.status_code == 404
    assert head(anonymous, upload).status_code == 401
    assert begin(anonymous).status_code == 401


@pytest.mark.parametrize("key", ["nothing", "1" * 22, "..%2F..%2Fetc", "a" * 500])
def test_no_such_upload(as_owner: Visitor, key: str) -> None:
    assert head(as_owner, f"/api/v1/uploads/{key}").status_code == 404


def test_another_site_cannot_upload_for_me(owner: Author, upload: str) -> None:
    strict = Visitor(owner, enforce_csrf_checks=True)
    assert begin(strict).status_code == 403
    assert patch(strict, upload, 0, BODY).status_code == 403
    strict.cookies["csrftoken"] = token = "t" * 32
    assert begin(strict, **{"X-CSRFToken": token}).status_code == 201


def test_for_an_organisation(as_teammate: Visitor, as_stranger: Visitor, organisation: Author) -> None:
    council = {"Upload-Metadata": "account " + base64.b64encode(b"council").decode()}
    made = begin(as_teammate, **council)
    video = Video.objects.get(public_id=made["Hustings-Clip"])
    assert video.author_id == organisation.id
    assert begin(as_stranger, **council).status_code == 404


def test_given_up(as_owner: Visitor, upload: str, settle: Callable[[], int], settings: Any) -> None:
    patch(as_owner, upload, 0, BODY[:1000])
    assert as_owner.delete(upload, headers=TUS).status_code == 204
    settle()
    assert head(as_owner, upload).status_code == 404
    assert not Video.objects.exists()
    assert list(settings.UPLOADS_ROOT.iterdir()) == []


def test_a_published_clip_is_not_given_up_by_its_upload(as_owner: Visitor, upload: str) -> None:
    Video.objects.update(state="ready", release="published")
    assert as_owner.delete(upload, headers=TUS).status_code == 403


def test_left_alone_too_long(
    as_owner: Visitor, upload: str, settle: Callable[[], int], moved_clock: Callable[[Any], None], settings: Any
) -> None:
    patch(as_owner, upload, 0, BODY[:1000])
    moved_clock(clock.now() + timedelta(hours=25))
    assert head(as_owner, upload).status_code == 410
    retention.enforce(retention.rules()["videos.uploads"])
    settle()
    assert not Video.objects.exists()
    assert list(settings.UPLOADS_ROOT.iterdir()) == []


def test_too_many_at_once(as_owner: Visitor, settings: Any) -> None:
    settings.UPLOAD_OPEN_PER_ACCOUNT = 2
    assert [begin(as_owner).status_code for _ in range(3)] == [201, 201, 429]
    assert begin(as_owner).json()["params"]["limit"] == 2


# --- when things go wrong ----------------------------------------------------------------------------


class Torn(io.BytesIO):
    """A connection that breaks after its bytes."""

    def read(self, size: int | None = -1, /) -> bytes:
        block = super().read(size)
        if not block:
            raise ConnectionResetError
        return block


def found(upload: str, owner: Author) -> Upload:
    return receiving.find(upload.rpartition("/")[2], owner.id)


def test_what_came_before_the_connection_broke_is_kept(as_owner: Visitor, owner: Author, upload: str) -> None:
    assert receiving.append(found(upload, owner), 0, Torn(BODY[:70_000]), len(BODY)) == 70_000
    assert head(as_owner, upload)["Upload-Offset"] == "70000"
    assert patch(as_owner, upload, 70_000, BODY[70_000:]).status_code == 204


class Interloper(io.BytesIO):
    """While this body is being read, another connection writes."""

    def __init__(self, body: bytes, meanwhile: Callable[[], Any]) -> None:
        super().__init__(body)
        self.meanwhile = meanwhile
        self.reads = 0

    def read(self, size: int | None = -1, /) -> bytes:
        self.reads += 1
        if self.reads == 2:
            self.meanwhile()
        return super().read(min(size or 0, 1000))


def test_of_two_connections_one_wins(as_owner: Visitor, owner: Author, upload: str, settings: Any) -> None:
    def meanwhile() -> None:
        assert patch(as_owner, upload, 1000, BODY[1000:5000]).status_code == 204

    with pytest.raises(UploadLockedError):
        receiving.append(found(upload, owner), 0, Interloper(BODY, meanwhile), len(BODY))
    assert head(as_owner, upload)["Upload-Offset"] == "5000"
    patch(as_owner, upload, 5000, BODY[5000:])
    assert (settings.UPLOADS_ROOT / found(upload, owner).key).read_bytes() == BODY


def test_a_full_disk_loses_nothing(
    as_owner: Visitor, upload: str, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    real = os.pwrite
    room = [150_000]

    def full(file: int, data: Any, offset: int) -> int:
        if offset >= room[0]:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(file, data[: room[0] - offset], offset)

    monkeypatch.setattr(os, "pwrite", full)
    response = patch(as_owner, upload, 0, BODY)
    assert (response.status_code, code(response)) == (507, "disk_full")
    assert response.json()["hint"]
    assert head(as_owner, upload)["Upload-Offset"] == "150000"
    room[0] = 10**9
    assert patch(as_owner, upload, 150_000, BODY[150_000:]).status_code == 204
    assert (settings.UPLOADS_ROOT / Upload.objects.get().key).read_bytes() == BODY


def test_a_disk_that_is_full_before_it_begins(as_owner: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving.shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))
    response = begin(as_owner)
    assert (response.status_code, code(response)) == (507, "disk_full")
    assert not Video.objects.exists()


def test_the_row_could_not_be_told_that_all_is_here(
    as_owner: Visitor, upload: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lost: the bytes are on disk, the database was locked. Asking again finishes it."""

    def locked(*_: Any, **__: Any) -> None:
        raise OperationalError("database is locked")

    with monkeypatch.context() as broken:
        broken.setattr(receiving.tasks, "wake", locked)
        response = patch(as_owner, upload, 0, BODY)
    assert (response.status_code, code(response)) == (503, "busy")
    assert Video.objects.get().state == "receiving"
    stands = head(as_owner, upload)
    assert stands["Upload-Offset"] == str(len(BODY))
    assert Video.objects.get().state == "received"


def test_the_sweep_finishes_what_nobody_asks_about(as_owner: Visitor, upload: str) -> None:
    patch(as_owner, upload, 0, BODY)
    Video.objects.update(state="receiving")
    for sweep in jobs.SWEEPS:
        sweep()
    assert Video.objects.get().state == "received"


def test_the_last_answer_was_lost(as_owner: Visitor, upload: str) -> None:
    """Landed, but reported lost: the client asks where it stands, and may send the end again."""
    patch(as_owner, upload, 0, BODY)
    assert head(as_owner, upload)["Upload-Offset"] == str(len(BODY))
    assert patch(as_owner, upload, len(BODY), b"").status_code == 204
    Video.objects.update(state="ready")  # the file is long gone
    assert head(as_owner, upload)["Upload-Offset"] == str(len(BODY))


def test_a_power_cut_that_took_the_file(as_owner: Visitor, upload: str, settings: Any) -> None:
    patch(as_owner, upload, 0, BODY[:1000])
    (settings.UPLOADS_ROOT / Upload.objects.get().key).unlink()
    assert head(as_owner, upload)["Upload-Offset"] == "0"


def test_bytes_on_their_way_are_not_held_in_memory(owner: Author, upload: str, settings: Any) -> None:
    class Wide(io.RawIOBase):
        most = 0

        def read(self, size: int | None = -1, /) -> bytes:
            Wide.most = max(Wide.most, size or 0)
            return bytes(size or 0)

    made = receiving.create_upload(owner.id, owner.id, 20 << 20)
    receiving.append(receiving.find(made.key, owner.id), 0, Wide(), None)
    assert Wide.most <= 1 << 20
