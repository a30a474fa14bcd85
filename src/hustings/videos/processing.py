"""What every step from a file to renditions shares: the lease, the faults, and how results are kept.

A step (see `examining` and `encoding`) takes the row's lease, makes files aside, and changes rows once.
It may be killed at any instruction and started again: until the one transaction at its end
nothing points at what it made, and what it made lies in a folder that the next holder removes, or
in the clip's folder under names that no row has, which the next holder removes too.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial

from django.conf import settings
from django.db import DatabaseError, transaction

from hustings.lib import clock, ffmpeg
from hustings.lib.errors import Severity
from hustings.lib.ffmpeg import DiskFullError, MediaError, Refusal
from hustings.videos import cards, errors, events, files, releases, rules
from hustings.videos.leases import Lease, LeaseLostError, claim
from hustings.videos.models import Rendition, Sound, Upload, Video

log = logging.getLogger(__name__)

ALL_EDGES = (360, 540, 720, 1080)


@dataclass(frozen=True)
class Step:
    """One kind of work: on which states, how, and what becomes of the clip when it cannot be done."""

    name: str
    states: frozenset[str]
    run: Callable[[Lease, Video], None]
    give_up: Callable[[Lease, Refusal], None]


def attempt(step: Step, video_id: int) -> bool:
    """Do a step if the clip is free for it; whether it was done. Faults end in the row, never in a raise."""
    lease = claim(video_id, step.states)
    if lease is None:
        return False
    try:
        return _run(step, lease)
    except LeaseLostError:
        log.info("%s of %s: somebody else has it, or it was deleted", step.name, lease.public_id)
        if not Video.objects.filter(pk=video_id).exists():
            # Its files were removed while this made more of them.
            files.remove_clip(lease.public_id)
    except MediaError as fault:
        _failed(step, lease, fault)
    except (OSError, DatabaseError) as fault:
        log.warning("%s of %s: %s; it will be tried again", step.name, lease.public_id, fault)
        _rest(lease)
    except Exception:
        # Our own fault; the clip waits for its next attempt and the log carries the trace.
        log.exception("%s of %s failed", step.name, lease.public_id)
        _rest(lease)
    finally:
        lease.clean()
    return False


def _run(step: Step, lease: Lease) -> bool:
    if lease.attempts > settings.VIDEO_JOB_ATTEMPTS:
        # Earlier holders were killed before they could say why: mostly by want of memory.
        log.error("%s of %s: given up after %d attempts", step.name, lease.public_id, lease.attempts - 1)
        step.give_up(lease, errors.worker_failed(lease.attempts - 1))
        return False
    video = Video.objects.select_related("upload").filter(pk=lease.video_id).first()
    if video is None:
        raise LeaseLostError
    step.run(lease, video)
    return True


def _failed(step: Step, lease: Lease, fault: MediaError) -> None:
    log.warning("%s of %s: %s %s", step.name, lease.public_id, fault, fault.detail)
    if isinstance(fault, DiskFullError) or fault.severity is Severity.FATAL:
        # The operator has to act; however long that takes, it is not the clip's fault.
        with suppress(DatabaseError, LeaseLostError):
            lease.update(attempts=max(0, lease.attempts - 1))
        _rest(lease)
    elif fault.severity is Severity.TRANSIENT and lease.attempts < settings.VIDEO_JOB_ATTEMPTS:
        _rest(lease)
    else:
        with suppress(LeaseLostError):
            step.give_up(lease, errors.from_error(fault))


def _rest(lease: Lease) -> None:
    """Try again later. When even this cannot be written, the lease runs out by itself."""
    with suppress(DatabaseError):
        lease.give_back(until=clock.now() + rules.backoff(lease.attempts))


def limits() -> ffmpeg.Limits:
    """What one FFmpeg may use, from the operator's settings."""
    return ffmpeg.Limits(
        cpu=settings.FFMPEG_CPU_SECONDS,
        wall=settings.FFMPEG_CPU_SECONDS,
        memory=settings.FFMPEG_MEMORY_MB << 20,
        pixels=settings.VIDEO_MAX_PIXELS,
    )


def accepted() -> ffmpeg.Accepted:
    """Which films are welcome, from the operator's settings."""
    return ffmpeg.Accepted(
        shortest=settings.VIDEO_MIN_SECONDS,
        longest=settings.VIDEO_MAX_SECONDS,
        largest=settings.VIDEO_MAX_BYTES,
        pixels=settings.VIDEO_MAX_PIXELS,
    )


def edges() -> tuple[int, ...]:
    """Short edges of the ladder, up to the operator's top."""
    return tuple(edge for edge in ALL_EDGES if edge <= settings.VIDEO_TOP_EDGE)


def refuse(lease: Lease, first: Refusal, *others: Refusal) -> None:
    """*refused*, with every fault found; the source goes."""
    with transaction.atomic():
        told = asdict(first) | ({"also": [asdict(other) for other in others]} if others else {})
        lease.hand_over(state=rules.REFUSED, refusal=told)
        events.announce(events.clip_refused, lease.video_id)
        transaction.on_commit(partial(drop_source, lease.video_id))


# --- Keeping what was made ---------------------------------------------------------------------------


def first_playable(video: Video, *, has_audio: bool) -> None:
    """What goes with becoming watchable, in the same transaction."""
    if has_audio and video.sound_id is None:
        # A clip brings its own sound; others can be found by it once they reuse it.
        sound = Sound.objects.create(maker_id=video.author_id)
        Video.objects.filter(pk=video.pk, sound=None).update(sound=sound)
        cards.refresh(video.pk)
    events.announce(events.clip_playable, video.pk)
    releases.now_playable(video.pk)


def make_playable(
    tool: ffmpeg.FFmpeg, lease: Lease, video: Video, source: ffmpeg.Source, rendition: Rendition, **facts: object
) -> dict[str, object]:
    """*playable* by one placed rendition. Answers what the row is to say of its poster, which comes after.

    From the commit on the clip can be watched; the poster only makes it nicer to look at before it starts.
    """
    with transaction.atomic():
        lease.update(state=rules.PLAYABLE, attempts=0, **facts)
        replace_renditions(video, [rendition])
        first_playable(video, has_audio=source.audio is not None)
    path = files.clip_folder(video.public_id) / rendition.file
    try:
        poster = ffmpeg.cover_at(tool, path, video.cover_time or 0.0, folder=lease.folder, limits=limits())
        stem = files.place_poster(poster.webp, poster.avif, video.public_id)
    except (MediaError, OSError) as fault:
        log.warning("no quick poster for %s: %s", video.public_id, fault)
        return {}
    return {"poster": stem, "poster_time": poster.time, "thumbhash": poster.thumbhash}


def place(video: Video, made: ffmpeg.Rendition, suffix: str = "", *, original: bool = False) -> Rendition:
    """Move a finished film to where it is served from; the row that will name it."""
    name, digest = files.place(made.path, video.public_id, f"{made.edge}{suffix}")
    return Rendition(
        video=video,
        edge=made.edge,
        width=made.width,
        height=made.height,
        bytes=made.bytes,
        mime=made.mime,
        file=name,
        sha256=digest,
        original=original,
    )


def replace_renditions(video: Video, renditions: list[Rendition]) -> None:
    """These and no others, in the caller's transaction."""
    video.renditions.all().delete()
    Rendition.objects.bulk_create(renditions)
    cards.refresh(video.pk)


def remove_leftovers(video: Video, made: set[str]) -> None:
    """Remove what an attempt placed and never committed. Only while one holds the lease.

    Captions are another hand's work, which needs no lease; the sweep sees to theirs.
    """
    known = cards.names_in_use(Video.objects.prefetch_related("renditions", "tracks").get(pk=video.pk)) | made
    for entry in files.entries(files.clip_folder(video.public_id)):
        if entry.name not in known and not entry.name.endswith(".vtt"):
            files.remove(video.public_id, entry.name)


def drop_source(video_id: int) -> None:
    """The upload's bytes are no longer needed; its row stays until it expires, to answer late questions."""
    key = Upload.objects.filter(video=video_id).values_list("key", flat=True).first()
    if key:
        files.remove_upload(key)
