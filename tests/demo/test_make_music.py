"""Music for a clip: the same for the same seed, as long as the clip, audible and never clipped."""

import numpy as np
import pytest

from hustings.demo.moods import MOODS
from hustings.demo.music import CEILING, loudness, play, tempo
from hustings.demo.spec import programme


def test_the_same_seed_gives_the_same_music() -> None:
    assert np.array_equal(play("lofi", 6.0, 5), play("lofi", 6.0, 5))


def test_another_seed_gives_other_music() -> None:
    assert not np.array_equal(play("lofi", 6.0, 5), play("lofi", 6.0, 6))


@pytest.mark.parametrize("mood", MOODS)
def test_every_mood_is_heard_throughout_and_does_not_clip(mood: str) -> None:
    mix = play(mood, 8.0, 1)
    assert mix.shape == (2, 8 * 48_000)
    assert np.isfinite(mix).all()
    assert np.abs(mix).max() <= CEILING + 1e-6
    assert -14.6 < loudness(mix) < -13.4
    tenths = mix.reshape(2, 10, -1)
    assert (np.sqrt((tenths**2).mean(axis=(0, 2))) > 0.01).all()


@pytest.mark.parametrize("key", programme())
def test_whole_bars_fill_the_clip_near_the_moods_own_speed(key: str) -> None:
    clip = programme()[key]
    time = tempo(clip["mood"], clip["seconds"])
    assert time.beat * time.beats * time.bars == pytest.approx(clip["seconds"])
    assert 0.75 < 60 / time.beat / MOODS[clip["mood"]].bpm < 1.33


def test_the_loudness_of_a_known_tone() -> None:
    # BS.1770-4: a 997 Hz sine at full scale in one channel is -3.01 LUFS.
    t = np.arange(10 * 48_000) / 48_000
    tone = np.stack([np.sin(2 * np.pi * 997 * t), np.zeros_like(t)]).astype(np.float32)
    assert loudness(tone) == pytest.approx(-3.01, abs=0.05)


def test_silence_has_a_loudness_too() -> None:
    assert loudness(np.zeros((2, 48_000), np.float32)) == -70.0


def test_there_are_moods_for_everybody() -> None:
    assert len(MOODS) >= 12
    assert {clip["mood"] for clip in programme().values()} <= MOODS.keys()
