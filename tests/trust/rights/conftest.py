"""Somebody who has done a little of everything, and archives to look into."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from archives import FILM
from cast import Visitor
from hustings.accounts import api as accounts
from hustings.accounts.api import Author
from hustings.trust.rights import exporting
from hustings.trust.rights.models import Export
from hustings.videos import cards
from hustings.videos.models import Rendition, Track, Video
from published import published


@pytest.fixture
def film(media_root: Path) -> Callable[..., Video]:
    """`film(author)`: a published clip with its files, 250 kB of film and captions in two languages."""

    def make(author: Author, caption: str = "Ein ffilm #haf", *, body: bytes = FILM, **changes: Any) -> Video:
        video = published(author, caption, tracks=["en", "cy"], **changes)
        folder = media_root / "clips" / video.public_id
        folder.mkdir(parents=True)
        name = f"720-{hashlib.sha256(body).hexdigest()[:32]}.mp4"
        (folder / name).write_bytes(body)
        Rendition.objects.filter(video=video, edge=720).update(file=name, bytes=len(body))
        for track in Track.objects.filter(video=video):
            (folder / track.file).write_text("WEBVTT\n\n00:00.000 --> 00:02.000\nHelo\n")
        (folder / f"{video.poster}.webp").write_bytes(b"webp")
        cards.refresh(video.pk)
        return video

    return make


@pytest.fixture
def life(
    owner: Author,
    stranger: Author,
    teammate: Author,
    organisation: Author,
    as_owner: Visitor,
    as_stranger: Visitor,
    film: Callable[..., Video],
    settle: Callable[[], int],
) -> dict[str, Video]:
    """`owner` has published, followed, liked, written, watched, blocked and been blocked. Answers their clips."""
    picture = io.BytesIO()
    Image.new("RGB", (300, 300), "teal").save(picture, "PNG")
    accounts.set_picture(owner.id, picture.getvalue())
    as_owner.ask("PATCH", "/api/v1/me", {"bio": "Gwneud ffilmiau", "preferences": {"language": "cy"}})
    own, theirs, quiet = film(owner), film(stranger, "Helo #byd"), film(owner, "Drafft", release="draft")
    as_owner.ask("PUT", "/api/v1/accounts/sian/follow")
    as_stranger.ask("PUT", "/api/v1/accounts/olwen/follow")
    as_owner.ask("PUT", f"/api/v1/clips/{theirs.public_id}/like")
    as_stranger.ask("PUT", f"/api/v1/clips/{own.public_id}/like")
    as_owner.ask("PUT", f"/api/v1/clips/{theirs.public_id}/save")
    remark = as_owner.ask("POST", f"/api/v1/clips/{theirs.public_id}/comments", {"text": "Da iawn!"})["comment"]
    as_stranger.ask("PUT", f"/api/v1/comments/{remark['id']}/like")
    as_stranger.ask("POST", f"/api/v1/clips/{own.public_id}/comments", {"text": "Diolch i ti"})
    as_owner.ask("PUT", "/api/v1/accounts/tomos/mute")
    settle()
    watched = {"events": [{"clip": theirs.public_id, "kind": "watch", "watched_s": 7.5, "loops": 0}]}
    as_owner.ask("POST", "/api/v1/events", watched)
    settle()
    return {"own": own, "theirs": theirs, "draft": quiet}


@pytest.fixture
def exported(settle: Callable[[], int]) -> Callable[..., zipfile.ZipFile]:
    """`exported(person)`: their archive, made now."""

    def make(person: Author, handle: str | None = None) -> zipfile.ZipFile:
        asked = exporting.ask(person.id, handle)
        settle()
        made = Export.objects.get(pk=asked.pk)
        assert (made.state, made.fault) == ("ready", "")
        return zipfile.ZipFile(exporting.archive_of(made))

    return make
