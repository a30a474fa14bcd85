"""Small films made by FFmpeg once a run, and clips made of them."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from hustings.accounts.api import Author
from hustings.lib import ffmpeg
from hustings.videos import api, cards
from hustings.videos.models import Rendition, Video


def _film(path: Path, *arguments: str) -> Path:
    tool = ffmpeg.find("")
    subprocess.run([tool.path, "-v", "error", "-y", *arguments, str(path)], check=True, timeout=120)
    return path


@pytest.fixture(scope="session")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("films")


def _source(size: str, seconds: float, hue: str = "0") -> list[str]:
    return [
        *("-f", "lavfi", "-i", f"testsrc2=size={size}:rate=25:duration={seconds},hue=h={hue}"),
        *("-f", "lavfi", "-i", f"sine=frequency=330:duration={seconds}"),
    ]


@pytest.fixture(scope="session")
def compatible(films: Path) -> Path:
    """H.264 and AAC in MP4, 2 s, 180 × 320: browsers play it as it is."""
    return _film(
        films / "compatible.mp4",
        *_source("180x320", 2),
        *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "25", "-c:a", "aac", "-shortest"),
    )


@pytest.fixture(scope="session")
def foreign(films: Path) -> Path:
    """MPEG-4 part 2 in AVI, 2 s: has to be encoded before anybody can watch it."""
    return _film(films / "foreign.avi", *_source("320x180", 2), "-c:v", "mpeg4", "-c:a", "mp3", "-shortest")


@pytest.fixture(scope="session")
def heavy(films: Path) -> Path:
    """4K in a form that browsers do not play: its ladder takes longer than people like to wait."""
    return _film(
        films / "heavy.avi", *_source("3840x2160", 1.2), "-c:v", "mpeg4", "-q:v", "8", "-c:a", "mp3", "-shortest"
    )


@pytest.fixture
def make_clip(owner: Author, media_root: Path) -> Callable[..., Video]:
    """A clip as it is once a film was taken in, without running FFmpeg: zeros for a film."""

    def make(author_id: int | None = None, *, body: bytes = b"\0" * 5000, **values: object) -> Video:
        from django.utils import timezone

        values = {"state": "ready", "release": "published", "duration": 9.0, "width": 1080, "height": 1920} | values
        if values["release"] == "published":
            values.setdefault("published_at", timezone.now())
        video = Video.objects.create(author_id=author_id or owner.id, **values)
        digest = hashlib.sha256(body).hexdigest()
        name = f"360-{digest[:32]}.mp4"
        folder = media_root / "clips" / video.public_id
        folder.mkdir(parents=True)
        (folder / name).write_bytes(body)
        Rendition.objects.create(
            video=video, edge=360, width=360, height=640, bytes=len(body), mime='video/mp4; codecs="avc1.64001f"',
            file=name, sha256=digest,
        )  # fmt: skip
        cards.refresh(video.pk)
        return video

    return make


@pytest.fixture
def ingested(owner: Author, settle: Callable[[], int]) -> Callable[..., Video]:
    """Take in a film and do all the work that follows."""

    def make(path: Path, **details: object) -> Video:
        clip = api.ingest_file(owner.id, path, **details)
        settle()
        return Video.objects.get(public_id=clip)

    return make
