"""Altair charts as safe inline SVG."""

from xml.etree import ElementTree

import altair as alt
import pytest

from reasonscope.errors import ReasonscopeError
from reasonscope.report import plots

BARS = alt.Chart(plots.values([{"x": 1, "y": "a"}, {"x": 2, "y": "b"}])).mark_bar()
CHART = BARS.encode(x="x:Q", y="y:N")


def drawn(svg: str) -> str:
    return str(plots.clean_svg(f'<svg xmlns="http://www.w3.org/2000/svg">{svg}</svg>', "l", "p"))


def test_a_chart_becomes_an_svg_with_its_words_and_label():
    held = plots.svg(CHART, "two bars", "p")
    root = ElementTree.fromstring(held)
    assert root.get("aria-label") == "two bars"
    assert root.get("role") == "img"
    assert {"a", "b"} <= {text.text for text in root.iter() if text.text}


def test_theme_colours_become_classes():
    held = plots.svg(CHART, "l", "p")
    assert 'class="f-accent"' in held
    assert plots.ACCENT not in held


def test_every_theme_colour_has_a_rule_for_fill_and_stroke():
    from importlib.resources import files

    css = (files("reasonscope.report") / "templates" / "style.css").read_text()
    for name in plots.class_names():
        assert f".f-{name} " in css
        assert f".s-{name} " in css


def test_a_narrow_frame_is_narrower():
    def width(svg):
        return float(ElementTree.fromstring(svg).get("width"))

    wide, narrow = (plots.svg(CHART, "l", "p", w) for w in (plots.WIDE, plots.NARROW))
    assert width(narrow) < width(wide)


def test_a_chart_keeps_its_own_width_and_configuration():
    own = CHART.properties(width=77).configure_mark(color=plots.BAD)
    held = plots.svg(own, "l", "p")
    assert "f-bad" in held
    assert "f-accent" not in held


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        '<a href="javascript:alert(1)"><text>x</text></a>',
        '<image href="http://evil.example/x.png"/>',
        '<foreignObject><p xmlns="http://www.w3.org/1999/xhtml">x</p></foreignObject>',
        '<use href="http://evil.example/#a"/>',
        "<style>@import url(http://evil.example)</style>",
        '<animate attributeName="href" values="javascript:alert(1)"/>',
    ],
)
def test_elements_that_do_more_than_draw_are_dropped(attack):
    held = drawn(f'<rect width="1" height="1"/>{attack}')
    assert "<rect" in held
    assert "evil" not in held
    assert "alert" not in held


@pytest.mark.parametrize(
    "attribute",
    [
        'onclick="alert(1)"', 'style="background:url(http://evil.example)"',
        'fill="url(http://evil.example/#a)"', 'clip-path="url(http://evil.example/#a)"',
        'href="http://evil.example"', 'fill="red;evil"', 'xml:base="http://evil.example"',
    ],
)  # fmt: skip
def test_attributes_that_do_more_than_draw_are_dropped(attribute):
    held = drawn(f'<rect width="1" {attribute}/>')
    assert 'width="1"' in held
    assert "evil" not in held
    assert "alert" not in held


def test_ids_and_their_references_get_the_prefix():
    held = drawn('<clipPath id="clip0"><rect/></clipPath><g clip-path="url(#clip0)"/>')
    assert 'id="p-clip0"' in held
    assert "url(#p-clip0)" in held


def test_markup_in_data_is_text():
    attack = "<img src=x onerror=alert(1)>"
    chart = alt.Chart(plots.values([{"x": 1, "y": attack}])).mark_bar().encode(x="x:Q", y="y:N")
    held = plots.svg(chart, attack, "p")
    assert "<img" not in held
    assert "&lt;img" in held


def test_a_control_character_in_data_does_not_end_the_process():
    """vl-convert aborts Python itself on a character that XML cannot hold."""
    rows = [{"x": 1, "y": "bell\x07 and \ufffe and \x00"}]
    chart = alt.Chart(plots.values(rows)).mark_bar().encode(x="x:Q", y="y:N")
    assert "bell\ufffd" in plots.svg(chart, "l", "p")


def test_a_drawing_that_would_take_the_page_is_refused():
    with pytest.raises(ReasonscopeError, match="plot a summary"):
        plots.svg(CHART, "l", "p", most_bytes=1000)


def test_outcome_colours_are_theme_colours_and_differ():
    assert len(set(plots.OUTCOME_COLOURS.values())) == len(plots.OUTCOME_COLOURS)
    assert set(plots.OUTCOME_COLOURS.values()) <= {plots.GOOD, plots.BAD, plots.OPEN, plots.NONE}
