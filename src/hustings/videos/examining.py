"""From *received* to *refused*, *playable* or *processing*: the least that makes a film watchable."""

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from hustings.lib import ffmpeg
from hustings.videos import errors, events, files, rules
from hustings.videos.leases import Lease
from hustings.videos.models import Video
from hustings.videos.processing import (
    Step,
    accepted,
    limits,
    make_playable,
    place,
    refuse,
)


def _examine(lease: Lease, video: Video) -> None:
    path = files.upload_path(video.upload.key)
    if not path.exists():
        refuse(lease, errors.source_lost())
        return
    digest = video.source_sha256 or files.sha256(path, beat=lease.beat)
    twin = _twin(video, digest)
    if twin is not None:
        refuse(lease, errors.duplicate(twin))
        return
    tool = ffmpeg.find(settings.FFMPEG)
    seen = ffmpeg.inspect(tool, path, accepted=accepted(), limits=limits(), workdir=lease.folder)
    source = seen.source
    if seen.refusals or source is None:
        refuse(lease, *seen.refusals)
        return
    facts = {
        "source_sha256": digest,
        "duration": round(source.duration, 3),
        "width": source.display_width,
        "height": source.display_height,
        "has_audio": source.audio is not None,
    }
    if not ffmpeg.can_remux(source, ffmpeg.Playable(edge=settings.VIDEO_TOP_EDGE)):
        lease.hand_over(state=rules.PROCESSING, **facts)
        return
    made = ffmpeg.remux(tool, source, path, folder=lease.folder, limits=limits())
    rendition = place(video, made, "-source", original=True)
    poster = make_playable(tool, lease, video, source, rendition, **facts)
    with transaction.atomic():
        lease.hand_over(**poster)
        events.announce(events.clip_changed, video.pk)


def _twin(video: Video, digest: str) -> str | None:
    """Another clip of this author with the same bytes. Of two examined at once, the younger is the twin."""
    settled = Q(state__in=(rules.PROCESSING, rules.PLAYABLE, rules.READY))
    before = Q(state=rules.RECEIVED, pk__lt=video.pk)
    same = Video.objects.filter(settled | before, author=video.author_id, source_sha256=digest)
    return same.exclude(pk=video.pk).values_list("public_id", flat=True).first()


EXAMINE = Step("examine", frozenset({rules.RECEIVED}), _examine, refuse)
