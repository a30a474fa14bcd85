"""A small motion-graphics kit on Pillow: type, antialiased shapes, easing and soft backgrounds.

One frame is an RGB image of `WIDTH` x `HEIGHT` pixels. Everything that does not change from frame to frame (glyph
runs, backgrounds) is made once and kept, so a frame costs a few milliseconds. Coordinates are pixels from the top left;
times are seconds; progress is 0 to 1.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT, FPS = 720, 1280, 30
# The feed lays its rail over the right 96 px and its caption over the bottom 220 px: no words go there.
LEFT, RIGHT, TOP, BOTTOM = 52, 624, 96, 1060
CENTRE = (LEFT + RIGHT) / 2

Colour = tuple[int, int, int]
Point = tuple[float, float]
Floats = NDArray[np.float32]

FACES = {
    "black": ("font_manrope", "Manrope-ExtraBold.ttf"),
    "bold": ("font_manrope", "Manrope-SemiBold.ttf"),
    "book": ("font_manrope", "Manrope-Medium.ttf"),
    "light": ("font_manrope", "Manrope-Light.ttf"),
    "serif": ("font_source_serif_pro", "SourceSerifPro-Black.otf"),
    "roman": ("font_source_serif_pro", "SourceSerifPro-Semibold.otf"),
    "italic": ("font_source_serif_pro", "SourceSerifPro-It.ttf"),
}


# --- Time -----------------------------------------------------------------------------------------------------------


def clamp(value: float, low: float = 0.0, high: float = 1.0) -> float:
    return low if value < low else min(value, high)


def ramp(t: float, start: float, length: float) -> float:
    """How far `t` is through the span that begins at `start`, held at 0 before and 1 after."""
    return clamp((t - start) / length)


def out(k: float) -> float:
    """Arrives quickly and settles (quartic ease-out): the default for things that come in."""
    return 1 - (1 - clamp(k)) ** 4


def swing(k: float) -> float:
    """Leaves and arrives gently (cubic in and out): for things that travel."""
    k = clamp(k)
    return 4 * k**3 if k < 0.5 else 1 - (2 - 2 * k) ** 3 / 2


def glide(k: float) -> float:
    """Nearly even speed with soft ends: for time that passes, which should be seen to pass from the first frame."""
    return 0.65 * clamp(k) + 0.35 * swing(k)


def pop(k: float) -> float:
    """Overshoots by a tenth and comes back: for things that land on a beat."""
    k = clamp(k) - 1
    return 1 + 2.70158 * k**3 + 1.70158 * k**2


def wave(t: float, period: float, phase: float = 0.0) -> float:
    return math.sin(math.tau * (t / period + phase))


# --- Colour ---------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=512)
def rgb(code: str) -> Colour:
    """`"ff8800"` as three bytes."""
    return int(code[0:2], 16), int(code[2:4], 16), int(code[4:6], 16)


def mix(a: str, b: str, k: float) -> Colour:
    k = clamp(k)
    (r, g, u), (x, y, z) = rgb(a), rgb(b)
    return round(r + (x - r) * k), round(g + (y - g) * k), round(u + (z - u) * k)


def palette(codes: Sequence[str], size: int = 256) -> NDArray[np.uint8]:
    """A smooth ramp through the colours, shape (size, 3)."""
    stops = np.array([rgb(code) for code in codes], dtype=np.float64)
    where = np.linspace(0, len(codes) - 1, size)
    channels = [np.interp(where, np.arange(len(codes)), stops[:, c]) for c in range(3)]
    return np.stack(channels, axis=1).round().astype(np.uint8)


# --- Backgrounds ----------------------------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def flat(code: str) -> Image.Image:
    return Image.new("RGB", (WIDTH, HEIGHT), rgb(code))


@lru_cache(maxsize=64)
def gradient(*codes: str) -> Image.Image:
    """Top to bottom. A grain of one level either way hides the bands that eight bits would show."""
    rows = palette(codes, HEIGHT).astype(np.int16)[:, None, :]
    grain = np.random.default_rng(7).integers(-1, 2, (HEIGHT, WIDTH, 1), dtype=np.int16)
    return Image.fromarray(np.clip(rows + grain, 0, 255).astype(np.uint8))


def enlarge(pixels: NDArray[np.uint8], how: Image.Resampling = Image.Resampling.BICUBIC) -> Image.Image:
    """A small picture, shape (h, w) or (h, w, 3), at the frame's size."""
    return Image.fromarray(pixels).resize((WIDTH, HEIGHT), how)


@lru_cache(maxsize=8)
def grid(width: int, height: int) -> tuple[Floats, Floats]:
    """X and y of each pixel, shape (height, width); the short side runs from -1 to 1."""
    x = np.linspace(-1, 1, width, dtype=np.float32)
    y = np.linspace(-height / width, height / width, height, dtype=np.float32)
    across, down = np.meshgrid(x, y)
    return across, down


def mesh(codes: Sequence[str], t: float, speed: float = 0.1) -> Image.Image:
    """Slow clouds of colour: each colour sits on a wandering point and the nearest dominates softly."""
    x, y = grid(27, 48)
    total = np.zeros((48, 27), dtype=np.float32)
    blend = np.zeros((48, 27, 3), dtype=np.float32)
    for i, code in enumerate(codes):
        px = 0.8 * math.sin(math.tau * speed * t * (1 if i % 2 else -1) + i * 2.4)
        py = 1.5 * math.cos(math.tau * speed * t + i * 1.9)
        weight = 1 / (0.12 + (x - px) ** 2 + (y - py) ** 2) ** 2
        total += weight
        blend += weight[..., None] * np.array(rgb(code), dtype=np.float32)
    return enlarge((blend / total[..., None]).astype(np.uint8))


@lru_cache(maxsize=32)
def glow(radius: int, power: float = 2.0) -> Image.Image:
    """A soft round light as a mask, twice `radius` wide."""
    axis = np.linspace(-1, 1, radius * 2, dtype=np.float32)
    distance = np.sqrt(axis[None, :] ** 2 + axis[:, None] ** 2)
    return Image.fromarray((255 * np.clip(1 - distance, 0, 1) ** power).astype(np.uint8))


# --- Type -----------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def font(face: str, size: int) -> ImageFont.FreeTypeFont:
    package, name = FACES[face]
    return ImageFont.truetype(str(files(package) / "files" / name), size)


@dataclass(frozen=True, slots=True)
class Run:
    """A line of type as a mask. `width` is its advance, `base` the row of its baseline, `pad` the room left of it."""

    mask: Image.Image
    width: float
    base: int
    pad: int
    size: int


@lru_cache(maxsize=4096)
def run(words: str, face: str, size: int, tracking: float = 0.0) -> Run:
    """One line of type. `tracking` is extra space after each letter, in thousandths of the size."""
    face_font = font(face, size)
    extra = tracking * size / 1000
    width = face_font.getlength(words) + extra * len(words)
    pad, base = size // 4, round(size * 1.15)
    mask = Image.new("L", (math.ceil(width) + 2 * pad + size // 4, round(size * 1.6)))
    draw = ImageDraw.Draw(mask)
    if extra:
        for i, letter in enumerate(words):
            draw.text((pad + face_font.getlength(words[:i]) + extra * i, base), letter, 255, face_font, "ls")
    else:
        draw.text((pad, base), words, 255, face_font, "ls")
    return Run(mask, width, base, pad, size)


def wrap(words: str, face: str, size: int, width: float = RIGHT - LEFT) -> list[str]:
    """The words on as many lines as `width` asks for; `|` in the text forces a break."""
    lines = []
    for part in words.split("|"):
        line = ""
        for word in part.split():
            longer = f"{line} {word}".strip()
            if line and font(face, size).getlength(longer) > width:
                lines.append(line)
                longer = word
            line = longer
        lines.append(line)
    return lines


def measure(words: str, face: str, size: int) -> float:
    """The advance width in pixels."""
    return font(face, size).getlength(words)


def faded(mask: Image.Image, alpha: float) -> Image.Image:
    return mask if alpha >= 0.996 else mask.point([round(i * clamp(alpha)) for i in range(256)])


def letter(
    frame: Image.Image,
    words: str,
    at: Point,
    *,
    face: str = "black",
    size: int = 64,
    ink: str = "ffffff",
    alpha: float = 1.0,
    align: float = 0.0,
    tracking: float = 0.0,
    scale: float = 1.0,
    angle: float = 0.0,
    rise: float = 1.0,
) -> None:
    """Sets one line with its baseline at `at`.

    `align` is the part of the width left of the point (0 left, 0.5 centred, 1 right). `rise` under 1 lets the
    line come up from behind its own baseline. `scale` and `angle` (degrees) turn about the middle of the line.
    """
    if alpha <= 0.004 or rise <= 0 or scale <= 0.01:
        return
    line = run(words, face, size, tracking)
    x, y = at[0] - line.width * align - line.pad, at[1] - line.base
    mask = line.mask
    if scale != 1.0 or angle:
        middle = (x + line.pad + line.width / 2, y + line.base - size * 0.35)
        turned = mask.resize(
            (max(1, round(mask.width * scale)), max(1, round(mask.height * scale))), Image.Resampling.BILINEAR
        )
        dx, dy = (line.pad + line.width / 2) * scale, (line.base - size * 0.35) * scale
        if angle:
            turned = turned.rotate(angle, Image.Resampling.BICUBIC, center=(dx, dy))
        mask, x, y = turned, middle[0] - dx, middle[1] - dy
    elif rise < 1.0:
        shift = round((1 - rise) * size * 1.2)
        mask = mask.crop((0, 0, mask.width, max(1, line.base + round(size * 0.32) - shift)))
        y += shift
    frame.paste(rgb(ink), (round(x), round(y)), faded(mask, alpha))


def paragraph(
    frame: Image.Image,
    words: str,
    at: Point,
    *,
    face: str = "black",
    size: int = 64,
    ink: str = "ffffff",
    leading: float = 1.12,
    width: float = RIGHT - LEFT,
    align: float = 0.0,
    shown: float = 1.0,
    alpha: float = 1.0,
    tracking: float = 0.0,
) -> float:
    """Sets wrapped lines, the first baseline at `at`; each rises in turn as `shown` goes to 1. The next baseline."""
    lines = wrap(words, face, size, width)
    step = size * leading
    for i, line in enumerate(lines):
        turn = out(shown * (1 + 0.35 * (len(lines) - 1)) - 0.35 * i)
        letter(
            frame, line, (at[0], at[1] + i * step),
            face=face, size=size, ink=ink, align=align, rise=turn, alpha=alpha, tracking=tracking,
        )  # fmt: skip
    return at[1] + len(lines) * step


# --- Shapes ---------------------------------------------------------------------------------------------------------


class Ink:
    """A layer of one colour, drawn at twice the size and reduced: Pillow's shapes alone have jagged edges.

    Once laid onto a frame it is dry: it can be laid again at no cost, and what is drawn on it afterwards is not seen.
    """

    def __init__(self, box: tuple[int, int, int, int] = (0, 0, WIDTH, HEIGHT), fine: int = 2) -> None:
        self.left, self.top = box[0], box[1]
        self.fine = fine
        self.image = Image.new("L", ((box[2] - box[0]) * fine, (box[3] - box[1]) * fine))
        self.draw = ImageDraw.Draw(self.image)
        self._dry: Image.Image | None = None

    def _at(self, x: float, y: float) -> Point:
        return (x - self.left) * self.fine, (y - self.top) * self.fine

    def disc(self, x: float, y: float, radius: float, level: int = 255) -> None:
        if radius > 0.2:
            (cx, cy), r = self._at(x, y), radius * self.fine
            self.draw.ellipse((cx - r, cy - r, cx + r, cy + r), level)

    def oval(self, x: float, y: float, across: float, down: float, level: int = 255) -> None:
        (cx, cy), a, d = self._at(x, y), across * self.fine, down * self.fine
        self.draw.ellipse((cx - a, cy - d, cx + a, cy + d), level)

    def ring(self, x: float, y: float, radius: float, width: float, level: int = 255) -> None:
        self.arc(x, y, radius, 0, 360, width, level)

    def arc(self, x: float, y: float, radius: float, start: float, end: float, width: float, level: int = 255) -> None:
        """Degrees clockwise from twelve o'clock; `radius` is the middle of the stroke."""
        (cx, cy), r = self._at(x, y), (radius + width / 2) * self.fine
        if r > 1 and end > start:
            box = (cx - r, cy - r, cx + r, cy + r)
            self.draw.arc(box, start - 90, end - 90, level, max(1, round(width * self.fine)))

    def pie(self, x: float, y: float, radius: float, start: float, end: float, level: int = 255) -> None:
        (cx, cy), r = self._at(x, y), radius * self.fine
        if end > start:
            self.draw.pieslice((cx - r, cy - r, cx + r, cy + r), start - 90, end - 90, level)

    def box(self, x: float, y: float, width: float, height: float, radius: float = 0.0, level: int = 255) -> None:
        if width <= 0 or height <= 0:
            return
        (x0, y0), (x1, y1) = self._at(x, y), self._at(x + width, y + height)
        corner = min(radius, width / 2, height / 2) * self.fine
        self.draw.rounded_rectangle((x0, y0, max(x0, x1 - 1), max(y0, y1 - 1)), corner, level)

    def line(self, points: Iterable[Point], width: float, level: int = 255) -> None:
        """A stroke with round ends and joints."""
        path = [self._at(x, y) for x, y in points]
        if len(path) < 2:
            return
        thick = max(1, round(width * self.fine))
        self.draw.line(path, level, thick, joint="curve")
        if thick > 3:
            r = thick / 2
            for x, y in (path[0], path[-1]):
                self.draw.ellipse((x - r, y - r, x + r, y + r), level)

    def poly(self, points: Iterable[Point], level: int = 255) -> None:
        path = [self._at(x, y) for x, y in points]
        if len(path) > 2:
            self.draw.polygon(path, level)

    @property
    def mask(self) -> Image.Image:
        if self._dry is None:
            self._dry = self.image.reduce(self.fine) if self.fine > 1 else self.image
        return self._dry

    def onto(self, frame: Image.Image, ink: str | Colour, alpha: float = 1.0) -> None:
        colour = rgb(ink) if isinstance(ink, str) else ink
        frame.paste(colour, (self.left, self.top), faded(self.mask, alpha))


def shade(frame: Image.Image, ink: str, alpha: float) -> None:
    """Lays one colour over the whole frame."""
    if alpha > 0.004:
        frame.paste(Image.blend(frame, flat(ink), clamp(alpha)))


def light(frame: Image.Image, at: Point, radius: int, ink: str, alpha: float = 1.0, power: float = 2.0) -> None:
    """A soft glow laid over the frame."""
    mask = faded(glow(radius, power), alpha)
    frame.paste(rgb(ink), (round(at[0]) - radius, round(at[1]) - radius), mask)


def polar(x: float, y: float, radius: float, degrees: float) -> Point:
    """Degrees clockwise from twelve o'clock."""
    a = math.radians(degrees)
    return x + radius * math.sin(a), y - radius * math.cos(a)


# --- A clip's stage -------------------------------------------------------------------------------------------------

Draw = Callable[[float], Image.Image]


@dataclass(frozen=True, slots=True)
class Stage:
    """What a scene is told: its length, the length of one beat of its music (both seconds), and its own dice."""

    seconds: float
    beat: float
    dice: np.random.Generator

    def pulse(self, t: float, sharp: float = 6.0) -> float:
        """1 on each beat, falling away before the next."""
        return math.exp(-sharp * (t % self.beat))
