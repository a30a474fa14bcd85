"""Which sizes a film gets and what the one command says: pure, no FFmpeg."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hustings.lib.ffmpeg import Audio, Colour, Loudness, Playable, Source, can_remux, judge, ladder, plan, tonemap
from hustings.lib.ffmpeg import loudness as sound
from hustings.lib.ffmpeg.rules import Accepted

FILM = Source(
    container="mov,mp4,m4a,3gp,3g2,mj2", codec="h264", profile="High", pixel_format="yuv420p", width=1080, height=1920,
    sar=Fraction(1), rotation=0, display_width=1080, display_height=1920, interlaced=False, fps=Fraction(30), vfr=False,
    frames=300, starts_on_key=True, longest_gop=2.0, duration=10.0, claimed=10.0, video_end=10.0, torn=False,
    colour=Colour(), bytes=5_000_000, video_index=0,
    audio=Audio(1, "aac", "LC", "stereo", 48000, 10.0, Loudness(-20.0, -6.0)),
)  # fmt: skip


def shown(width: int, height: int, fps: int = 30) -> Source:
    return replace(FILM, width=width, height=height, display_width=width, display_height=height, fps=Fraction(fps))


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((1080, 1920), [(360, 640), (540, 960), (720, 1280), (1080, 1920)]),
        ((1920, 1080), [(640, 360), (960, 540), (1280, 720), (1920, 1080)]),
        ((2160, 3840), [(360, 640), (540, 960), (720, 1280), (1080, 1920)]),
        ((720, 1280), [(360, 640), (540, 960), (720, 1280)]),
        ((719, 1279), [(360, 640), (540, 960)]),
        ((1080, 1080), [(360, 360), (540, 540), (720, 720), (1080, 1080)]),
        ((240, 426), [(240, 426)]),
        ((201, 355), [(200, 354)]),
        ((4096, 400), [(2560, 250)]),
    ],
)
def test_sizes(size: tuple[int, int], expected: list[tuple[int, int]]) -> None:
    assert [(rung.width, rung.height) for rung in ladder(shown(*size))] == expected


@given(width=st.integers(16, 5000), height=st.integers(16, 5000))
def test_every_size_is_even_unstretched_and_never_larger(width: int, height: int) -> None:
    rungs = ladder(shown(width, height))
    assert rungs
    for rung in rungs:
        assert rung.width % 2 == rung.height % 2 == 0
        assert rung.width <= width
        assert rung.height <= height
        # Rounding to even moves an edge by one pixel at most.
        scale = rung.width / width
        assert abs(rung.height - height * scale) <= 1 + height / width + 1e-6


@pytest.mark.parametrize(
    ("fps", "expected"),
    [(24, 24), (30, 30), (60, 60), (50, 50), (120, 60), (240, 60), (90, 45), (Fraction(30000, 1001), Fraction(30000, 1001)),
     (Fraction(60000, 1001), Fraction(60000, 1001)), (5, 10)],
)  # fmt: skip
def test_rates_are_divided_evenly(fps: int, expected: Fraction) -> None:
    assert plan.rate(Fraction(fps), Fraction(60)) == expected


def test_small_sizes_need_no_sixty_pictures() -> None:
    assert [rung.fps for rung in ladder(shown(1080, 1920, 60))] == [30, 30, 30, 60]


def test_one_command_has_one_decode_and_one_sound_encoder() -> None:
    made = plan.whole(FILM, ladder(FILM))
    text = " ".join(made.arguments)
    assert made.arguments.count("-filter_complex") == 1
    assert text.count("[0:0]") == 1  # the film is taken into the graph once
    assert made.arguments.count("-c:a") == 1
    assert text.count("+faststart") == len(made.names) == 4
    assert made.names == ("360.mp4", "540.mp4", "720.mp4", "1080.mp4")


def test_no_sound_makes_no_sound_track() -> None:
    text = " ".join(plan.whole(replace(FILM, audio=None), ladder(FILM)).arguments)
    assert "aac" not in text
    assert ",a" not in text.split("-f tee")[1]


@pytest.mark.parametrize(
    ("colour", "height", "said"),
    [
        (Colour(), 1920, "in_color_matrix=bt709"),
        (Colour(), 480, "in_color_matrix=bt601"),
        (Colour("smpte170m", "smpte170m", "smpte170m"), 1920, "bicubic:out_color_matrix=bt709"),
        (Colour("bt2020nc", "bt2020", "arib-std-b67"), 1920, "lut3d=hdr.cube"),
    ],
)
def test_colour_is_read_as_declared(colour: Colour, height: int, said: str) -> None:
    film = replace(shown(480 if height == 480 else 1080, height), colour=colour)
    made = plan.whole(film, ladder(film))
    assert said in " ".join(made.arguments)
    assert set(made.files) == ({"hdr.cube"} if colour.hdr else set())


@pytest.mark.parametrize("transfer", ["smpte2084", "arib-std-b67"])
def test_tone_mapping_keeps_black_white_and_order(transfer: str) -> None:
    import numpy as np

    grey = np.repeat(np.linspace(0, 1, 101)[:, None], 3, axis=1)
    mapped = tonemap.to_standard(grey, transfer)
    assert mapped[0] == pytest.approx([0, 0, 0], abs=0.01)
    assert mapped[-1] == pytest.approx([1, 1, 1], abs=0.01)
    assert (np.diff(mapped[:, 0]) >= -1e-6).all()
    assert np.abs(mapped - mapped[:, :1]).max() < 0.01  # grey stays grey
    # Paper white (203 cd/m²) is 58 % of PQ and 75 % of HLG, and stays bright without being clipped.
    white = mapped[58 if transfer == "smpte2084" else 75, 0]
    assert 0.7 < white < 0.98


@pytest.mark.parametrize(
    ("loudness", "decibels", "limited"),
    [
        (Loudness(-20, -12), 6.0, False),
        (Loudness(-20, -3), 6.0, True),
        (Loudness(-8, 0.5), -6.0, False),
        (Loudness(-46, -30), 30.0, True),
        (Loudness(-60, -50), 0.0, False),
        (None, 0.0, False),
    ],
)
def test_one_measured_gain(loudness: Loudness | None, decibels: float, limited: bool) -> None:
    assert sound.gain(loudness) == decibels
    text = sound.correction(loudness)
    assert ("volume=" in text) == bool(decibels)
    assert ("alimiter" in text) == limited


@pytest.mark.parametrize(
    "change",
    [
        {"codec": "hevc"}, {"pixel_format": "yuv420p10le"}, {"profile": "High 4:4:4 Predictive"}, {"interlaced": True},
        {"sar": Fraction(4, 3)}, {"container": "matroska,webm"}, {"starts_on_key": False}, {"longest_gop": 11.0},
        {"display_width": 1440, "display_height": 2560}, {"bytes": 20_000_000}, {"fps": Fraction(120)}, {"rotation": 45},
        {"colour": Colour("bt2020nc", "bt2020", "smpte2084")}, {"audio": Audio(1, "opus", "", "stereo", 48000, 10, None)},
        {"audio": Audio(1, "aac", "LC", "5.1", 48000, 10, None)},
    ],
)  # fmt: skip
def test_each_obstacle_to_a_remux(change: dict[str, object]) -> None:
    assert can_remux(FILM, Playable())
    assert not can_remux(replace(FILM, **change), Playable())  # type: ignore[arg-type]  # one field each


def test_a_quarter_turn_is_no_obstacle() -> None:
    assert can_remux(replace(FILM, rotation=90), Playable())


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, None),
        ({"duration": 0.95, "claimed": 1.0}, None),  # a camera's second
        ({"duration": 0.5, "claimed": 0.5}, "too_short"),
        ({"duration": 181.0, "claimed": 181.0}, "too_long"),
        ({"claimed": 14.0}, "truncated"),
        ({"torn": True}, "truncated"),
        ({"claimed": 72000.0}, "duration_lie"),
        ({"claimed": None}, None),
        ({"frames": 1}, "no_frames"),
        ({"fps": Fraction(0)}, "no_frames"),
        ({"width": 8}, "too_small"),
        ({"width": 30_000, "height": 30_000}, "too_many_pixels"),
        ({"bytes": 2 << 30}, "too_large"),
        ({"codec": "hologram"}, "unsupported_codec"),
    ],
)
def test_judgement(change: dict[str, object], code: str | None) -> None:
    film = replace(FILM, **change)  # type: ignore[arg-type]  # one field each
    faults = judge(film, Accepted(), frozenset({"h264"}))
    assert [fault.code for fault in faults] == ([code] if code else [])
