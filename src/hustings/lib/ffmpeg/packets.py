"""The packet pass: every packet of a film is listed without decoding a picture.

Headers lie, by accident (a recorder that was cut off) and on purpose. FFmpeg's `framecrc` format prints, for
each packet, its times, size and whether it is a key frame, in a form made for machines. What is known
from it is the truth that `rules` judges: how long, how many pictures, how regular, whether the file is whole.
"""

from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

_MOST_PACKETS = 400_000  # 3 minutes at 240 pictures a second with sound are a tenth of this
_NO_TIME = {"NOPTS", str(-(1 << 63))}
_KEY, _CORRUPT = 1, 2  # AV_PKT_FLAG_*; framecrc leaves them out when a packet is a key frame and nothing else
STANDARD_RATES = tuple(
    Fraction(*rate)
    for rate in (
        (10, 1), (12, 1), (25, 2), (15, 1), (20, 1), (24000, 1001), (24, 1), (25, 1), (30000, 1001), (30, 1),
        (48, 1), (50, 1), (60000, 1001), (60, 1), (90, 1), (100, 1), (120000, 1001), (120, 1), (240, 1),
    )
)  # fmt: skip


@dataclass
class Track:
    """One stream of the listing. Times are counted in `base` seconds."""

    base: Fraction = Fraction(1, 1000)
    codec: str = ""
    width: int = 0
    height: int = 0
    times: list[int] = field(default_factory=list)
    keys: list[int] = field(default_factory=list)
    end: int = 0
    first_is_key: bool = False
    ends_corrupt: bool = False
    count: int = 0

    def add(self, time: int, duration: int, key: bool) -> None:
        if self.count == 0:
            self.first_is_key = key
        self.count += 1
        self.times.append(time)
        self.end = max(self.end, time + max(duration, 0))
        if key:
            self.keys.append(time)

    @property
    def seconds(self) -> float:
        """Where the last packet ends, from the start of the film."""
        return float(self.end * self.base)


class Listing:
    """Takes the lines of `-f framecrc`, output stream 0 being the picture and 1, if any, the sound."""

    def __init__(self, longest: float) -> None:
        """Stop once a packet is later than `longest` seconds: the film is too long whatever follows."""
        self.tracks: dict[int, Track] = {}
        self.enough = False
        self._longest = longest
        self._count = 0

    def take(self, line: str) -> bool:
        """Read one line. False once there is no point in reading on."""
        if line.startswith("#"):
            self._describe(line)
            return True
        parts = [part.strip() for part in line.split(",")]
        if len(parts) < 6:
            return True
        number, dts, pts, duration = parts[:4]
        track = self.tracks.setdefault(int(number), Track())
        flags = next((int(part[4:], 16) for part in parts[6:] if part.startswith("F=0x")), _KEY)
        track.ends_corrupt = bool(flags & _CORRUPT)
        time = pts if pts not in _NO_TIME else dts
        if time in _NO_TIME:
            track.count += 1
            return True
        track.add(int(time), int(duration), key=bool(flags & _KEY))
        self._count += 1
        self.enough = track.seconds > self._longest or self._count > _MOST_PACKETS
        return not self.enough

    def _describe(self, line: str) -> None:
        head, _, value = line[1:].partition(": ")
        name, _, number = head.partition(" ")
        if not number.isdigit():
            return
        track = self.tracks.setdefault(int(number), Track())
        if name == "tb":
            track.base = Fraction(value.strip())
        elif name == "codec_id":
            track.codec = value.strip()
        elif name == "dimensions":
            width, _, height = value.strip().partition("x")
            track.width, track.height = int(width), int(height)


@dataclass(frozen=True)
class Rhythm:
    """How regularly the pictures come. `fps` is the rate that most of them keep, 0 when there is none."""

    fps: Fraction
    vfr: bool
    longest_gop: float


def rhythm(track: Track) -> Rhythm:
    """The rate of the usual step between pictures: a mean would let one long pause halve the rate."""
    times = sorted(track.times)
    steps = sorted(b - a for a, b in pairwise(times) if b > a)
    if not steps:
        return Rhythm(Fraction(0), vfr=False, longest_gop=0.0)
    middle = steps[len(steps) // 2]
    # Containers that count milliseconds round each step: a step counts as usual within one tick and a fifth.
    usual = [step for step in steps if abs(step - middle) <= max(1, middle // 5)]
    mean = Fraction(sum(usual), len(usual)) * track.base
    keys = [*sorted(track.keys), track.end]
    gop = max((b - a for a, b in pairwise(keys)), default=0)
    return Rhythm(
        fps=_snapped(1 / mean, doubt=2 * track.base / (mean * len(usual))),
        vfr=len(usual) < 0.98 * len(steps),
        longest_gop=float(gop * track.base),
    )


def _snapped(rate: Fraction, doubt: Fraction) -> Fraction:
    """The standard rate nearest to `rate`, where one is near. Within `doubt` a whole number is the better guess."""
    near = [standard for standard in STANDARD_RATES if abs(standard - rate) / rate < Fraction(15, 1000)]
    if not near:
        return Fraction(round(rate * 1000), 1000)
    whole = [standard for standard in near if standard.denominator == 1 and abs(standard - rate) / rate <= doubt]
    return min(whole or near, key=lambda standard: abs(standard - rate))
