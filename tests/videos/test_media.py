"""A browser fetches media: whole, by ranges, again, and when it may not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from cast import Visitor
from hustings.accounts.api import Author
from hustings.videos import api, lookup
from hustings.videos.models import Video

pytestmark = [pytest.mark.urls("videos.urls"), pytest.mark.django_db]

BODY = bytes(range(256)) * 20_000  # 5,120,000


@pytest.fixture
def clip(make_clip: Callable[..., Video]) -> Video:
    return make_clip(body=BODY)


def address(clip: Video) -> str:
    return str(api.media_facts([clip.pk])[clip.pk]["renditions"][0]["url"])


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_the_whole_file(anonymous: Visitor, clip: Video, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    url = address(clip)
    with django_assert_num_queries(1):
        response = anonymous.get(url)
    assert response.status_code == 200
    assert body(response) == BODY
    assert response["Content-Type"] == "video/mp4"
    assert response["Content-Length"] == str(len(BODY))
    assert response["Accept-Ranges"] == "bytes"
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response["ETag"].strip('"') in clip.renditions.get().sha256
    assert not response["ETag"].startswith("W/")
    assert not response.cookies


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-99", 0, 99),
        ("bytes=100-100", 100, 100),
        ("bytes=-10", 5_119_990, 5_119_999),
        ("bytes=5119999-", 5_119_999, 5_119_999),
        ("bytes=5119000-9999999", 5_119_000, 5_119_999),
        ("bytes=0-", 0, 2_097_151),  # the next piece will be asked for
        ("bytes=3000000-", 3_000_000, 5_097_151),
        ("bytes=0-4999999", 0, 4_999_999),
    ],
)
def test_a_range(anonymous: Visitor, clip: Video, asked: str, first: int, last: int) -> None:
    response = anonymous.get(address(clip), headers={"Range": asked})
    assert response.status_code == 206
    assert response["Content-Range"] == f"bytes {first}-{last}/5120000"
    assert response["Content-Length"] == str(last - first + 1)
    assert body(response) == BODY[first : last + 1]


@pytest.mark.parametrize("asked", ["bytes=5120000-", "bytes=-0"])
def test_a_range_outside(anonymous: Visitor, clip: Video, asked: str) -> None:
    response = anonymous.get(address(clip), headers={"Range": asked})
    assert response.status_code == 416
    assert response["Content-Range"] == "bytes */5120000"


@pytest.mark.parametrize("asked", ["bytes=0-1,5-6", "lines=1-2", "bytes=9-1", "bytes=-"])
def test_a_range_that_is_none(anonymous: Visitor, clip: Video, asked: str) -> None:
    response = anonymous.get(address(clip), headers={"Range": asked})
    assert response.status_code == 200
    assert len(body(response)) == len(BODY)


def test_only_what_is_new(anonymous: Visitor, clip: Video) -> None:
    url = address(clip)
    tag = anonymous.head(url)["ETag"]
    assert anonymous.head(url)["Content-Length"] == str(len(BODY))
    again = anonymous.get(url, headers={"If-None-Match": f'"other", {tag}'})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", tag)
    assert anonymous.get(url, headers={"Range": "bytes=0-9", "If-Range": tag}).status_code == 206
    for other in ('"other"', "W/" + tag, "Sun, 06 Nov 1994 08:49:37 GMT"):
        changed = anonymous.get(url, headers={"Range": "bytes=0-9", "If-Range": other})
        assert (changed.status_code, len(body(changed))) == (200, len(BODY))


def test_behind_nginx(anonymous: Visitor, clip: Video, settings: Any) -> None:
    settings.MEDIA_ACCEL = "/protected/"
    response = anonymous.get(address(clip))
    assert response["X-Accel-Redirect"] == f"/protected/clips/{clip.public_id}/{clip.renditions.get().file}"
    assert response.content == b""
    assert "immutable" in response["Cache-Control"]


@pytest.mark.parametrize(
    "values",
    [
        {"visibility": "private"},
        {"visibility": "followers"},
        {"release": "draft"},
        {"release": "scheduled"},
        {"state": "processing"},
    ],
)
def test_not_for_strangers(
    anonymous: Visitor, as_stranger: Visitor, as_owner: Visitor, make_clip: Callable[..., Video], values: dict[str, str]
) -> None:
    clip = make_clip(**values)
    url = address(clip)
    for nobody in (anonymous, as_stranger):
        refused = nobody.get(url)
        assert refused.status_code == 404
        assert refused["Cache-Control"] == "no-store"
    mine = as_owner.get(url)
    assert mine.status_code == 200
    assert mine["Cache-Control"] == "private, no-cache"
    assert "Cookie" in mine["Vary"]


def test_unlisted_is_for_those_who_have_the_address(anonymous: Visitor, make_clip: Callable[..., Video]) -> None:
    clip = make_clip(visibility="unlisted")
    response = anonymous.get(address(clip))
    assert response.status_code == 200
    assert response["Cache-Control"] == "private, no-cache"


def test_followers_and_blocks(
    as_stranger: Visitor, stranger: Author, make_clip: Callable[..., Video], monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = make_clip(visibility="followers")
    monkeypatch.setattr(lookup, "_follows", lambda *pair: pair == (stranger.id, clip.author_id))
    monkeypatch.setattr(lookup, "_blocked", lambda *_: False)
    assert as_stranger.get(address(clip)).status_code == 200
    monkeypatch.setattr(lookup, "_blocked", lambda *_: True)
    assert as_stranger.get(address(clip)).status_code == 404


def test_members_see_their_organisations_drafts(
    as_teammate: Visitor, as_stranger: Visitor, organisation: Author, make_clip: Callable[..., Video]
) -> None:
    clip = make_clip(organisation.id, release="draft")
    assert as_teammate.get(address(clip)).status_code == 200
    assert as_stranger.get(address(clip)).status_code == 404


def test_old_addresses_die_when_fewer_may_watch(
    anonymous: Visitor, as_owner: Visitor, make_clip: Callable[..., Video]
) -> None:
    clip = make_clip()
    first = address(clip)
    api.set_details(clip.pk, api.Details(visibility="unlisted"))
    second = address(clip)
    assert second != first
    assert (anonymous.get(first).status_code, anonymous.get(second).status_code) == (404, 200)
    api.set_details(clip.pk, api.Details(visibility="public"))
    assert address(clip) == second
    api.unpublish(clip.pk)
    assert address(clip) != second
    assert anonymous.get(second).status_code == 404
    assert as_owner.get(address(clip)).status_code == 200


@pytest.mark.parametrize(
    "name",
    ["../../../../etc/passwd", f"x-{'a' * 32}.mp4", "360.mp4", f"-{'a' * 32}.mp4", f"{'a' * 32}.exe", "%00"],
)
def test_no_way_out_of_the_folder(anonymous: Visitor, clip: Video, name: str) -> None:
    base = address(clip).rpartition("/")[0]
    assert anonymous.get(f"{base}/{name}").status_code == 404


@pytest.mark.parametrize("part", ["public_id", "media_key"])
def test_a_wrong_key(anonymous: Visitor, clip: Video, part: str) -> None:
    url = address(clip)
    assert anonymous.get(url.replace(getattr(clip, part), "ÿ" * 11)).status_code == 404
    assert anonymous.get(url.replace(getattr(clip, part), "1" * 11)).status_code == 404


def test_nothing_is_changed_here(anonymous: Visitor, clip: Video) -> None:
    assert anonymous.post(address(clip)).status_code in {403, 405}
