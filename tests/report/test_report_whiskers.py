"""A finding's words and the places of its dot and whiskers."""

from dataclasses import replace

import pytest
from small_studies import make_finding

from reasonscope.findings import Finding
from reasonscope.report.whiskers import PAD, WIDTH, number, view
from reasonscope.stats import Estimate

FRAME = WIDTH - 2 * PAD


def test_places_by_hand():
    """0.5 of a scale from 0 to 1 is the middle; the interval lies about it."""
    held = view(make_finding(0.9))
    assert held.mark is not None
    assert held.mark.dot == pytest.approx(PAD + 0.9 * FRAME, abs=0.01)
    assert held.mark.low == pytest.approx(PAD + 0.8 * FRAME, abs=0.01)
    assert held.control_mark is not None
    assert held.control_mark.dot == pytest.approx(PAD + 0.1 * FRAME, abs=0.01)


def test_words():
    held = view(make_finding(0.9, better="higher"))
    assert (held.value, held.interval) == ("90 %", "80 to 95 %")
    assert held.control == "10 % (5 to 20 %)"
    assert held.basis == "n = 100 in 50 problems"
    assert held.method == "95 % interval: wilson"
    assert held.better == "Higher is better."


def test_small_shares_get_a_scale_on_which_they_can_be_seen():
    small = Estimate(value=0.01, low=0.005, high=0.02, n=9)
    finding = Finding(instrument="i", name="n", sentence="s", estimate=small)
    assert view(finding).scale == ("0 %", "5 %")


def test_the_control_is_on_the_scale_too():
    small = Estimate(value=0.01, n=9)
    high = Estimate(value=0.6, n=9)
    finding = Finding(instrument="i", name="n", sentence="s", estimate=small, control=high)
    assert view(finding).scale == ("0 %", "100 %")


def test_what_could_not_be_assessed_has_no_mark_and_no_number():
    held = view(make_finding(None))
    assert not held.assessed
    assert held.mark is None
    assert held.value == ""
    assert held.basis == "nothing to count"


def test_a_control_that_could_not_be_assessed_says_so():
    held = view(make_finding(0.5, control=Estimate(value=None)))
    assert held.control == "could not be assessed"
    assert held.control_mark is None


def test_no_control_no_words():
    assert view(make_finding(0.5, control=None)).control == ""


def test_other_units_start_at_nought_and_end_round():
    estimate = Estimate(value=1873, low=1800, high=1960, n=5)
    finding = Finding(instrument="i", name="n", sentence="s", estimate=estimate, unit="tokens")
    held = view(finding)
    assert held.scale == ("0 tokens", "2,000 tokens")
    assert (held.value, held.interval) == ("1,873 tokens", "1,800 to 1,960")


def test_a_difference_below_nought_is_on_its_scale():
    estimate = Estimate(value=-0.2, low=-0.3, high=0.1, n=5)
    held = view(Finding(instrument="i", name="n", sentence="s", estimate=estimate))
    assert held.mark is not None
    assert held.mark.low is not None
    assert PAD <= held.mark.low < held.mark.dot < WIDTH - PAD


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_not_finite_is_not_drawn(value):
    held = view(make_finding(value))
    assert not held.assessed
    assert held.mark is None


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (0.0, "share", "0 %"),
        (1.0, "share", "100 %"),
        (0.00043, "share", "0.043 %"),
        (3.0, "count", "3"),
        (0.12345, "nats", "0.123 nats"),
        (12345.6, "steps", "12,346 steps"),
    ],
)
def test_numbers_in_words(value, unit, said):
    assert number(value, unit) == said


def test_points_are_hundredths_with_a_sign_and_nought_has_none():
    assert number(0.031, "points") == "+3.1 points"
    assert number(-0.5, "points") == "-50 points"
    assert number(0.0004, "points") == "+0.04 points"
    assert number(0.0, "points") == number(-0.0, "points") == "0 points"


def test_a_difference_has_its_nought_on_the_scale_and_says_both_ends():
    estimate = Estimate(value=-0.01, low=-0.03, high=0.01, n=5)
    held = view(Finding(instrument="i", name="n", sentence="s", estimate=estimate, unit="points"))
    assert held.interval == "-3 to +1 points"
    assert held.scale == ("-3 points", "+1 points")
    assert held.zero == pytest.approx(PAD + 0.75 * FRAME, abs=0.01)


def test_a_scale_that_starts_at_nought_needs_no_mark_there():
    assert view(make_finding(0.5)).zero is None
    below = Estimate(value=-0.2, low=-0.3, high=-0.1, n=5)
    held = view(Finding(instrument="i", name="n", sentence="s", estimate=below, unit="points"))
    assert held.zero is None
    assert held.scale == ("-30 points", "0 points")


@pytest.mark.parametrize(
    ("unit", "said"),
    [("share", ""), ("correlation", ""), ("count", ""), ("per 1k tokens", "per 1k tokens")],
)
def test_the_unit_stands_apart_from_its_number(unit, said):
    held = view(make_finding(0.25, unit=unit))
    assert held.unit == said
    assert held.value.endswith(said)


def test_a_control_that_dips_a_little_below_nought_does_not_move_the_scale():
    rate = Estimate(value=2.1, low=1.8, high=2.4, n=9)
    control = Estimate(value=0.02, low=-0.003, high=0.05, n=9)
    finding = make_finding(0.5, control=control, unit="per 1k tokens")
    held = view(replace(finding, estimate=rate))
    assert held.scale == ("0 per 1k tokens", "2.5 per 1k tokens")
    assert held.control == "0.02 per 1k tokens (-0.003 to 0.05)", "the words still say it"
    low = replace(control, low=-0.5)
    assert view(replace(finding, estimate=rate, control=low)).scale[0] == "-0.5 per 1k tokens"
