"""Poster, placeholder and storyboard, from raw pictures to the files a page shows."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hustings.lib.ffmpeg import poster, thumbhash
from hustings.lib.ffmpeg.plan import Frames

# Made once with the reference encoder (npm thumbhash 0.1.1): width, height, pixel, bytes.
REFERENCE: dict[str, tuple[int, int, Callable[[int, int], tuple[int, int, int]], str]] = {
    "gradient": (32, 18, lambda x, y: (x * 8, y * 14, 128), "df070a349a707787808888878887708007f787"),
    "portrait": (18, 32, lambda x, y: (255 - x * 14, y * 8, x * y % 256), "5d190e641a6a07876888868777779f87f9f888"),
    "square": (
        100, 100, lambda x, y: ((x * x + y * 3) % 256, (x * 7 + y * y) % 256, (x + y) % 256),
        "ddf8052f0270767670776776677778788777f7f777787700",
    ),
    "flat": (10, 10, lambda _x, _y: (200, 30, 60), "98490307004c5d9f7b77877688477857788ffc94774f8a06"),
    "wide": (100, 20, lambda x, y: (x * 2, y * 12 % 256, 255 - x * 2), "5ee609799887878880878788808518f888"),
    "one": (1, 1, lambda _x, _y: (12, 200, 99), "1a8834175c08f708888788708f7088f80888808008f7870f"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFERENCE)
def test_thumbhash_is_the_reference_byte_for_byte(name: str) -> None:
    width, height, pixel, expected = REFERENCE[name]
    picture = np.array([[pixel(x, y) for x in range(width)] for y in range(height)], np.uint8)
    assert thumbhash.encode(picture).hex() == expected


def test_thumbhash_of_a_large_picture_is_small() -> None:
    with pytest.raises(ValueError, match="101"):
        thumbhash.encode(np.zeros((10, 101, 3), np.uint8))
    assert len(base64.b64decode(thumbhash.of(Image.new("RGB", (1080, 1920), "teal")))) < 30


def test_a_black_first_picture_is_not_the_poster() -> None:
    dice = np.random.default_rng(1)
    black = np.zeros((64, 64, 3), np.uint8)
    lively = dice.integers(0, 255, (64, 64, 3), np.uint8)
    assert poster.best(np.stack([black, lively, lively])) == 1
    assert poster.best(np.stack([lively, lively, black])) == 0
    assert poster.best(np.stack([black])) == 0


def test_a_poster_is_written_twice(folder: Path) -> None:
    made = poster.draw_poster(Image.new("RGB", (72, 128), "teal"), folder, time=1.5)
    for path, kind in ((made.webp, "WEBP"), (made.avif, "AVIF")):
        with Image.open(path) as image:
            assert (image.format, image.size) == (kind, (72, 128))
    assert (made.time, made.width, made.height) == (1.5, 72, 128)


def test_a_storyboard_is_laid_out_in_reading_order(folder: Path) -> None:
    colours = [(n * 20, 0, 255 - n * 20) for n in range(10)]
    frames = Frames("story.rgb", 8, 16, tuple(n * 0.5 for n in range(12)))
    (folder / "story.rgb").write_bytes(b"".join(bytes(colour) * 8 * 16 for colour in colours) + b"half a picture")
    pictures = poster.read(folder, frames)
    assert len(pictures) == 10
    sheet = poster.draw_storyboard(pictures, frames, folder)
    assert sheet is not None
    assert (sheet.columns, sheet.rows, sheet.count, sheet.interval) == (8, 2, 10, 0.5)
    with Image.open(sheet.path) as image:
        assert image.size == (64, 32)
        tenth = np.asarray(image.convert("RGB")).astype(int)[24, 12]
        assert tenth == pytest.approx(colours[9], abs=12)


def test_a_film_that_gave_no_pictures_has_no_storyboard(folder: Path) -> None:
    frames = Frames("story.rgb", 8, 16, (0.0,))
    assert poster.draw_storyboard(poster.read(folder, frames), frames, folder) is None
