"""Lists of clips as one viewer may see them, and one clip whole."""

from typing import Any

from hustings.accounts import api as accounts
from hustings.community import api as community
from hustings.lib import text
from hustings.lib.errors import NotFoundError
from hustings.pages import profiles
from hustings.videos import api as videos

Json = dict[str, Any]

PAGE = 24


def whole_clip(public_id: str, viewer_id: int | None) -> Json:
    """One clip, if the viewer may see it; with its state and progress for those who act for its author."""
    video_id = videos.visible(public_id, viewer_id)
    cards = community.clip_cards([video_id], viewer_id)
    if not cards:
        raise NotFoundError
    clip = cards[0]
    author_id = videos.author_of(video_id) if viewer_id is not None else None
    if author_id is not None and accounts.may_act_for(viewer_id, author_id, "editor"):
        clip = {**clip, **videos.owner_facts([video_id])[video_id]}
        clip["viewer"] = {**clip["viewer"], "own": True}
    return clip


def of_account(handle: str, viewer_id: int | None, cursor: str | None, limit: int = PAGE) -> Json:
    """An account's published clips, newest first; none between two of whom one has blocked the other."""
    author_id = profiles.visible(handle, viewer_id).author.id
    if viewer_id is not None and community.blocks(viewer_id, author_id):
        return {"items": [], "next": None}
    ids, following = videos.by_author(author_id, viewer_id, cursor, limit)
    # Its owner's name was asked for, so nothing that it says is spared the viewer here.
    return {"items": community.clip_cards(ids, viewer_id), "next": following}


def of_hashtag(tag: str, viewer_id: int | None, cursor: str | None, limit: int = PAGE) -> Json:
    """Public clips with a hashtag. A word that can be no hashtag has none: NotFoundError."""
    name = text.hashtag(tag)
    if name is None:
        raise NotFoundError
    ids, following = videos.by_hashtag(name, viewer_id, cursor, limit)
    return {"items": community.clip_cards(ids, viewer_id, spare=True), "next": following}


def of_sound(sound_id: str, viewer_id: int | None, cursor: str | None, limit: int = PAGE) -> Json:
    """Public clips with a sound. NotFoundError when there is no such sound."""
    if videos.sound_title(sound_id) is None:
        raise NotFoundError
    ids, following = videos.by_sound(sound_id, viewer_id, cursor, limit)
    return {"items": community.clip_cards(ids, viewer_id, spare=True), "next": following}
