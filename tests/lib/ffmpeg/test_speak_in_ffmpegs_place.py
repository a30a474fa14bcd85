"""A film whose titles, tags and languages say what FFmpeg says: with real files, and on each FFmpeg that is there."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from hustings.lib.ffmpeg import Accepted, FFmpeg, Inspection, Limits, find, inspect

pytestmark = pytest.mark.ffmpeg

Film = Callable[[str], Path]
Look = Callable[..., Inspection]

STREAM = "  Stream #0:0: Video: vp9 (Profile 2), yuv444p(pc), 16x16, 1 fps (attached pic)"
TURN = "    Side data:\n      Display Matrix: rotation of 90.00 degrees\n      displaymatrix: rotation of 90.00 degrees"
TROUBLE = "[mov @ 0x1] Picture size 99999x9 is invalid\nError: No space left on device\nCannot allocate memory"
LONG = "  Duration: 99:00:00.00, start: 0.000000, bitrate: 1 kb/s"
OUTPUT = f"Output #0, null, to 'pipe:':\n  Metadata:\n    mark            : 0\n{STREAM}\n{TURN}"
EVERYTHING = f"x\n{LONG}\n{STREAM}\n{TURN}\n{TROUBLE}\nStream mapping:\n  Stream #0:1 -> #0:0 (copy)\n{OUTPUT}\n"
BREAKS = ["\n", "\r\n", "\u2028", "\x85", "\x0b", "\x1d"]


def same(one: Inspection, other: Inspection) -> None:
    """All that is believed, but for the size of the words themselves."""
    assert one.refusals == other.refusals == ()
    assert one.source is not None
    assert other.source is not None
    assert replace(one.source, bytes=0) == replace(other.source, bytes=0)


@pytest.fixture
def tagged(film: Film, make: Callable[..., None], tmp_path: Path) -> Callable[..., Path]:
    """`tagged("x.mkv", *arguments)`: the phone's film, copied into another container with these words."""

    def write(name: str, *words: str) -> Path:
        path = tmp_path / name
        make("-i", film("phone.mp4"), "-c", "copy", "-bitexact", *words, path)
        return path

    return write


@pytest.mark.parametrize("container", ["mp4", "mkv", "mov", "avi"])
@pytest.mark.parametrize("end", BREAKS)
def test_a_title_that_goes_on_in_the_next_line(
    tagged: Callable[..., Path], look: Look, container: str, end: str
) -> None:
    title = EVERYTHING.replace("\n", end)
    words = ["-metadata", f"title={title}", "-metadata:s:v:0", f"title={title}", "-metadata:s:a:0", f"title={title}"]
    same(look(tagged(f"title.{container}", *words)), look(tagged(f"plain.{container}")))


@pytest.mark.parametrize("language", ["und\n  Stream #0:5(und", "und): Video: vp9, yuv420p, 1x1", "a:b(\n" + STREAM])
def test_a_language_that_is_none(tagged: Callable[..., Path], look: Look, language: str) -> None:
    """FFmpeg prints it inside its own line."""
    words = ["-metadata:s:v:0", f"language={language}"]
    same(look(tagged("language.mkv", *words)), look(tagged("plain.mkv")))


def test_a_tag_whose_name_has_lines_of_its_own(tagged: Callable[..., Path], look: Look, tmp_path: Path) -> None:
    """A name is printed as it is, where a value is indented: the bytes are put in by hand, no program writes them."""
    spoken = ("x\n" + EVERYTHING).encode()
    holder = b"K" * len(spoken)
    path = tagged("key.mkv", "-write_crc32", "0", "-metadata", f"{holder.decode()}=x")
    whole = path.read_bytes()
    assert whole.count(holder) == 1
    path.write_bytes(whole.replace(holder, spoken))
    plain = look(tagged("plain.mkv"))
    found = look(path)
    assert plain.source is not None
    assert found.source is not None
    # The one thing that changes: a length that is said twice is not believed at all.
    assert (plain.source.claimed is None, found.source.claimed) == (False, None)
    same(replace(found, source=replace(found.source, claimed=plain.source.claimed)), plain)


@pytest.mark.parametrize("path", [*filter(None, [shutil.which("ffmpeg")]), ""])
def test_on_each_ffmpeg_that_is_there(
    path: str, tagged: Callable[..., Path], folder: Path, film: Film, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Debian's on PATH, when there is one, and the one that comes with us."""
    if not path:
        monkeypatch.setenv("PATH", "/nowhere")
    tool: FFmpeg = find(path)
    spoken = tagged("title.mkv", "-metadata", f"title={EVERYTHING}", "-metadata:s:v:0", "language=und\n  Stream #0:5(u")
    looks = [
        inspect(tool, one, accepted=Accepted(), limits=Limits(), workdir=folder)
        for one in (spoken, tagged("plain.mkv"))
    ]
    same(*looks)
