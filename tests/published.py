"""Clips as they stand after processing, without the files: for tests of what happens around them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hustings.accounts.api import Author
from hustings.lib import clock, text
from hustings.videos import cards
from hustings.videos.models import Hashtag, Rendition, Sound, Track, Video


def published(author: Author, caption: str = "", *, ago: timedelta | None = None, **changes: Any) -> Video:
    """A public clip that is ready, with two renditions; `ago` says how long it has been out.

    `tracks=["en"]` adds captions, `sound="title"` a sound; other names are columns of the row.
    """
    tracks: list[str] = changes.pop("tracks", [])
    sound: str | None = changes.pop("sound", None)
    at: datetime = clock.now() - (ago or timedelta())
    facts: dict[str, Any] = {
        "state": "ready",
        "release": "published",
        "published_at": at,
        "created_at": at,
        "duration": 9.4,
        "width": 1080,
        "height": 1920,
        "thumbhash": "2OcRJYB4d3h/iIeHeEh3eIhw+j3A",
        "poster": "poster-abc",
        "uploaded_by_id": author.id,
    }
    video = Video.objects.create(author_id=author.id, caption=caption, **(facts | changes))
    for edge in (360, 720):
        Rendition.objects.create(
            video=video,
            edge=edge,
            width=edge,
            height=edge * 16 // 9,
            bytes=edge * 1000,
            mime='video/mp4; codecs="avc1.64001f, mp4a.40.2"',
            file=f"{edge}-abc.mp4",
            sha256="0" * 64,
        )
    for language in tracks:
        Track.objects.create(video=video, language=language, file=f"{language}-abc.vtt")
    if sound is not None:
        video.sound = Sound.objects.create(title=sound)
        video.save(update_fields=["sound"])
    for tag in text.hashtags(caption):
        video.hashtags.add(Hashtag.objects.get_or_create(name=tag)[0])
    cards.refresh(video.pk)
    return video
