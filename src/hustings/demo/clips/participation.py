"""Taking part: petitions, registering, asking; in English and in Welsh."""

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
    letter,
    light,
    out,
    paragraph,
    polar,
    pop,
    ramp,
    swing,
    wave,
)
from hustings.demo.spec import scene


def _petition(
    stage: Stage, title: str, marks: tuple[tuple[int, str], ...], ends: str, colours: tuple[str, str, str]
) -> Draw:
    """A counter runs, names gather, and each threshold opens a door."""
    deep, paper, hot = colours
    goal = marks[-1][0]
    spots = [
        (float(stage.dice.uniform(0, 1)), float(stage.dice.uniform(0, 1)), float(stage.dice.uniform(-0.3, 0.3)))
        for _ in range(260)
    ]

    def scrawl(ink: Ink, x: float, y: float, size: float, turn: float) -> None:
        ink.line(
            [
                (x + i * size * 0.16, y + size * 0.3 * math.sin(i * 1.1 + turn * 9) * (1 - i / 15) + i * turn)
                for i in range(14)
            ],
            2.4,
        )

    def draw(t: float) -> Image.Image:
        done = swing(ramp(t, -0.6, stage.seconds - 1.4)) ** 1.6
        count = round(goal * done)
        frame = flat(paper).copy()
        names = Ink((0, 560, WIDTH, HEIGHT), fine=1)
        for i in range(int(60 + 200 * done)):
            u, v, turn = spots[i]
            scrawl(names, u * WIDTH - 60, 590 + v * 680, 26, turn)
        names.onto(frame, deep, 0.22)
        paragraph(frame, title, (LEFT, 190), size=60, ink=deep, leading=1.08, tracking=-10)
        letter(frame, f"{count:,}".replace(",", " "), (LEFT - 4, 470), face="serif", size=170, ink=hot, tracking=-20)
        bar, rail = Ink((0, 510, WIDTH, 560)), Ink((0, 510, WIDTH, 560))
        rail.box(LEFT, 524, RIGHT - LEFT, 16, 8)
        rail.onto(frame, deep, 0.15)
        bar.box(LEFT, 524, max(16, (RIGHT - LEFT) * done), 16, 8)
        bar.onto(frame, hot)
        for i, (mark, what) in enumerate(marks):
            come = clamp((count - mark) / (goal * 0.02)) if mark < goal else ramp(t, stage.seconds - 1.4, 0.4)
            y, k = 650 + i * 138, pop(come)
            place = Ink((0, y - 70, WIDTH, y + 70))
            place.box(LEFT, y - 56, RIGHT - LEFT, 118, 22)
            place.onto(frame, deep, 0.1)
            if come <= 0:
                continue
            card = Ink((0, y - 70, WIDTH, y + 70))
            card.box(LEFT - 700 * (1 - out(come)), y - 56, RIGHT - LEFT, 118, 22)
            card.onto(frame, deep)
            paragraph(
                frame,
                what,
                (LEFT + 120, y - 6 if "|" in what else y + 15),
                size=36,
                face="bold",
                leading=1.2,
                alpha=come,
                ink=paper,
            )
            tick = Ink((LEFT, y - 60, LEFT + 120, y + 70))
            tick.disc(LEFT + 60, y + 3, 34 * k)
            tick.onto(frame, hot)
            check = Ink((LEFT, y - 60, LEFT + 120, y + 70))
            check.line([(LEFT + 45, y + 4), (LEFT + 56, y + 16), (LEFT + 77, y - 10)], 7)
            check.onto(frame, paper, come)
        letter(frame, ends, (LEFT, BOTTOM), face="italic", size=42, ink=deep, alpha=ramp(t, stage.seconds - 1.5, 0.5))
        return frame

    return draw


@scene("how-to-petition")
def petition(stage: Stage) -> Draw:
    marks = ((50, "It is published"), (1000, "A committee|must look at it"), (10000, "It can be debated"))
    return _petition(
        stage, "What happens|when people sign", marks, "Anyone can start one.", ("1d2b53", "fff4e0", "ef476f")
    )


@scene("deiseb")
def deiseb(stage: Stage) -> Draw:
    marks = ((50, "Caiff ei chyhoeddi"), (1000, "Rhaid i bwyllgor|edrych arni"), (10000, "Gall fod dadl"))
    return _petition(
        stage, "Beth sy'n digwydd|i ddeiseb?", marks, "Gall unrhyw un ddechrau un.", ("123c37", "eaf7ee", "e07a2f")
    )


@scene("register-to-vote")
def register(stage: Stage) -> Draw:
    return _ticks(
        stage,
        "Register|to vote.",
        ("Your name", "Your address", "Your birthday"),
        "Five minutes. Done.",
        ("ffd60a", "111111", "ff4d00"),
    )


@scene("cofrestru")
def cofrestru(stage: Stage) -> Draw:
    return _ticks(
        stage,
        "Dy lais.|Dy bleidlais.",
        ("Dy enw", "Dy gyfeiriad", "Dy ben-blwydd"),
        "Pum munud. Dyna ni.",
        ("00c2a8", "06283d", "ffffff"),
    )


def _ticks(stage: Stage, title: str, items: tuple[str, ...], ends: str, colours: tuple[str, str, str]) -> Draw:
    ground, ink, hot = colours
    start, step = stage.beat * 2, stage.beat * 3

    def draw(t: float) -> Image.Image:
        frame = flat(ground).copy()
        rays = Ink(fine=1)
        for i in range(12):
            a = i * 30 + t * 9
            rays.poly([(338, 760), polar(338, 760, 1300, a), polar(338, 760, 1300, a + 15)])
        rays.onto(frame, "ffffff", 0.16)
        paragraph(
            frame, title, (LEFT - 4, 230), size=104 if len(title) < 18 else 88, ink=ink, leading=1.0, tracking=-25
        )
        for i, item in enumerate(items):
            y = 500 + i * 130
            done = ramp(t, start + i * step, 0.35)
            box = Ink((LEFT - 10, y - 60, LEFT + 110, y + 60))
            box.box(LEFT, y - 44, 88, 88, 20)
            box.onto(frame, ink)
            if done > 0:
                down, up = clamp(done * 3), clamp(done * 1.5 - 0.5)
                path = [(LEFT + 22.0, y + 2.0), (LEFT + 22 + 16 * down, y + 2 + 18 * down)]
                if up > 0:
                    path.append((LEFT + 38 + 42 * up, y + 20 - 54 * up))
                tick = Ink((LEFT - 10, y - 70, LEFT + 130, y + 60))
                tick.line(path, 13)
                tick.onto(frame, hot if hot != ground else "ffffff")
            letter(frame, item, (LEFT + 124, y + 20), face="bold", size=58, ink=ink, alpha=0.55 + 0.45 * done)
        letter(frame, ends, (LEFT, 960), face="italic", size=56, ink=ink, rise=out(ramp(t, start + 3 * step, 0.5)))
        beat = out(ramp(t, start + 3 * step, 0.5)) * (1 + 0.03 * stage.pulse(t))
        if beat > 0:
            line = Ink((0, 970, WIDTH, 1010))
            line.box(LEFT, 984, (RIGHT - LEFT) * clamp(beat), 12, 6)
            line.onto(frame, hot if hot != ground else ink)
        return frame

    return draw


@scene("ask-a-minister")
def question(stage: Stage) -> Draw:
    parts = (("How many", "ff5d8f"), ("by when", "ffd166"), ("who decides", "06d6a0"), ("and then what?", "4cc9f0"))

    def draw(t: float) -> Image.Image:
        frame = flat("101418").copy()
        light(frame, (360 + 120 * wave(t, 8), 500 + 90 * wave(t, 6)), 620, "33415c", 0.7)
        letter(frame, "A good question", (LEFT, 200), face="bold", size=50, ink="ffffff")
        letter(frame, "?", (500, 1120 + 14 * wave(t, 4)), face="serif", size=760, ink="263449", align=0.5)
        for i, (words, ink) in enumerate(parts):
            start = stage.beat * (3 * i - 1)
            come = pop(ramp(t, start, 0.35)) if i else 1.0
            if come <= 0.05:
                continue
            y = 380 + i * 150
            width = 60 + 37 * len(words)
            bubble = Ink((0, y - 80, WIDTH, y + 60))
            bubble.box(LEFT, y - 72, width * clamp(come, 0, 1.05), 108, 34)
            bubble.poly([(LEFT + 40, y + 30), (LEFT + 92, y + 30), (LEFT + 34, y + 58)])
            bubble.onto(frame, ink)
            letter(
                frame,
                words,
                (LEFT + 34, y + 3),
                size=62,
                ink="101418",
                alpha=ramp(t, start + 0.15, 0.2) if i else 1.0,
                tracking=-10,
            )
        letter(
            frame,
            "One at a time.",
            (LEFT, 990),
            face="italic",
            size=50,
            ink="ffffff",
            alpha=ramp(t, stage.beat * 12, 0.5),
        )
        return frame

    return draw
