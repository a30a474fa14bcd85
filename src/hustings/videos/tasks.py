"""What the queue wakes. Each task asks the row what is to be done, so running one twice does no harm."""

import logging

from django.db import DatabaseError, transaction
from django_tasks import task
from django_tasks.base import Task
from django_tasks_db.backend import DatabaseBackend

from hustings.lib import clock
from hustings.videos import encoding, examining, files, processing
from hustings.videos.models import Video

log = logging.getLogger(__name__)


@task()
def examine(video_id: int) -> None:
    """*received* → *refused*, *playable* (a film that browsers play) or *processing*."""
    if processing.attempt(examining.EXAMINE, video_id):
        wake(encode, video_id)


@task(queue_name="renditions")
def encode(video_id: int) -> None:
    """*processing* or *playable* → *ready*: the ladder, and all that is drawn from it."""
    processing.attempt(encoding.ENCODE, video_id)


@task()
def redo_cover(video_id: int) -> None:
    """Another poster, because a person chose another moment."""
    processing.attempt(encoding.COVER, video_id)


@task(queue_name="renditions", priority=-10)
def encode_av1(video_id: int) -> None:
    """AV1 beside H.264 for a clip that is watched much; behind all other encoding."""
    processing.attempt(encoding.AV1, video_id)


@task()
def remove_files(public_id: str, upload_key: str) -> None:
    """All that a deleted clip has on disk."""
    files.remove_clip(public_id, upload_key)


def wake(work: "Task[[int], None]", video_id: int) -> None:
    """Ask for work on a clip, together with the rows that are being committed.

    The default queue lies in the same database: its entry is committed with them or not at all. Any
    other queue is told after the commit; when that fails, the sweep asks again.
    """

    def ask() -> None:
        try:
            with transaction.atomic():
                Video.objects.filter(pk=video_id).update(woken_at=clock.now())
                work.enqueue(video_id)
        except DatabaseError:
            log.warning("could not ask for %s of %s; the sweep will", work.name, video_id, exc_info=True)

    if isinstance(work.get_backend(), DatabaseBackend):
        ask()
    else:
        transaction.on_commit(ask)
