"""Answers over HTTP that need more than one domain."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router

from hustings.accounts.api import viewer_id
from hustings.community.schemas import ClipsOut
from hustings.pages import explore as exploring
from hustings.pages import lists, profiles, schemas
from hustings.pages.search import answering
from hustings.trust import api as trust

router = Router(tags=["pages"])

Limit = Annotated[int, Query(ge=1, le=50)]
Json = dict[str, Any]


# The address is shared with videos, which changes and deletes there: hence the same name, and `auth` and `tags`.
@router.get("/clips/{clip_id}", response=schemas.WholeClipOut, exclude_unset=True, auth=None, tags=["pages"])
def clip(request: HttpRequest, clip_id: str) -> Json:
    return lists.whole_clip(clip_id, viewer_id(request))


@router.get("/accounts/{handle}", response=schemas.AccountOut)
def account(request: HttpRequest, handle: str) -> Json:
    me = viewer_id(request)
    return profiles.profile_json(profiles.visible(handle, me), me)


@router.get("/accounts/{handle}/notice", response=schemas.NoticeOut)
def notice(request: HttpRequest, handle: str) -> Json:
    """The notice of a closed account; 404 when no account of that handle was closed."""
    return trust.closed_notice(handle).as_json()


@router.get("/accounts/{handle}/clips", response=ClipsOut)
def account_clips(request: HttpRequest, handle: str, cursor: str | None = None, limit: Limit = lists.PAGE) -> Json:
    return lists.of_account(handle, viewer_id(request), cursor, limit)


@router.get("/hashtags/{tag}/clips", response=ClipsOut)
def hashtag_clips(request: HttpRequest, tag: str, cursor: str | None = None, limit: Limit = lists.PAGE) -> Json:
    return lists.of_hashtag(tag, viewer_id(request), cursor, limit)


@router.get("/sounds/{sound}/clips", response=ClipsOut)
def sound_clips(request: HttpRequest, sound: str, cursor: str | None = None, limit: Limit = lists.PAGE) -> Json:
    return lists.of_sound(sound, viewer_id(request), cursor, limit)


@router.get("/search", response=schemas.SearchOut)
def search(
    request: HttpRequest,
    q: Annotated[str, Query(max_length=200)],
    kind: answering.Kind = "all",
    cursor: str | None = None,
) -> Json:
    """Accounts, hashtags and clips that have every word; the last word may be unfinished."""
    return answering.search(q, kind, viewer_id(request), cursor)


@router.get("/explore", response=schemas.ExploreOut)
def explore(request: HttpRequest) -> Json:
    return exploring.explore(viewer_id(request))
