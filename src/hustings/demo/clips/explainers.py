"""A parliament explains itself: typographic clips, in English and in Welsh."""

import math

from PIL import Image

from hustings.demo.graphics import (
    BOTTOM,
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
    out,
    paragraph,
    polar,
    pop,
    ramp,
    shade,
    swing,
    wave,
)
from hustings.demo.spec import scene


def _document(frame: Image.Image, x: float, y: float, size: float, ink: str, seal: float) -> None:
    """A sheet of paper with lines of writing and, once it is law, a seal."""
    w, h = size * 0.72, size
    left, top = round(x - w / 2), round(y - h / 2)
    box = (left - 6, top - 6, round(x + w / 2) + 8, round(y + h / 2) + round(size * 0.2))
    sheet, lines = Ink(box), Ink(box)
    sheet.box(left, top, w, h, size * 0.05)
    for i, length in enumerate((0.5, 0.8, 0.8, 0.66, 0.8, 0.4)):
        lines.box(left + w * 0.1, top + h * (0.14 + 0.105 * i), w * length, h * 0.035, 4)
    sheet.onto(frame, "fffdf6")
    lines.onto(frame, ink, 0.35)
    if seal > 0:
        stamp = Ink(box)
        stamp.disc(x + w * 0.22, y + h * 0.34, size * 0.13 * pop(seal))
        stamp.onto(frame, "d64545")


def _stages(stage: Stage, title: str, steps: tuple[tuple[str, str], ...], inks: tuple[str, ...], last: str) -> Draw:
    """A sheet goes from step to step; each step washes its own colour over the screen from where the sheet stands."""
    turn = stage.seconds / (len(steps) + 0.6)

    def draw(t: float) -> Image.Image:
        at = min(len(steps) - 1, int(t / turn))
        since = t - at * turn
        frame = flat(inks[(at - 1) % len(inks)] if at else inks[0]).copy()
        spot = (LEFT + 40 + (RIGHT - LEFT - 80) * at / (len(steps) - 1), 985.0)
        if at:
            wash = Ink(fine=1)
            wash.disc(*spot, 1500 * swing(since / 0.6))
            wash.onto(frame, inks[at % len(inks)])
        ghost = out(ramp(since, -1 if at == 0 else 0, 0.9))
        letter(
            frame,
            str(at + 1),
            (WIDTH + 40, 1330 - 260 * ghost - 14 * t),
            face="serif",
            size=1000,
            alpha=0.09 * ghost,
            align=1,
        )
        letter(frame, title, (LEFT, 170), face="bold", size=34, alpha=0.85)
        number = out(ramp(since, -0.3 if at == 0 else 0.12, 0.5))
        letter(frame, str(at + 1), (LEFT - 8, 430), face="serif", size=280, rise=number, ink="ffffff")
        name, gloss = steps[at]
        below = paragraph(
            frame, name, (LEFT, 540), size=76, shown=ramp(since, -0.9 if at == 0 else 0.2, 0.7), leading=1.06
        )
        paragraph(
            frame, gloss, (LEFT, below - 10), face="book", size=38, leading=1.3,
            shown=ramp(since, -0.9 if at == 0 else 0.4, 0.7),
        )  # fmt: skip
        track, dots = Ink((0, 960, WIDTH, 1010)), Ink((0, 960, WIDTH, 1010))
        track.line([(LEFT + 40, 985), (RIGHT - 40, 985)], 4)
        track.onto(frame, "ffffff", 0.35)
        for i in range(at + 1):
            dots.disc(LEFT + 40 + (RIGHT - LEFT - 80) * i / (len(steps) - 1), 985, 11)
        dots.onto(frame, "ffffff")
        come = swing(since / 0.5)
        before = LEFT + 40 + (RIGHT - LEFT - 80) * max(0, at - 1) / (len(steps) - 1)
        x = before + (spot[0] - before) * come
        hop = 60 * math.sin(math.pi * come)
        final = ramp(since, 0.5, 0.5) if at == len(steps) - 1 else 0.0
        _document(frame, x, 887 - hop + 4 * wave(t, stage.beat * 2), 168, inks[at % len(inks)], final)
        if final:
            letter(frame, last, (LEFT, 1056), face="italic", size=44, alpha=final)
        return frame

    return draw


@scene("bill-becomes-law")
def bill(stage: Stage) -> Draw:
    steps = (
        ("An idea", "Someone thinks the law|should change"), ("First reading", "The bill gets a name|and is printed"),
        ("Second reading", "Members debate|what it is for"), ("Committee", "Every line is checked|and changed"),
        ("Third reading", "One last debate,|one last vote"), ("Assent", "It is signed.|It is law."),
    )  # fmt: skip
    inks = ("27306b", "3c5bd6", "0f8b8d", "d9792b", "8b3fa0", "146b4a")
    return _stages(stage, "How a bill becomes law", steps, inks, "Any of these can stop it.")


@scene("deddf-mewn-deg")
def cyfraith(stage: Stage) -> Draw:
    steps = (
        ("Syniad", "Mae rhywun eisiau|newid y gyfraith"), ("Dadl", "Pam mae ei hangen?"),
        ("Pwyllgor", "Darllen a newid|pob llinell"),
        ("Pleidlais", "O blaid neu|yn erbyn"), ("Cydsyniad", "Wedi'i llofnodi.|Mae'n gyfraith."),
    )  # fmt: skip
    return _stages(
        stage,
        "Sut mae gwneud cyfraith",
        steps,
        ("7a1f3d", "b5452c", "1c6e5a", "2b4c9b", "5a2d82"),
        "Gall stopio ar unrhyw gam.",
    )


@scene("first-reading-royal-assent")
def road(stage: Stage) -> Draw:
    stops = (
        ("Day 1", "First reading"), ("Day 24", "Second reading"), ("Day 96", "58 changes|in committee"),
        ("Day 187", "Third reading"), ("Day 214", "It is law"),
    )  # fmt: skip
    path = [(520 + 78 * math.sin(y / 210), y) for y in range(-800, 2900, 10)]

    def draw(t: float) -> Image.Image:
        camera = 520 * swing(0.0) + 4 * 430 * swing(clamp((t - 0.6) / (stage.seconds - 2.4)) * 0.999)
        frame = gradient("071a2f", "0c3b4a", "0e5a52").copy()
        river, shine = Ink(fine=1), Ink()
        near_path = [
            (x + 6 * wave(t, 2.4, y / 300), y - camera + 560) for x, y in path if -200 < y - camera + 560 < 1500
        ]
        river.poly([(x - 46, y) for x, y in near_path] + [(x + 46, y) for x, y in reversed(near_path)])
        river.onto(frame, "2f9fb3", 0.5)
        for lane in (-26, 0, 26):
            ys = [p for p in path if -100 < p[1] - camera + 560 < 1400]
            for start in range(int(t * 26 + lane) % 24, len(ys) - 9, 24):
                shine.line(
                    [(x + lane + 6 * wave(t, 2.4, y / 300), y - camera + 560) for x, y in ys[start : start + 7]], 3
                )
        shine.onto(frame, "bdf3f0", 0.5)
        for i, (day, what) in enumerate(stops):
            y = i * 430 - camera + 560
            near = clamp(1.3 - abs(y - 560) / 330)
            if not -100 < y < HEIGHT + 100 or near <= 0:
                continue
            x = path[min(len(path) - 1, (i * 430 + 800) // 10)][0]
            dot = Ink((round(x) - 60, round(y) - 60, round(x) + 60, round(y) + 60))
            dot.disc(x, y, 18 + 14 * near)
            dot.onto(frame, "ffd166")
            letter(frame, day, (LEFT, y - 46), face="serif", size=88, ink="ffd166", alpha=near)
            paragraph(frame, what, (LEFT, y + 24), size=50, alpha=near, leading=1.1)
        shade_top = gradient("071a2f", "0c3b4a", "0e5a52").crop((0, 0, WIDTH, 200))
        frame.paste(shade_top, (0, 0))
        letter(frame, "The Clean Rivers Act", (LEFT, 160), face="italic", size=48, ink="ffffff")
        return frame

    return draw


@scene("select-committee")
def committee(stage: Stage) -> Draw:
    verbs = (("It asks.", "ff9f6b"), ("It listens.", "8fd3ff"), ("It checks.", "c8f169"), ("It reports.", "ff7fa8"))
    turn = stage.seconds / 4.4

    def draw(t: float) -> Image.Image:
        at = min(3, int(t / turn))
        since, (verb, ink) = t - at * turn, verbs[at]
        frame = gradient("16213a", "1f1534").copy()
        light(frame, (338, 740), 420, ink, 0.28)
        letter(frame, "What a committee does", (LEFT, 170), face="bold", size=34, ink="b9c4dd")
        letter(
            frame,
            verb,
            (LEFT, 330),
            size=112,
            ink=ink,
            rise=out(ramp(since, -0.4 if at == 0 else 0.05, 0.5)),
            tracking=-20,
        )
        table, lit, rest = Ink((0, 420, WIDTH, 1060)), Ink((0, 420, WIDTH, 1060)), Ink((0, 420, WIDTH, 1060))
        table.arc(338, 730, 190, -130, 130, 54)
        table.onto(frame, "3a4770")
        speaker = int(t / stage.beat) % 11
        for i in range(11):
            x, y = polar(338, 730, 268, -130 + 26 * i)
            bounce = 7 * stage.pulse(t) if i == speaker else 0
            (lit if i == speaker else rest).disc(x, y, 27 + bounce)
        rest.onto(frame, "8a97bd")
        lit.disc(338, 975, 36)
        lit.onto(frame, ink)
        words = Ink((0, 420, WIDTH, 1060))
        for k in range(3):
            go = (t / stage.beat * 0.5 + k / 3) % 1
            sx, sy = polar(338, 730, 268, -130 + 26 * speaker)
            if at == 1:
                go = 1 - go
            words.disc(sx + (338 - sx) * go, sy + (975 - sy) * go, 8 * math.sin(math.pi * go) + 1)
        words.onto(frame, "ffffff", 0.9)
        if at == 3:
            _document(frame, 338, 730, 170 * pop(ramp(since, 0.2, 0.5)) + 1, "1f1534", ramp(since, 1.0, 0.4))
        return frame

    return draw


def hemicycle(rows: int, inner: float, gap: float, x: float, y: float) -> list[tuple[float, float]]:
    """Seats in a half circle, ordered from left to right."""
    seats = []
    for row in range(rows):
        radius = inner + row * gap
        count = round(math.pi * radius / gap * 1.02)
        seats += [(-90 + 180 * i / (count - 1), radius) for i in range(count)]
    return [polar(x, y, radius, degrees) for degrees, radius in sorted(seats)]


@scene("what-is-a-quorum")
def quorum(stage: Stage) -> Draw:
    seats = hemicycle(5, 110, 40, 338, 870)
    order, need = stage.dice.permutation(len(seats)), len(seats) // 3
    step = (stage.seconds - 1.6) / (need + 8)

    def draw(t: float) -> Image.Image:
        here = min(need + 8, int((t + 0.9) / step))
        enough = here >= need
        since = ramp(t + 0.9, need * step, 0.5)
        frame = gradient("fdf0d5", "f8dcc0").copy()
        if since > 0:
            wash = Ink(fine=1)
            wash.disc(338, 870, 1400 * swing(since))
            wash.onto(frame, "0b6e4f")
        ink = "ffffff" if since > 0.5 else "3d2c29"
        letter(frame, "quorum", (LEFT - 6, 270), face="serif", size=150, ink=ink)
        letter(
            frame,
            "/ˈkwɔːrəm/  noun".replace("ˈkwɔːrəm", "kwor-um"),
            (LEFT, 330),
            face="italic",
            size=40,
            ink=ink,
            alpha=0.8,
        )
        text = "Enough. Now|the vote counts." if enough else "How many must be|in the room"
        paragraph(frame, text, (LEFT, 440), face="bold", size=50, ink=ink, leading=1.2)
        empty, full = Ink((0, 520, WIDTH, 900)), Ink((0, 520, WIDTH, 900))
        for rank, seat in enumerate(order):
            x, y = seats[seat]
            if rank < here:
                full.disc(x, y, 15 * pop(ramp(t + 0.9, rank * step, 0.3)) if rank > 8 else 15)
            else:
                empty.disc(x, y, 12)
        empty.onto(frame, ink, 0.2)
        full.onto(frame, "ffd166" if enough else "d1495b")
        letter(frame, f"{here}", (338, 880), face="black", size=96, ink=ink, align=0.5, scale=1 + 0.06 * stage.pulse(t))
        letter(
            frame,
            f"of {len(seats)} seats  ·  {need} needed",
            (338, 950),
            face="bold",
            size=34,
            ink=ink,
            align=0.5,
            alpha=0.8,
        )
        return frame

    return draw


@scene("division")
def division(stage: Stage) -> Draw:
    members = 60
    ayes = stage.dice.permutation([True] * 34 + [False] * 26)
    starts = [polar(338, 600, 40 + 20 * (i % 8), i * 137.5) for i in range(members)]
    places, seen = [], {True: 0, False: 0}
    for aye in ayes:
        i = seen[bool(aye)]
        seen[bool(aye)] += 1
        places.append(((392 if aye else 92) + (i % 5) * 48, 930 - (i // 5) * 48))

    def draw(t: float) -> Image.Image:
        frame = gradient("12121c", "241b3d").copy()
        letter(frame, "The house divides", (LEFT, 180), size=60, ink="ffffff", tracking=-10)
        dots = {side: Ink((0, 280, WIDTH, 980)) for side in (True, False)}
        counts = {True: 0, False: 0}
        for i, aye in enumerate(ayes):
            go = swing(ramp(t, 1.0 + i * 0.082, 0.8))
            (sx, sy), (px, py) = starts[i], places[i]
            sx, sy = sx + 8 * wave(t, 3, i / 7), sy + 8 * wave(t, 3.7, i / 5)
            dots[bool(aye)].disc(sx + (px - sx) * go, sy + (py - sy) * go - 60 * math.sin(math.pi * go), 15)
            counts[bool(aye)] += go > 0.95
        dots[True].onto(frame, "4cc9f0")
        dots[False].onto(frame, "f72585")
        for side, x, name, ink in ((False, 92, "No", "f72585"), (True, 392, "Aye", "4cc9f0")):
            letter(frame, name, (x - 16, 1040), face="bold", size=48, ink=ink)
            letter(frame, str(counts[side]), (x + 210, 1040), face="serif", size=76, ink="ffffff", align=1)
        done = ramp(t, stage.seconds - 1.9, 0.4)
        letter(frame, "The ayes have it.", (LEFT, 264), face="italic", size=66, ink="4cc9f0", rise=out(done))
        return frame

    return draw


@scene("who-represents-you")
def rings(stage: Stage) -> Draw:
    layers = (
        ("You", "are in the middle", "ffd166"), ("Your ward", "bins, parks, streetlights", "12838f"),
        ("Your constituency", "laws, schools, hospitals", "3457b8"), ("Your region", "rail, rivers, jobs", "553199"),
    )  # fmt: skip
    turn = stage.seconds / 4.5

    def draw(t: float) -> Image.Image:
        zoom = swing(ramp(t, turn * 0.7, stage.seconds - turn * 1.9))
        frame = gradient("140f38", "231352").copy()
        for i in (3, 2, 1):
            radius = (90 + 170 * i) * (2.6 - 1.75 * zoom) * (1 + 0.012 * wave(t, 4, i / 3))
            ring = Ink(fine=1 if radius > 500 else 2)
            ring.disc(338, 700, radius)
            ring.onto(frame, layers[i][2])
        you = Ink((200, 560, 480, 840))
        you.disc(338, 700, 26 + 5 * stage.pulse(t))
        you.onto(frame, "ffd166")
        at = min(3, int((t + 0.25) / turn))
        since = t + 0.25 - at * turn
        name, what, _ = layers[at]
        letter(
            frame,
            name,
            (LEFT, 230),
            size=64,
            ink="ffd166" if at == 0 else "ffffff",
            rise=out(ramp(since, 0 if at else -1, 0.45)),
            tracking=-20,
        )
        letter(frame, what, (LEFT, 300), face="book", size=42, rise=out(ramp(since, 0.15 if at else -1, 0.5)))
        letter(
            frame,
            "All of them work for you.",
            (LEFT, BOTTOM - 20),
            face="italic",
            size=46,
            alpha=ramp(t, stage.seconds - 1.4, 0.5),
        )
        return frame

    return draw


@scene("speaker-says-order")
def order(stage: Stage) -> Draw:
    inks = ("e63946", "f1faee", "1d3557", "ffb703", "2a9d8f", "8338ec")

    def draw(t: float) -> Image.Image:
        beat = int(t / stage.beat)
        since = (t - beat * stage.beat) / stage.beat
        ground, ink = inks[beat % 6], "1d3557" if inks[beat % 6] in {"f1faee", "ffb703"} else "f1faee"
        frame = flat(ground).copy()
        rows = 3 + beat % 4
        size = min(190, round(900 / rows))
        for i in range(rows):
            k = out(0.3 + 0.7 * clamp(since * 2.2 - i * 0.12)) if beat else 1.0
            slide = (1 - k) * (420 if (i + beat) % 2 else -420)
            text = "Order." if beat % 12 < 10 else "ORDER!"
            x = LEFT - 6 + slide
            letter(
                frame,
                text,
                (x, 220 + size + i * size * 0.98),
                face="serif" if i % 2 else "black",
                size=size,
                ink=ink,
                alpha=k,
                tracking=-15,
            )
        if since < 0.12 and beat:
            shade(frame, "ffffff", 0.25 * (1 - since / 0.12))
        letter(frame, f"{beat + 1}×", (RIGHT, 180), face="bold", size=44, ink=ink, alpha=0.7, align=1)
        return frame

    return draw
