"""Intervals of degenerate studies stay within what their numbers can be, and say that they do."""

import pytest

from reasonscope.stats import Estimate
from reasonscope.stats.possible import CUT, possible
from reasonscope.structure.backtracking.rates import Counted, rate


def test_an_interval_within_bounds_is_left_as_it_is() -> None:
    held = Estimate(value=0.5, low=0.4, high=0.6, method="t")
    assert possible(held, most=1.0) is held


def test_without_an_interval_there_is_nothing_to_cut() -> None:
    held = Estimate(value=0.5)
    assert possible(held, most=1.0) is held


@pytest.mark.parametrize(("low", "high"), [(-0.2, 0.5), (0.5, 1.2), (-3.0, 3.0)])
def test_a_share_ends_at_nothing_and_at_all(low: float, high: float) -> None:
    cut = possible(Estimate(value=0.5, low=low, high=high, method="t"), most=1.0)
    assert cut.low == max(0.0, low)
    assert cut.high == min(1.0, high)
    assert cut.method.endswith(CUT)


def test_a_rate_of_two_problems_does_not_reach_below_nothing() -> None:
    """3 and 1 in a thousand: a t interval with one degree of freedom goes from -11 to 15."""
    found = rate([Counted("a", 3, 1000), Counted("b", 1, 1000)])
    assert found.value == 2.0
    assert found.low == 0.0
    assert found.high is not None
    assert found.high > 10
    assert found.method.endswith(CUT)
