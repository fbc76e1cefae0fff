"""Categories can be told from the paper and from each other, in light and dark."""

import re
from importlib.resources import files
from itertools import combinations

import pytest

from reasonscope.report.marking import COLOURS
from reasonscope.report.plots import CATEGORIES

STYLE = (files("reasonscope.report") / "templates" / "style.css").read_text()

DEUTAN = ((0.367, 0.861, -0.228), (0.280, 0.673, 0.047), (-0.012, 0.043, 0.969))
"""Colours as seen without green cones (Machado 2009, severity 1), on linear RGB."""


def pair(name: str) -> tuple[str, str]:
    """A colour's light and dark values."""
    found = re.search(rf"--{name}: light-dark\((#\w+), (#\w+)\)", STYLE)
    assert found is not None
    return found.group(1), found.group(2)


def linear(colour: str) -> tuple[float, ...]:
    shares = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return tuple(s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)


def luminance(colour: str) -> float:
    return sum(w * s for w, s in zip((0.2126, 0.7152, 0.0722), linear(colour), strict=True))


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def seen(colour: str, without_green: bool) -> tuple[float, ...]:
    """A colour in OKLab, where distances are about as the eye sees them."""
    rgb = linear(colour)
    if without_green:
        rgb = tuple(
            min(max(sum(w * c for w, c in zip(row, rgb, strict=True)), 0), 1) for row in DEUTAN
        )
    cones = (
        (0.4122214708, 0.5363325363, 0.0514459929),
        (0.2119034982, 0.6806995451, 0.1073969566),
        (0.0883024619, 0.2817188376, 0.6299787005),
    )
    lab = (
        (0.2104542553, 0.7936177850, -0.0040720468),
        (1.9779984951, -2.4285922050, 0.4505937099),
        (0.0259040371, 0.7827717662, -0.8086757660),
    )
    roots = [sum(w * c for w, c in zip(row, rgb, strict=True)) ** (1 / 3) for row in cones]
    return tuple(sum(w * r for w, r in zip(row, roots, strict=True)) for row in lab)


def apart(one: str, other: str, without_green: bool) -> float:
    ends = zip(seen(one, without_green), seen(other, without_green), strict=True)
    return sum((a - b) ** 2 for a, b in ends) ** 0.5


def test_white_and_black_are_as_far_apart_as_can_be():
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert apart("#ffffff", "#000000", False) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("number", range(COLOURS + 1))
def test_every_category_stands_out_from_the_sheet(number):
    for colour, sheet in zip(pair(f"cat{number}"), pair("sheet"), strict=True):
        assert contrast(colour, sheet) >= 3


@pytest.mark.parametrize("theme", [0, 1])
@pytest.mark.parametrize("without_green", [False, True])
def test_the_eight_labels_can_be_told_apart(theme, without_green):
    colours = [pair(f"cat{number}")[theme] for number in range(8)]
    assert min(apart(a, b, without_green) for a, b in combinations(colours, 2)) > 0.1


def test_red_and_green_of_one_lightness_could_not():
    """The control: a pair that readers without green cones confuse fails this very test."""
    assert apart("#b04a3c", "#6a7a1e", False) > 0.1
    assert apart("#b04a3c", "#6a7a1e", True) < 0.1


def test_plots_and_strips_use_the_same_colours():
    assert [pair(f"cat{number}")[0] for number in range(COLOURS)] == list(CATEGORIES)
