"""Numbers that move. All the data is fictional and says so."""

import math

import numpy as np
from PIL import Image

from hustings.demo.graphics import (
    BOTTOM,
    LEFT,
    RIGHT,
    WIDTH,
    Draw,
    Ink,
    Stage,
    clamp,
    flat,
    glide,
    gradient,
    letter,
    measure,
    mix,
    out,
    palette,
    paragraph,
    polar,
    pop,
    ramp,
    swing,
    wave,
)
from hustings.demo.spec import scene

FICTION = "Fictional data"


def _head(frame: Image.Image, title: str, under: str, ink: str, *, size: int = 60) -> None:
    paragraph(frame, title, (LEFT, 180), size=size, ink=ink, leading=1.08, tracking=-15)
    lines = title.count("|") + 1
    letter(frame, under, (LEFT, 180 + (lines - 1) * size * 1.08 + 58), face="book", size=32, ink=ink, alpha=0.72)


def _foot(frame: Image.Image, ink: str, words: str = FICTION) -> None:
    letter(frame, words, (LEFT, BOTTOM), face="book", size=26, ink=ink, alpha=0.6)


@scene("library-race")
def race(stage: Stage) -> Draw:
    names = ("Crime", "Romance", "Audiobooks", "Picture books", "Games", "Travel", "Poetry")
    inks = ("ef476f", "ff9e6d", "ffd166", "06d6a0", "4cc9f0", "8c7ae6", "f78fb3")
    years = np.arange(2016, 2026)
    ends = np.array([[92, 84], [80, 70], [12, 118], [64, 76], [6, 66], [58, 28], [9, 31]], float)
    bend = np.array([1.0, 1, 2.2, 1, 1.8, 0.8, 1.6])
    share = (years - 2016) / 9
    data = ends[:, :1] + (ends[:, 1:] - ends[:, :1]) * share[None, :] ** bend[:, None]
    data += stage.dice.normal(0, 2.5, data.shape)
    data[5, 4] -= 18
    fine = np.linspace(0, 9, round(stage.seconds * 30))
    track = np.array([np.interp(fine, np.arange(10), row) for row in data])
    ranks = np.argsort(np.argsort(-track, axis=0), axis=0).astype(float)
    window = np.hanning(17) / np.hanning(17).sum()
    ranks = np.array([np.convolve(np.pad(row, 8, mode="edge"), window, "valid") for row in ranks])

    def draw(t: float) -> Image.Image:
        i = min(track.shape[1] - 1, int(clamp(t / (stage.seconds - 1.4)) * (track.shape[1] - 1)))
        frame = gradient("1a1033", "2b1655").copy()
        _head(frame, "What we borrowed", "Thousand loans, Lowmarsh libraries", "ffffff")
        top = track[:, i].max()
        for k, name in enumerate(names):
            y, length = 320 + ranks[k, i] * 92, 24 + 420 * track[k, i] / top
            bar = Ink((LEFT, int(y), RIGHT + 20, int(y) + 76))
            bar.box(LEFT, y, length, 70, 14)
            bar.onto(frame, inks[k])
            wide = measure(name, "bold", 34)
            inside = length > 44 + wide
            letter(
                frame,
                name,
                (LEFT + 20 if inside else LEFT + length + 14, y + 46),
                face="bold",
                size=34,
                ink="1a1033" if inside else inks[k],
            )
            letter(
                frame,
                f"{track[k, i]:.0f}",
                (LEFT + length + 12, y + 47) if inside else (LEFT + length + 28 + wide, y + 47),
                face="black",
                size=34,
                ink="ffffff",
            )
        letter(
            frame,
            str(int(2016 + fine[i] + 0.02)),
            (RIGHT, 1040),
            face="serif",
            size=120,
            ink="ffffff",
            alpha=0.9,
            align=1,
        )
        _foot(frame, "ffffff")
        return frame

    return draw


@scene("bus-punctuality")
def buses(stage: Stage) -> Draw:
    x = np.linspace(0, 1, 60)
    late = np.where(
        x < 0.52,
        6.1 + 0.7 * np.sin(x * 40) + 0.5 * np.sin(x * 91),
        1.5 + 4.6 * np.exp(-(x - 0.52) * 11) + 0.25 * np.sin(x * 70),
    )
    points = [(LEFT + 10 + (RIGHT - LEFT - 40) * a, 880 - 62 * b) for a, b in zip(x, late, strict=True)]

    def draw(t: float) -> Image.Image:
        k = glide(ramp(t, -1.6, stage.seconds))
        n = max(2, int(k * 60))
        frame = flat("fbf7ef").copy()
        _head(frame, "How late is|the 14?", "Average minutes, by week", "17213c")
        rules = Ink((0, 440, WIDTH, 900))
        for m in range(0, 8, 2):
            rules.line([(LEFT, 880 - 62 * m), (RIGHT, 880 - 62 * m)], 2)
            letter(frame, str(m), (RIGHT, 872 - 62 * m), face="bold", size=26, ink="17213c", alpha=0.5, align=1)
        rules.onto(frame, "17213c", 0.12)
        lane = ramp(k, 0.52, 0.06)
        if lane > 0:
            band = Ink((0, 400, WIDTH, 900), fine=1)
            band.box(points[31][0], 430, (RIGHT - points[31][0]) * out(lane), 450)
            band.onto(frame, "e6394a", 0.1)
            letter(frame, "bus lane opens", (points[31][0] + 14, 466), face="italic", size=36, ink="c1121f", alpha=lane)
        area, line, dot = Ink((0, 340, WIDTH, 960), fine=1), Ink((0, 340, WIDTH, 960)), Ink((0, 340, WIDTH, 960))
        area.poly([*points[:n], (points[n - 1][0], 880), (points[0][0], 880)])
        area.onto(frame, "e6394a", 0.16)
        line.line(points[:n], 8)
        line.onto(frame, "d62839")
        px, py = points[n - 1]
        dot.box(px - 46, py - 58, 92, 52, 14)
        dot.disc(px - 24, py - 4, 10)
        dot.disc(px + 24, py - 4, 10)
        dot.onto(frame, "d62839")
        glass = Ink((round(px) - 60, round(py) - 70, round(px) + 60, round(py)))
        for w in range(3):
            glass.box(px - 38 + 27 * w, py - 50, 21, 20, 4)
        glass.onto(frame, "fbf7ef")
        minutes = late[n - 1]
        letter(
            frame,
            f"{int(minutes)} min {int(minutes % 1 * 60):02d} s",
            (LEFT, 990),
            face="serif",
            size=92,
            ink="17213c",
            tracking=-10,
        )
        _foot(frame, "17213c")
        return frame

    return draw


@scene("energy-mix")
def energy(stage: Stage) -> Draw:
    names, inks = ("Wind", "Solar", "Hydro", "Gas"), ("4cc9f0", "ffd166", "3a86ff", "f3722c")

    def draw(t: float) -> Image.Image:
        hour = (glide(t / (stage.seconds - 0.4)) * 24 + 7) % 24
        sun = max(0.0, math.sin((hour - 6) / 12 * math.pi))
        night = "0b132b"
        frame = Image.new("RGB", (720, 1280), mix(night, "2f5d8a", sun))
        parts = np.array(
            [42 + 8 * math.sin(hour / 3.2), 62 * sun**1.3, 16, 14 + 26 * math.exp(-((hour - 19) ** 2) / 9)]
        )
        parts /= parts.sum()
        _head(frame, "One day of|electricity", "Share of supply, last Tuesday", "ffffff")
        start = 0.0
        for part, ink in zip(parts, inks, strict=True):
            ring = Ink((20, 380, 660, 940))
            ring.arc(338, 650, 200, start * 360 + 1.2, (start + part) * 360 - 1.2, 76)
            ring.onto(frame, ink)
            start += part
        orbit = Ink((20, 330, 660, 980))
        orbit.disc(*polar(338, 650, 276, hour * 15 + 180), 17)
        orbit.onto(frame, mix("dfe7fd", "ffd166", sun * 3))
        letter(frame, f"{int(hour):02d}:{int(hour % 1 * 4) * 15:02d}", (338, 676), face="black", size=76, align=0.5)
        for i, (name, part) in enumerate(zip(names, parts, strict=True)):
            x, y = LEFT + (i % 2) * 290, 960 + (i // 2) * 52
            dot = Ink((x, y - 30, x + 40, y + 10))
            dot.disc(x + 13, y - 11, 12)
            dot.onto(frame, inks[i])
            letter(frame, name, (x + 38, y), face="bold", size=34)
            letter(frame, f"{part * 100:.0f}%", (x + 240, y), face="black", size=34, align=1)
        _foot(frame, "ffffff")
        return frame

    return draw


@scene("hundred-people")
def hundred(stage: Stage) -> Draw:
    groups = (
        ("drive", 38, "ff6b6b"),
        ("stay home", 24, "ffd93d"),
        ("walk", 17, "6bcb77"),
        ("take the bus", 13, "4d96ff"),
        ("cycle", 8, "c77dff"),
    )
    who = [i for i, (_, n, _) in enumerate(groups) for _ in range(n)]
    late = stage.dice.uniform(0, 0.35, 100)

    def draw(t: float) -> Image.Image:
        frame = flat("14121f").copy()
        turn = stage.seconds / 5.4
        at = min(4, int((t + 0.35) / turn))
        since = t + 0.35 - at * turn
        name, n, ink = groups[at]
        letter(frame, "Of 100 people", (LEFT, 170), face="bold", size=36, alpha=0.8)
        letter(
            frame, str(n), (LEFT - 6, 330), face="serif", size=190, ink=ink, rise=out(ramp(since, 0 if at else -1, 0.4))
        )
        letter(
            frame,
            name,
            (LEFT + 20 + measure(str(n), "serif", 190), 330),
            face="black",
            size=58 if len(name) < 10 else 54,
            ink="ffffff",
            rise=out(ramp(since, 0.1 if at else -1, 0.4)),
            tracking=-15,
        )
        layers = [Ink((30, 380, 660, 1010)) for _ in range(6)]
        for i in range(100):
            col, row = i % 10, i // 10
            x, y = LEFT + 28 + col * 57, 420 + row * 57
            on = who[i] < at or (who[i] == at and since > late[i])
            k = max(0.4, pop(ramp(since - late[i], 0, 0.4))) if who[i] == at and (at or t > 0.4) else 1.0
            hop = 6 * stage.pulse(t + 0.02 * col) if who[i] == at else 0
            ink_layer = layers[who[i]] if on else layers[5]
            ink_layer.disc(x, y - 11 - hop, 10 * k)
            ink_layer.pie(x, y + 22 - hop, 20 * k, -90, 90)
        for layer, colour in zip(layers, [g[2] for g in groups] + ["3b3850"], strict=True):
            layer.onto(frame, colour)
        _foot(frame, "ffffff")
        return frame

    return draw


@scene("population-pyramid")
def pyramid(stage: Stage) -> Draw:
    ages = np.arange(0, 90, 5)

    def people(year: float, lean: float) -> np.ndarray:
        boom = np.exp(-((ages - (year - 1972)) ** 2) / 150) * 58 + np.exp(-((ages - (year - 2001)) ** 2) / 110) * 28
        base = 66 - (year - 1985) * 0.16 + 6 * np.sin(ages / 9 + year / 20)
        alive = 1 / (1 + np.exp((ages - 74 - (year - 1985) * 0.14 - lean) / 7))
        return np.asarray((base + boom) * alive * 1.95)

    def draw(t: float) -> Image.Image:
        year = 1985 + 60 * glide(t / (stage.seconds - 1.2))
        frame = gradient("f7efe5", "f3dfcf").copy()
        letter(frame, "Avonmere by age", (LEFT, 160), face="bold", size=38, ink="3a2e39")
        letter(frame, "Women left, men right", (LEFT, 350), face="book", size=30, ink="3a2e39", alpha=0.7)
        left, right = Ink((0, 360, WIDTH, 1000)), Ink((0, 360, WIDTH, 1000))
        women, men = people(year, 2.5), people(year, 0)
        for i in range(len(ages)):
            y = 950 - i * 32
            left.box(320 - women[i], y, women[i], 27, 7)
            right.box(356, y, men[i], 27, 7)
            if i % 4 == 0:
                letter(frame, str(ages[i]), (338, y + 22), face="bold", size=22, ink="3a2e39", align=0.5)
        left.onto(frame, "d1495b")
        right.onto(frame, "00798c")
        letter(frame, str(int(year)), (LEFT - 4, 298), face="serif", size=150, ink="3a2e39")
        _foot(frame, "3a2e39", "Fictional data; after 2025, a projection")
        return frame

    return draw


@scene("glaw")
def rain(stage: Stage) -> Draw:
    months = ("Ion", "Chw", "Maw", "Ebr", "Mai", "Meh", "Gor", "Aws", "Med", "Hyd", "Tach", "Rhag")
    millimetres = (140, 112, 96, 74, 66, 52, 60, 81, 98, 131, 158, 149)
    drops = stage.dice.uniform(0, 1, (90, 3))

    def draw(t: float) -> Image.Image:
        frame = gradient("0a2342", "123f5c", "2c7da0").copy()
        falling = Ink(fine=1)
        for u, v, s in drops:
            y = ((v + t * (0.5 + s * 0.5)) % 1.1) * 1400 - 100
            falling.line([(u * 760, y), (u * 760 - 6, y + 26 + 30 * s)], 2)
        falling.onto(frame, "a9d6e5", 0.28)
        _head(frame, "Blwyddyn o law", "Milimetrau y mis", "ffffff")
        sweep = (t + 1.6) / (stage.seconds - 1.2) * 12
        wedges, tips = Ink((20, 320, 660, 1000)), Ink((20, 320, 660, 1000))
        for i, mm in enumerate(millimetres):
            k = pop(clamp(sweep - i)) * (1 + 0.015 * wave(t, 1.7, i / 12))
            radius = 66 + mm * 1.26 * k
            wedges.pie(342, 660, radius, i * 30 - 13, i * 30 + 13, 120 + round(mm * 0.85))
            x, y = polar(342, 660, radius + 26, i * 30)
            if k > 0.5:
                letter(frame, months[i], (x, y + 9), face="bold", size=25, align=0.5, alpha=clamp(sweep - i))
        wedges.onto(frame, "9be3ff")
        tips.disc(342, 660, 60)
        tips.onto(frame, "123f5c")
        now = min(11, int(max(0.0, sweep - 0.01)))
        letter(frame, str(millimetres[now]), (342, 676), face="black", size=54, align=0.5)
        letter(frame, "mm", (342, 704), face="book", size=24, align=0.5, alpha=0.8)
        _foot(frame, "ffffff", "Data dychmygol")
        return frame

    return draw


@scene("library-calendar")
def calendar(stage: Stage) -> Draw:
    days = np.arange(364)
    busy = (
        0.45
        + 0.2 * np.sin(days / 58)
        + 0.5 * np.exp(-((days - 140) ** 2) / 260)
        + 0.3 * np.exp(-((days - 320) ** 2) / 400)
    )
    busy = np.clip(
        busy * np.where(days % 7 == 6, 0.25, np.where(days % 7 == 5, 1.15, 1)) + stage.dice.normal(0, 0.1, 364), 0.02, 1
    )
    ramp_of_inks = palette(("fff3b0", "f8b65b", "e0604d", "9b2c5e", "3d155f"))
    cell = 40

    empty = Image.new("RGB", (14 * cell, 26 * 24), (255, 250, 240))
    for i in range(364):
        x, y = i % 14 * cell, i // 14 * 24
        empty.paste((245, 236, 220), (x + 2, y + 2, x + cell - 3, y + 22))

    def draw(t: float) -> Image.Image:
        shown = glide(ramp(t, -1.0, stage.seconds - 0.6)) * 380
        frame = flat("fffaf0").copy()
        _head(frame, "A year in|one library", "Visitors a day", "2d1e2f")
        pixels = empty.copy()
        for i in range(int(clamp(shown, 0, 363)) + 1):
            # Two weeks stand in each row, so that a year is as tall as a phone.
            col, row = i % 14, i // 14
            k = out((shown - i) / 14)
            side = round((cell - 5) * k)
            colour = tuple(int(c) for c in ramp_of_inks[int(busy[i] * 255)])
            x, y = col * cell + (cell - side) // 2, row * 24 + (24 - round(20 * k)) // 2
            pixels.paste(colour, (x, y, x + side, y + round(20 * k)))
        frame.paste(pixels, (LEFT, 370))
        today = min(363, int(shown))
        names = (
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        )
        letter(frame, names[min(11, today * 12 // 364)], (RIGHT, 290), face="italic", size=44, ink="9b2c5e", align=1)
        _foot(frame, "2d1e2f")
        return frame

    return draw


@scene("languages-stream")
def stream(stage: Stage) -> Draw:
    names = ("English", "Cymraeg", "Polski", "Soomaali", "اردو", "Português")
    names = (*names[:4], "Urdu", names[5])
    inks = ("264653", "e63946", "f4a261", "2a9d8f", "e9c46a", "9b5de5")
    y = np.linspace(0, 1, 50)
    sizes = np.array([
        0.5 - 0.18 * y, 0.12 + 0.1 * y**2 + 0.02 * np.sin(y * 9), 0.02 + 0.16 / (1 + np.exp(-(y - 0.55) * 14)),
        0.03 + 0.08 * y, 0.1 + 0.04 * np.sin(y * 5), 0.02 + 0.1 * y**3,
    ])  # fmt: skip

    def draw(t: float) -> Image.Image:
        frame = flat("fdf6ec").copy()
        _head(frame, "What we speak|at home", "1985 at the top, 2025 below", "264653")
        k = glide(ramp(t, -0.6, stage.seconds - 0.8))
        n = max(2, round(k * 50))
        flow = sizes * (1 + 0.05 * np.sin(y[None, :] * 11 + t * 1.6 + np.arange(6)[:, None]))
        total = flow.sum(axis=0)
        edges = np.vstack([np.zeros(50), np.cumsum(flow, axis=0)]) - total / 2
        for i in range(6):
            band = Ink((0, 340, WIDTH, 1000))
            left = [(338 + 620 * edges[i, j], 360 + 620 * y[j]) for j in range(50)]
            right = [(338 + 620 * edges[i + 1, j], 360 + 620 * y[j]) for j in range(50)]
            band.poly(left + right[::-1], 70)
            band.poly(left[:n] + right[:n][::-1])
            band.onto(frame, inks[i])
        for i, (name, place) in enumerate(zip(names, (0.1, 0.4, 0.82, 0.66, 0.22, 0.93), strict=True)):
            j = min(49, int(place * 49))
            if j < n and flow[i, j] * 620 > 40:
                x = 338 + 620 * (edges[i, j] + edges[i + 1, j]) / 2
                letter(
                    frame,
                    name,
                    (x, 372 + 620 * y[j]),
                    face="bold",
                    size=28 if flow[i, j] * 620 > 90 else 21,
                    ink="ffffff" if i not in {2, 4} else "264653",
                    align=0.5,
                )
        letter(frame, str(1985 + int(k * 40)), (RIGHT, 250), face="serif", size=84, ink="e63946", align=1)
        _foot(frame, "264653")
        return frame

    return draw


@scene("turnout-slope")
def slope(stage: Stage) -> Draw:
    groups = (
        ("18-24", 41, 58, "ffbe0b"),
        ("25-44", 52, 59, "fb5607"),
        ("45-64", 66, 67, "8ecae6"),
        ("65+", 78, 77, "a2d2ff"),
    )

    def draw(t: float) -> Image.Image:
        frame = gradient("10002b", "240046", "3c096c").copy()
        _head(frame, "Who turned out?", "Percent who voted, by age", "ffffff")
        k = swing(ramp(t, -1.2, stage.seconds - 1.4))
        for x, year in ((150, "2019"), (520, "2024")):
            axis = Ink((x - 4, 320, x + 4, 960))
            axis.box(x - 1.5, 330, 3, 610)
            axis.onto(frame, "ffffff", 0.25)
            letter(frame, year, (x, 1000), face="bold", size=34, align=0.5, alpha=0.85)
        for name, before, after, ink in groups:
            y0, y1 = 1200 - before * 10.6, 1200 - after * 10.6
            hot = name == "18-24"
            line = Ink((100, 300, 600, 980))
            tip = (150 + 370 * k, y0 + (y1 - y0) * k)
            line.line([(150, y0), tip], 11 if hot else 6)
            line.disc(150, y0, 13)
            line.disc(*tip, (17 + 5 * stage.pulse(t)) if hot else 13)
            line.onto(frame, ink, 1.0 if hot else 0.8)
            letter(frame, str(before), (128, y0 + 12), face="bold", size=34, ink=ink, align=1)
            lift = -16 if name == "25-44" else 28 if hot else 12
            if k > 0.9:
                letter(
                    frame,
                    f"{after}",
                    (546, y1 + lift),
                    face="black" if hot else "bold",
                    size=40 if hot else 34,
                    ink=ink,
                    alpha=(k - 0.9) * 10,
                )
            letter(frame, name, (172, y0 + (52 if hot else -30)), face="bold", size=30, ink=ink)
        if k > 0.98:
            letter(
                frame,
                "+17",
                (400, 890),
                face="serif",
                size=130,
                ink="ffbe0b",
                align=0.5,
                scale=pop(ramp(t, stage.seconds - 2.3, 0.4)),
            )
        _foot(frame, "ffffff")
        return frame

    return draw
