"""From a scene to a file that browsers play at once."""

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from hustings.demo import render
from hustings.demo.clips import CLIPS
from hustings.demo.graphics import Draw, Stage
from hustings.lib import ffmpeg
from hustings.lib.ffmpeg import Limits, Source

pytestmark = pytest.mark.ffmpeg


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "clips"
    made.mkdir()
    return made


def _probe(path: Path, tmp_path: Path) -> Source:
    seen = ffmpeg.inspect(ffmpeg.find(), path, accepted=ffmpeg.Accepted(), limits=Limits(), workdir=tmp_path)
    assert seen.refusals == ()
    assert seen.source is not None
    return seen.source


@pytest.mark.parametrize("key", ["speaker-says-order", "which-bin"])
def test_a_clip_is_portrait_h264_with_sound_and_can_be_remuxed(key: str, folder: Path, tmp_path: Path) -> None:
    path = render.render(key, folder)
    source = _probe(path, tmp_path)
    assert (source.display_width, source.display_height) == (720, 1280)
    assert source.duration == pytest.approx(CLIPS[key].seconds, abs=0.1)
    assert source.audio is not None
    assert ffmpeg.can_remux(source, ffmpeg.Playable(edge=1080))
    assert [left for left in folder.iterdir() if left.name.startswith(".making")] == []


def test_a_clip_that_is_there_is_not_rendered_again(folder: Path) -> None:
    (folder / "which-bin.mp4").write_bytes(b"here already")
    assert render.render("which-bin", folder).read_bytes() == b"here already"


def test_what_a_killed_rendering_left_is_swept(folder: Path) -> None:
    (folder / ".making-x").mkdir()
    (folder / ".making-x" / "sound.wav").write_bytes(b"half")
    render.sweep(folder)
    assert list(folder.iterdir()) == []


def test_a_scene_that_fails_leaves_nothing_behind(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(stage: Stage) -> Draw:
        def draw(t: float) -> Image.Image:
            raise ZeroDivisionError

        return draw

    monkeypatch.setitem(CLIPS, "which-bin", replace(CLIPS["which-bin"], scene=broken))
    with pytest.raises(ZeroDivisionError):
        render.render("which-bin", folder)
    assert list(folder.iterdir()) == []


def test_several_at_a_time_are_told_as_they_come(folder: Path) -> None:
    done = []
    render.render_all(folder, ["sorting", "speaker-says-order"], jobs=2, on_done=done.append)
    assert {one.key for one in done} == {"sorting", "speaker-says-order"}
    assert all(one.path.exists() for one in done)
