"""Intervals and tests of importances: values by hand, exact coverage, and what must not happen."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from reasonscope.structure.anchors.intervals import (
    Parting,
    Tally,
    accuracy_importance,
    anchors,
    bounds,
    difference,
    jeffreys,
    p_value,
)

COUNT = st.integers(0, 12)
TALLY = st.builds(Tally, right=COUNT, wrong=COUNT, unknown=st.integers(0, 4))
PARTING = st.builds(Parting, stayed=TALLY, left=TALLY, beyond=TALLY)


def test_two_of_four_against_all_of_four_by_hand() -> None:
    """Half of eight left; of them a quarter is right, beyond three quarters: .5 x .5."""
    parting = Parting(
        stayed=Tally(right=3, wrong=1), left=Tally(right=1, wrong=3), beyond=Tally(right=9, wrong=3)
    )
    assert accuracy_importance(parting).value == pytest.approx(0.25)


def test_no_one_left_is_no_importance_with_an_honest_interval() -> None:
    """Ten repeated the step and none left: the next might, so the interval is not a point."""
    same = Tally(right=6, wrong=4)
    found = accuracy_importance(Parting(stayed=same, left=Tally(), beyond=same))
    assert found.value == 0.0
    assert found.low is not None
    assert found.high is not None
    assert -0.25 < found.low < 0 < found.high < 0.25


def test_without_rollouts_on_a_side_it_is_unknown() -> None:
    some = Tally(right=2, wrong=2)
    for parting in (
        Parting(stayed=Tally(), left=Tally(), beyond=some),
        Parting(stayed=Tally(), left=some, beyond=Tally()),
        Parting(stayed=Tally(), left=Tally(unknown=5), beyond=some),
    ):
        assert accuracy_importance(parting).value is None
        assert p_value(parting.beyond, parting.left) is None


@given(PARTING)
def test_the_value_lies_in_its_interval_and_in_its_range(parting: Parting) -> None:
    found = accuracy_importance(parting)
    if found.value is not None and found.low is not None and found.high is not None:
        assert -1 <= found.low <= found.value <= found.high <= 1


@given(PARTING)
def test_bounds_hold_for_every_answer_that_is_unknown(parting: Parting) -> None:
    """Where every rollout answers, best and worst case are the value itself."""
    all_known = Parting(
        stayed=Tally(), left=Tally(right=parting.left.right, wrong=parting.left.wrong),
        beyond=Tally(right=parting.beyond.right, wrong=parting.beyond.wrong),
    )  # fmt: skip
    found, least = accuracy_importance(all_known).value, bounds(all_known)
    if found is not None and all_known.left.known:
        assert least == pytest.approx((found, found))
    wide = bounds(parting)
    if wide is not None:
        assert -1 <= wide[0] <= wide[1] <= 1


def test_bounds_by_hand() -> None:
    """Of 4 beyond 3 right, 1 unknown: .75 to 1. Of 4 left 1 right, 2 unknown: .25 to .75."""
    parting = Parting(
        stayed=Tally(),
        left=Tally(right=1, wrong=1, unknown=2),
        beyond=Tally(right=3, unknown=1),
    )
    assert bounds(parting) == pytest.approx((0.0, 0.75))


def test_jeffreys_ends_are_those_of_the_beta_law() -> None:
    low, high = jeffreys(3, 7)
    assert low == pytest.approx(float(scipy_stats.beta.ppf(0.025, 3.5, 7.5)))
    assert high == pytest.approx(float(scipy_stats.beta.ppf(0.975, 3.5, 7.5)))
    assert jeffreys(0, 0) == (0.0, 1.0)


@given(st.tuples(COUNT, COUNT, COUNT, COUNT))
@settings(max_examples=60)
def test_the_test_agrees_with_fishers_but_for_half_of_the_tied_tables(
    cells: tuple[int, int, int, int],
) -> None:
    a, b, c, d = cells
    found = p_value(Tally(right=a, wrong=b), Tally(right=c, wrong=d))
    if found is None:
        return
    fisher = float(scipy_stats.fisher_exact([[a, b], [c, d]])[1])
    ties = scipy_stats.hypergeom.pmf(np.arange(a + c + 1), a + b + c + d, a + c, a + b)
    own = scipy_stats.hypergeom.pmf(a, a + b + c + d, a + c, a + b)
    half = ties[abs(ties - own) <= 1e-7 * own].sum() / 2
    assert found == pytest.approx(fisher - half, abs=1e-9)
    swapped = p_value(Tally(right=c, wrong=d), Tally(right=a, wrong=b))
    assert swapped == pytest.approx(found)


def exact_coverage(n: int, m: int, p: float, q: float) -> float:
    """How often the interval of a difference holds it, summed over every possible table."""
    first = scipy_stats.binom.pmf(range(n + 1), n, p)
    second = scipy_stats.binom.pmf(range(m + 1), m, q)
    held = 0.0
    for x, y in product(range(n + 1), range(m + 1)):
        found = difference(Tally(right=x, wrong=n - x), Tally(right=y, wrong=m - y))
        assert found.low is not None
        assert found.high is not None
        held += first[x] * second[y] * (found.low <= p - q <= found.high)
    return held


@pytest.mark.parametrize(("p", "q"), [(0.5, 0.5), (0.2, 0.5), (0.3, 0.8)])
def test_coverage_of_sixteen_against_sixteen(p: float, q: float) -> None:
    assert 0.92 <= exact_coverage(16, 16, p, q) <= 0.98


def test_one_clear_step_makes_room_for_less_clear_ones() -> None:
    """q values .03 and .09 (three tests): the second is an anchor for the first one's sake."""
    assert [is_anchor for _, is_anchor in anchors([0.01, 0.06, 0.9])] == [True, True, False]
    assert [is_anchor for _, is_anchor in anchors([0.02, 0.06, 0.9])] == [False, False, False]


def test_steps_that_could_not_be_tested_are_neither() -> None:
    assert anchors([None, None]) == [(None, None), (None, None)]
    assert anchors([]) == []
