"""The moods of the demonstration's music, as plain data that `music` plays.

A pattern is one bar (or several) of sixteenths. In a stroke or chord pattern `x` is a hit, `o` a soft hit, `.` nothing.
In a line pattern a digit is a tone of the present chord (0 root, 1 third, 2 fifth, then on upwards), `.` nothing.
Chords are degrees of the scale, 1 to 7.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Layer:
    """One player. `play` is chords, line, melody or stroke; `hold` is how many sixteenths a note lasts."""

    play: str
    voice: str
    pattern: str = "x"
    gain: float = 0.5
    octave: int = 4
    pan: float = 0.0
    wet: float = 0.2
    hold: float = 2.0
    enters: int = 0
    ducks: bool = False


@dataclass(frozen=True, slots=True)
class Mood:
    """`duck` is how far a kick pushes the ducking layers down; `room` the reverb's seconds; `echo` its level."""

    bpm: float
    scale: str
    chords: tuple[str, ...]
    layers: tuple[Layer, ...]
    tones: int = 3
    beats: int = 4
    swing: float = 0.0
    room: float = 1.6
    wet: float = 0.5
    echo: float = 0.0
    duck: float = 0.0
    keys: tuple[int, ...] = (0, 2, 3, 5, 7, 9, 10)


def _chords(
    voice: str,
    pattern: str,
    gain: float,
    hold: float = 16,
    octave: int = 4,
    wet: float = 0.4,
    ducks: bool = False,
    enters: int = 0,
) -> Layer:
    return Layer("chords", voice, pattern, gain, octave, 0.0, wet, hold, enters, ducks)


def _line(
    voice: str,
    pattern: str,
    gain: float,
    octave: int,
    hold: float = 2,
    pan: float = 0.0,
    wet: float = 0.2,
    ducks: bool = False,
    enters: int = 0,
) -> Layer:
    return Layer("line", voice, pattern, gain, octave, pan, wet, hold, enters, ducks)


def _tune(
    voice: str, pattern: str, gain: float, octave: int = 5, hold: float = 3, wet: float = 0.5, enters: int = 0
) -> Layer:
    return Layer("melody", voice, pattern, gain, octave, 0.12, wet, hold, enters)


def _beat(voice: str, pattern: str, gain: float, pan: float = 0.0, wet: float = 0.08, enters: int = 0) -> Layer:
    return Layer("stroke", voice, pattern, gain, 4, pan, wet, 1, enters)


MOODS: dict[str, Mood] = {
    "lofi": Mood(
        82,
        "dorian",
        ("1425", "1764", "2516"),
        tones=4,
        swing=0.18,
        room=1.2,
        layers=(
            _chords("keys", "x.....o...x.....", 0.20, 8, 4),
            _line("upright", "0.....0...2.0...", 0.62, 2, 4, wet=0.02),
            _tune("kalimba", "..x..x....x.x...", 0.3, 5, 3, enters=1),
            _beat("thud", "x......x..x.....", 0.5),
            _beat("brush", "....x.......x...", 0.5, 0.05),
            _beat("hat", "x.o.x.o.x.o.x.oo", 0.22, 0.25),
            _beat("rim", ".......o........", 0.2, -0.4),
        ),
    ),
    "house": Mood(
        122,
        "minor",
        ("1637", "6415", "1647"),
        tones=4,
        room=1.1,
        echo=0.16,
        duck=0.65,
        layers=(
            _chords("saw", "..x..x.x..x..x..", 0.26, 1.6, 4, 0.3, ducks=True),
            _chords("pad", "x...............", 0.19, 16, 4, 0.5, ducks=True),
            _line("bass", "..0..0..0.0..02.", 0.55, 2, 1.6, wet=0.0, ducks=True),
            _tune("pluck", "x..x..x.....x.x.", 0.3, 5, 1.5, 0.5, enters=1),
            _beat("kick", "x...x...x...x...", 0.72, wet=0),
            _beat("clap", "....x.......x...", 0.5),
            _beat("hat", "..x...x...x...x.", 0.42, 0.1),
            _beat("shaker", "o.oxo.oxo.oxo.ox", 0.2, -0.3),
        ),
    ),
    "ambient": Mood(
        64,
        "major",
        ("1643", "4156", "1425"),
        tones=4,
        room=4.5,
        wet=0.9,
        echo=0.2,
        layers=(
            _chords("pad", "x...............", 0.31, 16, 4, 0.6),
            _chords("pad", "x...............", 0.12, 16, 5, 0.8),
            _line("sub", "0...............", 0.35, 2, 14, wet=0.0),
            _line("bell", "0...2...4...3...1.....2...5.....", 0.2, 5, 4, 0.3, 0.8),
            _tune("kalimba", "..x.....x..x....", 0.2, 5, 4, 0.8),
        ),
    ),
    "synthwave": Mood(
        104,
        "minor",
        ("1637", "1674", "6715"),
        room=1.8,
        echo=0.18,
        duck=0.45,
        layers=(
            _line("bass", "0.0.0.0.0.0.0.3.", 0.55, 2, 1.7, wet=0.0, ducks=True),
            _line("pluck", "0241304202413042", 0.26, 4, 1, 0.35, 0.35),
            _chords("pad", "x...............", 0.26, 16, 4, 0.5, ducks=True),
            _tune("lead", "x.....x.x...x...", 0.3, 5, 5, 0.5, enters=1),
            _beat("kick", "x.......x.......", 0.9, wet=0),
            _beat("snare", "....x.......x...", 0.46, wet=0.4),
            _beat("hat", "x.x.x.x.x.x.x.xo", 0.26, 0.15),
        ),
    ),
    "news": Mood(
        116,
        "minor",
        ("1653", "1467", "1634"),
        room=1.4,
        layers=(
            _line("spiccato", "0020002000200240", 0.5, 4, 1, -0.25, 0.3),
            _line("spiccato", "2.4.2.4.2.4.2.6.", 0.32, 5, 1, 0.3, 0.3),
            _chords("strings", "x...............", 0.22, 16, 4),
            _line("bass", "0..0..0.0..0..0.", 0.5, 2, 2, wet=0),
            _beat("drum", "x.......x..x....", 0.6, wet=0.3),
            _beat("tick", "x...x...x...x...", 0.26, 0.2),
            _beat("shaker", "oooxoooxoooxooox", 0.2, -0.2),
            _beat("rim", "....x.......x...", 0.3),
            _tune("bell", "x.......x...x...", 0.2, 5, 4, 0.5),
        ),
    ),
    "folk": Mood(
        98,
        "major",
        ("1564", "1415", "1645"),
        room=1.3,
        layers=(
            _line("string", "0.3.2.4.1.4.3.2.", 0.62, 3, 3, -0.15, 0.25),
            _line("upright", "0.......2.......", 0.6, 2, 6, wet=0.02),
            _tune("flute", "x...x.x.x...x...", 0.36, 5, 4, 0.4, enters=1),
            _beat("thud", "x.......x.......", 0.6),
            _beat("shaker", "o.o.x.o.o.o.x.o.", 0.32, 0.25),
            _beat("clap", "............x...", 0.2),
        ),
    ),
    "marimba": Mood(
        112,
        "major",
        ("1456", "1645", "4151"),
        room=1.0,
        echo=0.1,
        layers=(
            _line("marimba", "0.24.2.40.24.4.2", 0.55, 4, 2, -0.3, 0.2),
            _line("marimba", "..5...3...5..4..", 0.34, 5, 2, 0.35, 0.3),
            _line("upright", "0..0..2.0..0..3.", 0.6, 2, 2, wet=0.02),
            _chords("organ", "x...............", 0.08, 16, 4, 0.3),
            _beat("thud", "x..x..x.x..x..x.", 0.6),
            _beat("clap", "....x.......x..o", 0.36),
            _beat("shaker", "x.oxx.oxx.oxx.ox", 0.24, 0.2),
        ),
    ),
    "piano": Mood(
        74,
        "major",
        ("1564", "6415", "1364"),
        tones=4,
        room=2.6,
        wet=0.7,
        layers=(
            _line("piano", "0.2.3.4.5.4.3.2.", 0.5, 3, 4, -0.1, 0.35),
            _line("piano", "0...............", 0.6, 2, 14, wet=0.2),
            _tune("piano", "x.....x.x.....x.", 0.62, 5, 5, 0.5),
            _chords("strings", "x...............", 0.12, 16, 4, 0.6, enters=1),
        ),
    ),
    "liquid": Mood(
        168,
        "minor",
        ("1637", "1476", "6175"),
        tones=4,
        room=1.8,
        wet=0.6,
        echo=0.14,
        duck=0.35,
        layers=(
            _chords("pad", "x...............", 0.26, 16, 4, 0.6, ducks=True),
            _chords("keys", "x.........x.....", 0.17, 6, 4, 0.4),
            _line("sub", "0.....0...0.....", 0.62, 2, 4, wet=0, ducks=True),
            _tune("pluck", "x..x..x...x..x..", 0.24, 5, 2, 0.6, enters=1),
            _beat("kick", "x.........x.....", 0.9, wet=0),
            _beat("snare", "....x.......x...", 0.46, wet=0.15),
            _beat("snare", ".......o.o.....o", 0.26),
            _beat("hat", "x.x.x.x.x.x.x.x.", 0.3, 0.2),
            _beat("shaker", ".o.o.o.o.o.o.o.o", 0.18, -0.2),
        ),
    ),
    "bossa": Mood(
        128,
        "major",
        ("1625", "1436", "2511"),
        tones=4,
        room=1.0,
        layers=(
            _chords("string", "x..x...x..x.x...", 0.20, 3, 4, 0.2),
            _line("upright", "0.....2.2.....0.", 0.66, 2, 5, wet=0.02),
            _tune("flute", "..x.x...x..x....", 0.34, 5, 4, 0.4),
            _beat("rim", "x..x..x...x..x..", 0.3, -0.25),
            _beat("shaker", "x.o.x.o.x.o.x.o.", 0.28, 0.3),
            _beat("thud", "x.....o.x.....o.", 0.6),
        ),
    ),
    "cinematic": Mood(
        88,
        "minor",
        ("1637", "1654", "6347"),
        room=3.2,
        wet=0.8,
        layers=(
            _chords("strings", "x...............", 0.19, 16, 4, 0.5),
            _line("strings", "0...............", 0.4, 3, 16, wet=0.4),
            _line("spiccato", "0.2.3.2.0.2.3.2.", 0.4, 4, 1, 0.25, 0.4),
            _tune("piano", "x.......x...x...", 0.6, 5, 6, 0.6),
            _beat("drum", "x.....o.x.......", 0.8, wet=0.4),
            _beat("drum", "..............oo", 0.4, 0.3, 0.4),
            _line("sub", "0...............", 0.4, 2, 14, wet=0),
        ),
    ),
    "chip": Mood(
        136,
        "major",
        ("1564", "1645", "4516"),
        room=0.8,
        wet=0.3,
        echo=0.14,
        layers=(
            _line("chip", "0240240302402403", 0.3, 5, 1, -0.3, 0.2),
            _line("chip", "0.0.0.3.0.0.0.3.", 0.4, 3, 1.6, 0.0, 0.05),
            _tune("chip", "x.x.x...x.xx....", 0.5, 5, 2, 0.3),
            _beat("kick", "x...x...x...x...", 0.75, wet=0),
            _beat("snare", "....x.......x..o", 0.4),
            _beat("hat", "x.xxx.xxx.xxx.xx", 0.2),
        ),
    ),
    "garage": Mood(
        132,
        "minor",
        ("1647", "1436", "6571"),
        tones=4,
        swing=0.16,
        room=1.4,
        echo=0.14,
        duck=0.4,
        layers=(
            _chords("organ", "..x....x..x.....", 0.20, 1.4, 4, 0.35, ducks=True),
            _chords("pad", "x...............", 0.16, 16, 4, 0.6, ducks=True),
            _line("sub", "0..0....0...3...", 0.6, 2, 2.5, wet=0, ducks=True),
            _tune("bell", "x..x.....x..x...", 0.2, 5, 2, 0.6, enters=1),
            _beat("kick", "x.........x.....", 0.9, wet=0),
            _beat("clap", "....x.......x...", 0.46),
            _beat("rim", "...x..x....x..x.", 0.22, 0.3),
            _beat("hat", "..x..ox...x.oxo.", 0.36, 0.15),
            _beat("shaker", "x.o.x.o.x.o.x.o.", 0.18, -0.3),
        ),
    ),
    "halftime": Mood(
        140,
        "minor",
        ("1166", "1643", "1746"),
        tones=4,
        room=2.2,
        wet=0.6,
        echo=0.2,
        duck=0.4,
        layers=(
            _line("bell", "0..2..4.3..2..1.", 0.26, 5, 3, 0.25, 0.6),
            _chords("pad", "x...............", 0.26, 16, 4, 0.5, ducks=True),
            _line("sub", "0.........0..0..", 0.68, 2, 5, wet=0, ducks=True),
            _beat("kick", "x.........x.....", 0.85, wet=0),
            _beat("clap", "........x.......", 0.5, wet=0.25),
            _beat("hat", "x.x.x.x.x.xxx.x.", 0.28, 0.2),
            _beat("rim", "......o......o..", 0.25, -0.3),
        ),
    ),
    "harp": Mood(
        104,
        "major",
        ("1564", "1425", "6415"),
        beats=3,
        room=2.2,
        wet=0.6,
        layers=(
            _line("string", "0.2.3.4.5.4.", 0.6, 3, 4, -0.1, 0.35),
            _line("string", "6.....5.....", 0.36, 4, 5, 0.3, 0.4),
            _tune("flute", "x...x...x...", 0.34, 5, 5, 0.5, enters=1),
            _line("upright", "0...........", 0.6, 2, 9, wet=0.05),
            _chords("strings", "x...........", 0.12, 12, 4, 0.6),
        ),
    ),
    "minimal": Mood(
        120,
        "lydian",
        ("1212", "1514", "1216"),
        tones=4,
        room=1.6,
        echo=0.1,
        layers=(
            _line("marimba", "0.23.1.30.23.1.3", 0.44, 4, 2, -0.45, 0.3),
            _line("marimba", "023.1.30.23.1.30", 0.4, 4, 2, 0.45, 0.3),
            _line("kalimba", "4...3..5....4...3...5...", 0.34, 5, 3, 0.1, 0.5),
            _chords("pad", "x...............", 0.21, 16, 4, 0.5),
            _line("sub", "0.......0.......", 0.42, 2, 7, wet=0),
            _beat("thud", "x.......x.......", 0.55),
            _beat("shaker", "..o...o...o...o.", 0.2, 0.2),
        ),
    ),
    "choro": Mood(
        92,
        "mixolydian",
        ("1774", "1475", "1447"),
        tones=3,
        swing=0.1,
        room=1.2,
        layers=(
            _line("string", "0..4..3.0..4.3.2", 0.56, 3, 3, -0.2, 0.2),
            _chords("keys", "....x.......x..o", 0.20, 2.5, 4, 0.3),
            _line("bass", "0..0..2.0..0.32.", 0.52, 2, 2, wet=0),
            _tune("kalimba", "x..x..x.x...x...", 0.34, 5, 2, 0.4, enters=1),
            _beat("kick", "x.....x...x.....", 0.75, wet=0),
            _beat("snare", "....x.......x..o", 0.42),
            _beat("shaker", "x.oxx.oxx.oxx.ox", 0.24, 0.3),
        ),
    ),
}
