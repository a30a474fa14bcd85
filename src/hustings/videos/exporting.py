"""What an export says of somebody's clips, and the films themselves.

We keep no uploaded file once the renditions are made, so the film of an export is the best of these; a clip that
nobody has looked at yet brings the upload itself.
"""

import html
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from hustings.accounts import api as accounts
from hustings.trust.api import ExportFile
from hustings.videos import files, rules
from hustings.videos.models import Rendition, Video

CONTEXT = "https://www.w3.org/ns/activitystreams"
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"

# Where authors put right what we hold about their clips.
CORRECTIONS = {
    "videos.Video.caption": "/upload/clips",
    "videos.Video.hashtags": "/upload/clips",
    "videos.Video.language": "/upload/clips",
    "videos.Video.visibility": "/upload/clips",
    "videos.Video.release": "/upload/clips",
    "videos.Video.scheduled_for": "/upload/clips",
    "videos.Video.allow_comments": "/upload/clips",
    "videos.Video.cover_time": "/upload/clips",
    "videos.Track": "/upload/clips",
    "videos.Upload": "/upload/clips",
}


def documents(account_id: int) -> Iterator[tuple[str, object]]:
    """`clips`, in whatever state; `outbox`, those that are out."""
    handle = accounts.authors([account_id])[account_id].handle
    clips = list(_clips(account_id))
    yield "clips", [_clip(video) for video in clips]
    out = [video for video in clips if video.release == rules.PUBLISHED and video.published_at is not None]
    yield "outbox", _outbox(handle, [video for video in out if video.visibility != "private"])


def films(account_id: int) -> Iterator[ExportFile]:
    """Films first, then captions and covers."""
    clips = list(_clips(account_id))
    for video in clips:
        made = _film(video)
        if made is not None:
            name = files.storage_name(video.public_id, made.file)
            yield ExportFile(_path(video, "mp4"), name, media_type="video/mp4")
        elif _waits(video):
            yield ExportFile(_path(video, "upload"), local=files.upload_path(video.upload.key))
    for video in clips:
        for track in video.tracks.all():
            name = files.storage_name(video.public_id, track.file)
            yield ExportFile(_path(video, f"{track.language}.vtt"), name, media_type="text/vtt")
        if video.poster:
            name = files.storage_name(video.public_id, f"{video.poster}.webp")
            yield ExportFile(_path(video, "webp"), name, media_type="image/webp")


def _clips(account_id: int) -> QuerySet[Video]:
    found = Video.objects.filter(author=account_id).order_by("created_at", "pk").select_related("upload", "sound")
    return found.prefetch_related("renditions", "tracks", "hashtags")


def _film(video: Video) -> Rendition | None:
    """The best rendition: the film as it came where that is still there, else the largest that plays anywhere."""
    made = sorted(video.renditions.all(), key=lambda one: (one.original, "avc1" in one.mime, one.edge, one.pk))
    return made[-1] if made else None


def _waits(video: Video) -> bool:
    """Whether the whole upload lies here and nothing has been made of it."""
    return video.state in {rules.RECEIVED, rules.PROCESSING} and hasattr(video, "upload")


def _path(video: Video, ending: str) -> str:
    return f"media/{video.public_id}.{ending}"


def _clip(video: Video) -> dict[str, Any]:
    film = _film(video)
    return {
        "id": video.public_id,
        "url": _url(video),
        "caption": video.caption,
        "hashtags": sorted(tag.name for tag in video.hashtags.all()),
        "language": video.language,
        "visibility": video.visibility,
        "release": video.release,
        "state": video.state,
        "refused": video.refusal["code"] if video.refusal else None,
        "allow_comments": video.allow_comments,
        "created_at": video.created_at.isoformat(),
        "published_at": _at(video.published_at),
        "scheduled_for": _at(video.scheduled_for),
        "origin": video.origin or None,
        "origin_at": _at(video.origin_at),
        "duration": video.duration,
        "width": video.width,
        "height": video.height,
        "cover_time": video.cover_time,
        "sound": {"id": video.sound.public_id, "title": video.sound.title} if video.sound else None,
        "media": _path(video, "mp4") if film else _path(video, "upload") if _waits(video) else None,
        "poster": _path(video, "webp") if video.poster else None,
        "tracks": [
            {"language": track.language, "path": _path(video, f"{track.language}.vtt")} for track in video.tracks.all()
        ],
    }


def _at(moment: Any) -> str | None:
    return moment.isoformat() if moment else None


def _url(video: Video) -> str:
    return f"{settings.PUBLIC_URL}/v/{video.public_id}"


def _outbox(handle: str, clips: list[Video]) -> dict[str, object]:
    actor = f"{settings.PUBLIC_URL}/@{handle}"
    return {
        "@context": CONTEXT,
        "id": "outbox.json",
        "type": "OrderedCollection",
        "totalItems": len(clips),
        "orderedItems": [_create(actor, video) for video in clips],
    }


def _create(actor: str, video: Video) -> dict[str, object]:
    to = {"public": [PUBLIC], "followers": [f"{actor}/followers"]}.get(video.visibility, [])
    # Unlisted is public to who has the link, and in no list: what others write as `cc`.
    cc = [PUBLIC] if video.visibility == "unlisted" else []
    published = _at(video.published_at)
    film = _film(video)
    thing: dict[str, object] = {
        "id": _url(video),
        "type": "Video",
        "attributedTo": actor,
        "content": html.escape(video.caption, quote=False),
        "contentMap": {video.language: html.escape(video.caption, quote=False)},
        "published": published,
        "duration": f"PT{video.duration:.3f}S",
        "to": to,
        "cc": cc,
        "tag": [
            {"type": "Hashtag", "name": f"#{tag.name}", "href": f"{settings.PUBLIC_URL}/t/{tag.name}"}
            for tag in video.hashtags.all()
        ],
        "url": [{"type": "Link", "mediaType": "text/html", "href": _url(video)}],
    }
    if film is not None:
        thing["attachment"] = [
            {
                "type": "Document",
                "mediaType": "video/mp4",
                "url": _path(video, "mp4"),
                "width": film.width,
                "height": film.height,
            }
        ]
    if video.poster:
        thing["icon"] = {"type": "Image", "mediaType": "image/webp", "url": _path(video, "webp")}
    return {
        "id": f"{_url(video)}#create",
        "type": "Create",
        "actor": actor,
        "published": published,
        "to": to,
        "cc": cc,
        "object": thing,
    }
