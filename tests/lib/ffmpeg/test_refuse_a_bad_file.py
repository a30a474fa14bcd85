"""Every file that cannot become a clip is refused in words, touches nothing, and does not hold a worker up."""

from __future__ import annotations

import os
import struct
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from hustings.lib.ffmpeg import Accepted, FFmpeg, Inspection, Limits

pytestmark = pytest.mark.ffmpeg

Film = Callable[[str], Path]
Look = Callable[..., Inspection]


def codes(found: Inspection) -> list[str]:
    for refusal in found.refusals:
        assert refusal.message.endswith(".")
        assert refusal.hint.endswith(".")
    return [refusal.code for refusal in found.refusals]


def test_empty(look: Look, tmp_path: Path) -> None:
    path = tmp_path / "empty.mp4"
    path.touch()
    assert codes(look(path)) == ["empty_file"]


@pytest.mark.parametrize(
    "content",
    [b"This is a shopping list.\n", b"\x00" * 5000, os.urandom(5000), b"\x1b[2J\x1b[31mhello", b"<html></html>", b"0"],
)  # fmt: skip
def test_not_a_video(content: bytes, look: Look, tmp_path: Path) -> None:
    path = tmp_path / "letter.mp4"
    path.write_bytes(content)
    assert codes(look(path)) == ["not_a_video"]


def test_a_picture_is_not_a_video(film: Film, look: Look) -> None:
    assert codes(look(film("picture.png"))) == ["not_a_video"]


def test_a_film_of_one_picture(film: Film, look: Look) -> None:
    assert codes(look(film("still.mov"))) == ["no_frames"]


@pytest.mark.parametrize("name", ["sound.mp4", "cover.mp3"])
def test_sound_without_a_picture(name: str, film: Film, look: Look) -> None:
    assert codes(look(film(name))) == ["no_video_stream"]


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.9])
@pytest.mark.parametrize("index", ["first", "last"])
def test_cut_off(keep: float, index: str, film: Film, look: Look, make: Callable[..., None], tmp_path: Path) -> None:
    complete = tmp_path / "complete.mp4"
    flags = ["-movflags", "+faststart"] if index == "first" else []
    make("-i", film("phone.mp4"), "-c", "copy", *flags, complete)
    content = complete.read_bytes()
    path = tmp_path / "cut.mp4"
    path.write_bytes(content[: int(len(content) * keep)])
    assert codes(look(path)) == ["truncated"]


@pytest.mark.parametrize("name", ["vp9.webm", "old.avi"])
def test_another_container_cut_off(name: str, film: Film, look: Look, tmp_path: Path) -> None:
    content = film(name).read_bytes()
    path = tmp_path / f"cut-{name}"
    path.write_bytes(content[: len(content) // 2])
    assert codes(look(path)) == ["truncated"]


def test_too_short_and_too_long(film: Film, look: Look) -> None:
    assert codes(look(film("short.mp4"))) == ["too_short"]
    found = look(film("long.mp4"))
    assert codes(found) == ["too_long"]
    assert "3 minutes" in found.refusals[0].message


def test_too_large(film: Film, look: Look) -> None:
    assert codes(look(film("phone.mp4"), accepted=Accepted(largest=1000))) == ["too_large"]


def header_says(content: bytes, seconds: int) -> bytes:
    """Every duration in the index overwritten, as a liar would."""
    changed = bytearray(content)
    for kind, at_scale in ((b"mvhd", 16), (b"mdhd", 16)):
        at = changed.find(kind)
        while at >= 0:
            scale = int.from_bytes(changed[at + at_scale : at + at_scale + 4])
            changed[at + at_scale + 4 : at + at_scale + 8] = struct.pack(">I", min(scale * seconds, 2**32 - 2))
            at = changed.find(kind, at + 4)
    at = changed.find(b"tkhd")
    while at >= 0:
        changed[at + 24 : at + 28] = struct.pack(">I", seconds * 1000)
        at = changed.find(b"tkhd", at + 4)
    # The edit list names the same length again.
    return bytes(changed.replace(b"elst", b"free"))


def test_a_header_that_claims_twenty_hours(film: Film, look: Look, tmp_path: Path) -> None:
    path = tmp_path / "lie.mp4"
    path.write_bytes(header_says(film("phone.mp4").read_bytes(), 20 * 3600))
    found = look(path)
    assert codes(found) == ["duration_lie"]
    assert "20 hours" in found.refusals[0].message


def test_a_header_that_claims_one_second(film: Film, look: Look, tmp_path: Path) -> None:
    path = tmp_path / "lie.mp4"
    path.write_bytes(header_says(film("long.mp4").read_bytes(), 1))
    assert codes(look(path)) == ["too_long"]


def png_bomb(content: bytes) -> bytes:
    """The one PNG inside made to claim 30,000 × 30,000, checksum included."""
    changed = bytearray(content)
    at = changed.index(b"IHDR")
    changed[at + 4 : at + 12] = struct.pack(">II", 30_000, 30_000)
    changed[at + 17 : at + 21] = struct.pack(">I", zlib.crc32(changed[at : at + 17]))
    return bytes(changed)


def jpeg_bomb(content: bytes) -> bytes:
    """Each JPEG frame header (SOF0: length, depth, height, width) made to claim 30,000 × 30,000."""
    return content.replace(b"\xff\xc0\x00\x11\x08\x00\x40\x00\x40", b"\xff\xc0\x00\x11\x08" + b"\x75\x30" * 2)


@pytest.mark.parametrize(("name", "arm"), [("still.mov", png_bomb), ("still.avi", jpeg_bomb)])
def test_a_decompression_bomb(name: str, arm: Callable[[bytes], bytes], film: Film, look: Look, tmp_path: Path) -> None:
    content = film(name).read_bytes()
    path = tmp_path / f"bomb-{name}"
    path.write_bytes(arm(content))
    assert path.read_bytes() != content
    assert path.stat().st_size < 20_000
    started = time.monotonic()
    found = look(path)
    assert codes(found) == ["too_many_pixels"]
    assert found.cpu < 2
    assert time.monotonic() - started < 10


def test_no_pictures_a_second(film: Film, look: Look, tmp_path: Path) -> None:
    """All packets at one instant: a rate of nothing."""
    content = bytearray(film("silent.mp4").read_bytes())
    at = content.index(b"stts")
    entries = int.from_bytes(content[at + 8 : at + 12])
    for entry in range(entries):
        content[at + 12 + 8 * entry + 4 : at + 12 + 8 * entry + 8] = bytes(4)
    path = tmp_path / "frozen.mp4"
    path.write_bytes(content)
    assert codes(look(path)) in (["no_frames"], ["truncated"], ["too_short"])


def test_a_codec_that_nobody_knows(film: Film, look: Look, tmp_path: Path) -> None:
    path = tmp_path / "secret.mp4"
    path.write_bytes(film("silent.mp4").read_bytes().replace(b"avc1", b"zzz9"))
    found = look(path)
    assert codes(found) == ["unsupported_codec"]


@pytest.mark.parametrize("kind", ["fifo", "device", "folder", "missing"])
def test_what_is_not_a_file_is_never_opened(kind: str, look: Look, tmp_path: Path) -> None:
    path = tmp_path / "endless.mp4"
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "folder":
        path.mkdir()
    started = time.monotonic()
    assert codes(look(path)) == ["not_a_video"]
    assert time.monotonic() - started < 1


POINTERS = {
    "hls": "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{target}\n#EXT-X-ENDLIST\n",
    "hls with bom": "\ufeff#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile://{target}\n#EXT-X-ENDLIST\n",
    "concat": "ffconcat version 1.0\nfile {target}\n",
    "plain concat": "file '{target}'\n",
    "dash": '<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT2S" '
    'profiles="urn:mpeg:dash:profile:isoff-on-demand:2011"><Period><AdaptationSet mimeType="video/mp4"><Representation id="1" '
    'bandwidth="1"><BaseURL>file://{target}</BaseURL></Representation></AdaptationSet></Period></MPD>\n',
    "imf": '<?xml version="1.0"?>\n<CompositionPlaylist xmlns="http://www.smpte-ra.org/schemas/2067-3/2016"></CompositionPlaylist>\n',
    "sdp": "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=video 1234 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n",
    "url": "http://127.0.0.1:9/film.mp4\n",
    "subtitle": "WEBVTT\n\n00:00.000 --> 00:02.000\nfile://{target}\n",
    "svg": '<svg xmlns="http://www.w3.org/2000/svg"><image href="file://{target}"/></svg>',
}  # fmt: skip


@pytest.mark.parametrize("extension", ["mp4", "m3u8", "txt"])
@pytest.mark.parametrize("kind", POINTERS)
def test_a_file_that_points_at_another_reads_nothing(
    kind: str, extension: str, film: Film, look: Look, tmp_path: Path
) -> None:
    target = tmp_path / "private.mp4"
    target.write_bytes(film("phone.mp4").read_bytes())
    os.utime(target, (1, 1))
    path = tmp_path / f"innocent.{extension}"
    path.write_text(POINTERS[kind].format(target=target))
    found = look(path)
    assert found.source is None
    assert codes(found)[0] in {"playlist_refused", "not_a_video"}
    if kind in {"hls", "hls with bom", "concat", "plain concat", "dash", "url"}:
        assert codes(found) == ["playlist_refused"]


@pytest.mark.parametrize("kind", [k for k in POINTERS if k != "url"])
def test_ffmpeg_itself_would_refuse_it(kind: str, film: Film, ffmpeg: FFmpeg, tmp_path: Path, folder: Path) -> None:
    """The first bytes only choose the sentence: the guard is FFmpeg's own list of formats, shown here without them."""
    from hustings.lib.ffmpeg.header import guess
    from hustings.lib.ffmpeg.limits import input_arguments
    from hustings.lib.ffmpeg.run import run

    target = tmp_path / "private.mp4"
    target.write_bytes(film("phone.mp4").read_bytes())
    path = tmp_path / "innocent.m3u8"
    path.write_text(POINTERS[kind].format(target=target))
    outcome = run(ffmpeg, input_arguments(path, Limits()), workdir=folder, limits=Limits())
    assert guess(outcome.stderr) is None
    assert "private.mp4" not in outcome.stderr.replace(str(path), "")


@pytest.mark.parametrize(
    "name",
    [
        "-i.mp4", "-f lavfi.mp4", "concat:a.mp4|b.mp4", "%03d.mp4", "a;rm -rf x.mp4", "$(touch x).mp4", "`id`.mp4",
        "| cat.mp4", "fd:0", "pipe:0", "file:x.mp4", "line\nbreak.mp4", "'quoted\".mp4", "ünïcödé 🎬.mp4", "..", "subfile,,start,0,end,9,,:x",
        "http:", "[0:v].mp4", "*?.mp4", "a\\b.mp4",
    ],
)  # fmt: skip
def test_names_are_only_names(name: str, film: Film, look: Look, tmp_path: Path) -> None:
    path = tmp_path / "odd" / (name if name != ".." else "...")
    path.parent.mkdir()
    path.write_bytes(film("second.mp4").read_bytes())
    found = look(path)
    assert codes(found) == []
    assert found.source is not None
    assert list(path.parent.iterdir()) == [path]


def test_all_faults_are_told_at_once(film: Film, look: Look) -> None:
    found = look(film("short.mp4"), accepted=Accepted(shortest=5, pixels=1000))
    assert codes(found) == ["too_many_pixels", "too_short"]
