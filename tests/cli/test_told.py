"""The terminal's findings: headlines first, a line or two each, the unassessed folded."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from reasonscope.cli.told import LEAST_WIDTH, lines, tell
from reasonscope.findings import Finding
from reasonscope.instruments import instruments
from reasonscope.stats import Estimate


def finding(instrument: str, name: str, value: float | None, says: str = "{} of it") -> Finding:
    """A share with an interval from half of it to itself, on ten observations."""
    low = None if value is None else value / 2
    estimate = Estimate(value=value, low=low, high=value, n=10)
    return Finding.of(instrument, name, estimate, says, missing="too few traces")


def said(*findings: Finding, width: int = 100) -> list[str]:
    return [line.plain for line in lines(findings, instruments(), width)]


def test_headlines_stand_first_and_are_not_said_again_below() -> None:
    accuracy = finding("answers", "accuracy_share", 0.5, "{} are right")
    answered = finding("answers", "answered_share", 0.9, "{} have an answer")
    found = said(answered, accuracy)
    assert found[:2] == ["What was found", "  · 50 % are right."]
    assert found.index("Answers") < found.index("  · 90 % have an answer  [45 to 90 %], n = 10")
    assert "\n".join(found).count("are right") == 1


def test_a_headline_has_its_interval_and_what_its_control_means() -> None:
    held = Finding.of(
        "answers",
        "accuracy_share",
        Estimate(value=0.5, low=0.4, high=0.6, n=7),
        "{} are right",
        missing="",
        control=Estimate(value=0.1),
        control_meaning="answers of another problem",
    )
    assert said(held)[2:4] == [
        "    95 % interval 40 to 60 %, n = 7",
        "    control 10 %: answers of another problem",
    ]


def test_findings_without_a_value_take_one_line_for_each_reason() -> None:
    names = ("a", "b", "c", "d", "e", "f", "g")
    found = said(*(finding("length", name, None) for name in names))
    assert [line for line in found if line] == [
        "Length",
        "  · 7 findings could not be assessed: too few traces",
    ]


def test_one_finding_without_a_value_is_named() -> None:
    assert "  · x_share could not be assessed: too few traces" in said(
        finding("steps", "x_share", None)
    )


def test_a_long_sentence_stands_alone_and_its_figures_below_it() -> None:
    found = said(finding("steps", "x", 0.5, "{} " + "of the steps " * 6), width=80)
    assert found[-2] == "    [25 to 50 %], n = 10"


def test_findings_of_an_instrument_that_is_not_installed_are_shown_by_its_name() -> None:
    assert "elsewhere" in said(finding("elsewhere", "x", 0.5))


def test_no_findings_print_nothing() -> None:
    assert said() == []


@given(st.text(max_size=200), st.integers(-5, 200))
def test_no_line_is_wider_than_the_terminal_nor_carries_a_control_code(
    text: str, width: int
) -> None:
    held = Finding(instrument="steps", name="x", sentence=text, estimate=Estimate(value=0.5, n=3))
    for line in said(held, width=width):
        assert len(line) <= max(width, LEAST_WIDTH)
        assert "\x1b" not in line


def test_what_looks_like_markup_is_printed_as_it_stands() -> None:
    out = io.StringIO()
    held = finding("steps", "x", 0.5, "{} [bold]of[/bold] it")
    tell([held], instruments(), Console(file=out, width=90))
    assert "[bold]of[/bold]" in out.getvalue()


@pytest.mark.parametrize("width", [60, 200])
def test_a_number_and_its_percent_sign_stay_together(width: int) -> None:
    found = said(finding("steps", "x", 0.5, "{} of all, " * 20), width=width)
    assert not any(line.lstrip(" ·").startswith("%") for line in found)
