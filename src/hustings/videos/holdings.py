"""What videos hold about somebody: clips, their files, uploads in progress, sounds, hashtags nobody else uses.

Registered with trust when the server starts; see `trust/holdings.py` for what each method promises.
"""

import shutil
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage
from django.db.models import QuerySet

from hustings.lib import ids
from hustings.moderation import api as moderation
from hustings.trust.api import Choices, Erased, ExportFile, TableHolder, Trace
from hustings.videos import exporting, files, rules
from hustings.videos.models import Hashtag, Rendition, Sound, Track, Upload, Video
from hustings.videos.records import TABLES

AT_ONCE = 500  # rows of one chunk
CLIPS_AT_ONCE = 50  # whose files one chunk removes

_KINDS = {"poster": "posters", "cover": "covers", "storyboard": "storyboards"}


class VideosHolder(TableHolder):
    """The holder of videos. Likes, comments and counts of a clip are gone before: the domains above come first."""

    corrections = exporting.CORRECTIONS

    def __init__(self) -> None:
        super().__init__("videos", tuple(TABLES))

    def documents(self, account_id: int) -> Iterator[tuple[str, object]]:
        return exporting.documents(account_id)

    def files(self, account_id: int) -> Iterator[ExportFile]:
        return exporting.films(account_id)

    def traces(self, account_id: int) -> Iterator[Trace]:
        """Each file with its SHA-256, and each clip's folders by its public id.

        Renditions were hashed when they were made, and the row remembers; the small files are read.
        """
        known = {
            (public_id, file): (sha256, original)
            for public_id, file, sha256, original in Rendition.objects.filter(video__author=account_id).values_list(
                "video__public_id", "file", "sha256", "original"
            )
        }
        for public_id in _own(account_id).values_list("public_id", flat=True).iterator(chunk_size=2000):
            yield Trace(f"clips/{public_id}")
            yield Trace(f"work/{public_id}")
            for entry in files.entries(files.clip_folder(public_id)):
                sha256, original = known.get((public_id, entry.name), ("", False))
                yield Trace(
                    f"clips/{public_id}/{entry.name}",
                    "originals" if original else _kind(entry.name),
                    sha256 or files.sha256(files.clip_folder(public_id) / entry.name),
                )
        for key in _uploads(account_id).values_list("key", flat=True).iterator(chunk_size=2000):
            path = files.upload_path(key)
            if path.exists():
                yield Trace(f"uploads/{key}", "uploads", files.sha256(path))
            else:
                yield Trace(f"uploads/{key}")

    def left(self, names: Collection[str]) -> Mapping[str, int]:
        found = {"media store": 0, "uploads": 0}
        for name in names:
            folder, _, rest = name.partition("/")
            if folder == "uploads":
                found["uploads"] += files.upload_path(rest).exists()
            else:
                found["media store"] += _is_there(name)
        return {place: count for place, count in found.items() if count}

    def clear(self, names: Collection[str]) -> int:
        """Remove files that came after their rows had gone: an encoder's that was slow to notice."""
        there = [name for name in names if self.left([name])]
        for name in there:
            folder, _, rest = name.partition("/")
            if folder == "uploads":
                files.remove_upload(rest)
            else:
                _remove_files(rest.partition("/")[0], "")
        return len(there)

    def erase(self, account_id: int, choices: Choices) -> Iterator[Erased]:
        yield from _hashtags(account_id)
        yield from _uploads_for_others(account_id)
        yield from _clips(account_id)
        yield from _sounds(account_id)
        for keys in _chunks(Video.objects.filter(uploaded_by=account_id)):
            count = Video.objects.filter(pk__in=keys).update(uploaded_by=None)
            yield Erased("clip_uploaded_for_another", count)


def _own(account_id: int) -> QuerySet[Video]:
    return Video.objects.filter(author=account_id).order_by("pk")


def _uploads(account_id: int) -> QuerySet[Upload]:
    """Uploads whose bytes are the account's: of its own clips, and what it alone can still finish for another."""
    unfinished = Upload.objects.filter(owner=account_id, video__state=rules.RECEIVING)
    return (Upload.objects.filter(video__author=account_id) | unfinished).order_by("pk")


def _kind(name: str) -> str:
    if name.endswith(".vtt"):
        return "captions"
    return _KINDS.get(name.partition("-")[0], "renditions")


def _chunks(rows: QuerySet[Any], at_once: int = AT_ONCE) -> Iterator[list[int]]:
    """Keys of the first rows that are left, again and again: each must be gone when the next is asked for."""
    found = rows.order_by("pk").values_list("pk", flat=True)
    while keys := list(found[:at_once]):
        yield keys


def _hashtags(account_id: int) -> Iterator[Erased]:
    """A tag that nobody else uses goes with the clips that had it: it may be a name, or a secret."""
    links = Video.hashtags.through._base_manager  # noqa: SLF001 - the manager of a table without a class of ours
    for keys in _chunks(links.filter(video__author=account_id)):
        tags = set(links.filter(pk__in=keys).values_list("hashtag_id", flat=True))
        links.filter(pk__in=keys).delete()
        used = set(links.filter(hashtag__in=tags).values_list("hashtag_id", flat=True))
        yield Erased("hashtag", Hashtag.objects.filter(pk__in=tags - used).delete()[0])


def _uploads_for_others(account_id: int) -> Iterator[Erased]:
    """Films that the person sent for an organisation: those that are all here go on in the organisation's name."""
    others = Upload.objects.filter(owner=account_id).exclude(video__author=account_id)
    for keys in _chunks(others.filter(video__state=rules.RECEIVING), CLIPS_AT_ONCE):
        # Nobody else can send the rest, so what it was to become goes too.
        clips = Video.objects.filter(upload__in=keys)
        yield from _remove(clips)
    for keys in _chunks(others, CLIPS_AT_ONCE):
        for upload in Upload.objects.filter(pk__in=keys).select_related("video"):
            Upload.objects.filter(pk=upload.pk).update(owner=upload.video.author_id, filename="")
        yield Erased("upload", len(keys))


def _clips(account_id: int) -> Iterator[Erased]:
    while _own(account_id).exists():
        yield from _remove(_own(account_id)[:CLIPS_AT_ONCE])


def _remove(clips: QuerySet[Video]) -> Iterator[Erased]:
    """Some clips: their files, then the rows that hang on them, then theirs. Killed in between, rows lead back here.

    By hand and not by Django's cascade, which would look for each clip through everybody's watching events.
    """
    found = list(clips.values_list("pk", "public_id", "upload__key", "sound_id"))
    keys = [key for key, _, _, _ in found]
    for _, public_id, upload_key, _ in found:
        _remove_files(public_id, upload_key or "")
    moderation.forget_about("clip", [public_id for _, public_id, _, _ in found])
    yield Erased("rendition", _raw_delete(Rendition.objects.filter(video__in=keys)))
    yield Erased("track", _raw_delete(Track.objects.filter(video__in=keys)))
    yield Erased("upload", _raw_delete(Upload.objects.filter(video__in=keys)))
    _raw_delete(Video.hashtags.through._base_manager.filter(video__in=keys))  # noqa: SLF001 - as above
    yield Erased("video", _raw_delete(Video.objects.filter(pk__in=keys)))


def _raw_delete(rows: QuerySet[Any]) -> int:
    return int(rows._raw_delete(rows.db))  # noqa: SLF001 - Django's own fast path, without signals


def _remove_files(public_id: str, upload_key: str) -> None:
    if not isinstance(default_storage, FileSystemStorage):  # pragma: no cover - an object store beside MEDIA_ROOT
        for entry in files.entries(files.clip_folder(public_id)):
            default_storage.delete(files.storage_name(public_id, entry.name))
    for folder in (files.clip_folder(public_id), files.work_folder(public_id)):
        # A folder that cannot be removed stops the closure, visibly; `remove_clip` would pass over it.
        if folder.exists():
            shutil.rmtree(folder)
    if upload_key:
        files.remove_upload(upload_key)


def _sounds(account_id: int) -> Iterator[Erased]:
    """A sound that others have used stays with them, without whose it was; all others go."""
    for keys in _chunks(Sound.objects.filter(maker=account_id)):
        some = Sound.objects.filter(pk__in=keys)
        unused = list(some.filter(videos=None).values_list("pk", "public_id"))
        moderation.forget_about("sound", [public_id for _, public_id in unused])
        gone = Sound.objects.filter(pk__in=[key for key, _ in unused]).delete()[0]
        kept = some.update(maker=None)
        yield Erased("sound", gone + kept)


def _is_there(name: str) -> bool:
    if (settings.MEDIA_ROOT / name).exists():
        return True
    is_file = name.count("/") == 2 and ids.is_id(name.split("/")[1])
    return is_file and not isinstance(default_storage, FileSystemStorage) and default_storage.exists(name)
