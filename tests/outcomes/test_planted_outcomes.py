"""Planted outcomes are found, null cases are left alone, broken instruments fail to calibrate."""

import pytest

from reasonscope.outcomes import answers_planted, steps_planted
from reasonscope.outcomes.answers_planted import planted_answer
from reasonscope.outcomes.planting import coverage, rate
from reasonscope.outcomes.steps_planted import PLANTS, Plant
from reasonscope.problems.answers import compare
from reasonscope.verify.judge import first_error, judge

N = 12


def test_answers_are_found_and_temptation_is_resisted() -> None:
    for row in answers_planted.calibrate(seed=1, n=N):
        assert row.power.value == 1.0
        assert row.false_positive.value == 0.0


def test_a_planted_right_answer_differs_from_its_wrong_twin() -> None:
    right, wrong = planted_answer(0, 3, right=True), planted_answer(0, 3, right=False)
    assert right.problem.answer is not None
    assert compare(right.problem.answer, right.problem).correct is True
    assert right.trace.answer != wrong.trace.answer


def test_planted_answers_repeat_with_their_seed_and_differ_with_another() -> None:
    assert planted_answer(5, 0, right=True) == planted_answer(5, 0, right=True)
    assert planted_answer(5, 0, right=True) != planted_answer(6, 0, right=True)


@pytest.mark.parametrize("plant", PLANTS, ids=[plant.name for plant in PLANTS])
def test_every_planted_step_is_found_where_it_was_planted(plant: Plant) -> None:
    for seed in range(N):
        case, wrong = plant.make(seed, True)
        assert first_error(judge(case)) == wrong


@pytest.mark.parametrize("plant", PLANTS, ids=[plant.name for plant in PLANTS])
def test_every_clean_twin_is_left_alone(plant: Plant) -> None:
    for seed in range(N):
        case, wrong = plant.make(seed, False)
        assert wrong is None
        assert first_error(judge(case)) is None


def test_retractions_are_told_from_errors_that_stand() -> None:
    row = steps_planted.calibrate(seed=2, n=N)[-1]
    assert row.power.value is not None
    assert row.power.value >= 0.9
    assert row.false_positive.value is not None
    assert row.false_positive.value <= 0.1


def test_a_perfect_instrument_covers_the_planted_share() -> None:
    held = coverage([True] * 10, [False] * 10, 0.3, "perfect")
    assert held.coverage.value is not None
    assert 0.93 <= held.coverage.value <= 0.97
    assert held.bias.value == pytest.approx(0.0, abs=0.01)


def test_an_instrument_that_misses_a_third_fails_to_cover() -> None:
    """The control: a detector of power 2/3 reports .2 where .3 was planted."""
    held = coverage([True, True, False], [False] * 3, 0.3, "blind in a third")
    assert held.coverage.value is not None
    assert held.coverage.value < 0.6
    assert held.bias.value == pytest.approx(-0.1, abs=0.02)


def test_a_rate_has_its_interval() -> None:
    """7 of 10: Wilson gives .397 to .892."""
    estimate = rate([True] * 7 + [False] * 3)
    assert (estimate.low, estimate.high) == pytest.approx((0.3968, 0.8922), abs=1e-3)
