"""Two plots as SVG, readable on light and dark pages, without a plotting library."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from hustings.lib.recommend.evaluating import Result

WIDTH, HEIGHT = 760, 440
LEFT, RIGHT, TOP, BOTTOM = 62, 168, 52, 56
COLOURS = ("#0b57d0", "#b3261e", "#146c2e", "#7b4397", "#8a5300", "#006874", "#5c5f62", "#a8005c", "#3d5a00", "#31111d")
INK, FAINT = "#1b1f24", "#555b63"
CLOSE = 14.0  # points between two names at the right, so that neither hides the other


@dataclass(frozen=True)
class Series:
    """Points of one model; x on a scale of powers of ten."""

    name: str
    points: Sequence[tuple[float, float]]


def quality_against_time(results: Sequence[Result], metric: str, title: str) -> str:
    """One point for each model: what a fit takes, and what it is worth."""
    series = [Series(one.name, [(max(one.figures["fit_s"], 0.01), one.figures[metric])]) for one in results]
    return plot(series, title=title, below="seconds to fit, on a scale of powers of ten", beside=metric)


def quality_against_history(results: Sequence[Result], metric: str, title: str) -> str:
    """One line for each model: quality in groups of viewers, by how many events are known of them."""
    series = [Series(one.name, [(max(x, 0.5), y) for x, y in one.by_history]) for one in results if one.by_history]
    return plot(series, title=title, below="known events of a viewer, on a scale of powers of ten", beside=metric)


def plot(series: Sequence[Series], *, title: str, below: str, beside: str) -> str:
    """Lines, or single points; the upright axis begins at zero. Names stand beside the ends: colour is not all."""
    xs = [math.log10(x) for one in series for x, _ in one.points] or [0.0]
    left, right = math.floor(min(xs) * 2) / 2, math.ceil(max(xs) * 2) / 2
    right = right if right > left else left + 1
    most = max((y for one in series for _, y in one.points), default=0.0) or 1.0
    step = _step(most)
    top = math.ceil(most / step) * step

    def place(x: float, y: float) -> tuple[float, float]:
        along = (math.log10(x) - left) / (right - left)
        return LEFT + along * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - y / top * (HEIGHT - TOP - BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"',
        'font-family="sans-serif" font-size="12">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="24" font-size="15" font-weight="bold" fill="{INK}">{escape(title)}</text>',
        f'<text x="{LEFT}" y="{HEIGHT - 10}" fill="{FAINT}">{escape(below)}</text>',
        f'<text x="{LEFT - 8}" y="{TOP - 12}" text-anchor="end" fill="{FAINT}">{escape(beside)}</text>',
    ]
    for count in range(round(top / step) + 1):
        _, y = place(10**left, count * step)
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#e3e6ea"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end" fill="{FAINT}">{count * step:.3g}</text>')
    for power in range(math.ceil(left), math.floor(right) + 1):
        x, y = place(10.0**power, 0)
        parts.append(f'<text x="{x:.1f}" y="{y + 18:.1f}" text-anchor="middle" fill="{FAINT}">{10.0**power:g}</text>')
    ends: list[tuple[float, float, str, str]] = []
    for number, one in enumerate(series):
        colour = COLOURS[number % len(COLOURS)]
        points = [place(x, y) for x, y in one.points]
        if len(points) > 1:
            line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
            parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in points]
        ends.append((*points[-1], one.name, colour))
    parts += _names(ends)
    return "\n".join([*parts, "</svg>", ""])


def _names(ends: list[tuple[float, float, str, str]]) -> list[str]:
    """At the right edge, top to bottom in the order of the ends, none over another, a thin line from each end."""
    parts, lowest = [], TOP - CLOSE
    column = WIDTH - RIGHT + 22
    for x, y, name, colour in sorted(ends, key=lambda end: end[1]):
        lowest = max(y, lowest + CLOSE)
        parts.append(
            f'<line x1="{x + 4:.1f}" y1="{y:.1f}" x2="{column - 4}" y2="{lowest:.1f}" stroke="{colour}" '
            'stroke-width="0.7" stroke-dasharray="2 3"/>'
        )
        parts.append(f'<text x="{column}" y="{lowest + 4:.1f}" fill="{colour}">{escape(name)}</text>')
    return parts


def _step(most: float) -> float:
    """Of 1, 2 and 5 times a power of ten, the least that gives eight lines or fewer."""
    power = 10.0 ** math.floor(math.log10(most))
    return next(size for size in (power * f for f in (0.1, 0.2, 0.5, 1, 2)) if most / size <= 8)
