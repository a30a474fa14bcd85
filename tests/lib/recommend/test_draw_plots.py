"""Plots: well-formed whatever the names, and no name hides another."""

import itertools
from xml.etree import ElementTree as ET

from hustings.lib.recommend.drawing import CLOSE, Series, plot

SVG = "{http://www.w3.org/2000/svg}"


def test_names_stand_apart_though_all_models_are_equally_good() -> None:
    names = [f"model {number} <&>" for number in range(8)]
    picture = ET.fromstring(  # noqa: S314 - our own text
        plot([Series(name, [(1.0, 0.2), (10.0, 0.2)]) for name in names], title="a < b", below="x", beside="y")
    )
    heights = [float(text.attrib["y"]) for text in picture.iter(f"{SVG}text") if text.text in names]
    assert len(heights) == len(names)
    assert all(later - earlier >= CLOSE - 0.11 for earlier, later in itertools.pairwise(sorted(heights)))


def test_a_plot_of_one_point_that_is_worth_nothing_has_axes() -> None:
    picture = ET.fromstring(plot([Series("only", [(1.0, 0.0)])], title="t", below="x", beside="y"))  # noqa: S314
    assert len(list(picture.iter(f"{SVG}circle"))) == 1


def test_a_plot_without_models_is_empty_and_no_fault() -> None:
    ET.fromstring(plot([], title="t", below="x", beside="y"))  # noqa: S314 - our own text
