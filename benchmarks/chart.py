"""A line chart as SVG, readable on light and dark pages, without a plotting library."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 720, 400
LEFT, RIGHT, TOP, BOTTOM = 60, 130, 46, 48


@dataclass(frozen=True)
class Line:
    """One series over 1, 2, 3 and so on."""

    name: str
    values: Sequence[float]
    colour: str


def line_chart(lines: Sequence[Line], *, title: str, below: str, beside: str) -> str:
    """The chart; its axis starts at zero. Each line carries its name at its end, so colour is not all."""
    most = max(max(line.values) for line in lines)
    step = next(size for size in (1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000) if most / size <= 8)
    top = (int(most / step) + 1) * step
    count = max(len(line.values) for line in lines)

    def x(place: int) -> float:
        return LEFT + place * (WIDTH - LEFT - RIGHT) / max(count - 1, 1)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - value * (HEIGHT - TOP - BOTTOM) / top

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"',
        'font-family="sans-serif" font-size="12">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="24" font-size="15" font-weight="bold" fill="#1b1f24">{escape(title)}</text>',
    ]
    right = WIDTH - RIGHT
    for value in range(0, top + 1, step):
        level = f"{y(value):.1f}"
        parts.append(f'<line x1="{LEFT}" x2="{right}" y1="{level}" y2="{level}" stroke="#e3e6ea"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y(value) + 4:.1f}" text-anchor="end" fill="#555b63">{value}</text>')
    parts += [
        f'<text x="{x(place):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle" fill="#555b63">{place + 1}</text>'
        for place in range(count)
    ]
    parts.append(f'<text x="{LEFT}" y="{HEIGHT - 10}" fill="#555b63">{escape(below)}</text>')
    parts.append(f'<text x="{LEFT - 8}" y="{TOP - 10}" text-anchor="end" fill="#555b63">{escape(beside)}</text>')
    for line in lines:
        points = " ".join(f"{x(place):.1f},{y(value):.1f}" for place, value in enumerate(line.values))
        parts.append(f'<polyline points="{points}" fill="none" stroke="{line.colour}" stroke-width="2.5" />')
        end, last = x(len(line.values) - 1) + 8, y(line.values[-1]) + 4
        parts.append(f'<text x="{end:.1f}" y="{last:.1f}" fill="{line.colour}">{escape(line.name)}</text>')
    return "\n".join([*parts, "</svg>", ""])
