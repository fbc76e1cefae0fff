"""The ledger: candidates in order, equal answers told by comparison, transitions counted."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasonscope.problems.answers import candidates
from reasonscope.structure.flips.ledger import Entry, entries, identities, ledger, transition
from reasonscope.structure.flips.planted import planted_flips
from reasonscope.structure.flips.row import Flips
from reasonscope.traces.lengths import tokens_before
from reasonscope.traces.schema import Candidate, Case, Problem, Trace
from reasonscope.traces.segment.steps import steps_of

PAUSE = "Let me look at the rows. They are all alike. "


def case_of(
    reasoning: str, *, truth: str | None = "42", answer: str = "", kind: str = "number"
) -> Case:
    problem = Problem.make("How many tiles?", answer=truth, answer_kind=kind)  # type: ignore[arg-type]
    form = "tags" if answer else "unclosed"
    trace = Trace.make(problem, reasoning, closing="</think>", answer=answer, form=form)
    return Case(problem, trace, tuple(steps_of(trace)))


def row_of(case: Case) -> Flips:
    return ledger(case, candidates(case.problem, case.trace, case.steps))


def says(*values: object) -> str:
    return PAUSE.join(f"So the answer is {value}. " for value in values)


def test_right_wrong_right_is_one_flip_each_way() -> None:
    row = row_of(case_of(says(42, 40, 42), answer="42"))
    assert row.outcomes == "TFT"
    assert (row.right_to_wrong, row.wrong_to_right, row.right_to_right) == (1, 1, 0)
    assert row.identities == (0, 1, 0)
    assert (row.first_correct, row.final_correct) == (True, True)


def test_42_and_42_00_dollars_are_the_same_answer() -> None:
    row = row_of(case_of(says("40", "$40.00", "40 tiles", "40.5"), answer="40.5"))
    assert row.outcomes == "FFFF"
    assert (row.wrong_to_same, row.wrong_to_other) == (2, 1)


def test_4_is_not_40() -> None:
    row = row_of(case_of(says(4, 40), answer="40"))
    assert (row.wrong_to_same, row.wrong_to_other) == (0, 1)


def test_equal_expressions_are_the_same_wrong_answer() -> None:
    row = row_of(
        case_of(says("$2x + 2$", "$2(x+1)$"), truth="3x", answer="$2x+2$", kind="expression")
    )
    assert row.outcomes == "FF"
    assert row.wrong_to_same == 1


def test_the_final_answer_after_the_reasoning_is_no_transition() -> None:
    row = row_of(case_of(says(42), answer="The answer is 40."))
    assert row.outcomes == "T"
    assert row.final_correct is False
    assert sum((row.right_to_wrong, row.right_to_right, row.wrong_to_right)) == 0


def test_a_final_answer_within_the_reasoning_is_the_last_candidate() -> None:
    problem = Problem.make("How many tiles?", answer="42", answer_kind="number")
    trace = Trace.make(problem, says(40, 42), form="plain")
    case = Case(problem, trace, tuple(steps_of(trace)))
    row = row_of(case)
    assert (row.outcomes, row.final_correct) == ("FT", True)


def test_the_same_answer_in_the_next_step_is_the_same_candidate() -> None:
    row = row_of(case_of("6 * 7 = 42. So there are 42 tiles. " + PAUSE + says(42), answer="42"))
    assert row.outcomes == "TT"
    assert row.stated == (False, True)


def test_a_run_of_the_same_answer_is_one_candidate_however_long() -> None:
    row = row_of(case_of("So the answer is 42. " * 10_000, answer="42"))
    assert row.outcomes == "T"
    assert row.right_to_right == 0


def test_tokens_are_those_up_to_the_end_of_the_step() -> None:
    case = case_of(PAUSE + says(40) + PAUSE + says(42) + PAUSE, answer="42")
    row = row_of(case)
    before = tokens_before(case.steps)
    assert row.first_tokens == before[3]
    assert row.right_tokens == row.tokens_at[1] == before[6]
    assert row.tokens == before[-1]
    assert row.counted is False


def test_counted_tokens_are_used_where_they_are_known() -> None:
    problem = Problem.make("How many tiles?", answer="42", answer_kind="number")
    text = says(42) + PAUSE
    ends = tuple(range(1, len(text) + 1))
    trace = Trace.make(
        problem, text, token_ids=tuple(0 for _ in ends), token_ends=ends, form="unclosed"
    )
    row = row_of(Case(problem, trace, tuple(steps_of(trace))))
    assert row.counted
    assert row.tokens == len(text)
    assert row.first_tokens == len("So the answer is 42. ")


def test_the_first_repeated_answer_is_not_the_second_candidate() -> None:
    row = row_of(case_of(says(40, 42, 41, 42, 40), answer="42"))
    assert row.repeat_correct is True
    assert row.repeat_tokens == row.tokens_at[3]


def test_without_a_reference_sameness_is_known_and_rightness_is_not() -> None:
    row = row_of(case_of(says(40, 40, 41), truth=None, answer="41"))
    assert row.outcomes == "???"
    assert (row.open_to_same, row.open_to_other) == (1, 1)
    assert row.first_correct is None
    assert row.right_tokens is None
    assert row.final_correct is None


def test_no_answer_at_all_is_a_row_of_unknowns() -> None:
    row = row_of(case_of(PAUSE * 3))
    assert (row.outcomes, row.answers, row.first_tokens, row.right_tokens) == ("", (), None, None)
    assert row.tokens > 0


def test_one_step_is_enough() -> None:
    row = row_of(case_of("So the answer is 42.", answer="42"))
    assert (row.outcomes, row.first_tokens) == ("T", row.tokens)


def test_empty_reasoning_has_no_tokens_and_no_candidates() -> None:
    row = row_of(case_of("", answer="42"))
    assert (row.tokens, row.outcomes, row.final_correct) == (0, "", True)


def test_ten_thousand_steps_end() -> None:
    row = row_of(case_of((PAUSE + "So the answer is 42. ") * 3500, answer="42"))
    assert set(row.outcomes) == {"T"}
    assert len(row.outcomes) <= 500


def entry(correct: bool | None, identity: int) -> Entry:
    return Entry(step=0, place=0, identity=identity, correct=correct, text="", stated=True)


@pytest.mark.parametrize(
    ("one", "other", "name"),
    [
        ((True, 0), (True, 0), "right_to_right"),
        ((True, 0), (False, 1), "right_to_wrong"),
        ((False, 1), (True, 0), "wrong_to_right"),
        ((False, 1), (False, 1), "wrong_to_same"),
        ((False, 1), (False, 2), "wrong_to_other"),
        ((None, 3), (None, 3), "open_to_same"),
        ((None, 3), (True, 0), "open_to_other"),
        ((False, 1), (None, 3), "open_to_other"),
    ],
)
def test_every_transition_has_its_class(
    one: tuple[bool | None, int], other: tuple[bool | None, int], name: str
) -> None:
    assert transition(entry(*one), entry(*other)) == name


def test_many_right_answers_are_one_answer() -> None:
    problem = Problem.make("?", answer="42", answer_kind="number")
    stated = [
        Candidate(
            trace_id="t", order=i, step_index=0, char_start=i, char_end=i + 1, text=t, correct=True
        )
        for i, t in enumerate(["42", "42.0", "forty-two"])
    ]
    assert set(identities(problem, stated).values()) == {0}


@given(st.text("TF", min_size=1, max_size=9), st.integers(0, 30))
def test_a_planted_pattern_is_read_back_exactly(pattern: str, index: int) -> None:
    case = planted_flips(0, index, pattern)
    row = row_of(case)
    assert row.outcomes == pattern
    assert row.final_correct is (pattern[-1] == "T")
    flips = sum(a != b for a, b in pairwise(pattern))
    assert row.wrong_to_right + row.right_to_wrong == flips
    assert row.wrong_to_other == 0


@given(st.text("TF", min_size=1, max_size=6))
def test_transitions_are_one_fewer_than_candidates(pattern: str) -> None:
    row = row_of(planted_flips(1, 0, pattern))
    moves = (
        row.right_to_right, row.right_to_wrong, row.wrong_to_right, row.wrong_to_same,
        row.wrong_to_other, row.open_to_same, row.open_to_other,
    )  # fmt: skip
    assert sum(moves) == len(pattern) - 1


def test_entries_stand_in_order() -> None:
    case = planted_flips(2, 0, "FTFTF")
    stated = candidates(case.problem, case.trace, case.steps)
    placed = [e.place for e in entries(case, stated)]
    assert placed == sorted(placed)
