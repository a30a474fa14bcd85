"""Whatever a phone, a camera or an editor makes becomes H.264 and AAC in MP4 that starts at once."""

from __future__ import annotations

import re
import struct
import subprocess
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from hustings.lib.ffmpeg import (
    Accepted,
    FFmpeg,
    Inspection,
    Limits,
    Playable,
    Source,
    Transcoded,
    can_remux,
    cover_at,
    draw,
    inspect,
    remux,
    transcode,
    transcode_av1,
)
from hustings.lib.ffmpeg.mp4 import is_faststart
from hustings.lib.ffmpeg.poster import read

pytestmark = pytest.mark.ffmpeg

Film = Callable[[str], Path]
Look = Callable[..., Inspection]

KINDS = {
    "phone.mp4": ("h264", "aac"),
    "stereo.mov": ("h264", "aac"),
    "silent.mp4": ("h264", None),
    "hevc.mp4": ("hevc", "aac"),
    "vp9.webm": ("vp9", "opus"),
    "old.avi": ("mpeg4", "mp3"),
    "editor.mov": ("prores", "pcm_s16le"),
    "stream.ts": ("h264", "aac"),
    "moving.gif": ("gif", None),
    "pq.mp4": ("hevc", None),
    "odd.mp4": ("h264", None),
    "interlaced.mp4": ("h264", None),
    "fullrange.mp4": ("h264", None),
}


def seen(look: Look, path: Path) -> Source:
    found = look(path)
    assert found.refusals == ()
    assert found.source is not None
    return found.source


@pytest.fixture
def whole(ffmpeg: FFmpeg, look: Look, folder: Path) -> Callable[[Path], tuple[Source, Transcoded]]:
    def go(path: Path) -> tuple[Source, Transcoded]:
        source = seen(look, path)
        return source, transcode(ffmpeg, source, path, folder=folder, limits=Limits())

    return go


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_becomes_playable(
    name: str, film: Film, whole: Callable[[Path], tuple[Source, Transcoded]], look: Look
) -> None:
    source, done = whole(film(name))
    assert (source.codec, source.audio and source.audio.codec) == KINDS[name]
    assert [rendition.edge for rendition in done.renditions] == [min(360, source.short_edge)]
    for rendition in done.renditions:
        assert is_faststart(rendition.path)
        assert rendition.bytes == rendition.path.stat().st_size
        made = seen(look, rendition.path)
        assert (made.codec, made.pixel_format, made.vfr, made.starts_on_key) == (
            "h264",
            "yuv420p",
            False,
            True,
        )
        assert made.profile == "High"
        assert (made.display_width, made.display_height) == (rendition.width, rendition.height)
        assert made.colour.matrix == "bt709"
        assert not made.colour.full_range
        assert made.duration == pytest.approx(source.duration, abs=0.1)
        assert made.longest_gop <= 2.01
        assert (made.audio is None) == (source.audio is None)
        if made.audio:
            assert (made.audio.codec, made.audio.channels, made.audio.rate) == ("aac", "stereo", 48000)
            assert 'mp4a.40.2"' in rendition.mime
        assert rendition.mime.startswith('video/mp4; codecs="avc1.64')


def turned(content: bytes, degrees: int) -> bytes:
    """The display matrix of the first track, as a phone held another way writes it."""
    cosine, sine = {90: (0, 1), 180: (-1, 0), 270: (0, -1)}[degrees]
    matrix = struct.pack(">9i", cosine << 16, sine << 16, 0, -sine << 16, cosine << 16, 0, 0, 0, 1 << 30)
    at = content.index(b"tkhd") + 44
    return content[:at] + matrix + content[at + 36 :]


@pytest.mark.parametrize(("degrees", "shown"), [(90, (720, 400)), (180, (400, 720)), (270, (720, 400))])
def test_a_turned_phone_film_stands_upright(
    degrees: int, shown: tuple[int, int], film: Film, tmp_path: Path, folder: Path, ffmpeg: FFmpeg, look: Look
) -> None:
    path = tmp_path / "turned.mp4"
    path.write_bytes(turned(film("phone.mp4").read_bytes(), degrees))
    source = seen(look, path)
    assert (source.display_width, source.display_height) == shown
    assert source.rotation == degrees
    # A quarter turn survives the remux, so browsers still turn it.
    kept = remux(ffmpeg, source, path, folder=folder, limits=Limits())
    assert seen(look, kept.path).rotation == source.rotation
    done = transcode(ffmpeg, source, path, folder=folder, limits=Limits())
    made = seen(look, done.renditions[0].path)
    assert made.rotation == 0
    assert (made.width > made.height) == (shown[0] > shown[1])


def test_variable_frame_rate_becomes_even(
    film: Film, make: Callable[..., None], folder: Path, ffmpeg: FFmpeg, look: Look
) -> None:
    path = folder / "screen.mkv"
    # A screen recording: 30 pictures a second, but none in the middle half second.
    make(
        "-i",
        film("phone.mp4"),
        "-vf",
        "select='lt(t,0.5)+gt(t,1)'",
        "-fps_mode",
        "vfr",
        "-c:v",
        "libx264",
        path,
    )
    source = seen(look, path)
    assert (source.vfr, source.fps) == (True, 30)
    made = seen(look, transcode(ffmpeg, source, path, folder=folder, limits=Limits()).renditions[0].path)
    assert (made.vfr, made.fps) == (False, 30)
    assert made.frames == pytest.approx(45, abs=1)


def test_sound_that_outlasts_the_picture_is_kept(
    make: Callable[..., None], folder: Path, ffmpeg: FFmpeg, look: Look
) -> None:
    path = folder / "speech.mp4"
    make(
        "-f",
        "lavfi",
        "-i",
        "testsrc2=size=360x360:rate=25:duration=1",
        "-f",
        "lavfi",
        "-i",
        "sine=duration=2",
        path,
    )
    source = seen(look, path)
    assert source.duration == pytest.approx(2, abs=0.1)
    made = seen(look, transcode(ffmpeg, source, path, folder=folder, limits=Limits()).renditions[0].path)
    assert made.video_end == pytest.approx(2, abs=0.1)
    assert made.audio is not None
    assert made.audio.end == pytest.approx(2, abs=0.1)


@pytest.mark.parametrize(
    ("name", "sizes"),
    [
        ("second.mp4", [(360, 360)]),
        ("tiny.mp4", [(200, 120)]),
        ("wide.mp4", [(1800, 360)]),
        ("anamorphic.mp4", [(540, 360)]),
        ("odd.mp4", [(400, 300)]),
        ("sixty.mp4", [(360, 360), (540, 540), (720, 720)]),
    ],
)
def test_shape_is_kept_and_never_enlarged(
    name: str, sizes: list[tuple[int, int]], film: Film, whole: Callable[[Path], tuple[Source, Transcoded]], look: Look
) -> None:  # fmt: skip
    _, done = whole(film(name))
    assert [(made.width, made.height) for made in done.renditions] == sizes
    rates = [seen(look, made.path).fps for made in done.renditions]
    assert rates[-1] == (60 if name == "sixty.mp4" else 25)
    assert all(rate <= 30 for rate in rates[:-1])


def test_hdr_is_brought_to_a_standard_screen(ffmpeg: FFmpeg, film: Film, look: Look, folder: Path) -> None:
    source = seen(look, film("pq.mp4"))
    assert source.colour.hdr
    done = transcode(ffmpeg, source, film("pq.mp4"), folder=folder, limits=Limits())
    made = seen(look, done.renditions[0].path)
    assert (made.colour.transfer, made.colour.hdr) == ("bt709", False)
    assert not list(folder.glob("*.cube"))


@pytest.mark.parametrize("name", ["phone.mp4", "quiet.mp4"])
def test_loudness_reaches_the_target(
    name: str, film: Film, whole: Callable[[Path], tuple[Source, Transcoded]], look: Look
) -> None:
    _, done = whole(film(name))
    made = seen(look, done.renditions[0].path)
    assert made.audio is not None
    assert made.audio.loudness is not None
    assert made.audio.loudness.integrated == pytest.approx(-14, abs=1)
    assert made.audio.loudness.peak <= -0.9


def test_a_compatible_film_is_playable_without_encoding(ffmpeg: FFmpeg, film: Film, look: Look, folder: Path) -> None:
    source = seen(look, film("phone.mp4"))
    assert can_remux(source, Playable())
    made = remux(ffmpeg, source, film("phone.mp4"), folder=folder, limits=Limits())
    assert is_faststart(made.path)
    again = seen(look, made.path)
    assert (again.frames, again.codec, again.duration) == (
        source.frames,
        "h264",
        pytest.approx(source.duration, abs=0.05),
    )


@pytest.mark.parametrize("name", ["hevc.mp4", "vp9.webm", "odd.mp4", "interlaced.mp4", "stream.ts", "pq.mp4"])
def test_what_browsers_cannot_play_is_not_remuxed(name: str, film: Film, look: Look) -> None:
    assert not can_remux(seen(look, film(name)), Playable())


def test_place_and_names_do_not_leave(ffmpeg: FFmpeg, film: Film, look: Look, folder: Path) -> None:
    path = film("tagged.mp4")
    assert b"+51.4816" in path.read_bytes()
    source = seen(look, path)
    kept = remux(ffmpeg, source, path, folder=folder, limits=Limits())
    done = transcode(ffmpeg, source, path, folder=folder, limits=Limits())
    for made in (kept.path, *(rendition.path for rendition in done.renditions)):
        content = made.read_bytes()
        assert not [word for word in (b"+51.4816", b"Holiday", b"Somebody") if word in content]


def test_one_decode_gives_everything_and_leaves_nothing_else(
    ffmpeg: FFmpeg, film: Film, look: Look, folder: Path
) -> None:
    source = seen(look, film("sixty.mp4"))
    steps: list[float] = []
    done = transcode(ffmpeg, source, film("sixty.mp4"), folder=folder, limits=Limits(), on_progress=steps.append)
    assert steps == sorted(steps)
    assert steps[-1] == pytest.approx(1, abs=0.1)
    assert done.covers is not None
    assert len(read(folder, done.covers)) == 5
    pictures = draw(done)
    assert pictures is not None
    assert [time for time, _ in pictures.covers] == list(done.covers.times)
    assert pictures.storyboard is not None
    assert (pictures.storyboard.count, pictures.storyboard.width, pictures.storyboard.interval) == (
        2,
        90,
        0.5,
    )
    assert sorted(path.name for path in folder.iterdir()) == [
        "360.mp4", "540.mp4", "720.mp4", "cover-0.webp", "cover-1.webp", "cover-2.webp", "cover-3.webp", "cover-4.webp",
        "poster.avif", "poster.webp", "storyboard.webp",
    ]  # fmt: skip


def test_another_cover_can_be_taken_from_a_rendition(ffmpeg: FFmpeg, film: Film, folder: Path) -> None:
    poster = cover_at(ffmpeg, film("phone.mp4"), 0.8, folder=folder, limits=Limits(), name="chosen")
    assert (poster.width, poster.height, poster.time) == (400, 720, 0.8)
    assert sorted(path.name for path in folder.iterdir()) == ["chosen.avif", "chosen.webp"]


def test_av1_for_popular_films(ffmpeg: FFmpeg, film: Film, look: Look, folder: Path) -> None:
    if ffmpeg.av1_encoder is None:
        pytest.skip("AV1: this FFmpeg has no libsvtav1")
    source = seen(look, film("second.mp4"))
    done = transcode_av1(ffmpeg, source, film("second.mp4"), folder=folder, limits=Limits())
    assert [rendition.mime for rendition in done.renditions] == ['video/mp4; codecs="av01.0.00M.08"']


def test_an_encode_that_is_interrupted_leaves_no_half_made_files(
    ffmpeg: FFmpeg, film: Film, look: Look, folder: Path
) -> None:
    source = seen(look, film("sixty.mp4"))

    def give_up(_: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        transcode(ffmpeg, source, film("sixty.mp4"), folder=folder, limits=Limits(), on_progress=give_up)
    assert list(folder.iterdir()) == []


def test_the_decode_count_is_one(ffmpeg: FFmpeg, film: Film, look: Look, folder: Path) -> None:
    """The cost the design promises: three processes for a film, one of which decodes its pictures."""
    log = folder / "starts"
    counting = folder / "ffmpeg"
    counting.write_text(f'#!/bin/sh\necho "$*" >> {log}\nexec {ffmpeg.path} "$@"\n')
    counting.chmod(0o755)
    counted = FFmpeg(str(counting), ffmpeg.version, ffmpeg.encoders, ffmpeg.decodable)
    path = film("second.mp4")
    source = inspect(counted, path, accepted=Accepted(), limits=Limits(), workdir=folder).source
    assert source is not None
    transcode(counted, source, path, folder=folder, limits=Limits())
    starts = log.read_text().splitlines()
    assert len(starts) == 3
    assert [bool(re.search(r"-filter_complex|libx264", start)) for start in starts] == [False, False, True]


def test_fps_is_read_as_a_fraction(make: Callable[..., None], folder: Path, look: Look) -> None:
    path = folder / "ntsc.mp4"
    make("-f", "lavfi", "-i", "testsrc2=size=64x64:rate=30000/1001:duration=1.2", "-c:v", "libx264", path)
    assert seen(look, path).fps == Fraction(30000, 1001)


def test_damage_in_the_middle_is_bridged(ffmpeg: FFmpeg, film: Film, look: Look, folder: Path) -> None:
    """A scratch on a memory card is no reason to refuse a film: FFmpeg conceals it."""
    content = bytearray(film("phone.mp4").read_bytes())
    middle = content.index(b"mdat") + 6000
    content[middle : middle + 300] = bytes(300)
    path = folder / "scratched.mp4"
    path.write_bytes(content)
    done = transcode(ffmpeg, seen(look, path), path, folder=folder, limits=Limits())
    assert done.renditions[0].bytes > 10_000


def test_decoded_with_the_same_pictures(
    ffmpeg: FFmpeg, film: Film, whole: Callable[[Path], tuple[Source, Transcoded]]
) -> None:
    """A rendition looks like its source: structural similarity, luma, against the plainly scaled source."""
    _, done = whole(film("phone.mp4"))
    made = done.renditions[0]
    compared = subprocess.run(
        [ffmpeg.path, "-hide_banner", "-i", film("phone.mp4"), "-i", made.path, "-filter_complex",
         f"[0:v]scale={made.width}:{made.height}[a];[a][1:v]ssim", "-f", "null", "-"],
        capture_output=True, text=True, check=True,
    ).stderr  # fmt: skip
    match = re.search(r"SSIM Y:([\d.]+)", compared)
    assert match
    assert float(match[1]) > 0.93


@pytest.mark.parametrize(
    ("name", "encode"),
    [
        ("sd.mp4", "-vf scale=out_color_matrix=bt601:out_range=tv,format=yuv420p -c:v libx264 -colorspace smpte170m"),
        ("full.mp4", "-vf scale=out_color_matrix=bt601:out_range=pc,format=yuvj420p -c:v libx264 -color_range pc -colorspace bt470bg"),
        ("hd.mp4", "-vf scale=out_color_matrix=bt709:out_range=tv,format=yuv420p -c:v libx264 -colorspace bt709"),
        ("rgb.mkv", "-pix_fmt bgr0 -c:v ffv1"),
        ("unsaid.mp4", "-vf scale=out_color_matrix=bt601:out_range=tv,format=yuv420p -c:v mpeg4 -q:v 2"),
    ],
)  # fmt: skip
def test_colours_stay_what_they_were(
    name: str, encode: str, make: Callable[..., None], ffmpeg: FFmpeg, look: Look, tmp_path: Path, folder: Path
) -> None:
    """A colour that BT.601 and BT.709 code differently comes out the same."""
    colour = (200, 40, 90)
    path = tmp_path / name
    source = f"color=0x{bytes(colour).hex()}:size=400x400:rate=10:duration=1,format=rgb24"
    make("-f", "lavfi", "-i", source, *encode.split(), path)
    made = transcode(ffmpeg, seen(look, path), path, folder=folder, limits=Limits()).renditions[0]
    pixel = subprocess.run(
        [ffmpeg.path, "-v", "error", "-i", made.path, "-frames:v", "1", "-vf", "scale=in_color_matrix=bt709,format=rgb24,crop=1:1:100:100",
         "-f", "rawvideo", "-pix_fmt", "rgb24", "-"],
        capture_output=True, check=True,
    ).stdout  # fmt: skip
    assert list(pixel) == pytest.approx(colour, abs=6)


def test_sound_that_cannot_be_read_does_not_cost_the_picture(
    ffmpeg: FFmpeg, film: Film, look: Look, tmp_path: Path, folder: Path
) -> None:
    path = tmp_path / "mute.mov"
    path.write_bytes(film("editor.mov").read_bytes().replace(b"sowt", b"QDM2").replace(b"lpcm", b"QDM2"))
    source = seen(look, path)
    assert source.frames > 40
    assert transcode(ffmpeg, source, path, folder=folder, limits=Limits()).renditions
