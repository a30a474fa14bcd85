"""Pictures that whole fields make: chemistry, cells, mirrors and tunnels."""

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hustings.demo.graphics import (
    HEIGHT,
    WIDTH,
    Draw,
    Floats,
    Ink,
    Stage,
    enlarge,
    flat,
    gradient,
    grid,
    light,
    palette,
    polar,
    ramp,
    rgb,
    swing,
    wave,
)
from hustings.demo.spec import scene

BILINEAR = Image.Resampling.BILINEAR


@scene("reaction")
def reaction(stage: Stage) -> Draw:
    """Gray and Scott's model on a torus, after Pearson (1993)."""
    h, w = 256, 144
    u, v = np.ones((h, w), np.float32), np.zeros((h, w), np.float32)
    for _ in range(34):
        y, x = int(stage.dice.integers(4, h - 8)), int(stage.dice.integers(4, w - 8))
        u[y : y + 6, x : x + 6], v[y : y + 6, x : x + 6] = 0.5, 0.27
    blend = (0.5 - 0.5 * np.cos(np.linspace(0, math.tau, h, endpoint=False)))[:, None].astype(np.float32)
    feed, kill = 0.034 + 0.016 * blend, 0.0603 + 0.0027 * blend
    inks = palette(("10002b", "3c096c", "c1121f", "ff7b00", "ffea00", "fffbe0"))

    def spread(field: Floats) -> Floats:
        p = np.pad(field, 1, mode="wrap")
        side = p[:-2, 1:-1] + p[2:, 1:-1] + p[1:-1, :-2] + p[1:-1, 2:]
        corner = p[:-2, :-2] + p[:-2, 2:] + p[2:, :-2] + p[2:, 2:]
        return np.asarray(0.2 * side + 0.05 * corner - field, np.float32)

    def step() -> None:
        nonlocal u, v
        eaten = u * v * v
        u, v = u + spread(u) * 1.0 - eaten + feed * (1 - u), v + spread(v) * 0.5 + eaten - (feed + kill) * v

    for _ in range(700):
        step()

    def draw(t: float) -> Image.Image:
        for _ in range(9):
            step()
        tone = np.asarray(
            Image.fromarray((np.clip(v * 2.7, 0, 1) * 255).astype(np.uint8)).resize(
                (WIDTH, HEIGHT), Image.Resampling.BICUBIC
            )
        )
        return Image.fromarray(inks[tone])

    return draw


@scene("rule-30")
def automaton(stage: Stage) -> Draw:
    w, rows = 91, 460
    world = np.zeros((rows, w), np.uint8)
    world[0, w // 2] = 1
    for i in range(1, rows):
        left, here, right = np.roll(world[i - 1], 1), world[i - 1], np.roll(world[i - 1], -1)
        world[i] = left ^ (here | right)
    inks = palette(("ff006e", "fb5607", "ffbe0b", "8ac926", "3a86ff", "8338ec", "ff006e"), 256)
    paper = np.array([14, 14, 22], np.uint8)
    cell = 8

    def draw(t: float) -> Image.Image:
        top = 90 + t * 22
        first = int(top)
        view = world[first : first + 162]
        hue = (
            (np.arange(first, first + 162)[:, None] * 1.2 + np.abs(np.arange(w) - w // 2) * 1.6 - t * 40).astype(
                np.int32
            )
        ) % 256
        colour = np.where(view[..., None] > 0, inks[hue], paper)
        big = np.repeat(np.repeat(colour, cell, 0), cell, 1)
        big[::cell] = big[::cell] // 3
        big[:, ::cell] = big[:, ::cell] // 3
        shift = round((top - first) * cell)
        return Image.fromarray(np.ascontiguousarray(big[shift : shift + HEIGHT, 4 : 4 + WIDTH].astype(np.uint8)))

    return draw


@scene("voronoi")
def voronoi(stage: Stage) -> Draw:
    n = 34
    x, y = grid(180, 320)
    home = np.stack([stage.dice.uniform(-1.1, 1.1, n), stage.dice.uniform(-1.9, 1.9, n)], 1).astype(np.float32)
    phase = stage.dice.uniform(0, math.tau, (n, 2)).astype(np.float32)
    inks = palette(("03071e", "370617", "9d0208", "dc2f02", "f48c06", "ffba08", "48cae4", "0077b6"), n)[
        stage.dice.permutation(n)
    ].astype(np.float32)

    def draw(t: float) -> Image.Image:
        a = math.tau * t / stage.seconds
        points = home + 0.24 * np.sin(phase + a * np.array([1, 2], np.float32))
        far = (x[..., None] - points[:, 0]) ** 2 + (y[..., None] - points[:, 1]) ** 2
        two = np.partition(far, 1, axis=2)[..., :2]
        own = far.argmin(axis=2)
        edge = np.sqrt(two[..., 1]) - np.sqrt(two[..., 0])
        lit = 0.62 + 0.38 * np.exp(-two[..., 0] * 7) + 0.25 * stage.pulse(t, 4) * (own % 5 == int(t / stage.beat) % 5)
        colour = inks[own] * lit[..., None] * np.clip(edge * 16 - 0.35, 0, 1)[..., None]
        return enlarge(np.clip(colour, 0, 255).astype(np.uint8))

    return draw


@scene("tunnel")
def tunnel(stage: Stage) -> Draw:
    x, y = grid(240, 427)
    inks = palette(("3a0ca3", "f72585", "ff5400", "ffbe0b", "ff006e", "4361ee", "3a0ca3"), 512)

    def draw(t: float) -> Image.Image:
        a = math.tau * t / stage.seconds
        px, py = x - 0.25 * math.sin(a), y + 0.15 - 0.2 * math.cos(a)
        far = np.sqrt(px * px + py * py) + 0.03
        deep = 0.55 / far + t * 1.5
        turn = np.arctan2(py, px) / math.tau * 12 + 1.5 * np.sin(0.7 / far + a)
        check = np.tanh(9 * np.sin(deep * math.tau * 0.75) * np.sin(turn * math.tau / 2)) * 0.5 + 0.5
        hue = ((deep * 40 + check * 60).astype(np.int32)) % 512
        fog = np.clip(far * 1.7, 0, 1) ** 1.2 * (0.75 + 0.35 * stage.pulse(t, 4))
        colour = inks[hue].astype(np.float32) * ((0.35 + 0.65 * check) * fog)[..., None]
        return enlarge(np.clip(colour, 0, 255).astype(np.uint8))

    return draw


@scene("kaleidoscope")
def kaleidoscope(stage: Stage) -> Draw:
    x, y = grid(240, 427)
    far = np.sqrt(x * x + (y + 0.1) ** 2)
    angle = np.arctan2(y + 0.1, x)
    inks = palette(("0d3b66", "faf0ca", "f4d35e", "ee964b", "f95738", "7b2d43", "0d3b66"), 512)

    def draw(t: float) -> Image.Image:
        a = math.tau * t / stage.seconds
        fold = np.abs((angle + 0.2 * np.sin(a) + a / 6) % (math.pi / 3) - math.pi / 6)
        u, v = far * np.cos(fold), far * np.sin(fold)
        tone = (
            np.sin(7 * u - 2 * a) + np.sin(9 * v + 3 * np.sin(a + 2 * u)) + np.sin(6 * (u + v) + 1.2 * math.sin(a))
            + 0.8 * np.sin(15 * np.sqrt((u - 0.6) ** 2 + (v - 0.2 * math.sin(a)) ** 2) - 2 * a)
        )  # fmt: skip
        bands = (tone * 74 + 256).astype(np.int32) % 512
        rim = 0.82 + 0.18 * np.cos(tone * 9)
        return enlarge((inks[bands] * rim[..., None]).astype(np.uint8))

    return draw


@scene("lava")
def lava(stage: Stage) -> Draw:
    x, y = grid(180, 320)
    n = 15
    where, size = stage.dice.uniform(-0.7, 0.7, n), stage.dice.uniform(0.2, 0.4, n)
    start = np.arange(n) * 0.618 % 1
    inks = palette(("2b0a3d", "3d1059", "5b1672", "ff4d6d", "ff758f", "ffb25b", "ffe29a", "fff6d9"), 256)

    def draw(t: float) -> Image.Image:
        field = 0.32 * np.exp(-((y - 1.95) ** 2) / 0.05) + 0.3 * np.exp(-((y + 1.95) ** 2) / 0.05)
        for i in range(n):
            turns = 1 if i % 3 else 2
            up = 1.9 * math.cos(math.tau * (start[i] + turns * t / stage.seconds))
            side = where[i] + 0.16 * math.sin(math.tau * (t / stage.seconds + start[i] * 3))
            field = field + size[i] ** 2 / ((x - side) ** 2 + ((y - up) * 0.86) ** 2 + 0.012) * 0.5
        tone = np.where(field < 1, field * 0.32, 0.42 + 0.5 * (1 - np.exp(-(field - 1) * 0.7)))
        edge = np.clip((field - 0.97) * 16, 0, 1)
        tone = field.clip(0, 1) * 0.30 * (1 - edge) + tone * edge
        return enlarge(inks[(np.clip(tone, 0, 1) * 255).astype(np.uint8)])

    return draw


@scene("truchet")
def truchet(stage: Stage) -> Draw:
    size, across, down = 120, 6, 11
    way = stage.dice.integers(0, 2, (down, across))
    flips = [[float(stage.dice.choice((-1, 0, 1, 2, 3, 4, 5))) for _ in range(across)] for _ in range(down)]

    def tile(ink: Ink, cx: float, cy: float, turn: float, width: float) -> None:
        half = size / 2
        for corner in (0, 180):
            a = math.radians(turn + corner + 45)
            ox, oy = cx + half * math.sqrt(2) * math.cos(a), cy + half * math.sqrt(2) * math.sin(a)
            middle = math.degrees(math.atan2(cy - oy, cx - ox)) + 90
            ink.arc(ox, oy, half, middle - 45, middle + 45, width)

    def draw(t: float) -> Image.Image:
        frame = flat("f2e9dc").copy()
        wide, thin = Ink(), Ink()
        for row in range(down):
            for col in range(across):
                turn = 90.0 * way[row, col]
                for lap in (0, 1):
                    turn += 90 * swing(
                        ramp(t, (flips[row][col] + 0.5 + lap * 6 + (row + col) * 0.06) * stage.beat, stage.beat * 0.8)
                    )
                cx, cy = col * size + 60, row * size + 20
                tile(wide, cx, cy, turn, 44)
                tile(thin, cx, cy, turn, 14)
        wide.onto(frame, "17436b")
        thin.onto(frame, "f2a541")
        return frame

    return draw


@scene("pendulums")
def pendulums(stage: Stage) -> Draw:
    n, g, arm = 12, 9.81, 152
    a1 = np.radians(128 + np.arange(n) * 0.06)
    a2 = np.radians(np.full(n, 118.0))
    state = np.stack([a1, a2, np.zeros(n), np.zeros(n)])
    inks = palette(("ff4d6d", "ff9f1c", "ffe66d", "2ec4b6", "4ea8de", "9b5de5"), n)
    trail = flat("0e1020").copy()
    last: list[tuple[float, float]] = []

    def slope(s: NDArray[np.float64]) -> NDArray[np.float64]:
        p, q, w, z = s
        d = p - q
        den = 3 - np.cos(2 * d)
        acc1 = (-3 * g * np.sin(p) - g * np.sin(p - 2 * q) - 2 * np.sin(d) * (z**2 + w**2 * np.cos(d))) / den
        acc2 = (2 * np.sin(d) * (2 * w**2 + 2 * g * np.cos(p) + z**2 * np.cos(d))) / den
        return np.stack([w, z, acc1, acc2])

    def draw(t: float) -> Image.Image:
        nonlocal state, last
        h = 1 / 30 / 4 * 1.5
        for _ in range(4):
            k1 = slope(state)
            k2 = slope(state + h / 2 * k1)
            k3 = slope(state + h / 2 * k2)
            k4 = slope(state + h * k3)
            state = state + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        trail.paste(Image.blend(trail, flat("0e1020"), 0.035))
        x1, y1 = 360 + arm * np.sin(state[0]), 560 + arm * np.cos(state[0])
        x2, y2 = x1 + arm * np.sin(state[1]), y1 + arm * np.cos(state[1])
        tips = list(zip(x2.tolist(), y2.tolist(), strict=True))
        colours = [(int(c[0]), int(c[1]), int(c[2])) for c in inks]
        for i in range(n):
            if last:
                box = (
                    int(min(last[i][0], tips[i][0])) - 6,
                    int(min(last[i][1], tips[i][1])) - 6,
                    int(max(last[i][0], tips[i][0])) + 6,
                    int(max(last[i][1], tips[i][1])) + 6,
                )
                stroke = Ink(box)
                stroke.line([last[i], tips[i]], 4)
                stroke.onto(trail, colours[i], 0.8)
        last = tips
        frame = trail.copy()
        arms = Ink((0, 120, WIDTH, 1010))
        for i in range(n):
            arms.line([(360, 560), (x1[i], y1[i]), tips[i]], 3)
        arms.disc(360, 560, 9)
        arms.onto(frame, "ffffff", 0.75)
        for i in range(n):
            x, y = tips[i]
            bob = Ink((int(x) - 18, int(y) - 18, int(x) + 18, int(y) + 18))
            bob.disc(x, y, 14)
            bob.onto(frame, colours[i])
        return frame

    for _ in range(18):
        draw(0)

    return draw


@scene("sea")
def sea(stage: Stage) -> Draw:
    inks = ("9bd4c8", "6cbfb8", "3f9fa5", "247b8c", "155e75", "0b3f57", "072c40")
    sky = gradient("ffd9a0", "ffb38a", "ff8fa3").copy()
    light(sky, (470, 330), 230, "fff6dd", 0.9)
    sun = Ink()
    sun.disc(470, 330, 92)
    sun.onto(sky, "fff3d6")

    def draw(t: float) -> Image.Image:
        frame = sky.copy()
        for i, ink in enumerate(inks):
            base = 470 + i * 118 + 10 * wave(t, stage.seconds / 2, i / 7)
            points = []
            for x in range(0, 744, 12):
                crest = abs(
                    math.sin(x / (118 + 16 * i) + (1 if i % 2 else -1) * math.tau * t / stage.seconds * 0.5 + i)
                )
                points.append((x, base - 46 * crest + 14 * math.sin(x / 61 - math.tau * t / stage.seconds)))
            if i == 2:
                bx = 150 + 330 * (t / stage.seconds)
                by = base - 58 + 8 * wave(t, 3)
                boat = Ink((int(bx) - 120, int(by) - 190, int(bx) + 120, int(by) + 70))
                lean = 7 * wave(t, 3, 0.2)
                boat.poly([(bx - 70, by - 8), (bx + 70, by - 8 - lean / 2), (bx + 46, by + 36), (bx - 48, by + 36)])
                boat.onto(frame, "8d3b2f")
                sail = Ink((int(bx) - 120, int(by) - 190, int(bx) + 120, int(by) + 70))
                sail.poly([(bx + 2, by - 16), (bx + 2 + lean * 2, by - 166), (bx + 78 + lean, by - 22)])
                sail.poly([(bx - 8, by - 16), (bx - 8 + lean * 2, by - 140), (bx - 60 + lean, by - 20)])
                sail.onto(frame, "fffaf0")
            foot = round(base) + 140  # below this the sheet is whole, and needs no edge
            sheet = Ink((0, round(base) - 80, WIDTH, foot))
            sheet.poly([(0, foot), *points, (WIDTH + 24, foot)])
            sheet.onto(frame, ink)
            frame.paste(rgb(ink), (0, foot, WIDTH, max(foot, HEIGHT)))
        return frame

    return draw


@scene("orbits")
def orbits(stage: Stage) -> Draw:
    moons = ((150, 4, 13, "ffd166"), (222, 2, 17, "8ecae6"), (306, 1, 22, "f28482"))
    stars = [
        (float(a), float(b), float(c))
        for a, b, c in zip(
            stage.dice.uniform(0, WIDTH, 130),
            stage.dice.uniform(0, HEIGHT, 130),
            stage.dice.uniform(0.6, 2, 130),
            strict=True,
        )
    ]
    sky = gradient("090a1a", "141433", "0b1026").copy()
    dots = Ink()
    for x, y, s in stars:
        dots.disc(x, y, s)
    dots.onto(sky, "ffffff", 0.6)
    paths = Ink((20, 240, 700, 920))
    for radius, *_ in moons:
        paths.ring(360, 580, radius, 1.5)
    paths.onto(sky, "ffffff", 0.22)
    planet = Ink((240, 460, 480, 700))
    planet.disc(360, 580, 84)
    bands = Image.new("RGB", (240, 240))
    tones = palette(("e9c39b", "f6e3c5", "c98b5e", "f1d6b0", "b87346", "f6e3c5", "d9a679"), 240)
    bands.paste(Image.fromarray(np.repeat(tones[:, None], 240, 1)))

    def draw(t: float) -> Image.Image:
        frame = sky.copy()
        light(frame, (360, 580), 190, "ffb870", 0.5)
        frame.paste(bands, (240, 460), planet.mask)
        for radius, turns, size, ink in moons:
            a = 360 * turns * t / stage.seconds
            tail = Ink((20, 240, 700, 920))
            for k in range(14):
                tail.arc(360, 580, radius, a - 4.2 * (k + 1), a - 4.2 * k, 6 - k * 0.36, 200 - k * 14)
            tail.onto(frame, ink, 0.75)
            x, y = polar(360, 580, radius, a)
            near_top = max(0.0, math.cos(math.radians(a))) ** 24
            light(frame, (x, y), size * 3, ink, 0.4 + 0.6 * near_top)
            moon = Ink((int(x) - 40, int(y) - 40, int(x) + 40, int(y) + 40))
            moon.disc(x, y, size * (1 + 0.35 * near_top))
            moon.onto(frame, ink)
        return frame

    return draw
