"""Mending replaces wrong right-hand sides and leaves the rest of the text alone."""

from reasonscope.outcomes.mending import mended
from reasonscope.traces.schema import Case, Problem, Trace, check_tiling
from reasonscope.traces.segment import steps_of
from reasonscope.verify.judge import first_error, judge


def case_of(text: str) -> Case:
    problem = Problem.make("A made-up question.")
    trace = Trace.make(problem, text)
    return Case(problem, trace, steps_of(trace))


def test_a_false_equation_gets_its_right_side() -> None:
    case = case_of("First, 3 * 60 = 190 meters.\n\nThen we add 10 and stop.")
    assert first_error(judge(case)) == 0
    whole = mended(case, judge)
    assert "3 * 60 = 180" in whole.trace.reasoning
    assert whole.trace.reasoning.endswith("Then we add 10 and stop.")
    assert first_error(judge(whole)) is None


def test_steps_still_tile_the_mended_text() -> None:
    whole = mended(case_of("First, 2 + 2 = 5000 apples.\n\nThen 7 + 1 = 9 pears.\n\nDone."), judge)
    check_tiling(whole.trace.reasoning, whole.steps)
    assert first_error(judge(whole)) is None


def test_a_right_trace_is_left_alone() -> None:
    case = case_of("First, 3 * 60 = 180 meters.")
    assert mended(case, judge) == case
