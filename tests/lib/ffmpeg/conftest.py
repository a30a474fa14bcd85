"""Films made by FFmpeg itself when a test first asks for one: small, short, one fact each."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from hustings.lib.ffmpeg import Accepted, FFmpeg, Inspection, Limits, find, inspect

Film = Callable[[str], Path]
Look = Callable[..., Inspection]

PICTURE = "testsrc2=size=400x720:rate=30:duration=1.5"
TONE = "sine=frequency=440:sample_rate=48000:duration=1.5"
H264 = "-c:v libx264 -preset ultrafast -profile:v main -pix_fmt yuv420p -g 30"
AAC = "-c:a aac -b:a 96k"
X265 = "-c:v libx265 -preset ultrafast -x265-params log-level=error"

# name: arguments, {picture} and {tone} standing for the two generated inputs
RECIPES = {
    "phone.mp4": f"{{picture}} {{tone}} {H264} {AAC}",
    "stereo.mov": f"{{picture}} {{tone}} {H264} -ac 2 {AAC}",
    "silent.mp4": f"{{picture}} {H264}",
    "hevc.mp4": f"{{picture}} {{tone}} {X265} -tag:v hvc1 {AAC}",
    "vp9.webm": "{picture} {tone} -c:v libvpx-vp9 -deadline realtime -cpu-used 8 -c:a libopus",
    "old.avi": "{picture} {tone} -c:v mpeg4 -q:v 5 -c:a libmp3lame",
    "editor.mov": "{picture} {tone} -c:v prores_ks -profile:v 0 -c:a pcm_s16le",
    "stream.ts": f"{{picture}} {{tone}} {H264} {AAC}",
    "odd.mp4": f"-f lavfi -i testsrc2=size=401x301:rate=25:duration=1.2 {H264.replace('yuv420p', 'yuv444p')}"
    " -profile:v high444",
    "second.mp4": f"-f lavfi -i testsrc2=size=400x400:rate=25:duration=1 {H264}",
    "short.mp4": f"-f lavfi -i testsrc2=size=400x400:rate=25:duration=0.4 {H264}",
    "long.mp4": f"-f lavfi -i color=black:size=64x64:rate=2:duration=200 {H264}",
    "tiny.mp4": f"-f lavfi -i testsrc2=size=200x120:rate=25:duration=1 {H264}",
    "wide.mp4": f"-f lavfi -i testsrc2=size=2000x400:rate=25:duration=1 {H264}",
    "anamorphic.mp4": f"-f lavfi -i testsrc2=size=360x480:rate=25:duration=1 -vf setsar=2/1 {H264}",
    "sixty.mp4": f"-f lavfi -i testsrc2=size=720x720:rate=60:duration=1 {H264}",
    "pq.mp4": f"{{picture}} -pix_fmt yuv420p10le {X265}:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc",
    "fullrange.mp4": f"{{picture}} -pix_fmt yuvj420p {H264.replace('-pix_fmt yuv420p', '')} -color_range pc",
    "interlaced.mp4": f"{{picture}} {H264} -flags +ildct+ilme -vf setfield=tff -x264-params tff=1",
    "quiet.mp4": f"{{picture}} {{tone}} -af volume=-15dB {H264} {AAC}",
    "sound.mp4": f"{{tone}} {AAC}",
    "cover.mp3": "{picture} {tone} -map 1:a -map 0:v -frames:v 1 -c:v mjpeg -disposition:v attached_pic",
    "tagged.mp4": f"{{picture}} {{tone}} {H264} {AAC} -metadata title=Holiday -metadata location=+51.4816-003.1791/"
    " -metadata:s:v:0 handler_name=Somebody -movflags +use_metadata_tags",
    "moving.gif": "-f lavfi -i testsrc2=size=120x120:rate=10:duration=1.2",
    "picture.png": "-f lavfi -i testsrc2=size=64x64:rate=1:duration=1 -frames:v 1 -update 1",
    "still.mov": "-f lavfi -i color=red:size=64x64:rate=1:duration=1 -c:v png",
    "still.avi": "-f lavfi -i color=red:size=64x64:rate=5:duration=2 -c:v mjpeg",
}  # fmt: skip


@pytest.fixture(scope="session")
def ffmpeg() -> FFmpeg:
    return find()


@pytest.fixture(scope="session")
def make(ffmpeg: FFmpeg) -> Callable[..., None]:
    """Run FFmpeg freely, as a person with an editor would."""

    def run(*arguments: str | Path) -> None:
        subprocess.run(
            [ffmpeg.path, "-v", "error", "-y", *map(str, arguments)],
            check=True,
            capture_output=True,
            timeout=60,
        )

    return run


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory, make: Callable[..., None]) -> Film:
    """The film of that name, made on first use."""
    folder = tmp_path_factory.mktemp("films")

    def get(name: str) -> Path:
        path = folder / name
        if not path.exists():
            inputs = {"picture": f"-f lavfi -i {PICTURE}", "tone": f"-f lavfi -i {TONE}"}
            make(*RECIPES[name].format(**inputs).split(), path)
        return path

    return get


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder, as a worker makes for one run."""
    path = tmp_path / "work"
    path.mkdir()
    return path


@pytest.fixture
def look(ffmpeg: FFmpeg, folder: Path) -> Look:
    """Inspect a file with the default limits, or the ones given."""

    def at(path: Path, accepted: Accepted | None = None, limits: Limits | None = None) -> Inspection:
        return inspect(ffmpeg, path, accepted=accepted or Accepted(), limits=limits or Limits(), workdir=folder)

    return at
