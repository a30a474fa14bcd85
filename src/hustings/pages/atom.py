"""Atom feeds (RFC 4287) of an account and of a hashtag: following without an account, in any reader."""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.feedgenerator import Atom1Feed, Enclosure
from django.utils.http import http_date
from django.utils.xmlutils import SimplerXMLGenerator
from django.views.decorators.http import require_safe

from hustings.lib import text
from hustings.lib.errors import NotFoundError
from hustings.lib.languages import LANGUAGES
from hustings.pages import lists, profiles
from hustings.pages.unfurl import UNFURL_EDGE, Clip, clip_title, rendition
from hustings.pages.words import word
from hustings.trust.errors import AccountClosedError

ENTRIES = 30
_MINTED = 2026  # tag URIs (RFC 4151) name a year in which the name was ours; it must never change
_BEFORE_ALL = datetime(2026, 1, 1, tzinfo=UTC)  # an empty feed was last changed before anything was in it


class _Feed(Atom1Feed):
    """Atom with thumbnails (Media RSS), as readers show them."""

    def root_attributes(self) -> dict[str, str]:
        return {**super().root_attributes(), "xmlns:media": "http://search.yahoo.com/mrss/"}

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        if item["thumbnail"]:
            handler.addQuickElement("media:thumbnail", None, item["thumbnail"])

    def latest_post_date(self) -> datetime:
        return max((item["updateddate"] for item in self.items), default=_BEFORE_ALL)


@require_safe
def of_account(request: HttpRequest, handle: str) -> HttpResponse:
    """`/@{handle}/feed.atom`: an account's public clips."""
    try:
        author = profiles.visible(handle, None).author
        clips = lists.of_account(handle, None, None, ENTRIES)["items"]
    except AccountClosedError:
        # A reader that is told 410 stops asking, for good.
        return HttpResponse("This account is now closed.", status=410, content_type="text/plain")
    except NotFoundError:
        return _nothing()
    path = f"/@{author.handle}"
    return _answer(request, path, author.name, word("en", "profile_about", name=author.name), clips)


@require_safe
def of_hashtag(request: HttpRequest, tag: str) -> HttpResponse:
    """`/t/{tag}/feed.atom`: public clips with a hashtag."""
    name = text.hashtag(tag)
    if name is None:
        return _nothing()
    clips = lists.of_hashtag(name, None, None, ENTRIES)["items"]
    return _answer(request, f"/t/{quote(name)}", f"#{name}", word("en", "hashtag_about", tag=name), clips)


def _nothing() -> HttpResponse:
    return HttpResponse("Not found", status=404, content_type="text/plain")


def _answer(request: HttpRequest, path: str, title: str, about: str, clips: list[Clip]) -> HttpResponse:
    base = settings.PUBLIC_URL
    made = _Feed(
        title=f"{title} · {settings.SITE_NAME}",
        link=base + path,
        description=about,
        feed_url=f"{base}{path}/feed.atom",
        feed_guid=_tag(path.lstrip("/")),
        subtitle=about,
    )
    for clip in clips:
        _add(made, clip, base)
    body = made.writeString("utf-8").encode()
    etag = f'"{sha256(body).hexdigest()[:32]}"'
    changed = made.latest_post_date()
    answer = HttpResponse(
        body,
        content_type="application/atom+xml; charset=utf-8",
        headers={
            "ETag": etag,
            "Last-Modified": http_date(changed.timestamp()),
            "Cache-Control": "public, max-age=300",
            "Access-Control-Allow-Origin": "*",
        },
    )
    # By the tag alone: a corrected caption changes the feed without changing the newest date.
    return get_conditional_response(request, etag, None, answer) or answer


def _add(made: _Feed, clip: Clip, base: str) -> None:
    published = datetime.fromisoformat(clip["published_at"])
    file = rendition(clip, UNFURL_EDGE)
    language = clip["language"] if clip["language"] in LANGUAGES else LANGUAGES[0]
    made.add_item(
        title=clip_title(clip, language),
        link=base + clip["url"],
        description=clip["caption"],
        unique_id=_tag(f"clip/{clip['id']}"),
        author_name=clip["author"]["name"],
        author_link=f"{base}/@{clip['author']['handle']}",
        categories=clip["hashtags"],
        pubdate=published,
        updateddate=published,
        enclosures=[Enclosure(base + file["url"], str(file["bytes"]), "video/mp4")] if file else [],
        thumbnail={"url": base + clip["poster"]["webp"]} if clip["poster"] else None,
    )


def _tag(name: str) -> str:
    return f"tag:{urlsplit(settings.PUBLIC_URL).hostname},{_MINTED}:{name}"
