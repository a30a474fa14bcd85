"""A file that is on this machine already becomes a clip by the same path as an upload's last byte."""

import os
import shutil
from datetime import datetime
from pathlib import Path

from django.db import transaction

from hustings.videos import cards, details, files, receiving, releases
from hustings.videos.models import Sound, Upload, Video


def ingest_file(
    author_id: int,
    path: Path,
    *,
    caption: str = "",
    language: str = "en",
    visibility: str = "public",
    publish: bool = True,
    published_at: datetime | None = None,
    sound_id: int | None = None,
    cover_time: float | None = None,
) -> str:
    """Take in the film at `path`; the public id of its clip. Processing begins when a worker is there.

    `published_at` backdates a clip (for demonstrations and imports); it goes out once it can be played
    in any case. The file is linked where the disk allows it, else copied, and never changed.
    """
    made = receiving.create_upload(author_id, author_id, path.stat().st_size, path.name, limited=False)
    upload = Upload.objects.select_related("video").get(key=made.key)
    try:
        details.set_details(
            upload.video_id,
            details.Details(caption=caption, language=language, visibility=visibility, cover_time=cover_time),
        )
    except BaseException:
        upload.video.delete()
        raise
    with transaction.atomic():
        Video.objects.filter(pk=upload.video_id).update(sound=sound_id, published_at=published_at)
        cards.refresh(upload.video_id)
        if publish:
            releases.publish(upload.video_id)
    _link(path, files.upload_path(upload.key))
    receiving.complete(upload)
    return made.clip


def _link(path: Path, target: Path) -> None:
    try:
        os.link(path, target)
    except OSError:
        shutil.copyfile(path, target)


def create_sound(title: str, maker_id: int | None = None) -> int:
    """A sound that several clips share."""
    return Sound.objects.create(title=title[:120], maker_id=maker_id).pk
