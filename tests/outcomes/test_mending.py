"""Mending replaces wrong right-hand sides and leaves the rest of the text alone."""

from reasonscope.outcomes.mending import mended
from reasonscope.traces.schema import Case, Problem, Trace, Verdict, check_tiling
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


def test_several_false_equations_of_one_step_are_mended_together() -> None:
    whole = mended(case_of("First, 2 + 2 = 5 apples, and 3 + 4 = 7777 pears.\n\nDone."), judge)
    check_tiling(whole.trace.reasoning, whole.steps)
    assert "2 + 2 = 4 apples, and 3 + 4 = 7 pears" in whole.trace.reasoning


def test_a_thousand_false_equations_are_mended_in_as_many_judgements_as_two() -> None:
    asked = 0

    def counted(case: Case) -> list[Verdict]:
        nonlocal asked
        asked += 1
        return judge(case)

    text = "\n\n".join(f"Step {i}: {i} + {i + 7} = {2 * i + 8}." for i in range(1000))
    whole = mended(case_of(text), counted)
    check_tiling(whole.trace.reasoning, whole.steps)
    assert asked == 2
    assert first_error(judge(whole)) is None
