"""What is told of a trace's steps: anchors, steps that change the answer, and what stays open."""

from reasonscope.structure.anchors.budget.allocation import Spent
from reasonscope.structure.anchors.record import Anchor
from reasonscope.structure.anchors.telling import movers, told
from reasonscope.traces.schema import Problem, Trace
from reasonscope.traces.segment import steps_of

SPENT = Spent(rollouts=30, tokens=900, uniform_rollouts=300, uniform_tokens=9_000.0)
TRACE = Trace.make(
    Problem.make("?"),
    "We add two first. Then we take three away. So there are four left.",
    answer="",
)
STEPS = steps_of(TRACE)


def row(step: int, **fields: object) -> Anchor:
    fields = {"importance": 0.0, "accuracy_kept": 0.0, "accuracy_resampled": 0.0, **fields}
    return Anchor(trace_id="t", step=step, rollouts=10, **fields)  # type: ignore[arg-type]


def test_where_all_answers_are_wrong_that_is_said():
    lines = list(told([row(0), row(1), row(2)], STEPS, SPENT))
    assert any(line.startswith("All answers are wrong") for line in lines)
    mixed = list(told([row(0), row(1, accuracy_kept=0.4), row(2)], STEPS, SPENT))
    assert not any("All answers" in line for line in mixed)


def test_a_first_step_that_makes_all_answers_right_does_decide():
    """Every prefix that holds it is always right; the one without any step is not."""
    first = row(0, accuracy_kept=1.0, accuracy_resampled=0.3, importance=0.7, anchor=True)
    rest = [row(step, accuracy_kept=1.0, accuracy_resampled=1.0) for step in (1, 2)]
    lines = list(told([first, *rest], STEPS, SPENT))
    assert lines[0] == "1 of 3 steps decides whether the answer is right"
    assert not any("All answers" in line for line in lines)


def test_a_step_that_changes_the_answer_is_told_though_all_answers_are_wrong():
    rows = [row(0, distance_p=0.6), row(1, distance_p=0.001, distance=0.31), row(2)]
    assert movers(rows) == [rows[1]]
    lines = list(told(rows, STEPS, SPENT))
    assert "  step 2 changes which answer comes, by 0.31 bits  Then we take three away." in lines


def test_one_small_p_among_many_steps_changes_nothing():
    rows = [row(step, distance_p=0.04 if step == 3 else 0.7) for step in range(12)]
    assert movers(rows) == []


def test_an_anchor_is_not_told_twice():
    one = row(1, anchor=True, importance=0.5, accuracy_kept=0.9, distance_p=0.001, distance=0.3)
    lines = list(told([row(0), one, row(2)], STEPS, SPENT))
    assert sum("step 2" in line for line in lines) == 1
