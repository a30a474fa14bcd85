"""The community over HTTP. PUT and DELETE may be repeated; each answer carries the new counts."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router

from hustings.accounts import api as accounts
from hustings.accounts.api import signed_in, viewer_id, writer_id
from hustings.community import (
    comments,
    inbox,
    notifications,
    pace,
    reactions,
    relations,
    schemas,
    threads,
)
from hustings.community.cards import clip_cards
from hustings.community.deeds import clip_count
from hustings.videos import api as videos

router = Router(tags=["community"])

Limit = Annotated[int, Query(ge=1, le=50)]
Json = dict[str, Any]


def _me(request: HttpRequest) -> int:
    """Who is signed in, on a route with `auth=signed_in`."""
    me: int = request.auth  # type: ignore[attr-defined]  # ninja puts there what `signed_in` answered
    return me


# --- Clips -----------------------------------------------------------------------------------------


@router.put("/clips/{clip}/like", response=schemas.LikedOut, auth=signed_in)
def like(request: HttpRequest, clip: str) -> Json:
    me = _me(request)
    video_id = videos.visible(clip, me)
    pace.take(me, "like")
    return {"liked": True, "likes": reactions.like(me, video_id)}


@router.delete("/clips/{clip}/like", response=schemas.LikedOut, auth=signed_in)
def unlike(request: HttpRequest, clip: str) -> Json:
    me = _me(request)
    return {"liked": False, "likes": reactions.unlike(me, videos.visible(clip, me))}


@router.put("/clips/{clip}/save", response=schemas.SavedOut, auth=signed_in)
def save(request: HttpRequest, clip: str) -> Json:
    me = _me(request)
    video_id = videos.visible(clip, me)
    pace.take(me, "save")
    return {"saved": True, "saves": reactions.save(me, video_id)}


@router.delete("/clips/{clip}/save", response=schemas.SavedOut, auth=signed_in)
def unsave(request: HttpRequest, clip: str) -> Json:
    me = _me(request)
    return {"saved": False, "saves": reactions.unsave(me, videos.visible(clip, me))}


@router.post("/clips/{clip}/share", response=schemas.SharedOut)
def share(request: HttpRequest, clip: str) -> Json:
    """Signed out it answers the count and adds nothing: a public number that anybody can turn is none."""
    me = writer_id(request)
    video_id = videos.visible(clip, me)
    if me is None:
        return {"shares": clip_count(video_id, "shares")}
    pace.take(me, "share")
    return {"shares": reactions.share(me, video_id)}


@router.get("/me/saved", response=schemas.ClipsOut, auth=signed_in)
def saved(request: HttpRequest, cursor: str | None = None, limit: Limit = 24) -> Json:
    return _own_clips(_me(request), *reactions.saved_page(_me(request), cursor, limit))


@router.get("/me/liked", response=schemas.ClipsOut, auth=signed_in)
def liked(request: HttpRequest, cursor: str | None = None, limit: Limit = 24) -> Json:
    return _own_clips(_me(request), *reactions.liked_page(_me(request), cursor, limit))


def _own_clips(me: int, ids: list[int], following: str | None) -> Json:
    """What one liked may have become private since: it stays in the list's count but is not shown."""
    cards = clip_cards(ids, me, spare=True)
    seen = videos.visible_ids([card["id"] for card in cards], me)
    return {"items": [card for card in cards if card["id"] in seen], "next": following}


# --- Accounts --------------------------------------------------------------------------------------


@router.put("/accounts/{handle}/follow", response=schemas.FollowingOut, auth=signed_in)
def follow(request: HttpRequest, handle: str) -> Json:
    me = _me(request)
    target = accounts.by_handle(handle).id
    pace.take(me, "follow")
    return {"following": True, "followers": relations.follow(me, target)}


@router.delete("/accounts/{handle}/follow", response=schemas.FollowingOut, auth=signed_in)
def unfollow(request: HttpRequest, handle: str) -> Json:
    return {
        "following": False,
        "followers": relations.unfollow(_me(request), accounts.by_handle(handle).id),
    }


@router.put("/accounts/{handle}/block", response=schemas.BlockedOut, auth=signed_in)
def block(request: HttpRequest, handle: str) -> Json:
    target = accounts.by_handle(handle).id
    pace.take(_me(request), "hide")
    relations.block(_me(request), target)
    return {"blocked": True}


@router.delete("/accounts/{handle}/block", response=schemas.BlockedOut, auth=signed_in)
def unblock(request: HttpRequest, handle: str) -> Json:
    relations.unblock(_me(request), accounts.by_handle(handle).id)
    return {"blocked": False}


@router.put("/accounts/{handle}/mute", response=schemas.MutedOut, auth=signed_in)
def mute(request: HttpRequest, handle: str) -> Json:
    target = accounts.by_handle(handle).id
    pace.take(_me(request), "hide")
    relations.mute(_me(request), target)
    return {"muted": True}


@router.delete("/accounts/{handle}/mute", response=schemas.MutedOut, auth=signed_in)
def unmute(request: HttpRequest, handle: str) -> Json:
    relations.unmute(_me(request), accounts.by_handle(handle).id)
    return {"muted": False}


@router.get("/me/blocked", response=schemas.AuthorsOut, auth=signed_in)
def blocked(request: HttpRequest, cursor: str | None = None, limit: Limit = 24) -> Json:
    return _accounts(*relations.blocked_page(_me(request), cursor, limit))


@router.get("/me/muted", response=schemas.AuthorsOut, auth=signed_in)
def muted(request: HttpRequest, cursor: str | None = None, limit: Limit = 24) -> Json:
    return _accounts(*relations.muted_page(_me(request), cursor, limit))


def _accounts(ids: list[int], following: str | None) -> Json:
    return {"items": [author.as_json() for author in relations.authors_in_order(ids)], "next": following}


@router.get("/me/muted-words", response=schemas.WordsOut, auth=signed_in)
def words(request: HttpRequest) -> Json:
    return {"words": relations.words(_me(request))}


@router.put("/me/muted-words", response=schemas.WordsOut, auth=signed_in)
def set_words(request: HttpRequest, given: schemas.WordsIn) -> Json:
    pace.take(_me(request), "words")
    return {"words": relations.set_words(_me(request), given.words)}


# --- Comments --------------------------------------------------------------------------------------


@router.get("/clips/{clip}/comments", response=schemas.CommentsOut)
def comments_of(request: HttpRequest, clip: str, cursor: str | None = None, limit: Limit = 20) -> Json:
    me = viewer_id(request)
    items, following = threads.page(videos.visible(clip, me), me, cursor, limit)
    return {"items": items, "next": following}


@router.post("/clips/{clip}/comments", response=schemas.WrittenOut, auth=signed_in)
def comment(request: HttpRequest, clip: str, given: schemas.CommentIn) -> Json:
    """Signed in as a person; `as` names the organisation one answers for."""
    person = _me(request)
    video_id = videos.visible(clip, person)
    author = accounts.acting_as(person, given.as_)
    pace.take(person, "comment")
    public_id = comments.write(
        author, video_id, given.text, reply_to=given.reply_to, written_by=person if author != person else None
    )
    return {"comment": threads.one(public_id, author), "comments": clip_count(video_id, "comments")}


@router.delete("/comments/{comment}", response=schemas.CommentCountOut, auth=signed_in)
def remove_comment(request: HttpRequest, comment: str) -> Json:
    return {"comments": clip_count(comments.remove(_me(request), comment), "comments")}


@router.get("/comments/{comment}/replies", response=schemas.CommentsOut)
def replies(request: HttpRequest, comment: str, cursor: str | None = None, limit: Limit = 20) -> Json:
    me = viewer_id(request)
    items, following = threads.replies(comments.place(comment, me), me, cursor, limit)
    return {"items": items, "next": following}


@router.put("/comments/{comment}/like", response=schemas.LikedOut, auth=signed_in)
def like_comment(request: HttpRequest, comment: str) -> Json:
    me = _me(request)
    found = comments.place(comment, me)
    pace.take(me, "like")
    return {"liked": True, "likes": comments.like(me, found)}


@router.delete("/comments/{comment}/like", response=schemas.LikedOut, auth=signed_in)
def unlike_comment(request: HttpRequest, comment: str) -> Json:
    me = _me(request)
    return {"liked": False, "likes": comments.unlike(me, comments.place(comment, me))}


# --- Notifications ---------------------------------------------------------------------------------


@router.get("/me/notifications", response=schemas.NotificationsOut, auth=signed_in, exclude_unset=True)
def my_notifications(
    request: HttpRequest,
    cursor: str | None = None,
    limit: Limit = 20,
    as_: Annotated[str | None, Query(alias="as")] = None,
) -> Json:
    """One's own, or with `as` those of an organisation one may edit for."""
    items, following = inbox.page(accounts.acting_as(_me(request), as_), cursor, limit)
    return {"items": items, "next": following}


@router.post("/me/notifications/read", response=schemas.UnreadOut, auth=signed_in)
def read_notifications(request: HttpRequest, as_: Annotated[str | None, Query(alias="as")] = None) -> Json:
    account = accounts.acting_as(_me(request), as_)
    notifications.mark_read(account)
    return {"unread": notifications.unread(account)}
