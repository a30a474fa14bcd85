"""On an audience with tastes the feed is worth more than popularity. Seeded: the same every time."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks import simulator
from benchmarks.chart import Line, line_chart

SMALL = simulator.Scale(clips=900, authors=90, viewers=40, pages=6, earlier=4_000)


def test_it_beats_popularity_and_learns_from_page_to_page() -> None:
    feeds = (simulator.Chance, simulator.Popularity, simulator.Hustings)
    seconds = simulator.simulate(SMALL, 7, feeds)
    ours, popular = seconds["hustings"], seconds["popularity"]
    assert ours.mean() > 1.5 * popular.mean()
    assert ours.mean() > 1.5 * seconds["random"].mean()
    # From the third page on at least half as much again as at first sight.
    assert ours[2:].mean() > 1.5 * ours[0]


def test_the_same_seed_gives_the_same_numbers() -> None:
    tiny = simulator.Scale(clips=200, authors=20, viewers=5, pages=2, earlier=300)
    first, second = (simulator.simulate(tiny, 1, (simulator.Hustings,))["hustings"] for _ in range(2))
    assert np.array_equal(first, second)


def test_the_chart_names_each_line() -> None:
    svg = line_chart([Line("ours", [1.0, 2.0], "#000")], title="A & B", below="page", beside="s")
    assert svg.startswith("<svg")
    assert ">ours</text>" in svg
    assert "A &amp; B" in svg
