"""Profile pictures drawn by code: a few bold shapes from the account's own colours, different for each handle."""

import io
import zlib

import numpy as np
from PIL import Image

from hustings.demo.graphics import Ink, measure, polar, rgb, run

EDGE = 256


def draw(handle: str, name: str, inks: tuple[str, str, str], *, body: bool) -> bytes:
    """A PNG, 256 pixels square. People get shapes, bodies their initial, so that the two differ at a glance."""
    dice = np.random.default_rng(zlib.crc32(handle.encode()))
    picture = Image.new("RGB", (EDGE, EDGE), rgb(inks[0]))
    box = (0, 0, EDGE, EDGE)
    if body:
        band = Ink(box)
        band.box(0, 206, EDGE, 50)
        band.onto(picture, inks[1])
        size = 150
        line = run(name[0], "serif", size)
        place = (round(EDGE / 2 - measure(name[0], "serif", size) / 2 - line.pad), round(104 + size * 0.33 - line.base))
        picture.paste(rgb(inks[2]), place, line.mask)
    else:
        for i, ink in enumerate((inks[1], inks[2], inks[1])):
            shape, kind = Ink(box), (int(dice.integers(0, 4)) + i) % 4
            x, y = (float(v) for v in dice.uniform(50, 206, 2))
            r = float(dice.uniform(44, 86)) * (1 - 0.22 * i)
            turn = float(dice.uniform(0, 360))
            if kind == 0:
                shape.disc(x, y, r)
            elif kind == 1:
                shape.pie(x, y, r * 1.3, turn, turn + 180)
            elif kind == 2:
                shape.ring(x, y, r, r * 0.42)
            else:
                shape.poly([polar(x, y, r * 1.25, turn + k * 120) for k in range(3)])
            shape.onto(picture, ink)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
