"""Repetition, solutions and thoughts: counted by hand, bounded on hostile text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasonscope.failures.overthinking.examining import underthinking
from reasonscope.failures.overthinking.repetition import (
    LOOP_WORDS,
    MAX_STEPS,
    MAX_WORDS,
    RUN,
    repetition,
    words_of,
)
from reasonscope.failures.overthinking.solutions import MAX_WAYS, numbers_of, ways
from reasonscope.failures.overthinking.thoughts import right_step, thought_end, thought_starts
from reasonscope.traces.schema import Case, Problem, Trace
from reasonscope.traces.segment.steps import steps_of


def fresh(start: int, count: int) -> str:
    """So many words that no other call gives."""
    return " ".join(f"w{number}" for number in range(start, start + count)) + ". "


# -- repetition ----------------------------------------------------------------------------


def test_nothing_repeats_in_fresh_words() -> None:
    found = repetition([fresh(0, 50), fresh(50, 50)])
    assert (found.words, found.repeated, found.loop, found.steps) == (100, 0, 0, ())


def test_a_step_said_again_is_repeated_once_not_twice() -> None:
    found = repetition([fresh(0, 20), fresh(20, 20), fresh(0, 20)])
    assert (found.words, found.repeated, found.steps) == (60, 20, (2,))


def test_seven_words_are_too_few_and_eight_are_enough() -> None:
    assert repetition([fresh(0, RUN - 1), fresh(50, 9), fresh(0, RUN - 1)]).repeated == 0
    assert repetition([fresh(0, RUN), fresh(50, 9), fresh(0, RUN)]).repeated == RUN


def test_case_and_punctuation_do_not_matter_and_numbers_do() -> None:
    one = "So the total cost of all tiles is 42 dollars. "
    assert repetition([one, "SO, the total cost of all tiles: is 42 dollars!"]).repeated == 10
    assert repetition([one, "So the total cost of all tiles is 43 dollars."]).repeated == 8
    assert repetition([one, "So the total cost 43 all tiles is 42 dollars."]).repeated == 0


def test_a_run_across_the_border_of_steps_counts() -> None:
    text = fresh(0, 16)
    half = len(text) // 2
    assert repetition([text, text[:half], text[half:]]).repeated >= RUN


def test_a_step_of_which_half_is_new_is_no_repeated_step() -> None:
    found = repetition([fresh(0, 20), fresh(0, 10) + fresh(90, 10)])
    assert (found.repeated, found.steps) == (10, ())


def test_the_same_word_again_and_again_repeats_without_overlap_with_itself() -> None:
    found = repetition(["wait " * 100])
    assert found.words == 100
    assert found.repeated == 100 - RUN
    assert found.loop == 100 - RUN


def test_three_rounds_are_a_loop_and_two_are_none() -> None:
    round_ = fresh(0, 30)
    assert repetition([fresh(100, 40), round_, round_, round_]).loop == 60
    assert repetition([fresh(100, 40), round_, round_]).loop == 0


def test_a_loop_that_the_trace_leaves_is_none_at_its_end() -> None:
    round_ = fresh(0, 30)
    assert repetition([round_] * 5 + [fresh(100, 20)]).loop == 0


def test_a_long_quotation_at_the_end_is_no_loop() -> None:
    assert repetition([fresh(0, 3 * LOOP_WORDS), fresh(0, 2 * LOOP_WORDS)]).loop == 0


@pytest.mark.parametrize("steps", [[], [""], ["..."], ["one"], ["one two"] * 2])
def test_short_and_empty_traces(steps: list[str]) -> None:
    found = repetition(steps)
    assert found.repeated == found.loop == 0


def test_ten_thousand_equal_steps_end_and_are_bounded() -> None:
    found = repetition(["So the answer is 42, and that is right. "] * 10_000)
    assert found.repeated > 0.99 * found.words
    assert len(found.steps) == MAX_STEPS
    assert found.loop > 0


def test_a_very_long_trace_is_cut_and_says_so() -> None:
    found = repetition([fresh(0, 1000)] * (MAX_WORDS // 1000 + 5))
    assert found.capped
    assert found.words == MAX_WORDS


@pytest.mark.parametrize(
    "text", ["1" * 1_000_000, "a" * 1_000_000, "\\frac{" * 100_000, "9**9**9 " * 1000, "'" * 10**6]
)
def test_hostile_text_ends(text: str) -> None:
    repetition([text])
    ways([text, text], [0, 0])


@given(st.lists(st.text("ab .", max_size=40), max_size=8))
def test_repeated_words_are_words(steps: list[str]) -> None:
    found = repetition(steps)
    assert found.words == sum(len(words_of(step)) for step in steps)
    assert 0 <= found.repeated <= max(0, found.words - RUN)
    assert found.loop <= found.repeated


# -- solutions -----------------------------------------------------------------------------

ROWS = "5 * 3 = 15 tiles a row, 15 * 4 = 60."
CHECK = "Check: 5 * 3 is 15, and 15 * 4 is 60."
COLUMNS = "3 * 4 = 12 in a column, 2 * 12 = 24, and 24 + 36 = 60."


def test_a_check_goes_the_same_way() -> None:
    assert ways([ROWS, CHECK], [0, 0]) == [0, 0]


def test_other_intermediate_values_are_another_way() -> None:
    assert ways([ROWS, COLUMNS, CHECK], [0, 0, 0]) == [0, 1, 0]


def test_saying_the_answer_again_is_no_way_of_its_own() -> None:
    assert ways([ROWS, "So it is 60.", "Yes."], [0, 0, 0]) == [0, 0, 0]


def test_another_answer_is_another_way_whatever_the_words() -> None:
    assert ways([ROWS, CHECK], [0, 1]) == [0, 1]


def test_an_answer_that_comes_back_joins_its_own_way() -> None:
    assert ways([ROWS, "Or 61?", CHECK], [0, 1, 0]) == [0, 1, 0]


def test_list_markers_are_no_values() -> None:
    listed = "1. 5 * 3 = 15.\n2. 15 * 4 = 60.\n3. Done.\n7. Checked.\n8. Sure."
    assert numbers_of(listed) == ["5", "3", "15", "15", "4", "60"]
    assert ways([ROWS, listed], [0, 0]) == [0, 0]


def test_words_are_compared_where_there_are_no_numbers() -> None:
    one = "The owl sits left of the crow and the crow left of the hawk, thus the owl is first."
    again = "The owl sits left of the crow, the crow left of the hawk: owl first."
    other = "Suppose the finch were leftmost; then quails contradict, parrots remain, likewise."
    assert ways([one, again, other], [0, 0, 0]) == [0, 0, 1]


def test_ways_are_bounded() -> None:
    texts = [" ".join(str(n) for n in range(20 * i, 20 * i + 19)) for i in range(3 * MAX_WAYS)]
    chosen = ways(texts, list(range(len(texts))))
    assert max(chosen) == MAX_WAYS - 1
    assert len(chosen) == len(texts)


def test_no_solutions_no_ways() -> None:
    assert ways([], []) == []


@given(st.lists(st.tuples(st.text("12 +=a", max_size=30), st.integers(0, 2)), max_size=8))
def test_ways_are_numbered_as_they_appear(rows: list[tuple[str, int]]) -> None:
    chosen = ways([text for text, _ in rows], [answer for _, answer in rows])
    firsts = list(dict.fromkeys(chosen))
    assert firsts == list(range(len(firsts)))
    by_way = {way: answer for way, (_, answer) in zip(chosen, rows, strict=True)}
    assert all(by_way[way] == answer for way, (_, answer) in zip(chosen, rows, strict=True))


# -- thoughts ------------------------------------------------------------------------------


def case_of(text: str, truth: str | None = "42") -> Case:
    problem = Problem.make("How many tiles?", answer=truth, answer_kind="number")
    trace = Trace.make(problem, text, form="unclosed")
    return Case(problem, trace, tuple(steps_of(trace)))


@pytest.mark.parametrize(
    "step",
    [
        "Alternatively, count them.",
        "But wait, another approach is to count.",
        "Hmm, let me try a different way.",
        "Is there another way to see it?",
        "On the other hand, they may overlap.",
        "Let me start over.",
    ],
)
def test_a_switch_begins_a_thought(step: str) -> None:
    assert thought_starts(case_of(f"Add them up. {step} So be it.").steps) == [0, 1]


@pytest.mark.parametrize(
    "step", ["Wait, is that right?", "So the other tile is blue.", "There is one alternatively."]
)
def test_a_doubt_alone_begins_none(step: str) -> None:
    assert thought_starts(case_of(f"Add them up. {step} So be it.").steps) == [0]


def test_no_steps_no_thoughts() -> None:
    assert thought_starts(()) == []


def test_a_thought_ends_where_the_next_begins() -> None:
    assert [thought_end([0, 3, 7], step, 10) for step in (0, 2, 3, 9)] == [3, 3, 7, 10]


def test_the_right_answer_is_found_where_it_comes_out_though_never_called_so() -> None:
    case = case_of("Rows first. 6 * 7 = 42. Alternatively, 6 * 8 = 48. So the answer is 48.")
    assert right_step(case, ()) == 1
    assert right_step(case, (), Problem.make("?", answer="48", answer_kind="number")) == 2
    assert right_step(case, (), Problem.make("?", answer="99", answer_kind="number")) is None


def test_without_a_reference_only_stated_steps_count() -> None:
    case = case_of("6 * 7 = 42. Done.", truth=None)
    assert right_step(case, ()) is None
    assert right_step(case, (1,)) == 1


@pytest.mark.parametrize(
    ("final", "right", "whole", "score"),
    [
        (False, 25, 100, 0.75),
        (False, 100, 100, 0.0),
        (False, None, 100, 0.0),
        (True, 25, 100, None),
        (None, 25, 100, None),
        (False, None, 0, None),
    ],
)
def test_underthinking_by_hand(
    final: bool | None, right: int | None, whole: int, score: float | None
) -> None:
    assert underthinking(final, right, whole) == score
