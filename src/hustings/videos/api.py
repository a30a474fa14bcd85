"""The front door of videos: clips from upload to playable renditions, and who may watch them.

Other domains import this file, `events` and `errors`, nothing else. Internal ids are ints, public ids
strings of 11 characters.
"""

from collections.abc import Callable, Mapping, Sequence

from hustings.lib import ids
from hustings.videos.cards import media_facts, owner_facts
from hustings.videos.details import Details, became_popular, put_track, remove_track, set_details
from hustings.videos.importing import found_here
from hustings.videos.ingest import create_sound, ingest_file
from hustings.videos.lists import (
    Published,
    by_author,
    by_followed,
    by_hashtag,
    by_sound,
    hashtag_counts,
    hashtags_only_of,
    ids_by_author,
    published_counts,
    published_facts,
    published_since,
    search_captions,
    search_hashtags,
    sound_title,
    trending_hashtags,
)
from hustings.videos.lookup import register_block_test, register_follower_test, visible, visible_ids
from hustings.videos.models import Video
from hustings.videos.receiving import UploadInfo, create_upload
from hustings.videos.releases import delete, publish, unpublish
from hustings.videos.subjects import Subject, existing, subject

__all__ = [
    "Details",
    "Published",
    "Subject",
    "UploadInfo",
    "author_of",
    "became_popular",
    "by_author",
    "by_followed",
    "by_hashtag",
    "by_sound",
    "counts",
    "create_sound",
    "create_upload",
    "delete",
    "existing",
    "found_here",
    "hashtag_counts",
    "hashtags_only_of",
    "id_of",
    "ids_by_author",
    "ids_of",
    "ingest_file",
    "media_facts",
    "owner_facts",
    "public_ids",
    "publish",
    "published_counts",
    "published_facts",
    "published_since",
    "put_track",
    "register_block_test",
    "register_counts",
    "register_follower_test",
    "remove_track",
    "search_captions",
    "search_hashtags",
    "set_details",
    "sound_title",
    "state_of",
    "subject",
    "trending_hashtags",
    "unpublish",
    "visible",
    "visible_ids",
]


def id_of(public_id: str) -> int | None:
    """The internal id of a clip, whoever may see it; None when there is none. Prefer `visible`."""
    if not ids.is_id(public_id):
        return None
    return Video.objects.filter(public_id=public_id).values_list("pk", flat=True).first()


def ids_of(public_ids: Sequence[str]) -> dict[str, int]:
    """Internal ids by public id; unknown ones are missing. One query."""
    wanted = [public_id for public_id in public_ids if ids.is_id(public_id)]
    return dict(Video.objects.filter(public_id__in=wanted).values_list("public_id", "pk"))


def public_ids(video_ids: Sequence[int]) -> dict[int, str]:
    """Public ids by internal id. One query."""
    return dict(Video.objects.filter(pk__in=video_ids).values_list("pk", "public_id"))


def author_of(video_id: int) -> int | None:
    """The author's account id; None when the clip is gone."""
    return Video.objects.filter(pk=video_id).values_list("author_id", flat=True).first()


def state_of(public_id: str) -> str | None:
    """How far a clip is, such as `playable`; None when it is gone."""
    return Video.objects.filter(public_id=public_id).values_list("state", flat=True).first()


# --- What an author's own list shows and only a domain above counts -----------------------------------

Counts = Callable[[Sequence[int]], Mapping[int, Mapping[str, int]]]
_NOTHING = {"likes": 0, "comments": 0, "saves": 0, "shares": 0, "views": 0}


def _count_nothing(video_ids: Sequence[int]) -> Mapping[int, Mapping[str, int]]:
    return {}


_count: Counts = _count_nothing


def register_counts(count: Counts) -> None:
    """How to count likes, comments, saves, shares and views of clips by id. Called once, at start-up."""
    global _count  # noqa: PLW0603 - one port, set once
    _count = count


def counts(video_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """The registered counts, with zeros for what nobody counted."""
    found = _count(video_ids)
    return {video_id: _NOTHING | dict(found.get(video_id, {})) for video_id in video_ids}
