"""A broadcaster's minutes and two councils' notices."""

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
    gradient,
    letter,
    light,
    measure,
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

# The coast of Avonmere, from its north-west corner, clockwise.
COAST = (
    (150, 330), (260, 300), (330, 340), (420, 318), (520, 372), (560, 450), (540, 520), (588, 600),
    (560, 690), (600, 770), (540, 850), (430, 876), (360, 930), (260, 902), (220, 830), (140, 800),
    (170, 720), (100, 660), (128, 560), (90, 470), (120, 390),
)  # fmt: skip


def _coast() -> list[tuple[float, float]]:
    """The same coast with rounded corners, by cutting each twice (Chaikin 1974)."""
    points = [(float(x), float(y)) for x, y in COAST]
    for _ in range(3):
        cut = []
        for (x, y), (u, v) in zip(points, [*points[1:], points[0]], strict=True):
            cut += [(0.75 * x + 0.25 * u, 0.75 * y + 0.25 * v), (0.25 * x + 0.75 * u, 0.25 * y + 0.75 * v)]
        points = cut
    return points


def _cloud(ink: Ink, x: float, y: float, size: float) -> None:
    for dx, dy, r in ((-0.5, 0.1, 0.34), (-0.1, -0.16, 0.46), (0.4, 0.02, 0.38)):
        ink.disc(x + dx * size, y + dy * size, r * size)
    ink.box(x - 0.84 * size, y + 0.06 * size, 1.62 * size, 0.38 * size, 0.19 * size)


def _sun(frame: Image.Image, x: float, y: float, size: float, t: float) -> None:
    rays = Ink((int(x - size * 2), int(y - size * 2), int(x + size * 2), int(y + size * 2)))
    for i in range(10):
        a = i * 36 + t * 24
        rays.line([polar(x, y, size * 1.25, a), polar(x, y, size * 1.6, a)], size * 0.15)
    rays.disc(x, y, size)
    rays.onto(frame, "ffc300")


def _weather(
    stage: Stage, title: str, towns: tuple[tuple[str, int, int, str, int], ...], days: tuple[str, ...], ends: str
) -> Draw:
    """A map whose weather crosses it from the west while the days pass."""
    sea = gradient("0f4c81", "1f7a8c", "3da5b4").copy()
    shade_under, land, hills = Ink(), Ink(), Ink()
    coast = _coast()
    shade_under.poly([(x + 10, y + 14) for x, y in coast])
    shade_under.onto(sea, "0a2f4f", 0.4)
    land.poly(coast)
    land.onto(sea, "8ac174")
    for x, y, r in ((330, 470, 90), (380, 530, 70), (280, 640, 84), (330, 700, 60)):
        hills.disc(x, y, r)
    hills.onto(sea, "6fae63", 0.7)

    def draw(t: float) -> Image.Image:
        frame = sea.copy()
        lines = Ink((0, 280, WIDTH, HEIGHT), fine=1)
        for i in range(7):
            lines.line([(x, 300 + i * 140 + 12 * math.sin(x / 60 + t * 1.2 + i)) for x in range(-20, 760, 20)], 2)
        lines.onto(frame, "ffffff", 0.1)
        day = min(len(days) - 1, int(t / stage.seconds * len(days)))
        since = t - day * stage.seconds / len(days)
        front = -260 + (WIDTH + 700) * clamp(t / stage.seconds)
        for i, (name, x, y, kind, degrees) in enumerate(towns):
            wet = math.exp(-(((x - front + 60) / 190) ** 2))
            bob = 5 * wave(t, 2.2, i / 5)
            if kind == "sun" and wet < 0.35:
                _sun(frame, x, y - 40 + bob, 30, t)
            else:
                cloud = Ink((x - 90, y - 120, x + 90, y + 30))
                _cloud(cloud, x, y - 44 + bob, 52)
                cloud.onto(frame, mix("ffffff", "7c8fa8", wet))
                if wet > 0.3:
                    drops = Ink((x - 90, y - 40, x + 90, y + 60))
                    for k in range(5):
                        fall = (t * 1.6 + k * 0.37) % 1
                        drops.line(
                            [(x - 38 + k * 18, y - 22 + 42 * fall), (x - 42 + k * 18, y - 10 + 42 * fall)],
                            4,
                            round(255 * (1 - fall)),
                        )
                    drops.onto(frame, "1d6fd1")
            now = degrees + day - round(3 * wet)
            tag = Ink((x - 130, y + 14, x + 130, y + 80))
            wide = 64 + measure(name, "bold", 26)
            tag.box(x - wide / 2, y + 22, wide, 42, 21)
            tag.onto(frame, "0b2545", 0.88)
            letter(frame, name, (x - wide / 2 + 14, y + 52), face="bold", size=26)
            letter(frame, str(now), (x + wide / 2 - 12, y + 52), face="black", size=26, ink="ffd166", align=1)
        for k in range(8):
            light(frame, (front - 180 + 50 * math.sin(k * 2.1 + t), 340 + k * 84), 170, "dfe9f3", 0.34, 1.4)
        letter(frame, title, (LEFT, 180), face="black", size=62, tracking=-15)
        letter(frame, days[day], (LEFT, 248), face="italic", size=46, rise=out(ramp(since, 0.05 if day else -1, 0.4)))
        letter(frame, ends, (LEFT, BOTTOM), face="bold", size=34, alpha=0.95)
        return frame

    return draw


@scene("weather-minute")
def weather(stage: Stage) -> Draw:
    towns = (
        ("Penmoor", 210, 420, "sun", 16),
        ("Lowmarsh", 440, 560, "sun", 18),
        ("Silverdale", 220, 680, "cloud", 15),
        ("Harbourgate", 430, 800, "sun", 19),
    )
    return _weather(stage, "The weekend", towns, ("Friday", "Saturday", "Sunday"), "Sunday looks lovely.")


@scene("y-tywydd")
def tywydd(stage: Stage) -> Draw:
    towns = (
        ("Penmŵr", 210, 420, "cloud", 14),
        ("Y Gors", 440, 560, "sun", 17),
        ("Dyffryn", 220, 680, "sun", 16),
        ("Porth Hafan", 430, 800, "sun", 18),
    )
    return _weather(stage, "Y tywydd", towns, ("Dydd Gwener", "Dydd Sadwrn", "Dydd Sul"), "Dydd Sul fydd orau.")


@scene("headlines")
def headlines(stage: Stage) -> Draw:
    stories = (
        ("Parliament", "Night buses|get the vote", "34 to 26 after a long debate", ("e63946", "7a0f1c")),
        ("Nature", "Otters are|back in|the Aur", "First pups in forty years", ("0f8b8d", "063b45")),
        ("Lowmarsh", "Library open|until ten", "For exam season, all branches", ("5f4bb6", "26155c")),
        ("Sport", "Lowmarsh 2,|Penmoor 1", "No, really", ("f08a24", "8a3b06")),
    )  # fmt: skip
    turn = stage.seconds / 4
    notes = ("Ferry back to timetable", "Pothole of the year: vote now", "Tides: high 11.42", "Choir seeks tenors")
    ticker = "".join(f"{note}  ·  " for note in (*notes, "Lost: one tuba, Harbourgate"))
    wide = measure(ticker, "bold", 32)

    def draw(t: float) -> Image.Image:
        at = min(3, int(t / turn))
        since = t - at * turn
        kind, head, under, (ink, deep) = stories[at]
        frame = (
            gradient(deep, ink, deep).copy()
            if not at
            else gradient(stories[at - 1][3][1], stories[at - 1][3][0], stories[at - 1][3][1]).copy()
        )
        if at:
            cut = swing(ramp(since, 0, 0.5))
            panel = gradient(deep, ink, deep)
            edge = round(WIDTH * (1.3 * cut))
            mask = Ink(fine=1)
            mask.poly([(-10, -10), (edge, -10), (edge - 220, HEIGHT), (-10, HEIGHT)])
            frame.paste(panel, (0, 0), mask.mask)
        bars = Ink(fine=1)
        for i in range(5):
            x = (i * 220 + t * 60) % 1100 - 220
            bars.poly([(x, 0), (x + 60, 0), (x - 160, HEIGHT), (x - 220, HEIGHT)])
        bars.onto(frame, "ffffff", 0.05)
        badge = Ink((LEFT, 130, LEFT + 240, 190))
        badge.box(LEFT, 134, 214, 50, 25)
        badge.onto(frame, "ffffff")
        letter(frame, "Northlight", (LEFT + 22, 171), face="black", size=34, ink=deep, tracking=-10)
        letter(frame, kind, (LEFT, 340), face="italic", size=50, rise=out(ramp(since, 0.15 if at else -1, 0.4)))
        below = paragraph(
            frame, head, (LEFT - 4, 450), size=86, shown=ramp(since, 0.2 if at else -1, 0.6), leading=1.02, tracking=-25
        )
        letter(frame, under, (LEFT, below - 6), face="book", size=36, alpha=ramp(since, 0.6 if at else -1, 0.4))
        dots = Ink((LEFT, 880, RIGHT, 920))
        for i in range(4):
            full = 1.0 if i < at else since / turn if i == at else 0.0
            dots.box(LEFT + i * 144, 896, 132, 8, 4, 90)
            dots.box(LEFT + i * 144, 896, 132 * full, 8, 4)
        dots.onto(frame, "ffffff")
        frame.paste((255, 255, 255), (0, 950, WIDTH, 1020))
        x = -(t * 130) % wide - wide
        while x < WIDTH:
            letter(frame, ticker, (x, 996), face="bold", size=32, ink=deep)
            x += wide
        return frame

    return draw


@scene("quiz-countdown")
def quiz(stage: Stage) -> Draw:
    answers = ("First reading", "Committee", "Encore", "Assent")
    reveal = stage.seconds - 2.4

    def draw(t: float) -> Image.Image:
        done = ramp(t, reveal, 0.4)
        frame = gradient("1b0b4b", "3c0f6e", "6a1b7c").copy()
        light(frame, (338, 880), 380, "ff5ec4", 0.25 + 0.15 * stage.pulse(t))
        paragraph(frame, "Which is not|a stage of a bill?", (LEFT, 190), size=62, leading=1.1, tracking=-15)
        for i, answer in enumerate(answers):
            y, right = 330 + i * 112, i == 2
            come = out(ramp(t, -1.6 + i * 0.3, 0.5))
            fill = mix("4b2a8a", "20c997", done) if right else mix("4b2a8a", "2c1a52", done)
            card = Ink((0, y - 10, WIDTH, y + 100))
            swell = 8 * math.sin(math.pi * done) if right else 0
            card.box(LEFT - (1 - come) * 700 - swell, y - swell / 2, RIGHT - LEFT + 2 * swell, 90 + swell, 26)
            card.onto(frame, fill)
            letter(frame, "ABCD"[i], (LEFT + 28, y + 60), face="black", size=44, ink="ffd166", alpha=come)
            letter(
                frame, answer, (LEFT + 92, y + 59), face="bold", size=42, alpha=come * (1 if right else 1 - 0.6 * done)
            )
        left = clamp(1 - t / reveal)
        dial, rail = Ink((200, 780, 480, 1050)), Ink((200, 780, 480, 1050))
        rail.ring(338, 910, 92, 16)
        rail.onto(frame, "ffffff", 0.15)
        dial.arc(338, 910, 92, 0, 360 * left, 16)
        dial.onto(frame, mix("ff5d5d", "ffd166", left))
        count = math.ceil(left * 5)
        if not done:
            tick = (1 - left) * 5 % 1
            letter(frame, str(count), (338, 940), face="black", size=88, align=0.5, scale=1.25 - 0.25 * out(tick * 2))
        else:
            letter(frame, "C", (338, 942), face="black", size=92, ink="20c997", align=0.5, scale=pop(done) + 0.01)
            letter(frame, "That’s concerts.", (338, BOTTOM), face="italic", size=44, align=0.5, alpha=done)
        return frame

    return draw


@scene("council-tax-pound")
def pound(stage: Stage) -> Draw:
    parts = (
        ("care for older people", 38, "ef476f"),
        ("children and families", 21, "d98200"),
        ("roads and lights", 14, "06a77d"),
        ("bins and recycling", 12, "118ab2"),
        ("parks and libraries", 9, "8338ec"),
        ("everything else", 6, "6c757d"),
    )
    turn = (stage.seconds - 1.4) / 6

    def draw(t: float) -> Image.Image:
        frame = gradient("e8f6ef", "cdebe0").copy()
        paragraph(frame, "Where does|£1 go?", (LEFT, 190), size=78, ink="0b3d2e", leading=1.0, tracking=-20)
        at = min(5, int(max(0.0, t - 0.2) / turn))
        x, y, r = 338, 590, 210
        spin = 3 * wave(t, 5)
        under = Ink((60, 330, 620, 880))
        under.disc(x + 8, y + 14, r)
        under.onto(frame, "0b3d2e", 0.18)
        rim = Ink((60, 330, 620, 880))
        rim.disc(x, y, r)
        rim.onto(frame, "d9b44a")
        face = Ink((60, 330, 620, 880))
        face.disc(x, y, r - 16)
        face.onto(frame, "f0d67c")
        start = 0.0
        for i, (_, pence, ink) in enumerate(parts):
            k = out(ramp(t, 0.2 + i * turn, 0.7)) if i else out(ramp(t, -0.4, 1.2))
            if k > 0:
                lift = 16 if i == at else 0
                cx, cy = polar(x, y, lift, (start + pence / 2) * 3.6 + spin)
                slice_ink = Ink((60, 330, 620, 880))
                slice_ink.pie(cx, cy, r - 16, start * 3.6 + spin, (start + pence * k) * 3.6 + spin)
                slice_ink.onto(frame, ink)
            start += pence
        hole = Ink((200, 450, 480, 730))
        hole.disc(x, y, 96)
        hole.onto(frame, "e2f3ea")
        name, pence, ink = parts[at]
        since = t - 0.2 - at * turn
        letter(
            frame,
            f"{pence}p",
            (x, y + 30),
            face="serif",
            size=92,
            ink=ink,
            align=0.5,
            scale=0.8 + 0.2 * out(ramp(since, 0 if at else -1, 0.3)),
        )
        letter(
            frame,
            name,
            (LEFT, 920),
            face="black",
            size=50,
            ink=ink,
            rise=out(ramp(since, 0.05 if at else -1, 0.4)),
            tracking=-15,
        )
        cx = LEFT
        for i, (_, share, colour) in enumerate(parts):
            w = (RIGHT - LEFT) * share / 100
            bar = Ink((int(cx), 950, int(cx + w) + 2, 985))
            bar.box(cx + 2, 956, w - 4, 22, 6)
            bar.onto(frame, colour, 1.0 if i <= at else 0.2)
            cx += w
        letter(frame, "Fictional data", (LEFT, BOTTOM), face="book", size=26, ink="0b3d2e", alpha=0.6)
        return frame

    return draw


@scene("which-bin")
def bins(stage: Stage) -> Draw:
    lids = (("paper", 140, "2b6cb0"), ("glass", 338, "2f855a"), ("food", 536, "8b5e3c"))
    items = (("Pizza box", 0), ("Wine bottle", 1), ("Teabag", 2), ("Letter", 0), ("Jam jar", 1), ("Banana", 2))
    step = stage.beat * round(stage.seconds / len(items) / stage.beat)
    first = -stage.beat

    def shape(frame: Image.Image, what: str, x: float, y: float) -> None:
        box = (int(x) - 90, int(y) - 90, int(x) + 90, int(y) + 90)
        a, b = Ink(box), Ink(box)
        if what == "Pizza box":
            a.box(x - 56, y - 56, 112, 112, 8)
            b.disc(x, y, 38)
            inks = ("c8a27a", "e4c9a4")
        elif what == "Wine bottle":
            a.box(x - 24, y - 20, 48, 92, 12)
            a.box(x - 10, y - 80, 20, 70, 6)
            b.box(x - 24, y + 6, 48, 36, 2)
            inks = ("1e5631", "f4e9cd")
        elif what == "Teabag":
            a.box(x - 36, y - 24, 72, 76, 10)
            b.line([(x, y - 24), (x + 10, y - 60), (x + 34, y - 70)], 4)
            b.box(x + 26, y - 84, 30, 26, 3)
            inks = ("b08968", "7f5539")
        elif what == "Letter":
            a.box(x - 60, y - 40, 120, 80, 6)
            b.line([(x - 54, y - 34), (x, y + 10), (x + 54, y - 34)], 5)
            inks = ("fffdf7", "94a3b8")
        elif what == "Jam jar":
            a.box(x - 36, y - 34, 72, 90, 14)
            b.box(x - 40, y - 54, 80, 24, 6)
            inks = ("c1121f", "e9c46a")
        else:
            a.arc(x, y - 40, 66, 100, 230, 30)
            b.disc(x + 64, y - 28, 9)
            inks = ("ffd60a", "6b4226")
        a.onto(frame, inks[0])
        b.onto(frame, inks[1])

    def draw(t: float) -> Image.Image:
        frame = gradient("fff7e6", "ffe9c7").copy()
        letter(frame, "Which bin?", (LEFT - 4, 220), size=104, ink="2d2a26", tracking=-25)
        at = min(len(items) - 1, int((t - first) / step))
        since = (t - first) - at * step
        what, home = items[at]
        go = swing(ramp(since, step * 0.42, step * 0.46))
        bx = lids[home][1]
        x, y = (
            338 + (bx - 338) * go,
            420 + 10 * wave(t, 1.2) * (1 - go) + (760 - 420) * go**2 - 90 * math.sin(math.pi * go),
        )
        letter(
            frame, what, (LEFT, 300), face="italic", size=54, ink="2d2a26", rise=out(ramp(since, 0 if at else -1, 0.3))
        )
        for k, (_, cx, ink) in enumerate(lids):
            wide = 0.0 if k != home else clamp(math.sin(math.pi * ramp(since, step * 0.38, step * 0.6)) * 1.6)
            lid = Ink((cx - 130, 560, cx + 130, 760))
            a = math.radians(-70 * wide)
            hinge = (cx - 84, 742)
            corners = [(0, -26), (168, -26), (168, 0), (0, 0)]
            lid.poly(
                [
                    (hinge[0] + u * math.cos(a) - v * math.sin(a), hinge[1] + u * math.sin(a) + v * math.cos(a))
                    for u, v in corners
                ]
            )
            lid.onto(frame, mix(ink, "000000", 0.18))
        if since < step * 0.9:
            shape(frame, what, x, y)
        for name, cx, ink in lids:
            body = Ink((cx - 100, 730, cx + 100, 1010))
            body.poly([(cx - 82, 744), (cx + 82, 744), (cx + 68, 990), (cx - 68, 990)])
            body.disc(cx - 52, 992, 14)
            body.disc(cx + 52, 992, 14)
            body.onto(frame, ink)
            letter(frame, name, (cx, 890), face="black", size=42, align=0.5)
        letter(frame, "Bin day is Thursday.", (LEFT, BOTTOM), face="bold", size=34, ink="2d2a26")
        return frame

    return draw


@scene("planning-permission")
def planning(stage: Stage) -> Draw:
    rows = (
        ("A shed", "No.", "2a9d8f"),
        ("A porch", "Usually not.", "8ab17d"),
        ("A loft", "Maybe. Ask.", "f4a261"),
        ("A castle", "Yes. Definitely.", "e76f51"),
    )
    turn = stage.seconds / 4.3

    def block(frame: Image.Image, x: float, y: float, w: float, h: float, ink: str, up: float) -> None:
        """A box in isometric view whose front corner stands at (x, y), as tall as it has grown."""
        h *= up
        if h < 1:
            return
        d = w * 0.5
        box = (int(x - w) - 4, int(y - 2 * d - h) - 4, int(x + w) + 4, int(y) + 4)
        left, right, top = Ink(box), Ink(box), Ink(box)
        left.poly([(x - w, y - d), (x, y), (x, y - h), (x - w, y - d - h)])
        right.poly([(x, y), (x + w, y - d), (x + w, y - d - h), (x, y - h)])
        top.poly([(x - w, y - d - h), (x, y - h), (x + w, y - d - h), (x, y - 2 * d - h)])
        left.onto(frame, mix(ink, "000000", 0.12))
        right.onto(frame, mix(ink, "000000", 0.3))
        top.onto(frame, mix(ink, "ffffff", 0.25))

    def draw(t: float) -> Image.Image:
        at = min(3, int(t / turn))
        since = t - at * turn
        frame = gradient("bde0fe", "e2f0cb").copy()
        lawn = Ink((0, 640, WIDTH, HEIGHT), fine=1)
        lawn.poly([(338, 1120), (790, 894), (338, 668), (-114, 894)])
        lawn.onto(frame, "8cc084")
        rise = [pop(ramp(t, i * turn - (0.8 if i == 0 else -0.1), 0.6)) for i in range(4)]
        if rise[3] > 0:
            for dx, dy in ((0, -190), (-170, -106), (170, -106), (0, -20)):
                block(frame, 338 + dx, 960 + dy - 20, 42, 226, "b8b8d1", rise[3])
        block(frame, 338, 930, 130, 150, "f6bd60", 1.0)
        panes, door = Ink((200, 700, 480, 940)), Ink((200, 700, 480, 940))
        for u in (0.2, 0.62):
            for side in (-1, 1):
                if side < 0 and u < 0.5:
                    continue  # the door is here
                a, b = 338 + side * 130 * u, 338 + side * 130 * (u + 0.2)
                ya, yb = 930 - 65 * u, 930 - 65 * (u + 0.2)
                panes.poly([(a, ya - 58), (b, yb - 58), (b, yb - 104), (a, ya - 104)])
        panes.onto(frame, "cdeffd")
        door.poly([(338 - 26, 930 - 13), (338 - 58, 930 - 29), (338 - 58, 930 - 115), (338 - 26, 930 - 99)])
        door.onto(frame, "7a4419")
        block(frame, 338, 930 - 150, 130, 84, "d1603d", rise[2])
        block(frame, 274, 966, 44, 84, "84a59d", rise[1])
        block(frame, 520, 930, 56, 66, "a47148", rise[0])
        letter(frame, "Do you need permission?", (LEFT, 170), face="bold", size=38, ink="1d3557")
        name, answer, ink = rows[at]
        letter(
            frame,
            name,
            (LEFT - 4, 290),
            size=100,
            ink="1d3557",
            rise=out(ramp(since, 0 if at else -1, 0.4)),
            tracking=-25,
        )
        letter(
            frame,
            answer,
            (LEFT, 390),
            face="serif",
            size=76,
            ink=mix_code(ink),
            rise=out(ramp(since, 0.4 if at else -1, 0.4)),
        )
        return frame

    return draw


def mix_code(ink: str) -> str:
    """A deeper shade of a colour, legible on a pale sky."""
    return "".join(f"{c:02x}" for c in mix(ink, "000000", 0.28))
