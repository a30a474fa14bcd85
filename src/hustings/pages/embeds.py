"""Clips on other people's pages: /embed/{id}, and /oembed, which says how to place it (https://oembed.com)."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.views.decorators.http import require_safe

from hustings.community import api as community
from hustings.lib.errors import NotFoundError
from hustings.lib.http import content_security_policy
from hustings.lib.languages import LANGUAGES
from hustings.pages import plain
from hustings.pages.unfurl import UNFURL_EDGE, Clip, clip_title, rendition
from hustings.pages.words import word
from hustings.videos import api as videos

# No script at all runs in an embed; anybody may frame it, and that is all that differs from our policy.
_POLICY = content_security_policy(script_src="'none'", connect_src="'none'", frame_ancestors="*")
_KEPT_S = 300  # how long a page elsewhere may go on showing what was taken back
_BAR = 60  # pixels below the picture, for who it is by and the link back
_WIDTH, _HEIGHT = 360, 640
_LEAST, _MOST = 120, 2000  # pixels between which a size asked for is believed


def _open_clip(public_id: str) -> Clip:
    """A clip that anybody may watch who has the link; asked as nobody, so that no cookie counts."""
    cards = community.clip_cards([videos.visible(public_id, None)], None)
    if not cards or not cards[0]["renditions"]:
        raise NotFoundError
    return cards[0]


@require_safe
def embed(request: HttpRequest, public_id: str) -> HttpResponse:
    """The player for a frame elsewhere: no cookie, no script, captions, and the way back."""
    headers = {"Content-Security-Policy": _POLICY, "Referrer-Policy": "no-referrer"}
    try:
        clip = _open_clip(public_id)
    except NotFoundError:
        return HttpResponse("Not found", status=404, content_type="text/plain", headers=headers)
    language = clip["language"] if clip["language"] in LANGUAGES else LANGUAGES[0]
    context = {
        "clip": clip,
        "file": rendition(clip, UNFURL_EDGE),
        "title": clip_title(clip, language),
        "address": settings.PUBLIC_URL + clip["url"],
        "plain": plain.address(),
        "watch_on": word(language, "watch_on", site=settings.SITE_NAME),
    }
    headers["Cache-Control"] = f"public, max-age={_KEPT_S}"
    return HttpResponse(render_to_string("pages/embed.html", context), headers=headers)


@require_safe
def oembed(request: HttpRequest) -> HttpResponse:
    """How to embed the clip at `url`. 404 for what is not a clip of ours or not for everybody, 501 for XML.

    The specification would have 401 for a private clip; that would tell strangers that there is one.
    """
    if request.GET.get("format", "json") != "json":
        return _answer({"message": "Only JSON is offered: format=json."}, 501)
    try:
        clip = _open_clip(_id_in(request.GET.get("url", "")))
    except NotFoundError:
        return _answer({"message": "There is no public clip at this address."}, 404)
    width, height = _size(
        clip, _pixels(request.GET.get("maxwidth"), _WIDTH), _pixels(request.GET.get("maxheight"), _HEIGHT + _BAR)
    )
    title = clip_title(clip, LANGUAGES[0])
    answer: dict[str, object] = {
        "type": "video",
        "version": "1.0",
        "title": title,
        "author_name": clip["author"]["name"],
        "author_url": f"{settings.PUBLIC_URL}/@{clip['author']['handle']}",
        "provider_name": settings.SITE_NAME,
        "provider_url": settings.PUBLIC_URL,
        "cache_age": _KEPT_S,
        "width": width,
        "height": height,
        "html": format_html(
            '<iframe src="{}/embed/{}" width="{}" height="{}" title="{}" loading="lazy" '
            'allow="fullscreen; picture-in-picture" allowfullscreen frameborder="0"></iframe>',
            settings.PUBLIC_URL,
            clip["id"],
            width,
            height,
            title,
        ),
    }
    if clip["poster"]:
        answer |= {
            "thumbnail_url": settings.PUBLIC_URL + clip["poster"]["webp"],
            "thumbnail_width": clip["width"],
            "thumbnail_height": clip["height"],
        }
    return _answer(answer, 200)


def _answer(body: dict[str, object], status: int) -> HttpResponse:
    headers = {"Access-Control-Allow-Origin": "*", "Cache-Control": f"public, max-age={_KEPT_S}"}
    return JsonResponse(body, status=status, headers=headers)


def _id_in(address: str) -> str:
    """The clip's id in an address of this site; NotFoundError for any other."""
    try:
        given, ours = urlsplit(address), urlsplit(settings.PUBLIC_URL)
    except ValueError:
        raise NotFoundError from None
    parts = given.path.strip("/").split("/")
    if given.scheme not in {"http", "https"} or given.netloc != ours.netloc or len(parts) != 2:
        raise NotFoundError
    if parts[0] not in {"v", "embed"}:
        raise NotFoundError
    return parts[1]


def _pixels(given: str | None, default: int) -> int:
    if given is None or not given.isascii() or not given.isdigit():
        return default
    return min(max(int(given[:6]), _LEAST), _MOST)


def _size(clip: Clip, most_width: int, most_height: int) -> tuple[int, int]:
    """The largest frame within the limits in which the picture keeps its shape above the bar."""
    wide, high = clip["width"] or 9, clip["height"] or 16
    scale = min(most_width / wide, max(most_height - _BAR, 1) / high)
    return max(1, round(wide * scale)), max(1, round(high * scale)) + _BAR
