"""Whose the files are: for backups, which seal each under the key of whom it is about."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from django.conf import settings

from hustings.trust.api import register_files
from hustings.videos import rules
from hustings.videos.models import Upload, Video


def register() -> None:
    """Finished files by their clip's author; sources that still wait to be worked on by theirs."""
    register_files("clips", lambda: Path(settings.MEDIA_ROOT) / "clips", _of_clips)
    register_files("uploads", lambda: Path(settings.UPLOADS_ROOT), _of_uploads)


def _of_clips(names: Sequence[str]) -> Mapping[str, int]:
    clips = {name: name.partition("/")[0] for name in names}
    authors = dict(
        Video.objects.filter(public_id__in=set(clips.values()), author__isnull=False).values_list(
            "public_id", "author_id"
        )
    )
    return {name: authors[clip] for name, clip in clips.items() if clip in authors}


def _of_uploads(names: Sequence[str]) -> Mapping[str, int]:
    """Only those whose last byte has come: half an upload is of no use to anybody."""
    whole = Upload.objects.filter(key__in=names).exclude(video__state__in=(rules.RECEIVING, rules.READY, rules.REFUSED))
    return dict(whole.values_list("key", "video__author_id"))
