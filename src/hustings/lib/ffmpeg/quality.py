"""Every number that decides what renditions look like and cost. Measured in docs/decisions/0005-one-decode.md."""

from dataclasses import dataclass
from fractions import Fraction

EDGES = (360, 540, 720, 1080)
LONGEST_EDGE = 2560  # 21:9 at 1080; beyond it a film is scaled by its long edge

MOST_FPS = Fraction(60)
SMALL_FPS = Fraction(30)  # for every rung but the top one: on a small screen nobody sees the difference
LEAST_FPS = Fraction(10)  # a slide show gets repeated pictures, so that seeking lands near
KEY_EVERY = 2.0  # seconds between key frames: what a seek has to decode at most

AUDIO_KBPS = 128
AUDIO_RATE = 48_000

POSTER_EDGE = 720
COVERS = 5
STORY_EDGE = 90
STORY_MOST = 48
STORY_INTERVAL = 0.5
STORY_COLUMNS = 8


@dataclass(frozen=True)
class Effort:
    """How hard x264 tries. `params` go to -x264-params, over `preset`."""

    name: str
    preset: str
    params: str


# `superfast` looks no picture ahead and so cannot spend bits where they stay visible (mbtree), and decides at
# length where to put B pictures (b-adapt). With eight pictures of lookahead and three B pictures in a row
# always, it needs 28 % fewer bits than `superfast` and 9 % fewer than `veryfast` at the same VMAF (85), for 58 % of
# the time of `veryfast`.
BRISK = Effort("brisk", "superfast", "rc-lookahead=8:mbtree=1:b-adapt=0")
# A finer search for motion: 4 % fewer bits for 40 % more time, where time is short of nothing.
CAREFUL = Effort("careful", "superfast", "rc-lookahead=10:mbtree=1:b-adapt=0:subme=2")
# Films that are dear to decode (4K, 60 pictures a second) would otherwise keep people waiting longer; half as
# many bits again, under the same ceiling.
HASTY = Effort("hasty", "ultrafast", "rc-lookahead=5:mbtree=1:cabac=1:8x8dct=1:aq-mode=1:no-deblock=0")


# Watched for the seconds until the ladder is there.
FIRST = Effort("first", "ultrafast", "rc-lookahead=5:mbtree=1:cabac=1:8x8dct=1:aq-mode=1:no-deblock=0")
FIRST_EDGE = 540
FIRST_ABOVE = 60.0  # megapixels a second: from 1080p at 30 on, a ladder takes more than half of a film's duration


@dataclass(frozen=True)
class Grade:
    """Quality of one rung: constant quality `crf` under a ceiling of `kbps` at 30 pictures a second."""

    crf: int
    kbps: int


GRADES = {
    360: Grade(24, 900),
    540: Grade(24, 1_800),
    720: Grade(23, 3_200),
    1080: Grade(23, 6_000),
}

AV1_PRESET = 9
AV1_CRF = 36


def grade(edge: int) -> Grade:
    """The grade of the first rung at or above `edge`: a film smaller than 360 has a rung of its own."""
    return next((GRADES[rung] for rung in EDGES if rung >= edge), GRADES[EDGES[-1]])


def effort(edge: int, *, decoded: float) -> Effort:
    """How hard to try for a rung, given the megapixels a second that the source makes us decode and scale.

    1080p at 30 is 62, 1080p at 60 is 124, 4K at 30 is 249.
    """
    if decoded > 100:
        return BRISK if edge < 720 else HASTY
    if decoded > 40:
        return BRISK
    return CAREFUL
