"""The clip as JSON: what videos, accounts and the community know of it, put together once for everybody."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, Exists, OuterRef, Value

from hustings.accounts import api as accounts
from hustings.accounts.api import Author
from hustings.community import relations
from hustings.community.models import ClipCounts, Follow, Like, Save
from hustings.videos import api as videos
from hustings.videos.models import Video

_COUNTS = ("likes", "comments", "saves", "shares", "views")


@dataclass(frozen=True, slots=True)
class Marks:
    """What changes from one minute, and from one viewer, to the next."""

    author_id: int
    counts: dict[str, int]
    liked: bool
    saved: bool
    following: bool


def marks(video_ids: Iterable[int], viewer_id: int | None) -> dict[int, Marks]:
    """Counts and the viewer's own marks of each clip, in one query; clips that are gone are missing."""
    no = Value(value=False, output_field=BooleanField())
    if viewer_id is None:
        liked: Any = no
        saved: Any = no
        following: Any = no
    else:
        liked = Exists(Like.objects.filter(account=viewer_id, video=OuterRef("pk")))
        saved = Exists(Save.objects.filter(account=viewer_id, video=OuterRef("pk")))
        following = Exists(Follow.objects.filter(follower=viewer_id, followed=OuterRef("author_id")))
    rows = (
        Video.objects.filter(pk__in=list(video_ids))
        .annotate(liked=liked, saved=saved, following=following)
        .values_list("pk", "author_id", "liked", "saved", "following", *(f"counts__{name}" for name in _COUNTS))
    )
    return {
        row[0]: Marks(
            author_id=row[1],
            liked=bool(row[2]),
            saved=bool(row[3]),
            following=bool(row[4]),
            counts={name: count or 0 for name, count in zip(_COUNTS, row[5:], strict=True)},
        )
        for row in rows
    }


def counts(video_ids: Iterable[int]) -> dict[int, dict[str, int]]:
    """Public counts by clip, in one query; clips to which nobody did anything are missing."""
    rows = ClipCounts.objects.filter(pk__in=list(video_ids)).values("video_id", *_COUNTS)
    return {row.pop("video_id"): row for row in rows}


def clip_cards(video_ids: Sequence[int], viewer_id: int | None, *, spare: bool = False) -> list[dict[str, Any]]:
    """Whole `Clip`s in the order asked, in three queries; with `spare` a fourth.

    `spare` leaves out what the viewer has blocked or muted, by account or word, and whoever has
    blocked the viewer: for lists that nobody asked for by name.

    Clips that are gone, and those of accounts that are closing, are left out. Whether the viewer may
    see them was the caller's question: lists filter in their query, single clips pass `videos.api.visible`.
    """
    if not video_ids:
        return []
    facts = videos.media_facts(video_ids)
    found = marks(video_ids, viewer_id)
    authors = accounts.authors(mark.author_id for mark in found.values())
    hiding = relations.hiding(viewer_id) if spare else relations.NOBODYS
    return [
        compose(facts[key], authors[found[key].author_id], found[key], viewer_id)
        for key in video_ids
        if key in facts
        and key in found
        and authors[found[key].author_id].active
        and not hiding.hides(found[key].author_id, facts[key]["caption"])
    ]


def compose(facts: dict[str, Any], author: Author, mark: Marks, viewer_id: int | None) -> dict[str, Any]:
    """One `Clip` from its parts, for callers that hold some of them already. Changes none of them."""
    return {
        **{name: value for name, value in facts.items() if name not in _INTERNAL},
        "author": author.as_json(),
        "counts": mark.counts,
        "viewer": {
            "liked": mark.liked,
            "saved": mark.saved,
            "following": mark.following,
            "own": viewer_id == mark.author_id,
        },
    }


# Keys of the database that `media_facts` carries for its callers and that never leave the server.
_INTERNAL = frozenset({"author_id"})
