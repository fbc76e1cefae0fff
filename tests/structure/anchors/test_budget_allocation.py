"""Asking and telling: the order of results has no effect, and a killed search goes on."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reasonscope.structure.anchors.budget.allocation import Allocator, Setting, expected_costs
from reasonscope.structure.anchors.budget.bisection import Bisection
from reasonscope.structure.anchors.budget.racing import Racing
from reasonscope.structure.anchors.budget.simulation import simulated
from reasonscope.structure.anchors.budget.tallies import FRESH, Tallies
from reasonscope.structure.anchors.budget.uniform import Uniform
from reasonscope.structure.anchors.planted import plant
from reasonscope.structure.anchors.rollout import Request, Rollout

STEPS = 12
SETTING = Setting(expected_costs([20] * STEPS, 10))
SMALL = Racing(budget=SETTING.uniform_tokens(12), waves=4, draws=40)


def outcome(request: Request, correct: bool | None, step: str = "", tokens: int = 5) -> Rollout:
    return Rollout(
        trace_id="t",
        kept=request.kept,
        index=request.index,
        arm=request.arm,
        inserted=request.inserted,
        seed=0,
        text=step,
        step=step,
        tokens=tokens,
        ended=correct is not None,
        correct=correct,
    )


def rolled(request: Request) -> Rollout:
    """The step with number 5 lifts the accuracy from .2 to .9; dice by prefix and index alone."""
    dice = random.Random(request.kept * 10_000_019 + request.index)
    return outcome(request, dice.random() < (0.9 if request.kept > 5 else 0.2))


def run(
    allocator: Allocator, slots: int, order: random.Random, told: int = 1_000_000
) -> list[Request]:
    """All requests, with so many on their way at once, coming back in any order.

    Killed when so many results were told.
    """
    flying: list[Request] = []
    asked: list[Request] = []
    while len(allocator.rows) < told:
        while len(flying) < slots and (request := allocator.ask()) is not None:
            flying.append(request)
            asked.append(request)
        if not flying:
            assert allocator.finished
            break
        allocator.tell(rolled(flying.pop(order.randrange(len(flying)))))
    return asked


def keys(requests: list[Request]) -> list[tuple[int, int]]:
    return sorted((request.kept, request.index) for request in requests)


def test_costs_are_what_remains_of_the_trace() -> None:
    assert expected_costs([3, 4], after=2) == (9.0, 6.0, 2.0)


def test_uniform_asks_for_each_prefix_alike_and_no_more() -> None:
    asked = keys(run(Allocator(Uniform(3), SETTING), 4, random.Random(0)))
    assert asked == [(k, i) for k in range(STEPS + 1) for i in range(3)]


@pytest.mark.parametrize("policy", [SMALL, Bisection(rollouts=10, grid=4)])
def test_slots_and_the_order_of_results_have_no_effect(policy: Racing | Bisection) -> None:
    one = keys(run(Allocator(policy, SETTING), 1, random.Random(0)))
    assert one == keys(run(Allocator(policy, SETTING), 16, random.Random(1)))
    assert one == keys(run(Allocator(policy, SETTING), 5, random.Random(2)))


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 150), st.integers(0, 1000))
def test_killed_anywhere_it_goes_on_as_if_nothing_had_happened(told: int, seed: int) -> None:
    whole = keys(run(Allocator(SMALL, SETTING), 8, random.Random(0)))
    first = Allocator(SMALL, SETTING)
    run(first, 8, random.Random(seed), told)
    again = Allocator(SMALL, SETTING, first.rows)
    run(again, 8, random.Random(3))
    assert sorted((row.kept, row.index) for row in again.rows) == whole


def test_rows_that_exist_are_not_asked_for_again() -> None:
    rows = [rolled(Request(kept=0, index=0)), rolled(Request(kept=2, index=1))]
    asked = keys(run(Allocator(Uniform(2), SETTING, rows), 4, random.Random(0)))
    assert (0, 0) not in asked
    assert (2, 1) not in asked
    assert len(asked) == 2 * (STEPS + 1) - 2


def test_there_is_something_to_do_while_one_wave_is_on_its_way() -> None:
    allocator, size = Allocator(SMALL, SETTING), STEPS + 1
    sweep = list(allocator.asked())
    assert keys(sweep) == [(k, i) for k in range(size) for i in range(3)]
    for request in sweep[: 2 * size]:
        allocator.tell(rolled(request))
    assert list(allocator.asked())
    assert not allocator.finished


def test_a_failed_rollout_is_spent_and_not_made() -> None:
    tally = Tallies.of([outcome(Request(kept=1, index=0), None)], steps=3)
    assert tally.asked[1] == 1
    assert tally.made[1] == 0


def test_all_rollouts_failing_ends_all_the_same() -> None:
    allocator = Allocator(SMALL, SETTING)
    while not allocator.finished:
        for request in list(allocator.asked()):
            allocator.tell(outcome(request, None))
    assert allocator.spent().rollouts > 0


def test_other_arms_and_inserted_text_do_not_count() -> None:
    rows = [
        outcome(Request(kept=0, index=0, arm="forced"), True),
        outcome(Request(kept=0, index=0, inserted="Wait,"), True),
    ]
    assert Tallies.of(rows, steps=2).made.sum() == 0
    allocator = Allocator(Uniform(1), SETTING, rows)
    assert len(list(allocator.asked())) == STEPS + 1


def test_a_repeated_step_informs_the_next_prefix_too() -> None:
    own = ("So 1 + 1 = 2. ", "Done. ")
    row = outcome(Request(kept=0, index=0), True, step="So 1 + 1 = 2.")
    tally = Tallies.of([row], 2, own)
    assert tally.made.tolist() == [1, 1, 0]
    assert tally.asked.tolist() == [1, 0, 0]


def test_another_step_informs_its_own_prefix_alone() -> None:
    row = outcome(Request(kept=0, index=0), True, step="So 1 + 1 = 3.")
    assert Tallies.of([row], 2, ("So 1 + 1 = 2.", "Done.")).made.tolist() == [1, 0, 0]


def test_an_empty_step_repeats_nothing() -> None:
    row = outcome(Request(kept=0, index=0), True, step="")
    assert Tallies.of([row], 1, ("",)).made.tolist() == [1, 0]


def test_a_fresh_rollout_does_not_search() -> None:
    tally = Tallies.of([outcome(Request(kept=0, index=FRESH), True)], 1)
    assert tally.made.sum() == 0
    assert tally.fresh_right.tolist() == [1, 0]


def test_spent_is_told_against_a_hundred_at_every_prefix() -> None:
    allocator = Allocator(Uniform(1), Setting((30.0, 10.0)))
    for request in list(allocator.asked()):
        allocator.tell(outcome(request, True, tokens=10))
    spent = allocator.spent()
    assert (spent.rollouts, spent.tokens, spent.uniform_rollouts) == (2, 20, 200)
    assert spent.uniform_tokens == 4000
    assert spent.saved == 200


def test_nothing_spent_saves_an_unknown_number_of_times() -> None:
    assert Allocator(Uniform(1), SETTING).spent().saved is None


def test_the_simulation_asks_for_what_the_allocator_asks_for() -> None:
    """Both plan the same waves: certain outcomes leave nothing to chance."""
    chances = np.array([0.0] * 6 + [1.0] * (STEPS - 5))
    allocator = Allocator(SMALL, SETTING)
    while not allocator.finished:
        for request in list(allocator.asked()):
            allocator.tell(outcome(request, bool(chances[request.kept])))
    tally = simulated(SMALL, SETTING, chances, np.random.default_rng(0))
    assert tally.asked.tolist() == allocator.tally().asked.tolist()
    assert tally.fresh_asked.tolist() == allocator.tally().fresh_asked.tolist()


def test_in_the_simulation_repeats_leave_the_accuracy_as_it_is() -> None:
    chances, same = np.array([0.4, 0.8]), np.array([0.5])
    tally = simulated(Uniform(40_000), Setting((2.0, 1.0)), chances, np.random.default_rng(0), same)
    assert tally.made.tolist()[0] == 40_000
    assert abs(tally.made[1] - 60_000) < 600
    assert np.abs(tally.right / tally.made - chances).max() < 0.01


def test_a_planted_trace_is_searched_through_its_own_rollouts() -> None:
    planted = plant("several", 20, 0)
    own = tuple(planted.own_text(step) for step in range(planted.steps))
    costs = tuple(float(planted.tokens(Request(kept=k, index=0))) for k in range(planted.steps + 1))
    allocator = Allocator(Racing(draws=40), Setting(costs, own))
    while not allocator.finished:
        for request in list(allocator.asked()):
            allocator.tell(planted.roll(request))
    spent = allocator.spent()
    assert spent.saved is not None
    assert spent.saved > 4.5
