"""What the feed does now and then, by itself."""

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings

from hustings.community import api as community
from hustings.feed.models import Change, ClipStats, Event
from hustings.lib import clock
from hustings.videos import api as videos

_AT_ONCE = 5_000  # rows of one deletion: a sweep must not hold the database
_CHANGES_LAST = timedelta(days=1)
_TOUCHED = timedelta(minutes=10)


def forget_old_events() -> None:
    """Events are kept for HUSTINGS_EVENT_DAYS, no longer; a viewer's state has long learnt from them."""
    limit = clock.now() - timedelta(days=settings.EVENT_DAYS)
    old = Event.objects.filter(at__lt=limit).order_by("pk").values_list("pk", flat=True)
    while ids := list(old[:_AT_ONCE]):
        Event.objects.filter(pk__in=ids).delete()


def forget_changes() -> None:
    """Every process has read yesterday's changes."""
    Change.objects.filter(at__lt=clock.now() - _CHANGES_LAST).delete()


def ask_for_av1() -> None:
    """Clips that became popular get a smaller form, where the operator wants that."""
    if not settings.VIDEO_AV1:
        return
    since = (clock.now() - _TOUCHED).timestamp()
    watched = ClipStats.objects.filter(touched_at__gte=since, impressions__gte=settings.VIDEO_AV1_VIEWS / 4)
    ids = list(watched.order_by("-impressions").values_list("pk", flat=True)[:500])
    for video_id, mark in community.marks(ids, None).items():
        if mark.counts["views"] >= settings.VIDEO_AV1_VIEWS:
            videos.became_popular(video_id)


SWEEPS: list[Callable[[], None]] = [forget_old_events, forget_changes, ask_for_av1]
"""Run by every sweep; each is safe to run twice and at once."""
