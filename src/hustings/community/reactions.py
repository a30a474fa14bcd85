"""Liking, keeping and sharing a clip. Each may be repeated without harm and counts once."""

from collections import defaultdict

from django.db.models import F

from hustings.community import events, notifications
from hustings.community.deeds import clip_count, count_account, count_clip, deed
from hustings.community.models import ClipCounts, Like, Notification, Save
from hustings.community.relations import page_of
from hustings.videos.api import existing, subject


def like(account_id: int, video_id: int) -> int:
    """Like a clip; answers its likes. The caller has made sure that the account may see it."""
    clip = subject(video_id)
    with deed():
        _, made = Like.objects.get_or_create(account_id=account_id, video_id=video_id)
        if made:
            count_clip(video_id, likes=1)
            count_account(clip.author_id, likes=1)
            notifications.tell(clip.author_id, Notification.Kind.LIKE, actor_id=account_id, video_id=video_id)
            events.announce(events.liked, account_id=account_id, video_id=video_id)
    return clip_count(video_id, "likes")


def unlike(account_id: int, video_id: int) -> int:
    """Take a like back; answers the clip's likes."""
    clip = subject(video_id)
    with deed():
        deleted, _ = Like.objects.filter(account=account_id, video=video_id).delete()
        if deleted:
            count_clip(video_id, likes=-1)
            count_account(clip.author_id, likes=-1)
            notifications.take_back(clip.author_id, Notification.Kind.LIKE, actor_id=account_id, video_id=video_id)
            events.announce(events.unliked, account_id=account_id, video_id=video_id)
    return clip_count(video_id, "likes")


def save(account_id: int, video_id: int) -> int:
    """Keep a clip for later; answers how many do. The author is not told who."""
    with deed():
        _, made = Save.objects.get_or_create(account_id=account_id, video_id=video_id)
        if made:
            count_clip(video_id, saves=1)
            events.announce(events.saved, account_id=account_id, video_id=video_id)
    return clip_count(video_id, "saves")


def unsave(account_id: int, video_id: int) -> int:
    """Keep it no longer; answers how many do."""
    with deed():
        deleted, _ = Save.objects.filter(account=account_id, video=video_id).delete()
        if deleted:
            count_clip(video_id, saves=-1)
            events.announce(events.unsaved, account_id=account_id, video_id=video_id)
    return clip_count(video_id, "saves")


def share(account_id: int | None, video_id: int) -> int:
    """Count that the link was shared; who did it and where to is not kept. Answers the clip's shares."""
    with deed():
        count_clip(video_id, shares=1)
        events.announce(events.shared, account_id=account_id, video_id=video_id)
    return clip_count(video_id, "shares")


def add_views(views: dict[int, int]) -> None:
    """Add views to clips, by id: a few statements however many clips. Those that are gone are passed over.

    NotFoundError when one vanished in this very moment: nothing was counted, and the next try leaves it out.
    """
    by_count: dict[int, list[int]] = defaultdict(list)
    for video_id in existing(views):
        if views[video_id] > 0:
            by_count[views[video_id]].append(video_id)
    ids = sorted(key for keys in by_count.values() for key in keys)
    with deed():
        ClipCounts.objects.bulk_create([ClipCounts(video_id=key) for key in ids], ignore_conflicts=True)
        # Locked in one order first: the updates below go through the rows as the database likes.
        list(ClipCounts.objects.filter(pk__in=ids).order_by("pk").select_for_update().values_list("pk"))
        for count, keys in by_count.items():
            ClipCounts.objects.filter(pk__in=keys).update(views=F("views") + count)


def saved_page(account_id: int, cursor: str | None, limit: int) -> tuple[list[int], str | None]:
    """Ids of the clips an account keeps, newest first. For nobody but itself."""
    return page_of(Save.objects.filter(account=account_id), "video_id", cursor, limit)


def liked_page(account_id: int, cursor: str | None, limit: int) -> tuple[list[int], str | None]:
    """Ids of the clips an account likes, newest first. For nobody but itself."""
    return page_of(Like.objects.filter(account=account_id), "video_id", cursor, limit)
