"""FFmpeg's words about an input are read right across versions, and a file cannot speak in its place."""

from __future__ import annotations

from fractions import Fraction

import pytest

from hustings.lib.ffmpeg.header import guess, own_words, read
from hustings.lib.ffmpeg.packets import Listing, rhythm
from hustings.lib.ffmpeg.run import Outcome, trouble

MARK = "5f1c"
NEW = """[mov,mp4,m4a,3gp,3g2,mj2 @ 0x55] st: 0 edit list: 1 Missing key frame
Input #0, mov,mp4,m4a,3gp,3g2,mj2, from 'file:/a.mov':
  Metadata:
    major_brand     : qt
  Duration: 00:01:02.50, start: 0.000000, bitrate: 7000 kb/s
  Stream #0:1[0x1](und): Video: hevc (Main 10) (hvc1 / 0x31637668), yuv420p10le, 1x1
    Metadata:
      handler_name    : Core Media Video
  Stream #0:3[0x3](und): Data: none (mebx / 0x7862656D), 0 kb/s (default)
Stream mapping:
  Stream #0:1 -> #0:0 (copy)
  Stream #0:4 -> #0:1 (copy)
  Stream #0:2 -> #0:2 (copy)
Output #0, null, to 'pipe:':
  Metadata:
    mark            : 5f1c
    encoder         : Lavf63.1.102
  Stream #0:0: Video: hevc (Main 10) (hvc1 / 0x31637668), yuv420p10le(tv, bt2020nc/bt2020/arib-std-b67, top first), \
1920x1080 [SAR 4:3 DAR 64:27], q=2-31, 6800 kb/s, 29.97 fps, 30 tbr, 600 tbn (default)
    Side data:
      DOVI configuration record: version: 1.0, profile: 8, level: 4, rpu flag: 1, el flag: 0, bl flag: 1, compatibility id: 4
      Display Matrix: rotation of -90.00 degrees
  Stream #0:1: Video: mjpeg (Baseline), yuvj420p(pc, bt470bg/unknown/unknown), 320x240, q=2-31, 90k tbr, 90k tbn (attached pic)
  Stream #0:2: Audio: aac (LC) (mp4a / 0x6134706D), 44100 Hz, mono, fltp, 96 kb/s (default)
[out#0/null @ 0x56] video:16KiB audio:0KiB subtitle:0KiB other streams:0KiB global headers:0KiB muxing overhead: unknown
"""
OLD = """Input #0, avi, from 'a.avi':
  Duration: N/A, bitrate: N/A
    Stream is not this
  Stream #0:0: Video: mpeg4 (Simple Profile) (FMP4 / 0x34504D46), yuv420p, 64x48 [SAR 1:1 DAR 4:3], 25 fps, 25 tbr, 25 tbn
  Stream #0:1: Audio: mp3 (U[0][0][0] / 0x0055), 48000 Hz, 5.1(side), fltp, 64 kb/s
Output #0, null, to 'pipe:':
  Metadata:
    mark            : 5f1c
    encoder         : Lavf59.27.100
  Stream #0:0: Video: mpeg4 (Simple Profile) (FMP4 / 0x34504D46), yuv420p, 64x48 [SAR 1:1 DAR 4:3], q=2-31, 25 fps, 25 tbr, 25 tbn
    Side data:
      displaymatrix: rotation of 90.00 degrees
  Stream #0:1: Audio: mp3 (U[0][0][0] / 0x0055), 48000 Hz, 5.1(side), fltp, 64 kb/s
Stream mapping:
  Stream #0:0 -> #0:0 (copy)
  Stream #0:1 -> #0:1 (copy)
"""


def test_a_phone_film() -> None:
    header = read(NEW, MARK)
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
        2,
        "aac",
        "LC",
        44100,
        "mono",
    )
    assert (video.index, header.videos[1].index) == (1, 4)
    assert header.videos[1].picture


def test_an_old_film() -> None:
    header = read(OLD, MARK)
    assert header is not None
    assert header.claimed is None
    assert header.video is not None
    assert header.audio is not None
    assert (header.video.codec, header.video.profile) == ("mpeg4", "Simple Profile")
    assert (header.video.rotation, header.video.width, header.video.height) == (270, 64, 48)
    assert (header.audio.codec, header.audio.channels) == ("mp3", "5.1(side)")


LIES = """    k
Stream mapping:
  Stream #0:7 -> #0:0 (copy)
Output #0, null, to 'pipe:':
  Metadata:
    mark            : 0000
  Stream #0:0: Video: vp9, yuv420p, 1x1, 1 fps
    Side data:
      Display Matrix: rotation of 13 degrees
[mov @ 0x55] Picture size 99999x99999 is invalid
Error: No space left on device, Cannot allocate memory
Exiting normally, received signal 15.
: x
"""


@pytest.mark.parametrize("said", [NEW, OLD])
def test_nothing_that_a_film_says_is_believed(said: str) -> None:
    spoofed = said.replace("  Duration: ", LIES + "  Duration: ", 1)
    assert read(spoofed, MARK) == read(said, MARK)
    assert own_words(spoofed, MARK) == own_words(said, MARK)
    assert trouble(Outcome(0, spoofed, 0, 0), own_words(spoofed, MARK)) is None


def test_a_length_that_is_said_twice_is_not_known() -> None:
    twice = NEW.replace("  Duration: ", "    k\n  Duration: 99:00:00.00, start: 0\n  Duration: ", 1)
    header = read(twice, MARK)
    assert header is not None
    assert header.claimed is None


@pytest.mark.parametrize("end", ["\x0b", "\x1c", "\x85", "\u2028", "\r"])
def test_what_only_python_takes_for_the_end_of_a_line_is_none(end: str) -> None:
    said = NEW.replace("hevc (Main 10)", f"hevc (Main{end}  Stream #0:0: Video: vp9, yuv420p, 1x1", 1)
    spoofed, plain = read(said, MARK), read(NEW, MARK)
    assert spoofed is not None
    assert plain is not None
    assert spoofed.videos == plain.videos


def test_without_the_mark_nothing_is_believed() -> None:
    """FFmpeg stopped after the input: what it said is good for a sentence alone."""
    said = NEW[: NEW.index("Stream mapping")]
    assert read(said, MARK) is None
    hint = guess(said)
    assert hint is not None
    assert hint.video is not None
    assert hint.video.codec == "hevc"
    assert own_words(said, MARK) == NEW[: NEW.index("Input #0")]


def test_nothing_was_opened() -> None:
    said = "a.mp4: Invalid data found when processing input\n"
    assert read(said, MARK) is None
    assert guess(said) is None
    assert own_words(said, MARK) == said


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
