"""Pictures that rules make: particles, waves and curves, each with its own music."""

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw

from hustings.demo.graphics import (
    HEIGHT,
    WIDTH,
    Draw,
    Floats,
    Ink,
    Stage,
    clamp,
    enlarge,
    flat,
    gradient,
    grid,
    light,
    mesh,
    palette,
    polar,
    ramp,
    rgb,
    wave,
)
from hustings.demo.spec import scene

W, H = 360, 640  # light is gathered at half size and enlarged: it is soft anyway


def _inks(codes: tuple[str, ...], count: int) -> Floats:
    return np.asarray(palette(codes, count) / 255, np.float32)


def _gather(canvas: Floats, x: Floats, y: Floats, ink: Floats) -> None:
    """Adds each point's light to the four pixels it falls between. `canvas` is (H, W, 3); points are in its pixels."""
    inside = (x >= 0) & (x < W - 1) & (y >= 0) & (y < H - 1)
    x, y, ink = x[inside], y[inside], ink[inside]
    left, top = x.astype(np.int32), y.astype(np.int32)
    fx, fy = x - left, y - top
    cells = canvas.reshape(-1)
    for dx, dy, share in ((0, 0, (1 - fx) * (1 - fy)), (1, 0, fx * (1 - fy)), (0, 1, (1 - fx) * fy), (1, 1, fx * fy)):
        where = ((top + dy) * W + left + dx) * 3
        for c in range(3):
            np.add.at(cells, where + c, share * ink[:, c])


@lru_cache(maxsize=32)
def _film(ground: str) -> tuple[NDArray[np.uint8], ...]:
    """How light over a dark ground is seen, by channel: sixty-fourths of light to a byte, rolled off as film does."""
    seen = 1 - np.exp(-np.arange(512) / 64)
    return tuple((base + (255 - base) * seen).astype(np.uint8) for base in rgb(ground))


def _exposed(canvas: Floats, ground: str, gain: float = 1.0) -> Image.Image:
    """The gathered light as a picture, with a bloom around what is bright."""
    level = np.minimum(canvas * np.float32(64 * gain), 511).astype(np.uint16)
    seen = Image.fromarray(np.stack([table[level[..., c]] for c, table in enumerate(_film(ground))], axis=2))
    bloom = seen.reduce(8).point([min(255, max(0, i - 40)) for i in range(256)] * 3)
    return ImageChops.screen(seen, bloom.resize((W, H), Image.Resampling.BICUBIC)).resize(
        (WIDTH, HEIGHT), Image.Resampling.BILINEAR
    )


@scene("flow-field")
def flow(stage: Stage) -> Draw:
    dice, count = stage.dice, 6000
    x, y = (dice.uniform(0, size, count).astype(np.float32) for size in (W, H))
    inks = _inks(("ff9e00", "ff0a78", "7b2ff7", "00b4ff", "00f5d4", "ffe66d", "ff9e00"), 512) * 0.3
    canvas = np.zeros((H, W, 3), np.float32)

    def step(t: float) -> None:
        nonlocal x, y
        # The wind is the curl of a potential, so it neither gathers nor thins the particles.
        a, b, c = x / 62 + t * 0.35, y / 84 - t * 0.28, (x + y) / 150 + t * 0.2
        u = 1.5 * np.sin(a) * np.cos(b) + 0.8 * np.cos(c) + 0.5 * np.cos(y / 31 + t * 0.4)
        v = -1.9 * np.cos(a) * np.sin(b) - 0.8 * np.cos(c) - 0.3 * np.cos(x / 37 - t * 0.3)
        pace = np.sqrt(u * u + v * v) + 0.25
        x = np.asarray(x + 1.7 * u / pace, np.float32)
        y = np.asarray(y + 1.7 * v / pace, np.float32)
        tint = inks[((np.arctan2(v, u) / math.tau + 0.5 + x / 900) * 511).astype(np.int32) % 512]
        lost = (dice.uniform(0, 1, count) < 0.006) | (x < 0) | (x > W) | (y < 0) | (y > H)
        x = np.where(lost, dice.uniform(0, W, count), x).astype(np.float32)
        y = np.where(lost, dice.uniform(0, H, count), y).astype(np.float32)
        canvas[:] *= 0.95
        _gather(canvas, x, y, tint)

    for i in range(24):
        step(i / 30 - 0.8)

    def draw(t: float) -> Image.Image:
        step(t)
        return _exposed(canvas, "070a1c", 1.5 + 0.3 * stage.pulse(t, 3))

    return draw


@scene("starlings")
def starlings(stage: Stage) -> Draw:
    dice, count = stage.dice, 420
    place = dice.normal(0, 70, (count, 2)) + np.array([360, 460])
    speed = dice.normal(0, 2, (count, 2)) + np.array([4, 0])
    lag = dice.beta(1.3, 2.2, count) * 1.7
    sky = gradient("1d1e4b", "5b3a78", "c9597a", "ff9f5a", "ffd79a").copy()
    ground = Ink()
    ground.poly(
        [
            (0, HEIGHT),
            (0, 1150),
            *[(x, 1150 - 18 * math.sin(x / 90) - 10 * math.sin(x / 33)) for x in range(0, 730, 10)],
            (WIDTH, HEIGHT),
        ]
    )
    for i in range(13):
        ground.box(60 + i * 46, 1085, 5, 90)
    ground.box(40, 1080, 640, 9)
    ground.box(520, 1010, 110, 74)
    ground.poly([(508, 1012), (575, 962), (642, 1012)])
    light(sky, (250, 1040), 260, "fff1c9", 0.9)
    ground.onto(sky, "231536")

    def step(t: float) -> None:
        nonlocal place, speed
        apart = place[:, None] - place[None]
        distance = (apart**2).sum(2) + 1
        near = np.exp(-distance / 2600)
        weight = near.sum(1, keepdims=True)
        together = (near @ place) / weight - place
        alike = (near @ speed) / weight - speed
        push = (apart * np.exp(-distance / 230)[..., None]).sum(1)
        # Each bird follows the same wandering point, some a second late: that draws the flock out into a ribbon.
        when = t - lag
        lure = np.stack([370 + 170 * np.sin(when * 1.05 + 0.9), 470 + 220 * np.sin(when * 1.5 + 1)], axis=1) - place
        speed = speed + 0.004 * together + 0.05 * alike + 0.14 * push + 0.009 * lure + dice.normal(0, 0.22, (count, 2))
        pace = np.linalg.norm(speed, axis=1, keepdims=True)
        speed *= np.clip(pace, 4.5, 11) / pace
        place = place + speed

    for i in range(40):
        step(i / 30 - 1.4)

    def draw(t: float) -> Image.Image:
        step(t)
        frame, birds = sky.copy(), Ink((0, 0, WIDTH, 1100))
        flap = np.sin(t * 26 + np.arange(count) * 1.7) * 2.6
        for (px, py), (vx, vy), f in zip(place.tolist(), speed.tolist(), flap.tolist(), strict=True):
            n = math.hypot(vx, vy)
            ux, uy = vx / n, vy / n
            birds.poly(
                [
                    (px + ux * 8, py + uy * 8),
                    (px - uy * 6 - ux * 3, py + ux * 6 - f - uy * 3),
                    (px - ux * 2, py - uy * 2),
                    (px + uy * 6 - ux * 3, py - ux * 6 - f - uy * 3),
                ]
            )
        birds.onto(frame, "1b1030")
        return frame

    return draw


@scene("moire")
def moire(stage: Stage) -> Draw:
    across, down = np.meshgrid(np.arange(WIDTH, dtype=np.float32), np.arange(HEIGHT, dtype=np.float32))
    inks = palette(("f4f1de", "e07a5f", "3d405b"), 256)
    # Sharp rings with soft edges, by a table: distance to tone in quarter pixels.
    table = (255 * np.clip(0.5 + 2.2 * np.sin(np.arange(8000) / 4 * math.tau / 26), 0, 1)).astype(np.uint8)

    def rings(x: float, y: float, shift: float) -> np.ndarray:
        far = np.sqrt((across - x) ** 2 + (down - y) ** 2) * 4
        return table[(far + shift * 4).astype(np.int16)]

    def draw(t: float) -> Image.Image:
        a = math.tau * t / stage.seconds
        one = rings(360 + 120 * math.sin(a), 560 + 150 * math.cos(a), 400 - t * 26)
        two = rings(360 - 140 * math.sin(a * 2), 640 + 110 * math.sin(a), 100 + t * 26)
        return Image.fromarray(inks[one // 2 + two // 2])

    return draw


@scene("lissajous")
def lissajous(stage: Stage) -> Draw:
    canvas = np.zeros((H, W, 3), np.float32)
    n = 2600
    inks = _inks(("00f5d4", "00bbf9", "9b5de5", "f15bb5", "fee440", "00f5d4"), n) * 1.1

    def draw(t: float) -> Image.Image:
        canvas[:] *= 0.7
        phase = math.tau * t / stage.seconds
        u = np.linspace(0, math.tau, n, dtype=np.float32)
        for k, size in enumerate((1.0, 0.93, 0.86)):
            x = 180 + 140 * size * np.sin(3 * u + phase + k * 0.14)
            y = 300 + 210 * size * np.sin(2 * u + phase * 2 + k * 0.1)
            _gather(canvas, x.astype(np.float32), y.astype(np.float32), inks * (0.6 if k else 1.0))
        lead = (t * 0.55) % 1 * math.tau
        frame = _exposed(canvas, "0b0620", 1.2)
        px, py = 180 + 140 * math.sin(3 * lead + phase), 300 + 210 * math.sin(2 * lead + phase * 2)
        light(frame, (px * 2, py * 2), 60, "ffffff", 0.95)
        return frame

    for i in range(6):
        draw(i / 30 - 0.2)
    return draw


@scene("fireworks")
def fireworks(stage: Stage) -> Draw:
    dice = stage.dice
    schemes = (
        ("ffd166", "ff4d00"),
        ("00b4ff", "f72585"),
        ("00f5b0", "3a0ca3"),
        ("fff1a8", "ff9e00"),
        ("ff2d95", "8338ec"),
    )
    shells = []
    for i in range(int((stage.seconds + 1.4) / stage.beat * 1.5)):
        born = i * stage.beat / 1.5 - 1.2
        where = (float(dice.uniform(60, 300)), float(dice.uniform(110, 330)))
        count, kind = 420, i % 3
        angle = dice.uniform(0, math.tau, count)
        if kind == 0:
            pace = np.sqrt(dice.uniform(0.1, 1, count)) * 74
        elif kind == 1:
            pace = np.full(count, 70.0) + dice.normal(0, 2, count)
        else:
            pace = 40 + 34 * np.abs(np.sin(angle * 2.5))
        inks = _inks(schemes[int(dice.integers(5))], count)[dice.permutation(count)]
        shells.append((born, where, angle, pace, inks))
    canvas = np.zeros((H, W, 3), np.float32)
    town = Ink()
    x = 0.0
    while x < WIDTH:
        w, h = float(dice.uniform(26, 70)), float(dice.uniform(30, 120))
        town.box(x, 1130 - h, w, h + 10)
        x += w
    windows = [(float(dice.uniform(0, WIDTH)), float(dice.uniform(1060, 1126))) for _ in range(60)]
    lamps = Ink()
    for px, py in windows:
        lamps.box(px, py, 5, 7)

    def draw(t: float) -> Image.Image:
        canvas[:] *= 0.87
        xs, ys, light_of = [], [], []
        for born, (cx, cy), angle, pace, inks in shells:
            age = t - born
            if -0.5 < age < 0:  # the rocket climbs
                xs.append(np.array([cx]))
                ys.append(np.array([560 - (560 - cy) * (1 - (age / 0.5) ** 2)]))
                light_of.append(np.full((1, 3), 5.0))
            if 0 <= age < 2.0:
                reach = pace * (1 - math.exp(-2.6 * age)) * 1.3
                xs.append(cx + reach * np.cos(angle))
                ys.append(cy + reach * np.sin(angle) + 16 * age**2)
                glint = np.where((age < 0.9) | (np.sin(angle * 91 + age * 40) > 0), 1.0, 0.25)
                light_of.append(inks * (2.3 * math.exp(-1.7 * age) * glint)[:, None])
        if xs:
            _gather(canvas, *(np.concatenate(part).astype(np.float32) for part in (xs, ys, light_of)))
        mirrored = canvas[545:340:-1][: H - 566] * 0.35
        water = canvas.copy()
        rows = np.arange(mirrored.shape[0])
        for row in rows:
            mirrored[row] = np.roll(mirrored[row], int(5 * math.sin(row * 0.7 + t * 5)), axis=0)
        water[566 : 566 + mirrored.shape[0]] += mirrored
        frame = _exposed(water, "070b24", 1.5)
        town.onto(frame, "04061a")
        lamps.onto(frame, "ffd58a", 0.8)
        return frame

    for i in range(30):
        draw(i / 30 - 1.0)
    return draw


@scene("ridges")
def ridges(stage: Stage) -> Draw:
    x = np.linspace(0, 1, 150)
    seeds = stage.dice.uniform(0, 100, (46, 4))
    calm, hot = gradient("ffffff", "b5c9ff"), gradient("f72585", "b5179e", "4cc9f0")

    def draw(t: float) -> Image.Image:
        frame, layer = flat("08080c").copy(), Ink()
        kick = stage.pulse(t, 4)
        for i in range(46):
            base = 190 + i * 21
            hill = np.exp(-((x - 0.5 - 0.06 * np.sin(seeds[i, 0])) ** 2) / 0.022)
            rough = np.zeros_like(x)
            for k, (f, v) in enumerate(((19, 1.9), (37, -2.6), (61, 3.1), (97, -4))):
                rough += np.sin(x * f + seeds[i, k] + t * v) / (k + 1.5)
            tall = 34 + 40 * np.abs(rough) + 46 * kick * abs(math.sin(seeds[i, 1] + i * 0.6))
            y = base - hill * tall * 1.1 - 1.6 * np.abs(rough)
            points = list(zip((40 + 640 * x).tolist(), y.tolist(), strict=True))
            layer.poly([*points, (680, base + 5), (40, base + 5)], 0)  # a hill hides what is behind it
            layer.line(points, 2.2)
        frame.paste(Image.blend(calm, hot, clamp(kick * 0.8)), (0, 0), layer.mask)
        return frame

    return draw


@scene("night-sky")
def night(stage: Stage) -> Draw:
    dice, n = stage.dice, 900
    radius, angle = np.sqrt(dice.uniform(0.0004, 1, n)) * 900, dice.uniform(0, math.tau, n)
    power = dice.exponential(0.4, n) + 0.15
    tint = _inks(("ffd9b0", "ffffff", "b9d4ff"), n)[dice.permutation(n)] * power[:, None]
    x, _ = grid(90, 160)
    rows = np.linspace(0, 1, 160)[:, None]
    hills = Ink()
    hills.poly(
        [
            (0, HEIGHT),
            *[(px, 1120 - 70 * math.sin(px / 190 + 0.6) - 14 * math.sin(px / 41)) for px in range(0, 730, 8)],
            (WIDTH, HEIGHT),
        ]
    )
    for i in range(24):
        px = i * 33 + float(dice.uniform(-9, 9))
        py = 1128 - 70 * math.sin(px / 190 + 0.6)
        tall = float(dice.uniform(24, 62))
        hills.poly([(px - tall / 4, py), (px, py - tall), (px + tall / 4, py)])
    trail = np.zeros((H, W, 3), np.float32)

    def step(t: float) -> None:
        trail[:] *= 0.987
        turn = angle + t * 0.11
        _gather(
            trail,
            (180 + radius * np.cos(turn) / 2).astype(np.float32),
            (210 + radius * np.sin(turn) / 2).astype(np.float32),
            (tint * 0.16).astype(np.float32),
        )

    for i in range(75):
        step(i / 30 - 2.5)

    def draw(t: float) -> Image.Image:
        step(t)
        curtain = np.zeros((160, 90), np.float32)
        for k, (speed, reach) in enumerate(((0.35, 0.5), (-0.27, 0.66))):
            foot = 0.62 + 0.07 * np.sin(x[:1] * 3.1 + t * speed * 2 + k) + 0.03 * np.sin(x[:1] * 9 - t * speed * 3)
            ray = 0.6 + 0.4 * np.sin(x[:1] * (23 + 9 * k) + t * speed * 5 + 3 * np.sin(x[:1] * 5 + t * speed))
            above = foot - rows
            curtain += (
                np.where(above > 0, np.exp(-above / (0.16 * reach + 0.06)) * np.clip(above * 40, 0, 1), 0) * ray * 0.55
            )
        glow_rgb = np.stack(
            [curtain * 60 + curtain**2 * 80, curtain * 235, curtain * 150 + (1 - rows) * curtain * 90], axis=2
        )
        sky = np.array([6, 10, 34]) * (1 - rows[..., None]) + np.array([22, 44, 72]) * rows[..., None]
        frame = enlarge(np.clip(sky + glow_rgb, 0, 255).astype(np.uint8))
        frame = ImageChops.add(frame, _exposed(trail, "000000", 1.4))
        light(frame, (360, 420), 16, "ffffff", 0.9 + 0.1 * wave(t, 1.3))
        hills.onto(frame, "05070f")
        return frame

    return draw


@scene("spirograph")
def spirograph(stage: Stage) -> Draw:
    inks = ("ef476f", "f78c6b", "118ab2", "06d6a0", "7b2cbf")
    paper = flat("fdfaf3").copy()
    done = 0

    def point(k: float, lane: int) -> tuple[float, float]:
        outer, inner, pen = 300, 300 * 44 / 105, 36 + 17 * lane
        a = k * math.tau * 44
        return 360 + (outer - inner) * math.sin(a) + pen * math.sin(a * (inner - outer) / inner), 580 - (
            outer - inner
        ) * math.cos(a) - pen * math.cos(a * (inner - outer) / inner)

    def draw(t: float) -> Image.Image:
        nonlocal done
        total = 2400
        upto = int(total * 5 * clamp((t + 1.2) / (stage.seconds + 0.4)))
        while done < upto:
            lane, start = done // total, done % total
            stop = min(total, start + upto - done)
            layer = Ink()
            layer.line([point(i / total, lane) for i in range(start, stop + 1)], 3)
            layer.onto(paper, inks[lane], 0.85)
            done += stop - start
        frame = paper.copy()
        lane = min(4, upto // total)
        k = upto % total / total
        outer, inner = 300, 300 * 44 / 105
        a = k * math.tau * 44
        cx, cy = 360 + (outer - inner) * math.sin(a), 580 - (outer - inner) * math.cos(a)
        if upto < total * 5:
            gear = Ink()
            gear.ring(360, 580, 312, 5)
            gear.ring(cx, cy, inner, 3)
            gear.line([(cx, cy), point(k, lane)], 2)
            gear.onto(frame, "22223b", 0.22)
            pen = Ink()
            pen.disc(*point(k, lane), 11)
            pen.onto(frame, inks[lane])
        return frame

    return draw


@scene("phyllotaxis")
def sunflower(stage: Stage) -> Draw:
    inks = palette(("5f0f40", "9a031e", "fb8b24", "ffd166", "fff3b0"), 520)
    heart = Ink((40, 270, 680, 910))
    heart.disc(360, 590, 312)

    def draw(t: float) -> Image.Image:
        frame = gradient("0b3d2e", "14532d").copy()
        bend = 137.508 + 0.55 * math.sin(math.tau * t / stage.seconds) ** 3
        count = 520
        head = Image.new("RGB", (1280, 1280), rgb("3b0d22"))
        pen = ImageDraw.Draw(head)
        for i in range(count):
            r = 13.2 * math.sqrt(i)
            x, y = polar(640, 640, 2 * r, i * bend + t * 8)
            size = 2 * (3.2 + r / 34 + 3.2 * (0.5 + 0.5 * math.sin(r / 30 - t * math.tau / (stage.beat * 2))))
            pen.ellipse((x - size, y - size, x + size, y + size), tuple(inks[i].tolist()))
        petals = Ink()
        for i in range(34):
            a = i * 360 / 34 + t * 8
            tip = 400 + 14 * wave(t, 2, i * 0.3)
            petals.poly(
                [
                    polar(360, 590, 290, a - 6),
                    polar(360, 590, tip - 40, a - 4.5),
                    polar(360, 590, tip, a),
                    polar(360, 590, tip - 40, a + 4.5),
                    polar(360, 590, 290, a + 6),
                ]
            )
        petals.onto(frame, "ffb703")
        frame.paste(head.reduce(2), (40, 270), heart.mask)
        return frame

    return draw


@scene("gradient-breath")
def breath(stage: Stage) -> Draw:
    def draw(t: float) -> Image.Image:
        frame = mesh(("ff6b6b", "ffd93d", "6a4c93", "1982c4", "ff9a8b"), t, 1 / stage.seconds)
        light(
            frame,
            (360, 560 + 60 * wave(t, stage.seconds)),
            330 + round(24 * wave(t, 4)),
            "fff5e4",
            0.5 * ramp(t, -1, 0.1),
            1.6,
        )
        return frame

    return draw
