"""FFmpeg's words about an input are read right across versions, and a file cannot speak in its place."""

from __future__ import annotations

from fractions import Fraction

import pytest

from hustings.lib.ffmpeg.header import read
from hustings.lib.ffmpeg.packets import Listing, rhythm

NEW = """Input #0, mov,mp4,m4a,3gp,3g2,mj2, from 'file:/a.mov':
  Metadata:
    major_brand     : qt
  Duration: 00:01:02.50, start: 0.000000, bitrate: 7000 kb/s
  Stream #0:0[0x1](und): Video: hevc (Main 10) (hvc1 / 0x31637668), yuv420p10le(tv, bt2020nc/bt2020/arib-std-b67, top first), \
1920x1080 [SAR 4:3 DAR 64:27], 6800 kb/s, 29.97 fps, 30 tbr, 600 tbn (default)
    Metadata:
      handler_name    : Core Media Video
    Side data:
      DOVI configuration record: version: 1.0, profile: 8, level: 4, rpu flag: 1, el flag: 0, bl flag: 1, compatibility id: 4
      Display Matrix: rotation of -90.00 degrees
  Stream #0:1[0x2](und): Audio: aac (LC) (mp4a / 0x6134706D), 44100 Hz, mono, fltp, 96 kb/s (default)
  Stream #0:2[0x3](und): Data: none (mebx / 0x7862656D), 0 kb/s (default)
  Stream #0:3[0x0]: Video: mjpeg (Baseline), yuvj420p(pc, bt470bg/unknown/unknown), 320x240, 90k tbr, 90k tbn (attached pic)
At least one output file must be specified
"""
OLD = """Input #0, avi, from 'a.avi':
  Duration: N/A, bitrate: N/A
    Stream is not this
  Stream #0:0: Video: mpeg4 (Simple Profile) (FMP4 / 0x34504D46), yuv420p, 64x48 [SAR 1:1 DAR 4:3], 25 fps, 25 tbr, 25 tbn, 25 tbc
    Side data:
      displaymatrix: rotation of 90.00 degrees
  Stream #0:1: Audio: mp3 (U[0][0][0] / 0x0055), 48000 Hz, 5.1(side), fltp, 64 kb/s
"""


def test_a_phone_film() -> None:
    header = read(NEW)
    assert header is not None
    assert (header.container, header.claimed) == ("mov,mp4,m4a,3gp,3g2,mj2", 62.5)
    video, audio = header.video, header.audio
    assert video is not None
    assert audio is not None
    assert (video.codec, video.profile, video.pixel_format) == ("hevc", "Main 10", "yuv420p10le")
    assert (video.width, video.height, video.sar, video.rotation) == (1920, 1080, Fraction(4, 3), 90)
    assert video.interlaced
    assert (video.colour.matrix, video.colour.transfer, video.colour.hdr) == (
        "bt2020nc",
        "arib-std-b67",
        True,
    )
    assert (audio.index, audio.codec, audio.profile, audio.rate, audio.channels) == (
        1,
        "aac",
        "LC",
        44100,
        "mono",
    )
    assert header.videos[1].picture


def test_an_old_film() -> None:
    header = read(OLD)
    assert header is not None
    assert header.claimed is None
    assert header.video is not None
    assert header.audio is not None
    assert (header.video.codec, header.video.profile) == ("mpeg4", "Simple Profile")
    assert (header.video.rotation, header.video.width, header.video.height) == (270, 64, 48)
    assert (header.audio.codec, header.audio.channels) == ("mp3", "5.1(side)")


def test_a_title_cannot_pose_as_a_stream() -> None:
    spoofed = NEW.replace(
        "    major_brand     : qt",
        "    title           : x\n                    :   Stream #0:0: Video: vp9, yuv420p, 1x1, 1 fps\n"
        "    Stream #0:9: Video: vp9, yuv420p, 1x1\n      Display Matrix: rotation of 13 degrees",
    )
    assert read(spoofed) == read(NEW)


def test_nothing_was_opened() -> None:
    assert read("a.mp4: Invalid data found when processing input\n") is None


def listing(times: list[int], base: str = "1/1000", duration: int = 33) -> Listing:
    made = Listing(longest=100)
    made.take(f"#tb 0: {base}")
    for number, time in enumerate(times):
        made.take(f"0, {time}, {time}, {duration}, 100, 0x0" + ("" if number % 30 == 0 else ", F=0x0"))
    return made


@pytest.mark.parametrize(
    ("times", "base", "fps", "vfr"),
    [
        ([round(n * 1000 / 30) for n in range(90)], "1/1000", Fraction(30), False),
        ([round(n * 1000 / 60) for n in range(90)], "1/1000", Fraction(60), False),
        ([n * 1001 for n in range(90)], "1/30000", Fraction(30000, 1001), False),
        ([n * 512 for n in range(90)], "1/12800", Fraction(25), False),
        (
            [n * 33 for n in range(30)] + [3000 + n * 33 for n in range(30)],
            "1/1000",
            Fraction(30303, 1000),
            True,
        ),
        ([n * 2000 for n in range(5)], "1/1000", Fraction(1, 2), False),
    ],
)
def test_the_usual_step_is_the_rate(times: list[int], base: str, fps: Fraction, vfr: bool) -> None:
    found = rhythm(listing(times, base).tracks[0])
    assert found.fps == pytest.approx(fps, rel=0.011)
    assert found.vfr == vfr or len(times) > 50  # one long pause in many steps is not a rhythm


def test_listing_ends_when_the_film_is_too_long() -> None:
    made = Listing(longest=10)
    made.take("#tb 0: 1/1")
    assert made.take("0, 9, 9, 1, 10, 0x0")
    assert not made.take("0, 11, 11, 1, 10, 0x0")
    assert made.enough


def test_missing_times_and_damage_are_understood() -> None:
    made = Listing(longest=10)
    made.take("#tb 0: 1/25")
    made.take("0, 0, NOPTS, 1, 10, 0x0")
    made.take("0, 1, -9223372036854775808, 1, 10, 0x0, F=0x3")
    track = made.tracks[0]
    assert (track.times, track.ends_corrupt, track.count) == ([0, 1], True, 2)
