"""What people post from the kitchen and the classroom: food, and words of the day."""

import math

from PIL import Image

from hustings.demo.graphics import (
    BOTTOM,
    LEFT,
    WIDTH,
    Draw,
    Ink,
    Stage,
    clamp,
    gradient,
    letter,
    light,
    measure,
    mesh,
    mix,
    out,
    paragraph,
    polar,
    pop,
    ramp,
    swing,
    wave,
)
from hustings.demo.spec import scene


@scene("welsh-cakes")
def cakes(stage: Stage) -> Draw:
    steps = (
        ("225 g flour", "110 g butter, rubbed in"),
        ("85 g sugar", "and a fistful of currants"),
        ("One egg", "roll it thick, cut it round"),
        ("Hot griddle", "three minutes each side"),
        ("More sugar", "eat them warm"),
    )
    turn = stage.seconds / 5.3
    crumbs = stage.dice.uniform(-1, 1, (90, 3))
    places = ((-150, -90), (20, -130), (160, -40), (-90, 70), (80, 90))

    def draw(t: float) -> Image.Image:
        at = min(4, int((t + 0.3) / turn))
        since = t + 0.3 - at * turn
        frame = gradient("f8e5d0", "f3cfae").copy()
        letter(frame, "Welsh cakes", (LEFT, 170), face="italic", size=48, ink="7a3e1d")
        what, how = steps[at]
        letter(
            frame,
            what,
            (LEFT - 4, 282),
            size=92,
            ink="5a2a13",
            rise=out(ramp(since, 0 if at else -1, 0.4)),
            tracking=-25,
        )
        letter(
            frame, how, (LEFT, 350), face="book", size=40, ink="7a3e1d", rise=out(ramp(since, 0.12 if at else -1, 0.4))
        )
        cx, cy = 338, 700
        shadow, plate, rim = Ink((0, 380, WIDTH, 1060)), Ink((0, 380, WIDTH, 1060)), Ink((0, 380, WIDTH, 1060))
        shadow.disc(cx + 8, cy + 16, 286)
        shadow.onto(frame, "5a2a13", 0.2)
        plate.disc(cx, cy, 286)
        plate.onto(frame, "2f2f38" if at == 3 else "fffaf3")
        rim.ring(cx, cy, 258, 5)
        rim.onto(frame, "4a4a57" if at == 3 else "e8d5bd")
        if at < 2:
            heap = Ink((0, 380, WIDTH, 1060))
            size = 170 + 26 * out(ramp(since, 0, 0.8)) + 20 * at
            for i in range(16):
                heap.disc(
                    *polar(cx, cy, size * 0.32, i * 22.5 + 9 * wave(t, 4, i / 9)),
                    size * (0.62 + 0.06 * math.sin(i * 2.3)),
                )
            heap.onto(frame, "fbefd9" if at == 0 else "f3dfb8")
            bits = Ink((0, 380, WIDTH, 1060))
            for u, v, w in crumbs:
                k = clamp(since * 1.6 - abs(w)) if at else clamp(since * 2.2 - abs(w))
                if u * u + v * v < 1 and k > 0:
                    y = cy + v * 140 - (1 - out(k)) * 420
                    bits.disc(cx + u * 140, y, 7 + 4 * abs(w))
            bits.onto(frame, "4a1d2f" if at else "f2c94c")
        else:
            flip = swing(ramp(since, 0.9, 0.6)) if at == 3 else 0.0
            for i, (dx, dy) in enumerate(places):
                k = max(0.3, pop(ramp(since, 0.1 + 0.12 * i, 0.4))) if at == 2 else 1.0
                thin = abs(math.cos(math.pi * clamp(flip * 1.4 - 0.1 * i)))
                tone = mix("f3dfb8", "d99a4e", ramp(t, 3 * turn, 1.5 * turn))
                x, y, r = cx + dx * 1.0, cy + dy * 1.1 - 46 * math.sin(math.pi * clamp(flip * 1.4 - 0.1 * i)), 84 * k
                cake, dark = (
                    Ink((int(x) - 120, int(y) - 120, int(x) + 120, int(y) + 120)),
                    Ink((int(x) - 120, int(y) - 120, int(x) + 120, int(y) + 120)),
                )
                cake.oval(x, y, r, max(8, r * thin))
                for b in range(7):
                    px, py = polar(0, 0, r * 0.62 * (0.4 + 0.6 * ((b * 37 + i * 13) % 10) / 10), b * 51 + i * 30)
                    dark.oval(x + px, y + py * thin, 7 * k, 6 * k * max(0.2, thin))
                cake.onto(frame, tone)
                dark.onto(frame, "4a1d2f")
            if at == 4:
                sugar = Ink((0, 380, WIDTH, 1060))
                for u, v, w in crumbs:
                    fall = clamp(since * 1.3 - (w + 1) * 0.4)
                    sugar.disc(cx + u * 230, cy + v * 190 - (1 - fall) * 700, 4 if fall > 0 else 0)
                sugar.onto(frame, "ffffff", 0.95)
            if at == 3:
                steam = Ink((0, 380, WIDTH, 700), fine=1)
                for k in range(3):
                    steam.line(
                        [(220 + 110 * k + 18 * math.sin(y / 34 + t * 3 + k), 640 - y) for y in range(0, 200, 10)], 9
                    )
                steam.onto(frame, "ffffff", 0.35)
        return frame

    return draw


def _word(stage: Stage, word: str, said: str, meaning: str, use: str, inks: tuple[str, ...], size: int) -> Draw:
    """A word whose letters arrive one by one over slow colours; then what it means."""

    def draw(t: float) -> Image.Image:
        frame = mesh(inks, t, 1 / stage.seconds)
        letter(frame, "Gair y dydd", (LEFT, 190), face="bold", size=36)
        widths = [measure(word[:i], "serif", size) for i in range(len(word) + 1)]
        for i, character in enumerate(word):
            k = clamp((t + 1.0 - i * 0.12) / 0.5)
            drift = 10 * wave(t, 3, i * 0.11)
            letter(
                frame,
                character,
                (LEFT - 6 + widths[i], 470 + drift + (1 - out(k)) * 120),
                face="serif",
                size=size,
                alpha=out(k),
            )
        letter(frame, said, (LEFT, 560), face="italic", size=46, alpha=out(ramp(t, -0.5, 0.6)) * 0.9)
        paragraph(frame, meaning, (LEFT, 690), face="bold", size=52, leading=1.24, shown=ramp(t, stage.beat * 2, 1.2))
        paragraph(
            frame,
            use,
            (LEFT, BOTTOM - 70),
            face="italic",
            size=40,
            leading=1.25,
            shown=ramp(t, stage.seconds * 0.5, 1.2),
        )
        return frame

    return draw


@scene("hiraeth")
def hiraeth(stage: Stage) -> Draw:
    return _word(
        stage,
        "hiraeth",
        "hir-aith, enw",
        "Dyheu am le|neu am amser|a fu",
        "“Mae hiraeth arna i|am y môr.”",
        ("14213d", "3d348b", "7678ed", "1b4965", "5e548e"),
        168,
    )


@scene("cwtsh")
def cwtsh(stage: Stage) -> Draw:
    return _word(
        stage,
        "cwtsh",
        "cwt-sh, enw",
        "Coflaid,|a lle diogel,|yr un pryd",
        "“Dere i gael|cwtsh.”",
        ("9d0208", "e85d04", "d00000", "b5446e", "f48c06"),
        196,
    )


@scene("tea")
def tea(stage: Stage) -> Draw:
    def draw(t: float) -> Image.Image:
        frame = gradient("264653", "2a5d63").copy()
        light(frame, (338, 640), 460, "e9c46a", 0.35)
        half = stage.seconds / 2
        words = "Milk first?" if t < half else "Milk last?"
        since = t % half
        letter(
            frame,
            words,
            (LEFT - 4, 250),
            face="serif",
            size=108,
            ink="ffe8b6",
            rise=out(ramp(since, 0.05 if t > half else -1, 0.45)),
        )
        cx, cy = 330, 720
        saucer, cup, inside = Ink((0, 600, WIDTH, 1060)), Ink((0, 600, WIDTH, 1060)), Ink((0, 600, WIDTH, 1060))
        saucer.oval(cx, cy + 236, 270, 36)
        saucer.onto(frame, "f4f1de")
        handle = Ink((440, 640, 660, 1000))
        handle.ring(cx + 196, cy + 76, 66, 24)
        handle.onto(frame, "e9e4cc")
        cup.box(cx - 200, cy - 20, 400, 84)
        cup.pie(cx, cy + 60, 200, 90, 270)
        cup.oval(cx, cy - 20, 200, 46)
        cup.onto(frame, "fdfbf0")
        stripe = Ink((0, 600, WIDTH, 1060))
        stripe.box(cx - 200, cy + 58, 400, 16)
        stripe.onto(frame, "e76f51")
        rim = Ink((0, 600, WIDTH, 1060))
        rim.oval(cx, cy - 20, 190, 41)
        rim.onto(frame, "ddd5b8")
        inside.oval(cx, cy - 16, 180, 34)
        first, later = ("fff8ea", "b5651d") if t < half else ("7a3410", "c98b4f")
        pour = ramp(since, half * 0.28, half * 0.5)
        inside.onto(frame, mix(first, later, pour))
        if 0 < pour < 1:
            stream = Ink((0, 300, WIDTH, 800))
            sway = 5 * wave(t, 0.6)
            stream.poly([(cx - 9 + sway, 330), (cx + 9 + sway, 330), (cx + 7, cy - 16), (cx - 7, cy - 16)])
            for k in range(4):
                stream.disc(cx + 30 * math.sin(k * 2 + t * 8), cy - 30 - 40 * abs(math.sin(t * 9 + k)), 5)
            stream.onto(frame, "b5651d" if t < half else "fff8ea")
        steam = Ink((0, 360, WIDTH, 760), fine=1)
        for k in range(3):
            steam.line(
                [
                    (cx - 90 + 90 * k + (12 + y / 14) * math.sin(y / 46 - t * 2.4 + k * 2), 720 - y)
                    for y in range(0, 300, 10)
                ],
                12 - k,
            )
        steam.onto(frame, "ffffff", 0.16)
        bar = ramp(t, -1, stage.seconds + 1)
        letter(
            frame,
            "Comment. Be kind." if bar > 0.55 else "The great debate",
            (LEFT, BOTTOM),
            face="italic",
            size=44,
            ink="ffe8b6",
            alpha=0.9,
        )
        return frame

    return draw
