"""Returns are told from checks; their targets, repairs and loops are found where they are."""

import dataclasses
from pathlib import Path

import pytest

from reasonscope.measuring import measure
from reasonscope.structure.backtracking import INSTRUMENT, Returns, category, examine
from reasonscope.structure.backtracking.planted import examined, planted_trace
from reasonscope.structure.backtracking.rates import Counted, between, by_outcome, rate, within
from reasonscope.structure.backtracking.returns import loop_numbers
from reasonscope.traces.schema import Case, Problem, Trace, Verdict
from reasonscope.traces.segment.steps import steps_of
from reasonscope.traces.store import Study


def case_of(*texts: str, answer: str = "") -> Case:
    """A case whose steps are the texts."""
    problem = Problem.make("?")
    trace = Trace.make(problem, "".join(texts), answer=answer)
    ends = [sum(map(len, texts[: i + 1])) for i in range(len(texts))]
    return Case(problem, trace, steps_of(trace, ends) if texts else ())


def row(*texts: str, **fields) -> Returns:
    return examine(case_of(*texts, **fields))[0]


BILL = ("The lamps cost 3 * 4 = 12. ", "The ropes cost 5 * 6 = 30. ", "So the sum is 42. ")


def test_a_rejection_with_another_value_repairs() -> None:
    seen = row(*BILL, "Wait, no, the ropes are dearer. ", "So 5 * 6 = 35. ")
    assert (seen.kinds, seen.targets, seen.repairs) == (("rejection",), (1,), (True,))


def test_a_return_to_the_same_value_repairs_nothing() -> None:
    seen = row(*BILL, "Wait, no, the ropes are dearer. ", "So 5 * 6 = 30. ")
    assert seen.repairs == (False,)


@pytest.mark.parametrize(
    "check",
    [
        "Wait, let me double-check. 5 * 6 = 30, yes. ",
        "Hold on, is that right? 5 times 6 is 30. Yes. ",
        "Alternatively, 6 + 6 + 6 + 6 + 6 = 30. Same result. ",
        "But wait, just to be sure, let me go over the ropes again. ",
        "Let me recompute the ropes: 5 * 6 = 30. ",
        "Wait, 5 * 6 = 30. ",
    ],
)
def test_a_wait_that_only_checks_is_no_return(check: str) -> None:
    seen = row(*BILL, check)
    assert (seen.kinds, seen.checks) == ((), 1)


def test_a_check_that_ends_with_another_value_is_a_return() -> None:
    """The words are those of a check; the value says that something was taken back."""
    seen = row(*BILL, "Let me recompute the ropes: 5 * 6 = 35. ", "So the sum is 47. ")
    assert (seen.kinds, seen.repairs) == (("rejection",), (True,))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Alternatively, maybe the ropes are sold by the dozen. ", "alternative"),
        ("Let me go back to the ropes. ", "restart"),
        ("Wait, but do the ropes include the tax? ", "doubt"),
        ("Hmm, I made a mistake with the ropes. ", "rejection"),
    ],
)
def test_each_kind_finds_its_target(text: str, kind: str) -> None:
    seen = row(*BILL, text, "The list is silent. ")
    assert (seen.kinds, seen.targets) == ((kind,), (1,))


def test_that_points_at_the_step_before() -> None:
    seen = row(*BILL, "No, that's not right. ", "Hmm. ")
    assert (seen.targets, seen.evidences) == ((2,), ("previous",))


def test_a_named_step_is_the_target() -> None:
    seen = row("Step 1: lamps. ", "Step 2: ropes. ", "Let me go back to step 1. ", "Hmm. ")
    assert (seen.targets, seen.evidences) == ((0,), ("named",))


def test_a_target_that_cannot_be_told_is_none() -> None:
    seen = row(*BILL, "Alternatively, think of clouds. ", "Or of rain. ")
    assert (seen.kinds, seen.targets, seen.evidences) == (("alternative",), (None,), ("none",))


def test_a_verdict_names_the_step_that_is_taken_back() -> None:
    case = case_of(*BILL, "Wait, no. ", "It is dearer. ")
    verdict = Verdict(
        trace_id=case.trace.trace_id,
        step_index=0,
        verifier="equations",
        correct=False,
        reason="3 * 4 is 12",
        retracted=True,
        retracted_by=3,
    )
    seen = examine(dataclasses.replace(case, measured={"verdicts": (verdict,)}))[0]
    assert (seen.targets, seen.evidences, seen.repairs) == ((0,), ("verdict",), (True,))


def test_three_returns_to_the_same_step_are_a_loop_and_two_are_none() -> None:
    again = ("Let me go back to the ropes. ", "The list is silent. ")
    assert row(*BILL, *again * 3).loops == 1
    assert row(*BILL, *again * 2).loops == 0


def test_targets_that_say_the_same_are_one() -> None:
    from reasonscope.structure.backtracking.content import Index

    case = case_of("Each box holds 3 pens. ", "Fine. ", "each box holds 3 pens ", "The end. ")
    index = Index(case.steps)
    assert loop_numbers([0, 2, 0, None], index) == [0, 0, 0, None]
    assert loop_numbers([0, 2, 1, None], index) == [None] * 4


def test_the_first_step_has_nothing_to_go_back_to() -> None:
    assert row("Wait, no, that is wrong. ").kinds == ()


def test_the_finished_text_is_the_control() -> None:
    seen = row(*BILL, answer="The sum is 42. Wait, no, the ropes are dearer.")
    assert (seen.answer_returns, seen.kinds) == (1, ())


def test_a_trace_without_reasoning_has_a_row_without_steps() -> None:
    seen = row()
    assert (seen.steps, seen.tokens, seen.kinds) == (0, 0, ())


def test_ten_thousand_steps_and_the_same_step_over_and_over_end() -> None:
    """A bare "wait, no" runs on into the next, up to three steps."""
    seen = row(*["Wait, no. "] * 10_000)
    assert (len(seen.kinds), seen.loops) == (3_333, 1)
    many = [f"Wait, maybe box {i} holds {i * 7} pens? " for i in range(3_000)]
    assert row(*many).steps == 3_000


def test_one_line_of_a_megabyte_ends() -> None:
    assert row("wait, no, " * 100_000).steps == 1


def test_every_column_has_one_entry_a_return() -> None:
    seen = examined(planted_trace(3, 4))
    assert len(list(seen.each())) == 4


@pytest.mark.parametrize("seed", range(12))
def test_planted_returns_stand_where_they_were_planted(seed: int) -> None:
    made = planted_trace(seed, 1)
    assert examined(made).return_steps == tuple(step for step, _ in made.returns)


@pytest.mark.parametrize("seed", range(12))
def test_traces_with_checks_alone_have_no_return(seed: int) -> None:
    assert examined(planted_trace(seed, 0)).kinds == ()


def test_calibration_finds_what_was_planted() -> None:
    rows = INSTRUMENT.calibrate(5, 60)
    for one in rows:
        assert one.power.value is not None
        assert one.power.value >= 0.85
        assert one.false_positive.value is not None
        assert one.false_positive.value <= 0.12


def test_the_rate_by_hand() -> None:
    """4 returns in 2,000 tokens are 2 in a thousand, however they are spread."""
    assert rate([Counted("a", 4, 500), Counted("b", 0, 1500)]).value == 2.0


def test_within_a_problem_by_hand() -> None:
    """Problem a: 3 - 1 = 2 more; b: 1 - 1 = 0 more; c has no right trace. The mean is 1."""
    traces = [
        Counted("a", 3, 1000, False),
        Counted("a", 1, 1000, True),
        Counted("b", 1, 1000, False),
        Counted("b", 1, 1000, True),
        Counted("c", 9, 1000, False),
    ]
    assert within(traces).value == 1.0


def test_one_class_cannot_be_compared() -> None:
    estimate, same = by_outcome([Counted("a", 3, 1000, True), Counted("b", 1, 1000, True)])
    assert (estimate.value, same) == (None, False)


def test_hard_problems_alone_are_a_simpson_trap_that_within_resists() -> None:
    """Hard problems turn back more and fail more; within a problem nothing differs."""
    hard = [Counted(f"h{i}", 4, 1000, i % 4 == 0) for i in range(40) for _ in range(2)]
    easy = [Counted(f"e{i}", 1, 1000, i % 4 != 0) for i in range(40) for _ in range(2)]
    pairs = [Counted(f"m{i}", 4, 1000, right) for i in range(12) for right in (True, False)]
    wrong = [one for one in hard + easy if one.right is False]
    apart = between(wrong, [one for one in hard + easy if one.right])
    assert apart.low is not None
    assert apart.low > 0.5
    assert by_outcome(hard + easy + pairs)[0].value == 0.0


@pytest.mark.parametrize(
    ("loop", "repairs", "said"),
    [
        (0, True, "loop"),
        (None, True, "repair"),
        (None, False, "same value again"),
        (None, None, "rejection"),
    ],
)
def test_a_mark_says_what_a_return_comes_to(
    loop: int | None, repairs: bool | None, said: str
) -> None:
    (one,) = row(*BILL, "Wait, no, the ropes are dearer. ", "So 5 * 6 = 35. ").each()
    assert one.kind == "rejection"
    assert category(dataclasses.replace(one, loop=loop, repairs=repairs)) == said


def test_no_return_looks_like_a_false_step(tmp_path: Path) -> None:
    case = case_of(*BILL, "Wait, no, the ropes are dearer. ", "So 5 * 6 = 35. ")
    study = Study.create(tmp_path / "s")
    for table, rows in (
        ("problems", [case.problem]), ("traces", [case.trace]), ("steps", case.steps),
    ):  # fmt: skip
        study.write_part(table, "part", rows)
    measure(study, ["backtracking"], workers=1)
    assert INSTRUMENT.marks is not None
    marks = INSTRUMENT.marks(study, [case.trace.trace_id])
    assert [(mark.kind, mark.category) for mark in marks] == [("neutral", "repair")]
