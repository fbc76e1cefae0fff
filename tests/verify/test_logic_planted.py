"""Planted chains: the one corrupted step is found, and the clean twin is left alone."""

from hypothesis import given, settings
from hypothesis import strategies as st

from reasonscope.traces.schema import Case, check_tiling
from reasonscope.verify.logic import applies, check
from reasonscope.verify.logic.order_premises import read_order
from reasonscope.verify.logic.planted import Planted, planted_order, planted_rules
from reasonscope.verify.logic.rule_premises import read_rules

SEEDS = st.integers(min_value=0, max_value=2**32)


def wrong_steps(case: Case) -> set[int | None]:
    return {verdict.step_index for verdict in check(case) if verdict.correct is False}


def right_steps(case: Case) -> set[int | None]:
    return {verdict.step_index for verdict in check(case) if verdict.correct is True}


def assert_found(plant: Planted) -> None:
    assert wrong_steps(plant.clean) == set()
    assert right_steps(plant.clean) == set(range(len(plant.clean.steps)))
    assert wrong_steps(plant.corrupted) == {plant.wrong_step}, plant.how


@settings(max_examples=25, deadline=None)
@given(seed=SEEDS)
def test_a_corrupted_order_step_is_found_and_its_clean_twin_left_alone(seed: int) -> None:
    assert_found(planted_order(seed, 0))


@settings(max_examples=40, deadline=None)
@given(seed=SEEDS)
def test_a_corrupted_proof_step_is_found_and_its_clean_twin_left_alone(seed: int) -> None:
    assert_found(planted_rules(seed, 0))


@settings(max_examples=25, deadline=None)
@given(seed=SEEDS, index=st.integers(0, 10**6))
def test_exactly_one_step_differs(seed: int, index: int) -> None:
    for make in (planted_order, planted_rules):
        plant = make(seed, index)
        pairs = zip(plant.clean.steps, plant.corrupted.steps, strict=True)
        differ = [a.index for a, b in pairs if a.text.strip() != b.text.strip()]
        assert differ == [plant.wrong_step]


@settings(max_examples=25, deadline=None)
@given(seed=SEEDS)
def test_the_problems_are_read_whole(seed: int) -> None:
    order, rules = planted_order(seed, 1).clean.problem, planted_rules(seed, 1).clean.problem
    assert applies(order)
    assert applies(rules)
    assert getattr(read_order(order.question), "complete", False)
    assert getattr(read_rules(rules.question), "complete", False)


def test_the_same_seed_makes_the_same_plant() -> None:
    assert planted_order(3, 4) == planted_order(3, 4)
    assert planted_rules(3, 4) == planted_rules(3, 4)


def test_neighbouring_seeds_share_nothing() -> None:
    """A trap: seed + index would make (0, 1) and (1, 0) the same problem."""
    assert planted_order(0, 1) != planted_order(1, 0)
    assert planted_rules(0, 1) != planted_rules(1, 0)


def test_steps_tile_the_reasoning() -> None:
    for plant in (planted_order(0, 0), planted_rules(0, 0)):
        for case in (plant.clean, plant.corrupted):
            check_tiling(case.trace.reasoning, case.steps)


def test_every_way_of_corrupting_occurs() -> None:
    hows = {planted_order(7, index).how for index in range(60)}
    assert hows == {"two things exchanged", "a place forgotten", "a place guessed", "answer"}
    hows = {planted_rules(7, index).how for index in range(60)}
    assert hows == {"predicate exchanged", "denial dropped", "denied"}


def test_a_chain_on_another_problem_is_flagged() -> None:
    """A control that must fail: right steps beside the wrong problem."""
    one, other = planted_rules(1, 0).clean, planted_rules(1, 1).clean
    assert right_steps(Case(other.problem, one.trace, one.steps)) != set(range(len(one.steps)))
