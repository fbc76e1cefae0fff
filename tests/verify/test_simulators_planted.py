"""Planted errors are found where they were planted; right traces are left alone."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reasonscope.problems.procedural import generate
from reasonscope.verify.simulators import SIMULATORS
from reasonscope.verify.simulators.planted import KINDS, case_of, planted

BY_KIND = {simulator.name.split(".")[1]: simulator for simulator in SIMULATORS}
SEEDS = st.integers(min_value=0, max_value=10**9)


def first_wrong(kind, case):
    verdicts = BY_KIND[kind].check(case)
    return min((v.step_index for v in verdicts if v.correct is False), default=None)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=60, deadline=None)
@given(seed=SEEDS)
def test_a_planted_error_is_found_at_its_step(kind, seed):
    case = planted(kind, seed, error=True)
    assert first_wrong(kind, case.case) == case.wrong_step, case.plant


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=60, deadline=None)
@given(seed=SEEDS)
def test_a_right_trace_is_left_alone_and_read_in_full(kind, seed):
    case = planted(kind, seed, error=False).case
    verdicts = BY_KIND[kind].check(case)
    assert all(v.correct for v in verdicts)
    assert len({v.step_index for v in verdicts}) >= len(case.steps) - 1


@pytest.mark.parametrize("kind", KINDS)
def test_every_way_to_spoil_a_step_is_planted_and_seeds_differ(kind):
    cases = [planted(kind, seed, error=True) for seed in range(120)]
    assert len({case.plant for case in cases}) >= 5
    assert len({case.case.problem.question for case in cases}) > 100


@pytest.mark.parametrize("kind", KINDS)
def test_a_planted_case_is_the_same_each_time_and_calls_for_one_simulator(kind):
    assert planted(kind, 7, error=True) == planted(kind, 7, error=True)
    problem = planted(kind, 7, error=False).case.problem
    assert [s.name for s in SIMULATORS if s.applies(problem)] == [BY_KIND[kind].name]


def _fragments(kind):
    """Pieces of right traces of a kind, to be put together in any order."""
    steps = [s.text.strip() for seed in range(3) for s in planted(kind, seed, False).case.steps]
    pieces = [piece for step in steps for piece in (step, step[: len(step) // 2], step[3:])]
    return st.lists(st.sampled_from(pieces) | st.text(max_size=30), min_size=1, max_size=8)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_no_text_makes_a_simulator_raise(kind, data):
    question = planted(kind, 0, error=False).case.problem.question
    case = case_of(question, data.draw(_fragments(kind)))
    for verdict in BY_KIND[kind].check(case):
        assert 0 <= verdict.step_index < len(case.steps)
        if verdict.char_start is not None:
            words = case.trace.reasoning[verdict.char_start : verdict.char_end]
            assert words.startswith(verdict.claim[:100].rstrip("…"))


@settings(max_examples=100, deadline=None)
@given(question=st.text(max_size=200))
def test_no_question_makes_a_simulator_raise(question):
    for simulator in SIMULATORS:
        simulator.applies(case_of(question, ["x"]).problem)


HOSTILE = [
    '"a": "b" ' * 5_500,
    "Alice: a, " * 5_000,
    "[" * 49_000,
    "stack: " + "[ " * 20_000,
    "Let's calculate " + "1+" * 20_000 + "1 = 1",
    "Let's calculate " + "(" * 20_000 + "= 1",
    "pop out " + '"[" twice ' * 4_000,
    "Alice and Bob swap " * 2_000,
    "x" * 1_000_000,
    "We now have: " + '["a" ? ' * 6_000,
    "Hence, we have " + "a " * 20_000,
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:12])
def test_a_long_hostile_line_ends(kind, text):
    question = planted(kind, 0, error=False).case.problem.question
    right = [step.text.strip() for step in planted(kind, 0, error=False).case.steps]
    BY_KIND[kind].check(case_of(question, [*right[:2], text, *right[2:]]))


def test_ten_thousand_steps_end():
    case = case_of("[ (", ["stack: empty"] * 10_000)
    assert len(BY_KIND["brackets"].check(case)) == 10_000


@pytest.mark.parametrize(("family", "kind"), [("dyck", "brackets"), ("swaps", "swaps")])
def test_the_known_steps_of_generated_problems_are_right(family, kind):
    for problem in generate(family, 40, seed=5):
        assert BY_KIND[kind].applies(problem)
        case = case_of(problem.question, list(problem.steps))
        verdicts = BY_KIND[kind].check(case)
        assert all(v.correct for v in verdicts)
        assert len({v.step_index for v in verdicts}) >= len(case.steps) - 1
