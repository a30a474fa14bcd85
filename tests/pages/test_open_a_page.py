"""The documents that browsers, link previews and readers without JavaScript are given."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse

from cast import Visitor
from hustings.accounts.api import Author
from hustings.community import api as community
from hustings.videos.models import Video
from published import published

NASTY = "</script><script>alert(1)</script><!-- \"'& \u2028 #bill"


class Document(HTMLParser):
    """What a browser makes of a page: elements with attributes, and the text of scripts."""

    def __init__(self, answer: HttpResponse) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: dict[str, str] = {}
        self._script: str | None = None
        self.feed(answer.content.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.found.append((tag, given))
        self._script = given.get("id") or given.get("type") if tag == "script" else None

    def handle_data(self, data: str) -> None:
        if self._script is not None:
            self.scripts[self._script] = self.scripts.get(self._script, "") + data
            self._script = None

    def all(self, tag: str, **attributes: str) -> list[dict[str, str | None]]:
        return [
            given
            for name, given in self.found
            if name == tag and all(given.get(key.rstrip("_")) == value for key, value in attributes.items())
        ]

    def meta(self, name: str) -> str | None:
        named = [*self.all("meta", name=name), *self.all("meta", property=name)]
        return named[0]["content"] if named else None

    @property
    def boot(self) -> Any:
        return json.loads(self.scripts["boot"])


@pytest.fixture(autouse=True)
def client_root(tmp_path: Path, settings: Any) -> Path:
    """A build of the client, as far as the server reads it."""
    root = tmp_path / "client"
    (root / ".vite").mkdir(parents=True)
    manifest = {
        "src/app.ts": {
            "file": "assets/app-1.js",
            "imports": ["_i18n.js"],
            "css": ["assets/app-1.css"],
            "assets": ["assets/hyperlegible-latin-400-normal-1.woff2", "assets/hyperlegible-latin-ext-400-1.woff2"],
        },
        "_i18n.js": {"file": "assets/i18n-1.js"},
        "src/views/Player.svelte": {
            "file": "assets/Player-1.js",
            "imports": ["src/app.ts", "_i18n.js"],
            "css": ["assets/Player-1.css"],
        },
        "messages/en.json": {"file": "assets/en-1.js"},
        "messages/cy.json": {"file": "assets/cy-1.js"},
    }
    (root / ".vite" / "manifest.json").write_text(json.dumps(manifest))
    (root / "sw.js").write_text("// worker")
    (root / "manifest.webmanifest").write_text('{"name": "Hustings", "icons": []}')
    settings.CLIENT_ROOT = root
    settings.PUBLIC_URL = "https://clips.example"
    return root


def test_the_first_clip_does_not_wait_for_a_script(anonymous: Visitor, owner: Author) -> None:
    clip = published(owner, "first")
    page = Document(anonymous.get(f"/v/{clip.public_id}"))
    (video,) = page.all("video", id="first-video")
    assert video["data-clip"] == clip.public_id
    assert str(video["src"]).endswith("/360-abc.mp4")
    assert str(video["poster"]).endswith(".webp")
    assert {"muted", "autoplay", "loop", "playsinline"} <= set(video)
    assert video["preload"] == "auto"
    assert page.boot["clip"]["id"] == clip.public_id
    assert page.boot["me"] == {"account": None, "preferences": {}, "unread": 0}
    assert [one["src"] for one in page.all("script", type="module")] == ["/client/assets/app-1.js"]
    assert [one["href"] for one in page.all("link", rel="modulepreload")] == [
        "/client/assets/i18n-1.js",
        "/client/assets/Player-1.js",
        "/client/assets/en-1.js",
    ]
    assert [one["href"] for one in page.all("link", rel="stylesheet")][:2] == [
        "/client/assets/app-1.css",
        "/client/assets/Player-1.css",
    ]
    (font,) = page.all("link", rel="preload")
    assert str(font["href"]).endswith("latin-400-normal-1.woff2")
    assert "crossorigin" in font


def test_what_people_write_stays_inert(anonymous: Visitor, owner: Author) -> None:
    clip = published(owner, NASTY)
    answer = anonymous.get(f"/v/{clip.public_id}")
    page = Document(answer)
    assert page.boot["clip"]["caption"] == NASTY
    assert json.loads(page.scripts["application/ld+json"])["description"].startswith("</script>")
    assert sorted(one.get("type") or "" for one in page.all("script")) == [
        "application/json",
        "application/ld+json",
        "module",
    ]
    assert "<script>alert" not in answer.content.decode()
    # Nothing inline runs, and nothing inline styles: the policy would refuse it.
    assert not re.search(r"\s(style|on\w+)=", answer.content.decode())


def test_links_unfurl(anonymous: Visitor, owner: Author) -> None:
    clip = published(owner, "How a #bill becomes law", language="cy")
    community.add_views({clip.pk: 7})
    page = Document(anonymous.get(f"/v/{clip.public_id}"))
    address = f"https://clips.example/v/{clip.public_id}"
    assert page.all("link", rel="canonical")[0]["href"] == address
    assert page.meta("og:url") == address
    assert page.meta("og:title") == "How a #bill becomes law"
    assert page.meta("og:type") == "video.other"
    assert str(page.meta("og:video")).startswith("https://clips.example/media/")
    assert page.meta("og:video:width") == "720"
    assert str(page.meta("og:image")).startswith("https://clips.example/media/")
    assert page.meta("twitter:card") == "player"
    assert page.meta("twitter:player") == f"https://clips.example/embed/{clip.public_id}"
    assert page.meta("robots") is None
    (oembed,) = page.all("link", type="application/json+oembed")
    assert oembed["href"] == f"https://clips.example/oembed?url={address}"
    (atom,) = page.all("link", type="application/atom+xml")
    assert atom["href"] == "https://clips.example/@olwen/feed.atom"
    data = json.loads(page.scripts["application/ld+json"])
    assert data["@type"] == "VideoObject"
    assert data["duration"] == "PT9.4S"
    assert data["interactionStatistic"][3]["userInteractionCount"] == 7


def test_it_works_without_javascript(anonymous: Visitor, owner: Author) -> None:
    clip = published(owner, "How a #bill becomes law", tracks=["en"])
    body = anonymous.get(f"/v/{clip.public_id}").content.decode()
    plain = body[body.index("<noscript>", body.index("<body>")) :]
    assert "<video controls" in plain
    assert 'kind="captions"' in plain
    assert "How a #bill becomes law" in plain
    assert 'href="/@olwen"' in plain
    sheet = re.search(r"/plain-\w+\.css", body)
    assert sheet
    assert anonymous.get(sheet.group()).headers["Cache-Control"].endswith("immutable")


@pytest.mark.parametrize(("visibility", "status"), [("private", 404), ("followers", 404), ("unlisted", 200)])
def test_who_may_not_see_a_clip_gets_the_same_page_as_for_none(
    anonymous: Visitor, as_stranger: Visitor, as_owner: Visitor, owner: Author, visibility: str, status: int
) -> None:
    clip = published(owner, "hidden words", visibility=visibility)
    for visitor in (anonymous, as_stranger):
        answer = visitor.get(f"/v/{clip.public_id}")
        assert answer.status_code == status
        assert (b"hidden words" in answer.content) == (status == 200)
        assert Document(answer).meta("robots") == "noindex"
    own = Document(as_owner.get(f"/v/{clip.public_id}"))
    assert own.boot["clip"]["caption"] == "hidden words"
    assert (own.meta("og:title") is None) == (visibility != "unlisted")


@pytest.mark.parametrize("path", ["/v/nothing", "/@nobody_here", "/t/2026", "/s/nothing", "/no/such/page", "/v/"])
def test_missing_pages_are_pages(anonymous: Visitor, path: str, db: None) -> None:
    answer = anonymous.get(path)
    assert answer.status_code == 404
    page = Document(answer)
    assert page.boot["me"]["account"] is None
    assert page.meta("robots") == "noindex"


def test_programs_get_their_own_404(anonymous: Visitor, db: None) -> None:
    for method in ("GET", "PUT", "DELETE"):
        assert anonymous.ask(method, "/api/v1/nothing", status=404)["code"] == "not_found"
    assert anonymous.get("/client/assets/old-1.js").content == b""


def test_home_brings_the_first_page_of_the_feed(anonymous: Visitor, as_stranger: Visitor, owner: Author) -> None:
    for n in range(8):
        published(owner, f"clip {n}")
    answer = anonymous.get("/")
    page = Document(answer)
    assert len(page.boot["feed"]["items"]) == 6
    (video,) = page.all("video", id="first-video")
    assert video["data-clip"] == page.boot["feed"]["items"][0]["clip"]["id"]
    assert answer.headers["Cache-Control"] == "no-cache"
    assert not answer.cookies
    signed_in = as_stranger.get("/")
    assert signed_in.headers["Cache-Control"] == "private, no-store"
    assert "Cookie" in signed_in.headers["Vary"]
    assert Document(signed_in).boot["me"]["account"]["handle"] == "sian"


def test_following_shows_those_one_follows(anonymous: Visitor, as_stranger: Visitor, owner: Author) -> None:
    clip = published(owner)
    community.follow(as_stranger.who.id, owner.id)
    page = Document(as_stranger.get("/following"))
    assert [item["clip"]["id"] for item in page.boot["feed"]["items"]] == [clip.public_id]
    assert "feed" not in Document(anonymous.get("/following")).boot


def test_profiles_hashtags_and_sounds(anonymous: Visitor, owner: Author) -> None:
    clip = published(owner, "a #bill", sound="Drums")
    profile = Document(anonymous.get("/@olwen"))
    assert profile.boot["account"]["handle"] == "olwen"
    assert [one["id"] for one in profile.boot["clips"]["items"]] == [clip.public_id]
    assert profile.all("video", id="first-video") == []
    for path in ("/t/BILL", f"/s/{Video.objects.get().sound.public_id}"):
        page = Document(anonymous.get(path))
        assert [one["id"] for one in page.boot["clips"]["items"]] == [clip.public_id]
        assert page.all("video", id="first-video")
    assert Document(anonymous.get("/t/BILL")).all("link", rel="canonical")[0]["href"] == "https://clips.example/t/bill"


@pytest.mark.parametrize(
    "path", ["/search?q=x", "/upload", "/upload/clips/7sXk2mPq9Zt", "/inbox", "/saved", "/liked", "/settings",
             "/settings/sessions", "/signin", "/signup", "/signup/provider?next=%2Finbox", "/reset-password"]
)  # fmt: skip
def test_screens_that_begin_empty(anonymous: Visitor, path: str, db: None) -> None:
    answer = anonymous.get(path)
    assert answer.status_code == 200
    assert list(Document(answer).boot) == ["me"]
    assert not answer.cookies


@pytest.mark.parametrize("path", ["/reset-password/3-c9x-5ecret", "/verify-email/Mg:1x:5ecret"])
def test_a_key_from_a_mail_stays_in_the_address(anonymous: Visitor, path: str, db: None) -> None:
    answer = anonymous.get(path)
    assert answer.status_code == 200
    assert Document(answer).meta("robots") == "noindex"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer.headers["Cache-Control"]
    assert b"5ecret" not in answer.content
    assert not answer.cookies


def test_only_one_sign_up_page_is_indexed(anonymous: Visitor, db: None) -> None:
    assert Document(anonymous.get("/signup")).meta("robots") is None
    assert Document(anonymous.get("/signup/provider")).meta("robots") == "noindex"
    assert anonymous.get("/signup/else").status_code == 404
    assert anonymous.get("/verify-email").status_code == 404


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("cy", "cy"),
        ("cy-GB,cy;q=0.9,en;q=0.8", "cy"),
        ("en;q=0.5, cy;q=0.6", "cy"),
        ("fr, de", "en"),
        ("cy;q=x, en", "en"),
    ],
)
def test_the_page_speaks_the_language_asked_for(anonymous: Visitor, db: None, accepted: str, language: str) -> None:
    answer = anonymous.get("/search", headers={"Accept-Language": accepted})
    assert Document(answer).all("html")[0]["lang"] == language
    assert "Accept-Language" in answer.headers["Vary"]


def test_ones_own_choice_of_language_comes_first(as_stranger: Visitor) -> None:
    as_stranger.ask("PATCH", "/api/v1/me", {"preferences": {"language": "cy"}})
    answer = as_stranger.get("/search", headers={"Accept-Language": "en"})
    assert Document(answer).all("html")[0]["lang"] == "cy"


def test_save_data_takes_the_smallest(anonymous: Visitor, owner: Author) -> None:
    clip = published(owner)
    for edge in (540, 1080):
        clip.renditions.create(edge=edge, width=edge, height=edge, bytes=1, mime="video/mp4", file=f"{edge}-abc.mp4")
    from hustings.videos import cards

    cards.refresh(clip.pk)
    for headers, expected in (({}, "/540-abc.mp4"), ({"Save-Data": "on"}, "/360-abc.mp4")):
        page = Document(anonymous.get(f"/v/{clip.public_id}", headers=headers))
        assert str(page.all("video", id="first-video")[0]["src"]).endswith(expected)


def test_a_page_without_a_built_client_is_plain(anonymous: Visitor, owner: Author, client_root: Path) -> None:
    clip = published(owner, "still readable")
    (client_root / ".vite" / "manifest.json").unlink()
    body = anonymous.get(f"/v/{clip.public_id}").content.decode()
    assert "still readable" in body
    assert "<noscript>" not in body


def test_signed_out_a_clip_costs_few_queries(anonymous: Visitor, owner: Author, django_assert_num_queries: Any) -> None:
    clip = published(owner)
    anonymous.get(f"/v/{clip.public_id}")
    with django_assert_num_queries(4):
        anonymous.get(f"/v/{clip.public_id}")


def test_small_files(anonymous: Visitor, db: None, settings: Any, client_root: Path) -> None:
    worker = anonymous.get("/sw.js")
    assert worker.headers["Service-Worker-Allowed"] == "/"
    assert worker.headers["Cache-Control"] == "no-cache"
    settings.SITE_NAME = "Clips of Cwm"
    assert anonymous.get("/manifest.webmanifest").json()["name"] == "Clips of Cwm"
    assert "Disallow: /settings" in anonymous.get("/robots.txt").content.decode()
    assert anonymous.get("/favicon.ico").status_code == 302
    settings.OPERATOR_EMAIL = ""
    assert anonymous.get("/.well-known/security.txt").status_code == 404
    settings.OPERATOR_EMAIL = "help@clips.example"
    said = anonymous.get("/.well-known/security.txt").content.decode()
    assert "Contact: mailto:help@clips.example\n" in said
    assert "Expires: " in said
    (client_root / "sw.js").unlink()
    assert anonymous.get("/sw.js").status_code == 404
