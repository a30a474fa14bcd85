"""From the raw pictures of a run to what a page shows: poster, covers, placeholder and storyboard."""

import mmap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from . import quality, thumbhash
from .plan import Frames

Pixels = NDArray[np.uint8]

WEBP_QUALITY = 80
AVIF_QUALITY = 62
AVIF_SPEED = 9  # 0.1 s for a poster; slower settings save 5 % of 30 kB
STORY_QUALITY = 60
# The first picture is the best poster, because the film then starts without a jump, unless it is this much duller.
_FIRST_GOOD_ENOUGH = 0.6


@dataclass(frozen=True)
class Poster:
    """Two files of one picture, and its ThumbHash in base64. `time` in seconds."""

    webp: Path
    avif: Path
    thumbhash: str
    width: int
    height: int
    time: float


@dataclass(frozen=True)
class Storyboard:
    """One WebP of `columns` × `rows` tiles, the first `count` of them filled, `interval` seconds apart."""

    path: Path
    columns: int
    rows: int
    count: int
    width: int
    height: int
    interval: float


def read(folder: Path, frames: Frames) -> Pixels:
    """The pictures that were really written, of shape (count, height, width, 3): a film may end early."""
    path = folder / frames.name
    size = frames.width * frames.height * 3
    count = path.stat().st_size // size if path.exists() else 0
    shape = (count, frames.height, frames.width, 3)
    if count == 0:
        return np.empty(shape, np.uint8)
    with path.open("rb") as file:
        view = mmap.mmap(file.fileno(), count * size, access=mmap.ACCESS_READ)
    return np.frombuffer(view, np.uint8).reshape(shape)


def best(pictures: Pixels) -> int:
    """Which of the candidates to show: the first that is neither dark, flat nor blurred beside the others."""
    scores = [_interest(picture) for picture in pictures]
    top = max(scores)
    return next(n for n, score in enumerate(scores) if score >= _FIRST_GOOD_ENOUGH * top)


def _interest(picture: Pixels) -> float:
    """Contrast and detail of the luma on a coarse grid; black and plain pictures score near nothing."""
    luma = picture[::4, ::4].astype(np.float32) @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    detail = float(np.abs(np.diff(luma, axis=0)).mean() + np.abs(np.diff(luma, axis=1)).mean())
    return float(luma.std()) + 2 * detail


def draw_poster(picture: Pixels | Image.Image, folder: Path, *, time: float = 0.0, name: str = "poster") -> Poster:
    """Write `name`.webp and `name`.avif into `folder`."""
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(np.ascontiguousarray(picture))
    webp, avif = folder / f"{name}.webp", folder / f"{name}.avif"
    image.save(webp, quality=WEBP_QUALITY, method=2)
    image.save(avif, quality=AVIF_QUALITY, speed=AVIF_SPEED, max_threads=2)
    return Poster(webp, avif, thumbhash.of(image), image.width, image.height, time)


def draw_covers(pictures: Pixels, folder: Path) -> tuple[Path, ...]:
    """One small WebP for each candidate, for the person to choose the cover from."""
    paths = []
    for number, picture in enumerate(pictures):
        image = Image.fromarray(np.ascontiguousarray(picture))
        image.thumbnail((320, 320), Image.Resampling.BILINEAR, reducing_gap=2.0)
        path = folder / f"cover-{number}.webp"
        image.save(path, quality=WEBP_QUALITY - 10, method=1)
        paths.append(path)
    return tuple(paths)


def draw_storyboard(pictures: Pixels, frames: Frames, folder: Path) -> Storyboard | None:
    """Lay the small pictures out as one sheet. None when the film gave none."""
    count = len(pictures)
    if count == 0:
        return None
    columns = min(count, quality.STORY_COLUMNS)
    rows = -(-count // columns)
    sheet: NDArray[Any] = np.zeros((rows * frames.height, columns * frames.width, 3), np.uint8)
    for number, picture in enumerate(pictures):
        top, left = number // columns * frames.height, number % columns * frames.width
        sheet[top : top + frames.height, left : left + frames.width] = picture
    path = folder / "storyboard.webp"
    Image.fromarray(sheet).save(path, quality=STORY_QUALITY, method=2)
    interval = frames.times[1] - frames.times[0] if len(frames.times) > 1 else quality.STORY_INTERVAL
    return Storyboard(path, columns, rows, count, frames.width, frames.height, round(interval, 3))
