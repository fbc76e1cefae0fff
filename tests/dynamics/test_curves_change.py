"""The change of a curve and its interval, against courses whose change is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reasonscope.dynamics.curves.change import FEWEST, change, shuffled
from reasonscope.dynamics.curves.planted import calibrate, wandering
from reasonscope.dynamics.curves.series import Series, points
from reasonscope.planting import excludes


def series(values, errors=None) -> Series:
    held = np.asarray(values, dtype=float)
    return Series(
        run="r",
        name="truth_share",
        part="",
        steps=np.arange(len(held), dtype=float),
        values=held,
        errors=np.full(len(held), np.nan) if errors is None else np.asarray(errors, dtype=float),
    )


def noisy(course, seed: int = 0, spread: float = 0.02) -> Series:
    rng = np.random.default_rng(seed)
    return series(np.asarray(course) + spread * rng.normal(size=len(course)))


def test_two_levels_differ_by_their_difference() -> None:
    found = change(noisy([0.2] * 20 + [0.5] * 80))
    assert found.value == pytest.approx(0.3, abs=0.03)
    assert excludes(found)


def test_a_level_course_has_not_changed() -> None:
    assert not excludes(change(noisy([0.5] * 100)))


def test_shuffled_steps_show_no_change_where_there_is_one() -> None:
    rising = noisy(np.linspace(0, 1, 100))
    assert excludes(change(rising))
    assert not excludes(shuffled(rising))
    assert shuffled(rising) == shuffled(rising), "the same shuffle each time"


def test_a_curve_that_never_changes_changes_by_nothing() -> None:
    found = change(series([0.5] * 40))
    assert (found.value, found.low) == (0.0, None)


def test_wandering_makes_the_interval_wider_than_fresh_noise_of_equal_spread() -> None:
    rng = np.random.default_rng(0)
    fresh = change(series(rng.normal(size=200)))
    slow = change(series(wandering(rng, 200, memory=6, spread=1.0)))
    assert fresh.low is not None
    assert slow.low is not None
    assert slow.high - slow.low > 1.5 * (fresh.high - fresh.low)


def test_a_long_run_is_as_a_short_one_in_other_steps() -> None:
    course = np.linspace(0, 1, 100)
    one, other = change(noisy(course)), change(noisy(np.repeat(course, 50)))
    assert one.value == pytest.approx(other.value, abs=0.03)
    assert other.n == 5_000


def test_few_steps_rest_on_their_standard_errors() -> None:
    found = change(series(np.linspace(0, 1, 10), [0.3] * 10))
    half = 1.959964 * np.sqrt(2) * 0.3
    assert (found.low, found.high) == (pytest.approx(1 - half), pytest.approx(1 + half))


@pytest.mark.parametrize("errors", [None, [0.0] * 10])
def test_few_steps_without_errors_have_a_value_and_no_interval(errors) -> None:
    found = change(series(np.linspace(0, 1, 10), errors))
    assert found.value == pytest.approx(1.0)
    assert found.low is None


def test_one_step_is_no_change() -> None:
    assert change(series([0.5])).value is None


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=60), st.floats(-1e3, 1e3))
def test_adding_a_constant_changes_nothing(values, by) -> None:
    one, other = change(series(values)), change(series([v + by for v in values]))
    size = max(1.0, float(np.ptp(values)))
    assert one.value == pytest.approx(other.value, abs=1e-3 * size)
    if len(values) >= FEWEST and one.low is not None and one.high is not None:
        assert one.low <= one.value <= one.high


def test_points_average_and_their_errors_shrink_with_the_root() -> None:
    made = points(series(range(100), [0.2] * 100), 25)
    assert len(made) == 25
    assert made[0].value == 1.5
    assert made[0].error == pytest.approx(0.1)
    assert points(series([1.0, 2.0]), 25)[0].error is None


def test_the_planted_changes_are_found() -> None:
    for row in calibrate(0, 60):
        assert row.power.value is not None
        assert row.power.value >= 0.8, row.plant
        assert row.false_positive.low is not None
        assert row.false_positive.low <= 0.07, row.plant


@pytest.mark.slow
def test_calibration_reaches_what_is_asked() -> None:
    for row in calibrate(0, 2_000):
        assert row.coverage is not None
        assert row.power.value >= 0.9, row.plant
        assert 0.03 <= row.false_positive.value <= 0.07, row.plant
        assert 0.93 <= row.coverage.value <= 0.97, row.plant
