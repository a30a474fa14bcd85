"""The addresses of the client, each answered with the shell and what its first screen shows."""

from typing import Any
from urllib.parse import quote

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from hustings.feed import api as feed
from hustings.lib import text
from hustings.lib.errors import NotFoundError
from hustings.pages import lists, notices, profiles, shell, unfurl
from hustings.pages.shell import Screen, Visit
from hustings.pages.unfurl import Head
from hustings.pages.words import word
from hustings.trust import api as trust
from hustings.trust.errors import AccountClosedError
from hustings.videos import api as videos

FIRST_PAGE = 6  # clips of the feed in the document: what one sees before the next is asked for


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """`/`: the feed's first page. A signed-out viewer's history is the browser's, so this one begins without it."""
    there = shell.visit(request)
    page = feed.page(there.viewer_id, history=[], count=FIRST_PAGE, language=there.language)
    head = _head("/", settings.SITE_NAME, word(there.language, "about"))
    return shell.render(request, there, _feed(head, page))


@require_safe
def following(request: HttpRequest) -> HttpResponse:
    """`/following`: the newest of those one follows."""
    there = shell.visit(request)
    head = _head("/following", word(there.language, "following"), word(there.language, "about"), indexed=False)
    if there.viewer_id is None:
        return shell.render(request, there, Screen("Player", head))
    return shell.render(request, there, _feed(head, feed.following_page(there.viewer_id, count=FIRST_PAGE)))


def _feed(head: Head, page: feed.Page) -> Screen:
    clips = [orjson.loads(item)["clip"] for item in page.items]
    return Screen(
        "Player",
        head,
        # The page is JSON already; it goes into the document as it is.
        boot={"feed": orjson.Fragment(page.as_bytes())},
        clip=clips[0] if clips else None,
        plays=True,
        others=clips[1:],
    )


@require_safe
def clip(request: HttpRequest, public_id: str) -> HttpResponse:
    """`/v/{id}`: one clip."""
    there = shell.visit(request)
    try:
        found = lists.whole_clip(public_id, there.viewer_id)
    except NotFoundError:
        return _missing(request, there)
    head = unfurl.of_clip(found, language=there.language, base=settings.PUBLIC_URL, site=settings.SITE_NAME)
    return shell.render(request, there, Screen("Player", head, boot={"clip": found}, clip=found, plays=True))


@require_safe
def profile(request: HttpRequest, handle: str) -> HttpResponse:
    """`/@{handle}`: an account and its clips."""
    there = shell.visit(request)
    try:
        account = profiles.profile_json(profiles.visible(handle, there.viewer_id), there.viewer_id)
        clips = lists.of_account(handle, there.viewer_id, None)
    except AccountClosedError:
        return notices.page(request, there, trust.closed_notice(handle))
    except NotFoundError:
        return _missing(request, there)
    title = word(there.language, "profile", name=account["name"], handle=account["handle"])
    about = account["bio"] or word(there.language, "profile_about", name=account["name"])
    path = f"/@{account['handle']}"
    screen = Screen(
        "Profile",
        _head(path, title, about, feed=path),
        boot={"account": account, "clips": clips},
        heading=account["name"],
        text=account["bio"],
        others=clips["items"],
    )
    return shell.render(request, there, screen)


@require_safe
def hashtag(request: HttpRequest, tag: str) -> HttpResponse:
    """`/t/{tag}`: public clips with a hashtag."""
    there = shell.visit(request)
    name = text.hashtag(tag)
    if name is None:
        return _missing(request, there)
    path = f"/t/{quote(name)}"
    head = _head(path, f"#{name}", word(there.language, "hashtag_about", tag=name), feed=path)
    return shell.render(request, there, _list(head, lists.of_hashtag(name, there.viewer_id, None), f"#{name}"))


@require_safe
def sound(request: HttpRequest, sound_id: str) -> HttpResponse:
    """`/s/{sound}`: public clips with a sound."""
    there = shell.visit(request)
    title = videos.sound_title(sound_id)
    if title is None:
        return _missing(request, there)
    head = _head(f"/s/{sound_id}", title, word(there.language, "sound_about", title=title))
    return shell.render(request, there, _list(head, lists.of_sound(sound_id, there.viewer_id, None), title))


def _list(head: Head, page: dict[str, Any], heading: str) -> Screen:
    clips = page["items"]
    return Screen(
        "Player",
        head,
        boot={"clips": page},
        clip=clips[0] if clips else None,
        plays=True,
        heading=heading,
        others=clips[1:],
    )


# --- Screens that begin empty ----------------------------------------------------------------------


# The first part of an address, the client's file, and whether search engines may keep it.
_EMPTY = {
    "search": ("Search", True),
    "upload": ("Upload", False),
    "inbox": ("Inbox", False),
    "saved": ("Saved", False),
    "liked": ("Saved", False),
    "settings": ("Settings", False),
    "signin": ("SignIn", False),
    "signup": ("SignUp", True),
    "reset-password": ("ForgotPassword", False),
}
_BELOW = {"upload": "Clips", "signup": "ProviderSignUp"}  # what /upload/clips and /signup/provider are drawn by
_KEYED = {"reset-password": "ResetPassword", "verify-email": "VerifyEmail"}


@require_safe
def empty(request: HttpRequest, name: str, rest: str = "") -> HttpResponse:
    """`/search`, `/upload`, `/settings/…` and the like: the client asks for what it shows."""
    there = shell.visit(request)
    view, indexed = _EMPTY[name]
    indexed = indexed and not rest
    head = _head(f"/{name}", word(there.language, name), word(there.language, "about"), indexed=indexed)
    return shell.render(request, there, Screen(_BELOW.get(name, view) if rest else view, head))


@require_safe
def keyed(request: HttpRequest, name: str) -> HttpResponse:
    """`/reset-password/{key}`, `/verify-email/{key}`: where a mail's link leads.

    The key opens an account. It stands in the address alone: not in the page, no cache, and no `Referer`.
    """
    there = shell.visit(request)
    head = _head(f"/{name}", word(there.language, name), word(there.language, "about"), indexed=False)
    answer = shell.render(request, there, Screen(_KEYED[name], head))
    answer["Referrer-Policy"] = "no-referrer"
    answer["Cache-Control"] = "private, no-store"
    return answer


@csrf_exempt
def missing(request: HttpRequest, path: str = "") -> HttpResponse:
    """Whatever no other route takes, by any method, for nothing is changed. Programs are told in their own way."""
    if path.startswith(("api/", "_allauth/")):
        return JsonResponse(NotFoundError().as_json(), status=404)
    if path.startswith(("media/", "client/")):
        return HttpResponse(status=404)
    return _missing(request, shell.visit(request))


def _missing(request: HttpRequest, there: Visit) -> HttpResponse:
    title, about = word(there.language, "missing"), word(there.language, "missing_about")
    head = _head(request.path, title, about, indexed=False)
    return shell.render(request, there, Screen("NotFound", head, heading=title, text=about, status=404))


def _head(path: str, title: str, about: str, *, feed: str | None = None, indexed: bool = True) -> Head:
    return unfurl.of_page(
        path,
        title,
        about,
        base=settings.PUBLIC_URL,
        site=settings.SITE_NAME,
        feed=feed,
        indexed=indexed,
    )
