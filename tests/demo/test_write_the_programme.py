"""The programme of the demonstration: clips that fit the platform's own rules, and people to publish them."""

import re
from collections import Counter

import numpy as np
import pytest

from hustings.demo import cast
from hustings.demo.clips import CLIPS, ORDER
from hustings.demo.graphics import HEIGHT, WIDTH
from hustings.demo.spec import programme, vtt
from hustings.lib import text
from hustings.videos import tracks

EVERY = pytest.mark.parametrize("key", ORDER)


def test_each_scene_has_its_entry_and_each_entry_its_scene() -> None:
    assert set(ORDER) == set(CLIPS) == set(programme())
    assert len(ORDER) == len(CLIPS) >= 44


@EVERY
def test_a_clip_is_as_long_as_promised(key: str) -> None:
    assert 6 <= CLIPS[key].seconds <= 15


@EVERY
def test_a_caption_fits_and_has_hashtags(key: str) -> None:
    clip = CLIPS[key]
    assert len(clip.caption) <= 500
    assert text.hashtags(clip.caption)


@EVERY
def test_caption_tracks_are_what_the_platform_accepts(key: str) -> None:
    written = vtt(CLIPS[key])
    clean = tracks.convert(written.encode())
    assert clean.count("-->") == len(CLIPS[key].lines)
    ends = [float(m) for m in re.findall(r"--> 00:00:(\d+\.\d+)", written)]
    assert ends == sorted(ends)
    assert ends[-1] <= CLIPS[key].seconds


@EVERY
def test_the_first_frame_is_a_picture(key: str) -> None:
    clip = CLIPS[key]
    frame = clip.scene(clip.stage())(0.0)
    assert (frame.mode, frame.size) == ("RGB", (WIDTH, HEIGHT))
    # It is the poster: neither empty nor one flat colour.
    assert len(np.unique(np.asarray(frame.resize((24, 42))).reshape(-1, 3), axis=0)) > 12


def test_a_scene_draws_the_same_from_the_same_dice() -> None:
    clip = CLIPS["voronoi"]
    assert clip.scene(clip.stage())(1.0).tobytes() == clip.scene(clip.stage())(1.0).tobytes()


def test_there_is_welsh() -> None:
    assert sum(clip.language == "cy" for clip in CLIPS.values()) >= 6


def test_every_author_is_in_the_cast() -> None:
    assert {clip.author for clip in CLIPS.values()} <= {one.key for one in (*cast.PEOPLE, *cast.BODIES)}


def test_the_cast_is_a_parliament_two_councils_a_broadcaster_and_a_dozen_people() -> None:
    assert len(cast.BODIES) == 4
    assert len(cast.PEOPLE) >= 12
    keys = {one.key for one in (*cast.PEOPLE, *cast.BODIES)}
    assert all(set(person.follows) <= keys - {person.key} for person in cast.PEOPLE)
    assert {body.owner for body in cast.BODIES} <= {person.key for person in cast.PEOPLE}


def test_people_have_enough_to_say_and_say_nothing_twice() -> None:
    said = Counter(remark for remarks in cast.COMMENTS.values() for remark in remarks)
    assert len(said) >= 100
    assert max(said.values()) == 1
    assert max(map(len, said)) <= 500


def test_the_first_clips_show_the_range() -> None:
    assert len({CLIPS[key].author for key in ORDER[:8]}) >= 6
