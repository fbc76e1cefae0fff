"""What is reported, and on which rollouts it rests."""

import numpy as np
import pytest

from reasonscope.stats import newcombe
from reasonscope.structure.anchors.budget.allocation import Setting, expected_costs
from reasonscope.structure.anchors.budget.bisection import Bisection
from reasonscope.structure.anchors.budget.confirming import Candidate, candidates, fresh_wanted
from reasonscope.structure.anchors.budget.curves import drawn_curves
from reasonscope.structure.anchors.budget.deciding import fresh_p_value, judged, reported
from reasonscope.structure.anchors.budget.racing import Racing
from reasonscope.structure.anchors.budget.separate import (
    separate_importances,
    separate_p_values,
    separately_reported,
)
from reasonscope.structure.anchors.budget.simulation import simulated
from reasonscope.structure.anchors.budget.tallies import Tallies
from reasonscope.structure.anchors.budget.uniform import Uniform


def tally_of(made: list[int], right: list[int]) -> Tallies:
    tally = Tallies.empty(len(made) - 1)
    tally.made[:] = tally.asked[:] = made
    tally.right[:] = right
    return tally


def flat(steps: int) -> Setting:
    return Setting(expected_costs([20] * steps, 10))


def test_what_is_reported_is_false_in_a_tenth_on_average() -> None:
    assert reported([0.99, 0.81], 0.1) == {0, 1}
    assert reported([0.99, 0.79], 0.1) == {0}
    assert reported([0.5, 0.5], 0.1) == frozenset()


def test_a_plain_jump_is_an_anchor_and_its_neighbours_are_dismissed() -> None:
    said = judged(tally_of([40] * 10, [4] * 5 + [36] * 5))
    assert [one.step for one in said if one.anchor] == [4]
    assert said[4].expected == pytest.approx(0.8, abs=0.05)
    assert all(one.dismissed for one in said if one.step != 4)


def test_without_fresh_rollouts_nothing_is_confirmed() -> None:
    said = judged(tally_of([40] * 10, [4] * 5 + [36] * 5))
    assert said[4].fresh is None
    assert not said[4].confirmed


def test_the_interval_rests_on_fresh_rollouts_alone() -> None:
    tally = tally_of([40] * 10, [4] * 5 + [36] * 5)
    tally.fresh_made[4:6] = 30
    tally.fresh_right[4:6] = 6, 21
    said = judged(tally)[4]
    assert said.fresh == newcombe(21, 30, 6, 30)
    assert said.confirmed


def test_a_candidate_that_fresh_rollouts_deny_is_not_confirmed() -> None:
    tally = tally_of([40] * 10, [4] * 5 + [36] * 5)
    tally.fresh_made[4:6] = 30
    tally.fresh_right[4:6] = 15
    assert not judged(tally)[4].confirmed


def test_p_of_the_score_test_done_by_hand() -> None:
    tally = Tallies.empty(1)
    tally.fresh_made[:], tally.fresh_right[:] = 50, (20, 30)
    # difference .2, error sqrt(.25 * 2 / 50) = .1, z = 2
    assert fresh_p_value(tally, 0) == pytest.approx(0.0455, abs=1e-4)
    assert separate_p_values(tally)[0] == pytest.approx(0.0455, abs=1e-4)


def test_sides_without_rollouts_say_nothing() -> None:
    tally = tally_of([10, 0, 10], [10, 0, 0])
    assert separate_p_values(tally).tolist() == [1.0, 1.0]
    assert separate_importances(tally).tolist() == [0.0, 0.0]


def test_all_alike_is_no_evidence() -> None:
    assert separate_p_values(tally_of([10, 10], [10, 10])).tolist() == [1.0]


def test_separate_reports_correct_for_the_number_of_steps() -> None:
    """p = .0455 at one step of forty is not reported, alone it is."""
    assert separately_reported(tally_of([50, 50], [20, 30])) == {0}
    many = tally_of([50] * 41, [20] * 20 + [30] * 21)
    assert separately_reported(many) == frozenset()


def test_a_candidate_gets_rollouts_by_the_size_of_its_effect() -> None:
    large = Candidate(step=0, chance=1.0, effect=0.4, spread=0.5)
    small = Candidate(step=0, chance=1.0, effect=0.2, spread=0.5)
    assert small.rollouts(0.1) == pytest.approx(4 * large.rollouts(0.1), abs=4)
    # (1.96 + .84)^2 * .5 / .04
    assert small.rollouts(0.1) == 99


def test_fresh_rollouts_lie_on_both_sides_of_the_candidates() -> None:
    curves = drawn_curves(np.full(10, 40), np.array([4] * 5 + [36] * 5), 200, 0)
    assert [one.step for one in candidates(curves, 0.1)] == [4]
    fresh = fresh_wanted(curves, flat(9), 0.1, tokens=1e9)
    assert np.flatnonzero(fresh).tolist() == [4, 5]
    assert not fresh_wanted(curves, flat(9), 0.1, tokens=10.0).any()


def test_racing_finds_what_is_planted_for_a_fifth_of_the_tokens() -> None:
    chances = np.array([0.2] * 20 + [0.8] * 20 + [0.35] * 21)
    setting = flat(60)
    tally = simulated(Racing(draws=64), setting, chances, np.random.default_rng(1))
    assert [one.step for one in judged(tally) if one.anchor] == [19, 39]
    spent = setting.tokens(tally.asked + tally.fresh_asked)
    assert spent <= 0.21 * setting.uniform_tokens()


def test_racing_reports_nothing_where_nothing_matters() -> None:
    """The control."""
    for seed in range(2):
        tally = simulated(Racing(draws=64), flat(10), np.full(11, 0.6), np.random.default_rng(seed))
        assert not any(one.anchor for one in judged(tally))


def test_racing_keeps_within_its_budget() -> None:
    setting = flat(30)
    for tokens in (0.5 * sum(setting.costs), 5_000.0, 60_000.0):
        policy = Racing(budget=tokens, draws=32)
        tally = simulated(policy, setting, np.linspace(0.1, 0.9, 31), np.random.default_rng(0))
        floor = sum(setting.costs)
        spent = setting.tokens(tally.asked + tally.fresh_asked)
        assert spent <= max(1.05 * tokens + setting.costs[0], floor)


def test_racing_survives_a_trace_of_one_step() -> None:
    tally = simulated(Racing(draws=32), flat(1), np.array([0.1, 0.9]), np.random.default_rng(0))
    assert [one.step for one in judged(tally)] == [0]


def test_bisection_asks_in_the_order_of_halving() -> None:
    chances = np.array([0.0] * 11 + [1.0] * 6)
    policy = Bisection(rollouts=20, grid=16)
    tally = simulated(policy, flat(16), chances, np.random.default_rng(0))
    assert np.flatnonzero(tally.made).tolist() == [0, 8, 10, 11, 12, 16]


def test_bisection_misses_jumps_that_cancel_between_its_points() -> None:
    """What a grid is for: with points every 4 steps it is seen, with one stretch it is not."""
    chances = np.array([0.0] * 6 + [1.0] * 4 + [0.0] * 7)
    wide = simulated(Bisection(rollouts=20, grid=16), flat(16), chances, np.random.default_rng(0))
    assert np.flatnonzero(wide.made).tolist() == [0, 16]
    fine = simulated(Bisection(rollouts=20, grid=4), flat(16), chances, np.random.default_rng(0))
    assert {5, 6, 9, 10} <= set(np.flatnonzero(fine.made).tolist())


def test_uniform_spends_the_same_everywhere() -> None:
    tally = simulated(Uniform(7), flat(3), np.full(4, 0.5), np.random.default_rng(0))
    assert tally.made.tolist() == [7] * 4
