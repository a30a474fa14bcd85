"""When a clip is let out, taken back or goes: the acts behind publish, schedule, visibility and delete."""

from datetime import datetime

from django.db import transaction

from hustings.lib import clock, ids
from hustings.lib.errors import InvalidInputError
from hustings.videos import events, rules
from hustings.videos.errors import RefusedClipError
from hustings.videos.models import Video


def publish(video_id: int, at: datetime | None = None) -> None:
    """Let a clip out now, or at a time to come. A clip that cannot be played yet goes out as soon as it can.

    InvalidInputError for a time that is past or too far ahead, RefusedClipError for a refused clip.
    """
    now = clock.now()
    if at is not None:
        fault = rules.schedule_fault(at, now)
        if fault:
            raise InvalidInputError(fields={"at": fault})
    later = at is not None and at > now
    change = (
        {"release": rules.SCHEDULED, "scheduled_for": at}
        if later
        else {"release": rules.PUBLISHED, "scheduled_for": None}
    )
    with transaction.atomic():
        before = Video.objects.select_for_update().filter(pk=video_id).values_list("state", "release").first()
        if before is None or before[0] == rules.REFUSED:
            raise RefusedClipError
        if before[1] == rules.PUBLISHED:
            if later:
                raise InvalidInputError(fields={"at": "This clip is published already. Unpublish it first."})
            return
        Video.objects.filter(pk=video_id).update(**change)
        if not later:
            now_playable(video_id)


def unpublish(video_id: int) -> None:
    """Back to a draft. Old media addresses die, because caches were told that files never change."""
    with transaction.atomic():
        out = Video.objects.filter(pk=video_id, release=rules.PUBLISHED).update(
            release=rules.DRAFT, scheduled_for=None, media_key=ids.secret()
        )
        Video.objects.filter(pk=video_id, release=rules.SCHEDULED).update(release=rules.DRAFT, scheduled_for=None)
        if out:
            events.announce(events.clip_withdrawn, video_id)


def now_playable(video_id: int) -> None:
    """Announce a clip that is released and can be watched. `published_at` is set once, at the first time."""
    out = Video.objects.filter(pk=video_id, release=rules.PUBLISHED, state__in=rules.WATCHABLE)
    if not out.exists():
        return
    out.filter(published_at=None).update(published_at=clock.now())
    events.announce(events.clip_published, video_id)


def publish_due(video_id: int) -> None:
    """A scheduled clip whose time has come goes out, once, whoever asks first."""
    with transaction.atomic():
        due = Video.objects.filter(pk=video_id, release=rules.SCHEDULED, scheduled_for__lte=clock.now())
        if due.update(release=rules.PUBLISHED):
            now_playable(video_id)


def delete(video_id: int) -> None:
    """Rows now, files by a task in the same transaction (see `receivers`)."""
    video = Video.objects.filter(pk=video_id).first()
    if video is not None:
        video.delete()
