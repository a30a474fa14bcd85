"""What an author says about a clip: caption, language, who may see it, cover and caption tracks."""

from dataclasses import asdict, dataclass

from django.conf import settings
from django.db import transaction

from hustings.lib import ids, text
from hustings.lib.errors import InvalidInputError
from hustings.videos import cards, events, files, rules, tasks, tracks
from hustings.videos.errors import NoSuchTrackError, RefusedClipError
from hustings.videos.languages import NAMES
from hustings.videos.models import Hashtag, Track, Video

CAPTION_LENGTH = 500


@dataclass(frozen=True)
class Details:
    """A change; None leaves a thing as it is."""

    caption: str | None = None
    language: str | None = None
    visibility: str | None = None
    allow_comments: bool | None = None
    cover_time: float | None = None


def set_details(video_id: int, change: Details) -> None:
    """Apply a change. InvalidInputError names every fault; RefusedClipError for a refused clip."""
    with transaction.atomic():
        video = Video.objects.select_for_update().get(pk=video_id)
        if video.state == rules.REFUSED:
            raise RefusedClipError
        values = _checked(video, change)
        if not values:
            return
        Video.objects.filter(pk=video_id).update(**values)
        if "caption" in values:
            _set_hashtags(video, text.hashtags(str(values["caption"])))
        if change.cover_time is not None and video.state in rules.WATCHABLE:
            tasks.wake(tasks.redo_cover, video_id)
        events.announce(events.clip_changed, video_id)


def _checked(video: Video, change: Details) -> dict[str, object]:
    """The columns to write. InvalidInputError with every fault."""
    faults = _faults(video, change)
    if faults:
        raise InvalidInputError(fields=faults)
    values: dict[str, object] = {name: value for name, value in asdict(change).items() if value is not None}
    if change.caption is not None:
        values["caption"] = text.clean(change.caption)
    if change.visibility == video.visibility:
        del values["visibility"]
    elif change.visibility is not None and rules.narrows(video.visibility, change.visibility):
        # Caches were told that files never change: the old addresses must not be asked for again.
        values["media_key"] = ids.secret()
    return values


def _faults(video: Video, change: Details) -> dict[str, str]:
    faults: dict[str, str] = {}
    if change.caption is not None and len(text.clean(change.caption)) > CAPTION_LENGTH:
        faults["caption"] = f"At most {CAPTION_LENGTH} characters."
    if change.language is not None and change.language not in NAMES:
        faults["language"] = "Choose a language of the list."
    if change.visibility is not None and change.visibility not in rules.VISIBILITIES:
        faults["visibility"] = "One of: " + ", ".join(rules.VISIBILITIES) + "."
    # Before the film was looked at, its length is not known: the author's own player offers the moments.
    longest = video.duration or settings.VIDEO_MAX_SECONDS
    if change.cover_time is not None and not 0 <= change.cover_time <= longest:
        faults["cover_time"] = "This moment is not in the clip."
    return faults


def _set_hashtags(video: Video, names: list[str]) -> None:
    Hashtag.objects.bulk_create([Hashtag(name=name) for name in names], ignore_conflicts=True)
    video.hashtags.set(Hashtag.objects.filter(name__in=names))
    cards.refresh(video.pk)


def put_track(video_id: int, language: str, body: bytes) -> None:
    """Set the captions of one language from WebVTT or SubRip; BadCaptionsError names faulty lines.

    The file is placed before its row and removed after it, so a row never names a missing file.
    """
    if language not in NAMES:
        raise InvalidInputError(fields={"language": "Choose a language of the list."})
    clean = tracks.convert(body)
    public_id, state = Video.objects.values_list("public_id", "state").get(pk=video_id)
    if state == rules.REFUSED:
        raise RefusedClipError
    folder = files.clip_folder(public_id)
    folder.mkdir(parents=True, exist_ok=True)
    made = folder / f".{ids.new()}.vtt"
    try:
        made.write_text(clean, encoding="utf-8")
        name, _ = files.place(made, public_id, language)
    finally:
        made.unlink(missing_ok=True)
    with transaction.atomic():
        before = Track.objects.select_for_update().filter(video=video_id, language=language).first()
        Track.objects.update_or_create(video_id=video_id, language=language, defaults={"file": name})
        _changed(video_id)
    if before is not None and before.file != name:
        files.remove(public_id, before.file)


def remove_track(video_id: int, language: str) -> None:
    """Remove the captions of one language. NoSuchTrackError when there are none."""
    with transaction.atomic():
        track = Track.objects.filter(video=video_id, language=language).select_related("video").first()
        if track is None:
            raise NoSuchTrackError
        track.delete()
        _changed(video_id)
    files.remove(track.video.public_id, track.file)


def _changed(video_id: int) -> None:
    cards.refresh(video_id)
    events.announce(events.clip_changed, video_id)


def became_popular(video_id: int) -> None:
    """Ask for AV1 renditions; the sweep makes them where the operator wants AV1. Safe to call often."""
    Video.objects.filter(pk=video_id, popular=False, state=rules.READY).exclude(
        renditions__mime__contains="av01"
    ).update(popular=True)
