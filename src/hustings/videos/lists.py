"""Published clips in lists: by author, hashtag and sound, found by words, and as the feed's catalogue.

Lists are newest first and go on after a cursor that names the last clip seen.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from hustings.accounts import api as accounts
from hustings.lib import clock, cursors
from hustings.videos import lookup, rules
from hustings.videos.models import Hashtag, Sound, Video

Page = tuple[list[int], str | None]
"""Ids, newest first, and the cursor for what follows; None at the end."""


@dataclass(frozen=True, slots=True)
class Published:
    """What the feed needs to know of a public clip. `duration` in seconds; `hashtags` without the sign."""

    id: int
    public_id: str
    author_id: int
    sound_id: int | None
    duration: float
    language: str
    hashtags: tuple[str, ...]
    caption: str
    published_at: datetime


def _out() -> QuerySet[Video]:
    return Video.objects.filter(
        release=rules.PUBLISHED, state__in=rules.WATCHABLE, published_at__isnull=False, author__is_active=True
    )


def _public() -> QuerySet[Video]:
    return _out().filter(visibility="public")


def published_facts(video_ids: Iterable[int]) -> dict[int, Published]:
    """The public clips among `video_ids`, by id; whoever is missing is not public (any more). Two queries.

    Fetched by key and judged here: asked for both at once, SQLite walks through all that is public.
    """
    keys = ("pk", "release", "state", "visibility", "published_at", "author__is_active")
    public = [
        key
        for key, release, state, visibility, at, active in Video.objects.filter(pk__in=set(video_ids)).values_list(
            *keys
        )
        if release == rules.PUBLISHED
        and state in rules.WATCHABLE
        and visibility == "public"
        and at is not None
        and active
    ]
    return {fact.id: fact for fact in _facts(Video.objects.filter(pk__in=public))}


def published_since(since: datetime | None = None, *, limit: int | None = None) -> list[Published]:
    """Public clips that went out at `since` or later (None: ever), newest first. Two queries."""
    found = _public().order_by("-published_at", "-pk")
    if since is not None:
        found = found.filter(published_at__gte=since)
    return _facts(found[:limit] if limit is not None else found)


def _facts(videos: QuerySet[Video]) -> list[Published]:
    rows = list(
        videos.values_list(
            "pk",
            "public_id",
            "author_id",
            "sound_id",
            "duration",
            "language",
            "card",
            "caption",
            "published_at",
        )
    )
    without = [row[0] for row in rows if row[6] is None]
    tags: dict[int, list[str]] = {}
    if without:
        links = Video.hashtags.through.objects.filter(video__in=without)
        for video_id, name in links.values_list("video_id", "hashtag__name"):
            tags.setdefault(video_id, []).append(name)
    return [
        Published(
            pk, public_id, author_id, sound_id, duration, language,
            tuple(card["hashtags"] if card is not None else sorted(tags.get(pk, ()))), caption, published_at,
        )
        for pk, public_id, author_id, sound_id, duration, language, card, caption, published_at in rows
        if published_at is not None
    ]  # fmt: skip


def by_author(author_id: int, viewer_id: int | None, cursor: str | None = None, limit: int = 20) -> Page:
    """An account's published clips that a viewer may see in a list: all of them for those who act for it."""
    videos = _out().filter(author=author_id)
    if viewer_id is None:
        shown = ["public"]
    elif accounts.may_act_for(viewer_id, author_id, "analyst"):
        shown = list(rules.VISIBILITIES)
    else:
        shown = ["public", "followers"] if lookup.follows(viewer_id, author_id) else ["public"]
    return _page(videos.filter(visibility__in=shown), cursor, limit)


def by_followed(author_ids: Iterable[int], cursor: str | None = None, limit: int = 20) -> Page:
    """Clips of accounts the viewer follows, those for followers among them. The caller knows that they follow."""
    return _page(_out().filter(author__in=set(author_ids), visibility__in=("public", "followers")), cursor, limit)


def by_hashtag(tag: str, viewer_id: int | None = None, cursor: str | None = None, limit: int = 20) -> Page:
    """Public clips with a hashtag, given as `text.hashtag` writes it."""
    return _page(_public().filter(hashtags__name=tag), cursor, limit)


def by_sound(sound_id: str, viewer_id: int | None = None, cursor: str | None = None, limit: int = 20) -> Page:
    """Public clips with a sound, by its public id."""
    return _page(_public().filter(sound__public_id=sound_id), cursor, limit)


def search_captions(words: str, cursor: str | None = None, limit: int = 20) -> Page:
    """Public clips whose caption or hashtags have every word."""
    found = _public()
    wanted = words.split()[:8]
    if not wanted:
        return [], None
    for word in wanted:
        found = found.filter(caption__icontains=word.removeprefix("#"))
    return _page(found, cursor, limit)


def _page(videos: QuerySet[Video], cursor: str | None, limit: int) -> Page:
    return _paged(videos, "published_at", cursor, limit)


def _paged(videos: QuerySet[Video], by: str, cursor: str | None, limit: int) -> Page:
    if cursor:
        at, key = cursors.decode(cursor)
        videos = videos.filter(Q(**{f"{by}__lt": at}) | Q(**{by: at, "pk__lt": key}))
    rows = list(videos.order_by(f"-{by}", "-pk").values_list("pk", by)[: limit + 1])
    more = len(rows) > limit
    rows = rows[:limit]
    return [pk for pk, _ in rows], cursors.encode(rows[-1][1], rows[-1][0]) if more else None


def own(author_id: int, state: str | None = None, cursor: str | None = None, limit: int = 20) -> Page:
    """All clips of an account in whatever state and release, newest upload first; `state` narrows to one."""
    videos = Video.objects.filter(author=author_id)
    if state is not None:
        videos = videos.filter(state=state)
    return _paged(videos, "created_at", cursor, limit)


def published_counts(author_ids: Iterable[int]) -> dict[int, int]:
    """Number of public clips by author; authors without any are missing."""
    rows = _public().filter(author__in=set(author_ids)).values("author").annotate(n=Count("pk"))
    return dict(rows.values_list("author", "n"))


def ids_by_author(author_id: int) -> list[int]:
    """Every clip of an account, whoever may see it: for those above that keep something for each."""
    return list(Video.objects.filter(author=author_id).order_by("pk").values_list("pk", flat=True))


def by_origin(origins: Iterable[str]) -> dict[str, str]:
    """Public clips by where they came from ("tiktok:7123…"); their public ids. Of several the first."""
    wanted = sorted(set(origins) - {""})
    found: dict[str, str] = {}
    for start in range(0, len(wanted), 500):
        rows = _public().filter(origin__in=wanted[start : start + 500]).order_by("-published_at", "-pk")
        found |= dict(rows.values_list("origin", "public_id"))
    return found


def hashtags_only_of(author_id: int) -> list[str]:
    """Hashtags that no other account's clips have."""
    others = Video.hashtags.through._base_manager.exclude(video__author=author_id)  # noqa: SLF001 - a table without a class of ours
    own = Hashtag.objects.filter(videos__author=author_id).distinct()
    return list(own.exclude(Exists(others.filter(hashtag=OuterRef("pk")))).values_list("name", flat=True))


def sound_title(sound_id: str) -> str | None:
    """A sound's title by its public id; None when there is no such sound."""
    return Sound.objects.filter(public_id=sound_id).values_list("title", flat=True).first()


def search_hashtags(prefix: str, limit: int = 20) -> list[tuple[str, int]]:
    """Hashtags that begin with `prefix`, most used first, each with its number of public clips."""
    return _counted(Hashtag.objects.filter(name__startswith=prefix.removeprefix("#").casefold()), Q(), limit)


def hashtag_counts(names: Iterable[str]) -> dict[str, int]:
    """Number of public clips of each of these hashtags (as `text.hashtag` writes them); unused ones are missing."""
    return dict(_counted(Hashtag.objects.filter(name__in=set(names)), Q(), 1000))


def trending_hashtags(days: int = 7, limit: int = 20) -> list[tuple[str, int]]:
    """Hashtags by their number of public clips of the last days."""
    recent = Q(videos__published_at__gte=clock.now() - timedelta(days=days))
    return _counted(Hashtag.objects.all(), recent, limit)


def _counted(tags: QuerySet[Hashtag], which: Q, limit: int) -> list[tuple[str, int]]:
    public = Q(
        videos__release=rules.PUBLISHED,
        videos__visibility="public",
        videos__published_at__isnull=False,
        videos__author__is_active=True,
    )
    counted = tags.annotate(clips=Count("videos", filter=public & which)).filter(clips__gt=0)
    return list(counted.order_by("-clips", "name").values_list("name", "clips")[:limit])
