"""Clips on other sites: embeds, oEmbed and Atom."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree as ET

import pytest

from cast import Visitor
from hustings.accounts.api import Author
from published import published

ATOM = "{http://www.w3.org/2005/Atom}"
MEDIA = "{http://search.yahoo.com/mrss/}"


@pytest.fixture(autouse=True)
def _public_address(settings: Any) -> None:
    settings.PUBLIC_URL = "https://clips.example"


def test_an_embed_is_one_clip_for_any_frame(anonymous: Visitor, as_stranger: Visitor, owner: Author) -> None:
    clip = published(owner, "<b>How</b> a bill", tracks=["cy", "en"])
    for visitor in (anonymous, as_stranger):
        answer = visitor.get(f"/embed/{clip.public_id}")
        body = answer.content.decode()
        assert "frame-ancestors *" in answer.headers["Content-Security-Policy"]
        assert "script-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "X-Frame-Options" not in answer.headers
        assert not answer.cookies
        assert "Cookie" not in answer.headers.get("Vary", "")
        assert "<script" not in body
        assert "&lt;b&gt;How" in body
        assert "<video controls" in body
        assert body.count("<track ") == 2
        assert body.count(" default>") == 1
        assert f'href="https://clips.example/v/{clip.public_id}"' in body


@pytest.mark.parametrize(("visibility", "status"), [("unlisted", 200), ("followers", 404), ("private", 404)])
def test_embeds_know_nobody(as_owner: Visitor, owner: Author, visibility: str, status: int) -> None:
    clip = published(owner, visibility=visibility)
    # Even the author's own cookie opens nothing in somebody else's page.
    assert as_owner.get(f"/embed/{clip.public_id}").status_code == status
    answer = as_owner.get("/oembed", {"url": f"https://clips.example/v/{clip.public_id}"})
    assert answer.status_code == status


def test_oembed_says_how_to_place_it(anonymous: Visitor, owner: Author) -> None:
    clip = published(owner, 'A "quoted" caption <i>')
    address = f"https://clips.example/v/{clip.public_id}"
    found = anonymous.ask("GET", f"/oembed?url={quote(address)}")
    assert (found["type"], found["version"]) == ("video", "1.0")
    assert (found["width"], found["height"]) == (360, 700)
    assert f'src="https://clips.example/embed/{clip.public_id}"' in found["html"]
    assert "&lt;i&gt;" in found["html"]
    assert found["author_url"] == "https://clips.example/@olwen"
    assert found["thumbnail_url"].startswith("https://clips.example/media/")
    small = anonymous.ask("GET", f"/oembed?url={quote(address)}&maxwidth=200&maxheight=5000&format=json")
    assert (small["width"], small["height"]) == (200, 416)
    low = anonymous.ask("GET", f"/oembed?url={quote(address)}&maxheight=380")
    assert low["height"] <= 380
    assert anonymous.get("/oembed", {"url": address}).headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "https://elsewhere.example/v/7sXk2mPq9Zt",
        "https://clips.example/v/7sXk2mPq9Zt",
        "https://clips.example/@olwen",
        "https://clips.example/v/../../etc",
        "javascript:alert(1)",
        "http://[broken",
    ],
)
def test_oembed_refuses_what_is_no_clip_of_ours(anonymous: Visitor, db: None, url: str) -> None:
    assert anonymous.get("/oembed", {"url": url}).status_code == 404


def test_oembed_offers_json_alone(anonymous: Visitor, owner: Author) -> None:
    clip = published(owner)
    asked = {"url": f"https://clips.example/v/{clip.public_id}", "format": "xml"}
    assert anonymous.get("/oembed", asked).status_code == 501


@pytest.mark.parametrize("path", ["/@olwen/feed.atom", "/t/bill/feed.atom"])
def test_feeds_are_atom(anonymous: Visitor, owner: Author, path: str, moved_clock: Any) -> None:
    moved_clock(datetime(2026, 5, 1, 12, tzinfo=UTC))
    older = published(owner, "An older #bill", ago=timedelta(hours=2))
    newer = published(owner, "A newer #bill & more <i>", ago=timedelta(hours=1))
    published(owner, "#bill hidden", visibility="unlisted")
    answer = anonymous.get(path)
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = ET.fromstring(answer.content)  # noqa: S314 - our own output
    assert str(feed.findtext(f"{ATOM}id")).startswith("tag:clips.example,2026:")
    assert feed.findtext(f"{ATOM}updated") == "2026-05-01T11:00:00+00:00"
    links = {link.get("rel", "alternate"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    assert links["self"] == f"https://clips.example{path}"
    entries = feed.findall(f"{ATOM}entry")
    assert [entry.findtext(f"{ATOM}id") for entry in entries] == [
        f"tag:clips.example,2026:clip/{clip.public_id}" for clip in (newer, older)
    ]
    first = entries[0]
    assert first.findtext(f"{ATOM}title") == "A newer #bill & more <i>"
    assert first.findtext(f"{ATOM}updated")
    assert first.findtext(f"{ATOM}author/{ATOM}name") == "Olwen Rees"
    (enclosure,) = [link for link in first.findall(f"{ATOM}link") if link.get("rel") == "enclosure"]
    assert str(enclosure.get("href")).startswith("https://clips.example/media/")
    assert enclosure.get("type") == "video/mp4"
    thumbnail = first.find(f"{MEDIA}thumbnail")
    assert thumbnail is not None
    assert str(thumbnail.get("url")).endswith(".webp")


def test_readers_that_have_it_get_nothing_twice(anonymous: Visitor, owner: Author) -> None:
    clip = published(owner, "one")
    first = anonymous.get("/@olwen/feed.atom")
    again = anonymous.get("/@olwen/feed.atom", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    type(clip).objects.filter(pk=clip.pk).update(caption="corrected")
    changed = anonymous.get("/@olwen/feed.atom", headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200


def test_an_empty_feed_is_a_feed(anonymous: Visitor, owner: Author) -> None:
    first = anonymous.get("/@olwen/feed.atom")
    assert first.status_code == 200
    assert first.headers["ETag"] == anonymous.get("/@olwen/feed.atom").headers["ETag"]
    for path in ("/@nobody_here/feed.atom", "/t/2026/feed.atom"):
        assert anonymous.get(path).status_code == 404
