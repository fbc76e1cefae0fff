"""Where an answer is first reached: results count, what goes in or is supposed does not."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasonscope.problems.answers import candidates
from reasonscope.structure.flips.reached import MAX_STEP, MAX_VALUES, Reached, _values, reached
from reasonscope.traces.schema import Candidate, Case, Problem, Trace
from reasonscope.traces.segment.steps import steps_of

QUESTION = "Lee has 20 animals with 70 legs, all sheep or geese. How many sheep are there?"


def case_of(reasoning: str, final: str = "15", question: str = QUESTION) -> Case:
    problem = Problem.make(question, answer=final, answer_kind="number")
    trace = Trace.make(problem, reasoning, closing="</think>", answer=f"\\boxed{{{final}}}")
    return Case(problem, trace, tuple(steps_of(trace)))


def places(reasoning: str, final: str = "15", question: str = QUESTION) -> list[Reached]:
    case = case_of(reasoning, final, question)
    stated = candidates(case.problem, case.trace, case.steps)
    return list(reached(case.problem, case.steps, stated))


def found(reasoning: str, final: str = "15", question: str = QUESTION) -> bool:
    return bool(places(reasoning, final, question))


@pytest.mark.parametrize(
    "text",
    [
        "Then 30 / 2 = 15.",
        "Divide both sides by 2, and S = 15.",
        "30 divided by 2 is 15.",
        "So that would mean there are 15 sheep.",
        "Therefore he has 15 sheep.",
        "That gives $15.",
        "It comes to \\(15\\).",
        "40 minus 20 is 20, and then minus 5 more is 15.",
        "So that's 45 legs / 3 legs = 15 sheep.",
    ],
)
def test_a_result_is_where_the_answer_is_reached(text: str) -> None:
    assert found(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("If there are 15 sheep, there are 5 geese.", "supposed"),
        ("Suppose there were 15 sheep.", "supposed"),
        ("Sheep: 15 * 4 = 60 legs.", "goes in"),
        ("60 + 15 makes 75.", "goes in"),
        ("15 plus 5 gives 20.", "goes in"),
        ("We get 10 + 5 is 15, and then +20 more is 35.", "a part of a sum in pieces"),
        ("The meeting starts at 15:30.", "a time"),
        ("He earns $15k.", "thousands"),
        ("There are 150 of them.", "another number"),
        ("There are 3.15 of them.", "the end of another number"),
        ("Nothing here is a number.", "no number"),
    ],
)
def test_what_goes_in_or_is_supposed_is_no_result(text: str, why: str) -> None:
    assert not found(text), why


def test_a_number_of_the_question_must_be_worked_out() -> None:
    question = "20 of the 35 pages are read. How many are left of the 15 and the 20?"
    assert not found("So there are 15 pages.", question=question)
    assert not found("Pages = 15.", question=question)
    assert found("35 - 20 = 15 pages.", question=question)
    assert found("35 minus 20 is 15.", question=question)


def test_an_equation_with_an_unknown_on_its_left_gives_no_answer() -> None:
    assert not found("So 2S = 30 and 5x - 10 = 15 holds.")
    assert found("Hence x = 15.")
    question = "The meal took 98 minutes, 18 more than twice Don's part. How long was the rest?"
    assert not found("The equation is 2D + 18 = 98.", "98", question)


def test_only_values_that_the_trace_states_are_looked_for() -> None:
    assert found("12 + 3 = 15.", "15")
    assert not found("12 + 4 = 16.", "15")


def test_money_and_commas_are_the_same_number() -> None:
    assert found("Adding up gives $1,250.00.", "1250")


def test_a_fraction_is_found_as_such() -> None:
    assert found("1 - 1/4 = 3/4.", "3/4")


def test_the_place_is_that_of_the_number() -> None:
    text = "First I think. Then 30 / 2 = 15."
    (place,) = places(text)
    assert (place.step_index, place.char_start, text[place.char_start :]) == (1, 29, "15.")


def test_words_and_options_are_not_searched() -> None:
    problem = Problem.make("Who?", answer="B", answer_kind="choice", choices=("owl", "crow"))
    trace = Trace.make(problem, "It is 2.", closing="</think>", answer="(B)")
    stated = candidates(problem, trace)
    assert list(reached(problem, steps_of(trace), stated)) == []


def test_no_answer_no_search() -> None:
    problem = Problem.make("How many?", answer="15", answer_kind="number")
    trace = Trace.make(problem, "So there are 15.", form="unclosed")
    assert list(reached(problem, steps_of(trace), [])) == []


def test_a_long_step_is_searched_at_its_two_ends() -> None:
    filler = "the rows are all alike and so on, " * (MAX_STEP // 10)
    assert found(f"3 * 5 = 15, and {filler}")
    assert found(f"{filler} 3 * 5 = 15")
    assert not found(f"{filler} 3 * 5 = 15, and {filler}")


def test_many_different_answers_are_bounded() -> None:
    problem = Problem.make("How many?", answer="1", answer_kind="number")
    stated = [
        Candidate(
            trace_id="t", order=i, step_index=0, char_start=0, char_end=1, text=str(i), correct=None
        )
        for i in range(1000)
    ]
    assert len(_values(problem, stated)) == MAX_VALUES
    assert _values(problem, stated)[Fraction(3)] == 3


@pytest.mark.parametrize(
    "text",
    [
        "9**9**9 = 15",
        "1" * 100_000 + " = 15",
        "\\frac{" * 2000 + "15",
        "=" * 5000 + "15",
        "if " * 5000 + "15",
        "2 + " * 5000 + "15",
    ],
)
def test_hostile_text_ends(text: str) -> None:
    places(text)


@given(st.text("0123456789 =+-*/.,$x\n()\\ifs", max_size=200))
def test_any_text_ends_and_places_are_numbers_of_it(text: str) -> None:
    case = case_of(text + " ok")
    stated = candidates(case.problem, case.trace, case.steps)
    for place in reached(case.problem, case.steps, stated):
        step = case.steps[place.step_index]
        assert step.char_start <= place.char_start < step.char_end
