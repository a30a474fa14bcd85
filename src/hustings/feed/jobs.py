"""What the feed does now and then, by itself. What it forgets in time, `records` says and trust does."""

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings

from hustings.community import api as community
from hustings.feed.models import ClipStats
from hustings.lib import clock
from hustings.videos import api as videos

_TOUCHED = timedelta(minutes=10)


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


SWEEPS: list[Callable[[], None]] = [ask_for_av1]
"""Run by every sweep; each is safe to run twice and at once."""
