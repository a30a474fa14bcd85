"""The one document that every screen of the client begins as.

It carries what the first screen shows, so that nothing waits for JavaScript: the first clip's <video>
plays while the script is fetched, and the script finds its data in the page. Without JavaScript the
same document is a plain page with the clip, its text and links.
"""

from dataclasses import dataclass, field
from typing import Any

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from hustings.accounts import api as accounts
from hustings.lib import languages
from hustings.pages import built, plain, words
from hustings.pages.unfurl import PHONE_EDGE, Clip, Head, rendition

# A JSON text inside <script> ends at `</script>` and changes its meaning at `<!--`, whatever the quotes.
_ESCAPES = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026", 0x2028: "\\u2028", 0x2029: "\\u2029"}


@dataclass(frozen=True, slots=True)
class Visit:
    """Who asks for a page, and in which language."""

    viewer_id: int | None
    me: dict[str, Any]
    language: str


@dataclass(frozen=True, slots=True)
class Screen:
    """One screen as the server writes it.

    `view` names the client's file; `boot` is given to the client beside `me`; `clip` is the first to
    be played; `text` and `others` are for readers without JavaScript.
    """

    view: str
    head: Head
    boot: dict[str, Any] = field(default_factory=dict)
    clip: Clip | None = None
    plays: bool = False  # whether the screen is the player, which starts with the clip's <video>
    heading: str = ""
    text: str = ""
    others: list[Clip] = field(default_factory=list)
    notice: dict[str, Any] | None = None  # of a closed account, for readers without JavaScript
    status: int = 200


def visit(request: HttpRequest) -> Visit:
    """Who is there. Signed out it costs no query and sets no cookie."""
    viewer_id = accounts.viewer_id(request)
    me = accounts.me(viewer_id)
    chosen = me["preferences"].get("language")
    return Visit(viewer_id, me, languages.best(request.headers.get("Accept-Language", ""), chosen))


def render(request: HttpRequest, there: Visit, screen: Screen) -> HttpResponse:
    """The screen as a document."""
    context = {
        "language": there.language,
        "site": settings.SITE_NAME,
        "head": screen.head,
        "data": data_block(screen.head.data) if screen.head.data else None,
        "files": built.files(screen.view, there.language),
        "plain": plain.address(),
        "boot": data_block({"me": there.me, **screen.boot}),
        "first": _first(request, screen),
        "clip": screen.clip,
        "sources": _sources(screen.clip),
        "heading": screen.heading,
        "text": screen.text,
        "others": screen.others,
        "notice": screen.notice,
        "w": words_for(there.language),
    }
    return HttpResponse(
        render_to_string("pages/shell.html", context),
        status=screen.status,
        headers={
            # A page differs by viewer and by minute; signed in it is nobody else's to keep.
            "Cache-Control": "no-cache" if there.viewer_id is None else "private, no-store",
            "Vary": "Cookie, Accept-Language, Save-Data",
        },
    )


def data_block(value: Any) -> SafeString:
    """JSON for a <script> that is data: inert whatever people wrote."""
    return mark_safe(orjson.dumps(value).decode().translate(_ESCAPES))  # noqa: S308 - `<`, `>` and `&` are escaped above


def words_for(language: str) -> dict[str, str]:
    """The words of the page's own markup."""
    keys = ("without_script", "by", "more", "home", "search")
    return {key: words.word(language, key) for key in keys}


def _first(request: HttpRequest, screen: Screen) -> dict[str, Any] | None:
    """The <video> that plays before the script has arrived."""
    if not screen.plays or screen.clip is None:
        return None
    edge = 0 if request.headers.get("Save-Data") == "on" else PHONE_EDGE
    file = rendition(screen.clip, edge)
    if file is None:
        return None
    return {"id": screen.clip["id"], "src": file["url"], "poster": (screen.clip["poster"] or {}).get("webp")}


def _sources(clip: Clip | None) -> list[dict[str, Any]]:
    return list(reversed(clip["renditions"])) if clip else []
