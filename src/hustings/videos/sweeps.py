"""What time brings: lost wakes, run-out leases and uploads, due schedules, files without a row.

The worker calls each of `SWEEPS` every few seconds. All may run at any time, twice, and side by side.
What goes because its time is over is promised in `records` and called by trust.
"""

import logging
import os
import shutil
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.db.models import F, Q

from hustings.lib import clock, ids
from hustings.videos import cards, files, leases, receiving, releases, rules, tasks
from hustings.videos.models import Upload, Video

log = logging.getLogger(__name__)

ASK_AGAIN = timedelta(minutes=10)  # a wake without an answer; longer than the queue is without harm
ORPHAN_AGE_S = 3600.0
ORPHANS_EVERY_S = 600.0
_BATCH = 500


def wake_lost() -> None:
    """Rows whose holder died, whose rest is over, or whose wake was lost."""
    now = clock.now()
    run_out = leases.free(now) & ~Q(lease_until=None)
    unanswered = Q(lease_until=None) & (
        Q(woken_at=None) | Q(woken_at__lte=now - ASK_AGAIN) | Q(woken_at__gt=now + timedelta(minutes=1))
    )
    unfinished = Q(state__in=(rules.RECEIVED, rules.PROCESSING, rules.PLAYABLE))
    for video_id, state in Video.objects.filter(unfinished, run_out | unanswered).values_list("pk", "state"):
        if _freed(video_id):
            tasks.wake(tasks.examine if state == rules.RECEIVED else tasks.encode, video_id)


def _freed(video_id: int) -> bool:
    """Of several sweepers that see a run-out lease, one clears it and asks for work."""
    free = Video.objects.filter(leases.free(clock.now()), pk=video_id)
    return bool(free.update(lease_until=None, lease_key="", woken_at=clock.now()))


def redo_covers() -> None:
    """Covers chosen while something else held the row, or by a process that died before it could ask."""
    behind = Video.objects.filter(leases.free(clock.now()), state=rules.READY, cover_time__isnull=False)
    for video_id in behind.exclude(cover_time=F("poster_time")).values_list("pk", flat=True):
        if _due(video_id):
            tasks.wake(tasks.redo_cover, video_id)


def encode_popular() -> None:
    """AV1 for clips that became popular, where the operator wants it."""
    if not settings.VIDEO_AV1:
        return
    for video_id in Video.objects.filter(popular=True, state=rules.READY).values_list("pk", flat=True):
        if _due(video_id):
            tasks.wake(tasks.encode_av1, video_id)


def _due(video_id: int) -> bool:
    now = clock.now()
    asked_long_ago = (
        Q(woken_at=None) | Q(woken_at__lte=now - timedelta(minutes=1)) | Q(woken_at__gt=now + timedelta(minutes=1))
    )
    row = Video.objects.filter(leases.free(now), asked_long_ago, pk=video_id)
    return bool(row.update(lease_until=None, lease_key="", woken_at=now))


def publish_due() -> None:
    """Scheduled clips whose time has come."""
    due = Video.objects.filter(release=rules.SCHEDULED, scheduled_for__lte=clock.now())
    for video_id in due.values_list("pk", flat=True):
        releases.publish_due(video_id)


def finish_uploads() -> None:
    """Uploads whose last byte came, and whose row could not be told."""
    for upload in Upload.objects.filter(video__state=rules.RECEIVING).select_related("video"):
        receiving.complete_if_due(upload)


def expire_uploads(before: datetime) -> None:
    """Uploads nobody continued: bytes and rows go. Of finished ones only the upload's row."""
    run_out = Upload.objects.filter(expires_at__lt=before)
    for upload in run_out.filter(video__state=rules.RECEIVING).select_related("video"):
        upload.video.delete()
    run_out.filter(video__state__in=(rules.READY, rules.REFUSED)).delete()


def drop_refused(before: datetime) -> None:
    """Refused clips whose author has had time to read why; `records` says how much."""
    for video in Video.objects.filter(state=rules.REFUSED, created_at__lt=before):
        video.delete()


# --- files without a row ----------------------------------------------------------------------------


def remove_orphans(*, everything: bool = False) -> None:
    """Files and folders older than an hour that no row names. Looks rarely: it reads every folder."""
    if not everything and not _time_to_look():
        return
    _sweep(settings.UPLOADS_ROOT, _known_uploads)
    _sweep(settings.MEDIA_ROOT / "work", _known_work)
    _sweep(settings.MEDIA_ROOT / "clips", _known_clips)
    _sweep_clips(changed_after=0.0 if everything else _looked["from"])
    _looked["from"] = clock.now().timestamp() - 2 * ORPHAN_AGE_S


_looked = {"at": float("-inf"), "from": 0.0}  # of this process: monotonic, and as file times


def _time_to_look() -> bool:
    now = time.monotonic()
    if now - _looked["at"] < ORPHANS_EVERY_S:
        return False
    _looked["at"] = now
    return True


def _sweep(folder: Path, known: Callable[[list[str]], set[str]]) -> None:
    """Remove the old entries of `folder` that `known` does not name."""
    old = (entry.name for entry in files.entries(folder) if _is_old(entry))
    while batch := list(islice(old, _BATCH)):
        for name in set(batch) - known(batch):
            log.info("removing %s, which no row names", folder / name)
            _remove(folder / name)


def _is_old(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.stat(follow_symlinks=False).st_mtime < clock.now().timestamp() - ORPHAN_AGE_S
    except FileNotFoundError:
        return False


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _known_uploads(names: list[str]) -> set[str]:
    """Uploads whose bytes are still needed. A part put aside for its checksum is never an hour old."""
    needed = Upload.objects.filter(key__in=names).exclude(video__state__in=(rules.READY, rules.REFUSED))
    return set(needed.values_list("key", flat=True))


def _known_work(names: list[str]) -> set[str]:
    held = Video.objects.filter(public_id__in=names).exclude(lease_key="").exclude(leases.free(clock.now()))
    return set(held.values_list("public_id", flat=True))


def _known_clips(names: list[str]) -> set[str]:
    return set(Video.objects.filter(public_id__in=names).values_list("public_id", flat=True))


def _sweep_clips(changed_after: float) -> None:
    """Files in clips' folders that their rows do not name, an hour after they last might have been of use.

    Placing a file changes its folder's time, so folders that have not changed lately were seen to before.
    """
    folders = (
        entry.name
        for entry in files.entries(settings.MEDIA_ROOT / "clips")
        if ids.is_id(entry.name) and entry.stat(follow_symlinks=False).st_mtime >= changed_after
    )
    while batch := list(islice(folders, _BATCH)):
        for video in Video.objects.filter(public_id__in=batch).prefetch_related("renditions", "tracks"):
            _sweep(files.clip_folder(video.public_id), partial(_among, cards.names_in_use(video)))


def _among(named: set[str], names: list[str]) -> set[str]:
    return named.intersection(names)


SWEEPS: tuple[Callable[[], None], ...] = (
    publish_due,
    wake_lost,
    finish_uploads,
    redo_covers,
    encode_popular,
    remove_orphans,
)
