"""What people post: food, cats, music, plants and words."""

import math

import numpy as np
from PIL import Image

from hustings.demo.graphics import (
    HEIGHT,
    LEFT,
    RIGHT,
    WIDTH,
    Draw,
    Ink,
    Stage,
    clamp,
    flat,
    gradient,
    letter,
    light,
    mesh,
    mix,
    out,
    palette,
    polar,
    pop,
    ramp,
    swing,
    wave,
)
from hustings.demo.spec import scene


@scene("walking-loop")
def walk(stage: Stage) -> Draw:
    sky = gradient("ffd6a5", "ffadad", "cdb4db").copy()
    light(sky, (520, 380), 260, "fff3d6", 0.8)
    stride = stage.beat * 2

    def limb(x: float, y: float, swing_angle: float, bend: float, a: float, b: float) -> list[tuple[float, float]]:
        knee = (x + a * math.sin(swing_angle), y + a * math.cos(swing_angle))
        return [(x, y), knee, (knee[0] + b * math.sin(swing_angle - bend), knee[1] + b * math.cos(swing_angle - bend))]

    def draw(t: float) -> Image.Image:
        frame = sky.copy()
        for span, ink, base, tall in ((620, "b79ac8", 790, 74), (960, "8d7fb8", 860, 80), (1440, "6a6fa8", 930, 56)):
            # Each row of hills repeats over the length that the clip walks, so that the loop has no seam.
            hills = Ink((0, base - tall * 2, WIDTH, 1000), fine=1)
            shift = t / stage.seconds * span
            hills.poly(
                [
                    (0, 1000),
                    *[
                        (
                            x,
                            base
                            - tall
                            * (
                                0.6 * math.sin((x + shift) * math.tau / span * 2)
                                + 0.4 * math.sin((x + shift) * math.tau / span * 3 + 1)
                            ),
                        )
                        for x in range(0, 732, 12)
                    ],
                    (WIDTH, 1000),
                ]
            )
            hills.onto(frame, ink)
        frame.paste((66, 71, 105), (0, 980, WIDTH, HEIGHT))
        marks = Ink((0, 980, WIDTH, 1060), fine=1)
        for i in range(7):
            x = (i * 160 - t / stage.seconds * 160 * 12) % 1120 - 200
            marks.box(x, 1030, 90, 10, 5)
        marks.onto(frame, "fefae0", 0.5)
        phase = math.tau * t / stride
        bob = 9 * abs(math.sin(phase))
        hip, neck = (330, 770 - bob), (342, 560 - bob)
        for side, trouser, sleeve in ((1, "1b2a49", "b23a48"), (-1, "27406b", "e5556a")):
            a = 0.62 * math.sin(phase + (0 if side > 0 else math.pi))
            leg = Ink((120, 480, 580, 1030))
            leg.line(
                limb(*hip, a, 0.25 + 0.75 * max(0.0, math.cos(phase + (0 if side > 0 else math.pi))), 116, 118), 46
            )
            leg.onto(frame, trouser)
            foot = limb(*hip, a, 0.25 + 0.75 * max(0.0, math.cos(phase + (0 if side > 0 else math.pi))), 116, 118)[2]
            shoe = Ink((100, 480, 620, 1050))
            shoe.box(foot[0] - 24, foot[1] - 2, 78, 30, 15)
            shoe.onto(frame, "ffffff")
            if side > 0:
                back = Ink((120, 480, 580, 1000))
                back.line(limb(neck[0], neck[1] + 30, -a, -0.5, 88, 84), 34)
                back.onto(frame, sleeve)
                pack, body = Ink((150, 480, 560, 900)), Ink((150, 480, 560, 900))
                pack.box(218, 570 - bob, 90, 150, 34)
                pack.onto(frame, "f4a261")
                body.line([(neck[0] - 4, neck[1] + 40), (hip[0] + 2, hip[1] - 14)], 104)
                body.onto(frame, "e5556a")
            else:
                front = Ink((120, 480, 580, 1000))
                front.line(limb(neck[0], neck[1] + 34, -a, -0.6, 88, 84), 34)
                front.onto(frame, "f27286")
        head, hair = Ink((200, 380, 520, 640)), Ink((200, 360, 520, 640))
        head.disc(352, 490 - bob, 66)
        head.onto(frame, "c68642")
        hair.pie(346, 480 - bob, 72, -112, 76)
        hair.disc(276, 470 - bob, 30)
        hair.onto(frame, "2b1b12")
        eye = Ink((340, 440, 440, 540))
        eye.disc(388, 488 - bob, 6 if t % 3 > 0.12 else 1.5)
        eye.arc(392, 506 - bob, 14, 110, 190, 4)
        eye.onto(frame, "2b1b12")
        return frame

    return draw


@scene("cat-of-circles")
def cat(stage: Stage) -> Draw:
    def draw(t: float) -> Image.Image:
        frame = flat("ffd6c0").copy()
        dots = Ink(fine=1)
        for i in range(6):
            for k in range(12):
                dots.disc(i * 144 + (72 if k % 2 else 0), (k * 120 + t * 60) % 1440 - 60, 20)
        dots.onto(frame, "ffc3a6")
        breathe = 8 * wave(t, stage.beat * 4)
        look = 16 * swing(clamp(0.5 + 2.2 * wave(t, stage.seconds))) - 8
        tail, body = Ink((440, 680, WIDTH, 1180)), Ink((140, 700, 580, 1180))
        head, ears, inner = (Ink((140, 380, 580, 790)) for _ in range(3))
        for i in range(78):
            a = math.radians(100 + i * 1.83) + 0.16 * math.sin(t * math.tau / (stage.beat * 4) + i * 0.053)
            tail.disc(490 - 150 * math.cos(a) + i * 0.6, 930 - 190 * math.sin(a), 34 - i * 0.17)
        tail.onto(frame, "2b2d42")
        body.oval(360, 940, 190 + breathe / 2, 210 + breathe)
        body.onto(frame, "2b2d42")
        tilt = 6 * wave(t, stage.seconds)
        for side in (-1, 1):
            twitch = 10 * stage.pulse(t, 9) if side > 0 and int(t / stage.beat) % 4 == 3 else 0
            ears.disc(360 + side * 118 + tilt, 470 - twitch, 66)
            inner.disc(360 + side * 116 + tilt, 478 - twitch, 36)
        ears.onto(frame, "2b2d42")
        inner.onto(frame, "ef8a8a")
        head.oval(360 + tilt, 590, 196, 172)
        head.onto(frame, "2b2d42")
        bib = Ink((200, 640, 520, 1100))
        bib.oval(360, 930, 96, 130)
        bib.oval(360 + tilt, 660, 74, 52)
        bib.onto(frame, "fffaf0")
        blink = 1 - max(0.0, 1 - abs((t % 3.5) - 2.9) / 0.12)
        eyes, pupils, spark = Ink((140, 480, 580, 720)), Ink((140, 480, 580, 720)), Ink((140, 480, 580, 720))
        for side in (-1, 1):
            x = 360 + side * 82 + tilt
            eyes.oval(x, 570, 52, max(3, 52 * blink))
            if blink > 0.3:
                pupils.oval(x + look, 572, 22 + 6 * stage.pulse(t, 3), 42 * blink)
                spark.disc(x + look + 9, 552, 9)
        eyes.onto(frame, "ffd166")
        pupils.onto(frame, "14141f")
        spark.onto(frame, "ffffff")
        nose = Ink((300, 600, 440, 740))
        nose.oval(360 + tilt, 640, 18, 13)
        nose.onto(frame, "ef8a8a")
        whisk = Ink((60, 580, 660, 760))
        for side in (-1, 1):
            whisk.arc(360 + side * 21 + tilt, 656, 20, 90, 270, 5)
            for k in (-1, 0, 1):
                y = 652 + k * 22
                whisk.line(
                    [(360 + side * 96 + tilt, y), (360 + side * 236 + tilt, y + k * 14 + 4 * wave(t, 0.9, k / 4))], 3
                )
        whisk.onto(frame, "8d99ae")
        paws = Ink((180, 1060, 540, 1180))
        paws.oval(290, 1118, 62, 40)
        paws.oval(430, 1118 - 26 * stage.pulse(t, 5) * (int(t / stage.beat) % 2), 62, 40)
        paws.onto(frame, "fffaf0")
        return frame

    return draw


@scene("guitar-strings")
def strings(stage: Stage) -> Draw:
    names, inks = "EADGBE", ("ff595e", "ff924c", "ffca3a", "8ac926", "52a8ff", "b388eb")
    board = gradient("3b2417", "4d2f1d", "2b1a11").copy()
    frets = Ink()
    for i in range(9):
        frets.box(0, 1240 - 1180 * 2 ** (-i / 12) * 0.98 + 0, WIDTH, 5)
    frets.onto(board, "c9b79c", 0.7)
    rose = Ink()
    rose.disc(338, 980, 210)
    rose.onto(board, "170d08")
    rim = Ink()
    rim.ring(338, 980, 222, 8)
    rim.ring(338, 980, 240, 3)
    rim.onto(board, "c9955b")
    order = (0, 3, 2, 4, 1, 5, 2, 3)
    half = stage.beat / 2

    def draw(t: float) -> Image.Image:
        frame = board.copy()
        y = np.linspace(-10, 1290, 130)
        for i in range(6):
            struck = [k * half for k in range(-8, int(t / half) + 1) if order[k % 8] == i]
            since = t - struck[-1] if struck else 9.0
            swing_width = (17 - 1.6 * i) * math.exp(-2.2 * since)
            speed = 17 + 4 * i
            u = (y + 10) / 1300
            shape = (
                np.sin(math.pi * u)
                + 0.5 * np.sin(2 * math.pi * u) * math.cos(since * speed * 0.5)
                + 0.3 * np.sin(3 * math.pi * u)
            )
            x = 112 + i * 90
            move = swing_width * math.cos(since * speed) * shape
            haze = Ink((x - 50, 0, x + 50, HEIGHT), fine=1)
            if swing_width > 1:
                left, right = x - swing_width * np.abs(shape), x + swing_width * np.abs(shape)
                haze.poly(
                    [
                        *zip(left.tolist(), y.tolist(), strict=True),
                        *reversed(list(zip(right.tolist(), y.tolist(), strict=True))),
                    ]
                )
                haze.onto(frame, inks[i], 0.28)
            wire = Ink((x - 50, 0, x + 50, HEIGHT))
            wire.line(list(zip((x + move).tolist(), y.tolist(), strict=True)), 7 - 0.8 * i)
            wire.onto(frame, mix("e8e0d0", inks[i], clamp(swing_width / 7)))
            hot = math.exp(-4 * since)
            badge = Ink((x - 40, 110, x + 40, 200))
            badge.disc(x, 154, 34)
            badge.onto(frame, "1c110b", 0.85)
            letter(
                frame,
                names[i],
                (x, 170),
                face="black",
                size=44,
                ink=inks[i],
                align=0.5,
                alpha=0.55 + 0.45 * hot,
                scale=1 + 0.35 * hot,
            )
        return frame

    return draw


@scene("l-system")
def fern(stage: Stage) -> Draw:
    twigs: list[tuple[float, float, float, int, float, float]] = []  # angle, length, born, depth, lean, place on parent
    kids: list[list[int]] = []

    def grow(angle: float, length: float, born: float, depth: int, place: float) -> int:
        me = len(twigs)
        twigs.append((angle, length, born, depth, float(stage.dice.normal(0, 1)), place))
        kids.append([])
        if depth < 5:
            for turn, share, at in ((24, 0.66, 1.0), (-30, 0.6, 0.72), (42, 0.5, 0.46)):
                side = -1 if depth % 2 else 1
                kids[me].append(
                    grow(
                        turn * side + float(stage.dice.normal(0, 5)),
                        length * share,
                        born + 0.16 + 0.1 * (1 - at),
                        depth + 1,
                        at,
                    )
                )
        return me

    grow(0, 330, -0.12, 0, 0)
    inks = ("6b4f3a", "4f8a43", "8cc65a")
    soil = gradient("fdf3dc", "f7e1c0", "e9c79b").copy()
    light(soil, (520, 320), 240, "fff4cf", 0.9)
    pot = Ink()
    pot.poly([(240, 1010), (440, 1010), (410, 1170), (270, 1170)])
    pot.box(226, 990, 228, 44, 10)

    def draw(t: float) -> Image.Image:
        frame = soil.copy()
        k = clamp((t + 1.6) / (stage.seconds + 0.2)) * 1.12
        layers = [Ink((0, 80, WIDTH, 1040)) for _ in range(3)]
        buds = Ink((0, 80, WIDTH, 1040))

        def place(me: int, x: float, y: float, angle: float) -> None:
            turn, length, born, depth, lean, _ = twigs[me]
            full = out(clamp((k - born) / 0.3))
            if full <= 0:
                return
            angle += (
                turn * (0.5 + 0.5 * full) + lean * 1.5 + (0.8 + depth) * 1.3 * wave(t, 3.2, depth * 0.08 + lean * 0.03)
            )
            ex, ey = polar(x, y, length * full, angle)
            layers[depth // 2].line([(x, y), (ex, ey)], max(2.2, (13 - 2.5 * depth) * (0.4 + 0.6 * full)))
            if depth == 5 and full > 0.9:
                buds.disc(ex, ey, 5 * pop((full - 0.9) * 10))
            for kid in kids[me]:
                at = twigs[kid][5]
                place(kid, x + (ex - x) * at, y + (ey - y) * at, angle)

        place(0, 340, 1000, 2)
        for layer, ink in zip(layers, inks, strict=True):
            layer.onto(frame, ink)
        buds.onto(frame, "ff8fab")
        pot.onto(frame, "c8553d")
        return frame

    return draw


@scene("breath-pacer")
def pacer(stage: Stage) -> Draw:
    def draw(t: float) -> Image.Image:
        inward = t < 4.5
        full = swing(t / 4.5) if inward else 1 - swing((t - 4.5) / (stage.seconds - 4.5))
        frame = mesh(("184e77", "1a759f", "34a0a4", "76c893", "1e6091"), t, 1 / stage.seconds)
        for i in (6, 4.5, 3, 1.5):
            petal = Ink((38, 300, 638, 900))
            for k in range(6):
                x, y = polar(338, 600, (20 + 118 * full) * i / 6, k * 60 + 60 * full + i * 6)
                petal.disc(x, y, (56 + 74 * full) * (0.4 + 0.6 * i / 6))
            petal.onto(frame, "ffffff", 0.14)
        words = "Breathe in" if inward else "and out"
        since = t if inward else t - 4.5
        letter(
            frame, words, (338, 620), face="light", size=64, align=0.5, alpha=ramp(since, 0, 0.6) if not inward else 1
        )
        count = min(4, int(t / 1.125) + 1) if inward else min(8, int((t - 4.5) / 0.94) + 1)
        letter(frame, str(count), (338, 700), face="book", size=44, align=0.5, alpha=0.8)
        return frame

    return draw


@scene("sorting")
def sorting(stage: Stage) -> Draw:
    n = 64
    row = list(stage.dice.permutation(n))
    frames: list[tuple[list[int], int, int]] = [([int(v) for v in row], -1, -1)]

    def merge(lo: int, hi: int) -> None:
        if hi - lo < 2:
            return
        mid = (lo + hi) // 2
        merge(lo, mid)
        merge(mid, hi)
        left, right, at = row[lo:mid], row[mid:hi], lo
        while left or right:
            row[at] = left.pop(0) if left and (not right or left[0] <= right[0]) else right.pop(0)
            at += 1
            frames.append(([int(v) for v in row[:at] + left + right + row[hi:]], lo, at - 1))

    merge(0, n)
    inks = [
        tuple(int(c) for c in colour)
        for colour in palette(("ff006e", "fb5607", "ffbe0b", "38b000", "3a86ff", "8338ec"), n)
    ]

    def draw(t: float) -> Image.Image:
        k = clamp(t / (stage.seconds - 1.3))
        order, lo, at = frames[int(k * (len(frames) - 1))]
        frame = flat("0d0f1a").copy()
        done = ramp(t, stage.seconds - 1.25, 0.9)
        for i, value in enumerate(order):
            y = 150 + i * 14
            width = 30 + value * 9.4
            colour = inks[value]
            if lo <= i <= at and not done:
                width += 14
            if done and i / n < done < i / n + 0.12:
                colour, width = (255, 255, 255), width + 20
            frame.paste(colour, (round(338 - width / 2), y, round(338 + width / 2), y + 11))
        if at >= 0 and not done:
            frame.paste(
                (255, 255, 255),
                (round(338 - 15 - order[at] * 4.7), 150 + at * 14, round(338 + 15 + order[at] * 4.7), 161 + at * 14),
            )
        letter(frame, "merge sort", (LEFT, 118), face="bold", size=36, alpha=0.9)
        letter(frame, f"{int(k * (len(frames) - 1))} moves", (RIGHT, 118), face="book", size=34, alpha=0.7, align=1)
        return frame

    return draw
