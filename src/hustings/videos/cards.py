"""The part of the HTTP API's `Clip` that this domain knows, for many clips at once in one query."""

from collections.abc import Iterable
from typing import Any

from hustings.videos import files
from hustings.videos.languages import name_of
from hustings.videos.models import Video

_FIELDS = (
    "pk", "public_id", "author_id", "caption", "language", "allow_comments", "visibility", "published_at",
    "media_key", "duration", "width", "height", "thumbhash", "poster", "storyboard", "card",
)  # fmt: skip
_OWNER_FIELDS = (
    "state",
    "release",
    "refusal",
    "progress",
    "scheduled_for",
    "cover_time",
    "poster",
    "poster_time",
    "upload__key",
    "upload__length",
)

Facts = dict[str, Any]


def refresh(video_id: int) -> None:
    """Write the row's `card` anew; part of every transaction that changes renditions, tracks, tags or sound."""
    Video.objects.filter(pk=video_id).update(card=_cards([video_id]).get(video_id))


def _cards(video_ids: list[int]) -> dict[int, Facts]:
    videos = Video.objects.filter(pk__in=video_ids).select_related("sound")
    found: dict[int, Facts] = {}
    for video in videos.prefetch_related("renditions", "tracks", "hashtags"):
        found[video.pk] = {
            "renditions": [
                [one.edge, one.width, one.height, one.bytes, one.file, one.mime]
                for one in sorted(video.renditions.all(), key=lambda one: (one.edge, one.pk))
            ],
            "tracks": sorted([track.language, track.file] for track in video.tracks.all()),
            "hashtags": sorted(tag.name for tag in video.hashtags.all()),
            "sound": [video.sound.public_id, video.sound.title] if video.sound else None,
        }
    return found


def media_facts(video_ids: Iterable[int]) -> dict[int, Facts]:
    """What this domain knows of clips, by id, as JSON-able values; unknown ids are missing. One query.

    The keys are those of the HTTP API's `Clip`, and `author_id`, which must not leave the server.
    """
    rows = list(Video.objects.filter(pk__in=set(video_ids)).values(*_FIELDS))
    without = [row["pk"] for row in rows if row["card"] is None]
    made = _cards(without) if without else {}
    return {row["pk"]: _facts(row, row["card"] or made[row["pk"]]) for row in rows}


def _facts(row: Facts, card: Facts) -> Facts:
    base = f"/media/{row['public_id']}/{row['media_key']}/"
    board = row["storyboard"]
    published_at = row["published_at"]
    return {
        "id": row["public_id"],
        "url": f"/v/{row['public_id']}",
        "author_id": row["author_id"],
        "caption": row["caption"],
        "hashtags": card["hashtags"],
        "language": row["language"],
        "duration": row["duration"],
        "width": row["width"],
        "height": row["height"],
        "thumbhash": row["thumbhash"] or None,
        "poster": {form: f"{base}{row['poster']}.{form}" for form in ("avif", "webp")} if row["poster"] else None,
        "renditions": [
            {"edge": edge, "width": width, "height": height, "bytes": size, "url": base + file, "mime": mime}
            for edge, width, height, size, file, mime in card["renditions"]
        ],
        "storyboard": {"url": base + board["file"]} | {k: board[k] for k in _BOARD} if board else None,
        "tracks": [{"language": code, "label": name_of(code), "url": base + file} for code, file in card["tracks"]],
        "sound": {"id": card["sound"][0], "title": card["sound"][1]} if card["sound"] else None,
        "allow_comments": row["allow_comments"],
        "visibility": row["visibility"],
        "published_at": published_at.isoformat() if published_at else None,
    }


_BOARD = ("columns", "rows", "count", "width", "height", "interval")


def owner_facts(video_ids: Iterable[int]) -> dict[int, Facts]:
    """What only those who act for the author see, by id: the clip's status, its covers and its file's name.

    `filename` is known as long as the upload's row is there, and None afterwards.
    """
    fields = ("pk", "public_id", "media_key", "covers", "upload__filename", *_OWNER_FIELDS)
    return {
        row["pk"]: status(row) | _covers(row) | {"filename": row["upload__filename"] or None}
        for row in Video.objects.filter(pk__in=set(video_ids)).values(*fields)
    }


def status_of(video_id: int) -> Facts:
    """State, release, refusal, progress, schedule and cover of one clip. One query; cheap enough to be polled."""
    return status(Video.objects.values(*_OWNER_FIELDS).get(pk=video_id))


def status(row: Facts) -> Facts:
    """As above, from a row's values. While bytes come in, progress is theirs; afterwards the renditions'."""
    progress = row["progress"]
    if row["state"] == Video.State.RECEIVING and row["upload__key"]:
        progress = round(files.upload_size(row["upload__key"]) / row["upload__length"], 3)
    at = row["scheduled_for"]
    # The author's choice, although the picture may still show another moment; else the one that we took.
    cover_time = row["cover_time"]
    if cover_time is None and row["poster"]:
        cover_time = row["poster_time"]
    return {
        "state": row["state"],
        "release": row["release"],
        "refusal": row["refusal"],
        "progress": progress,
        "scheduled_for": at.isoformat() if at else None,
        "cover_time": cover_time,
    }


def _covers(row: Facts) -> Facts:
    base = f"/media/{row['public_id']}/{row['media_key']}/"
    return {"covers": [{"time": cover["time"], "url": base + cover["file"]} for cover in row["covers"]]}


def names_in_use(video: Video) -> set[str]:
    """Every file name that a clip's rows hold; `renditions` and `tracks` are best prefetched."""
    names = {rendition.file for rendition in video.renditions.all()} | {track.file for track in video.tracks.all()}
    return names | picture_names(video.poster, video.covers, video.storyboard)


def picture_names(poster: str, covers: list[Facts], storyboard: Facts | None) -> set[str]:
    """File names of a clip's still pictures."""
    names = {cover["file"] for cover in covers}
    if storyboard:
        names.add(storyboard["file"])
    return names | ({f"{poster}.webp", f"{poster}.avif"} if poster else set())
