"""From *processing* or *playable* to *ready*: the ladder out of one decode; later, another cover or AV1."""

import logging
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from hustings.lib import ffmpeg
from hustings.lib.ffmpeg import DecodeError, DiskFullError, Refusal
from hustings.videos import cards, errors, events, files, rules
from hustings.videos.leases import Lease
from hustings.videos.models import Rendition, Video
from hustings.videos.processing import (
    Step,
    accepted,
    drop_source,
    edges,
    first_playable,
    limits,
    make_playable,
    place,
    refuse,
    remove_leftovers,
    replace_renditions,
)

log = logging.getLogger(__name__)


def _encode(lease: Lease, video: Video) -> None:
    path = files.upload_path(video.upload.key)
    if not path.exists():
        _settle_for_less(lease, errors.source_lost())
        return
    tool = ffmpeg.find(settings.FFMPEG)
    source = _known_good(tool, path, lease)
    if not ffmpeg.room_for(source, lease.folder):
        raise DiskFullError
    if video.state == rules.PROCESSING and ffmpeg.is_heavy(source):
        _first_look(tool, lease, video, source, path)
    done = ffmpeg.transcode(
        tool, source, path, folder=lease.folder, limits=limits(), edges=edges(), on_progress=_Progress(lease)
    )
    pictures = _pictures(tool, lease, video, done)
    renditions = [place(video, made) for made in done.renditions]
    names = cards.picture_names(pictures.get("poster", ""), pictures.get("covers", []), pictures.get("storyboard"))
    remove_leftovers(video, {rendition.file for rendition in renditions} | names)
    replaced = cards.names_in_use(video) - names
    with transaction.atomic():
        lease.hand_over(state=rules.READY, progress=1.0, **pictures)
        replace_renditions(video, renditions)
        if video.state == rules.PROCESSING:
            first_playable(video, has_audio=source.audio is not None)
        else:
            events.announce(events.clip_changed, video.pk)
        transaction.on_commit(partial(drop_source, video.pk))
    for name in replaced:
        # Somebody may be watching it: the sweep removes it an hour from now (captions it knows to keep).
        files.touch(video.public_id, name)


def _first_look(tool: ffmpeg.FFmpeg, lease: Lease, video: Video, source: ffmpeg.Source, path: Path) -> None:
    """A heavy film becomes watchable in a small size at once; the ladder replaces it."""
    made = ffmpeg.first_look(
        tool, source, path, folder=lease.folder, limits=limits(), on_progress=lambda _: lease.beat()
    )
    rendition = place(video, made, "-first")
    poster = make_playable(tool, lease, video, source, rendition)
    with transaction.atomic():
        lease.update(progress=0.0, **poster)
        events.announce(events.clip_changed, video.pk)
    video.refresh_from_db()


def _known_good(tool: ffmpeg.FFmpeg, path: Path, lease: Lease) -> ffmpeg.Source:
    """The source as probed before; a tenth of a second, so it is asked again rather than kept on the row."""
    seen = ffmpeg.inspect(tool, path, accepted=accepted(), limits=limits(), workdir=lease.folder)
    if seen.source is None or seen.refusals:
        raise ffmpeg.DecodeError("accepted before, refused now: " + ", ".join(r.code for r in seen.refusals))
    return seen.source


class _Progress:
    """Keeps the lease, and tells the author each twentieth of the way."""

    def __init__(self, lease: Lease) -> None:
        self._lease = lease
        self._told = 0.0

    def __call__(self, share: float) -> None:
        self._lease.beat()
        if share - self._told >= 0.05:
            self._told = share
            self._lease.update(progress=round(share, 2))


def _pictures(tool: ffmpeg.FFmpeg, lease: Lease, video: Video, done: ffmpeg.Transcoded) -> dict[str, Any]:
    """Poster, covers and storyboard: placed, and as the row will name them."""
    drawn = ffmpeg.draw(done)
    lease.beat()
    if drawn is None:
        return {}
    poster = drawn.poster
    if video.cover_time is not None:
        top = done.renditions[-1].path
        try:
            poster = ffmpeg.cover_at(tool, top, video.cover_time, folder=lease.folder, limits=limits(), name="chosen")
        except DecodeError as fault:
            # Chosen before the film was measured, and past its last picture: the film is good all the same.
            log.warning("no cover at %s s of %s: %s", video.cover_time, video.public_id, fault)
    told: dict[str, Any] = {
        "poster": files.place_poster(poster.webp, poster.avif, video.public_id),
        "poster_time": poster.time,
        "thumbhash": poster.thumbhash,
        "covers": [
            {"time": time, "file": files.place(path, video.public_id, "cover")[0]} for time, path in drawn.covers
        ],
    }
    board = drawn.storyboard
    if board is not None:
        facts = asdict(board)
        facts["file"] = files.place(facts.pop("path"), video.public_id, "storyboard")[0]
        told["storyboard"] = facts
    return told


def _settle_for_less(lease: Lease, refusal: Refusal) -> None:
    """The ladder cannot be made. A clip that plays stays as it is; one that does not is refused."""
    state = Video.objects.values_list("state", flat=True).get(pk=lease.video_id)
    if state != rules.PLAYABLE:
        refuse(lease, refusal)
        return
    log.error("%s keeps its original only: %s", lease.public_id, refusal.code)
    with transaction.atomic():
        lease.hand_over(state=rules.READY, progress=1.0)
        transaction.on_commit(partial(drop_source, lease.video_id))


# --- beside a clip that plays ------------------------------------------------------------------------


def _redo_cover(lease: Lease, video: Video) -> None:
    top = video.renditions.filter(mime__contains="avc1").order_by("-edge").first()
    if video.cover_time is None or top is None:
        lease.hand_over()
        return
    path = files.clip_folder(video.public_id) / top.file
    tool = ffmpeg.find(settings.FFMPEG)
    poster = ffmpeg.cover_at(tool, path, video.cover_time, folder=lease.folder, limits=limits())
    stem = files.place_poster(poster.webp, poster.avif, video.public_id)
    with transaction.atomic():
        lease.hand_over(poster=stem, poster_time=video.cover_time, thumbhash=poster.thumbhash)
        events.announce(events.clip_changed, video.pk)
    if video.poster and video.poster != stem:
        for form in ("webp", "avif"):
            files.touch(video.public_id, f"{video.poster}.{form}")


def _keep_cover(lease: Lease, refusal: Refusal) -> None:
    """That moment gives no picture: the poster stays what it is."""
    shown = Video.objects.values_list("poster_time", flat=True).get(pk=lease.video_id)
    lease.hand_over(cover_time=shown)


def _encode_av1(lease: Lease, video: Video) -> None:
    top = video.renditions.filter(mime__contains="avc1").order_by("-edge").first()
    tool = ffmpeg.find(settings.FFMPEG)
    if top is None or not video.popular or video.renditions.filter(mime__contains="av01").exists():
        lease.hand_over(popular=False)
        return
    # The source is gone by now; the top rendition is the best there is.
    path = files.clip_folder(video.public_id) / top.file
    source = _known_good(tool, path, lease)
    done = ffmpeg.transcode_av1(
        tool,
        source,
        path,
        folder=lease.folder,
        limits=limits(),
        edges=edges(),
        on_progress=lambda _: lease.beat(),
    )
    renditions = [place(video, made, "-av1") for made in done.renditions]
    remove_leftovers(video, {rendition.file for rendition in renditions})
    with transaction.atomic():
        lease.hand_over(popular=False)
        Rendition.objects.bulk_create(renditions)
        cards.refresh(video.pk)
        events.announce(events.clip_changed, video.pk)


def _no_av1(lease: Lease, refusal: Refusal) -> None:
    lease.hand_over(popular=False)


ENCODE = Step("encode", frozenset({rules.PROCESSING, rules.PLAYABLE}), _encode, _settle_for_less)
COVER = Step("cover", rules.WATCHABLE, _redo_cover, _keep_cover)
AV1 = Step("av1", frozenset({rules.READY}), _encode_av1, _no_av1)
