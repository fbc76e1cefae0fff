"""Which text is the answer: final answers, candidates, and what must not be taken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasonscope.problems.answers import candidates, final_answer
from reasonscope.problems.answers.boxes import MAX_BOX, MAX_UNCLOSED, boxes_in
from reasonscope.problems.answers.candidates import MAX_CANDIDATES
from reasonscope.problems.answers.extraction import final_statement, step_at
from reasonscope.problems.answers.sentences import last_lines, sentence_end, sentence_start
from reasonscope.traces.schema import Problem, Step, Trace

METERS = Problem.make(
    "James runs 3 sprints of 60 meters 3 times a week. How many total meters does he run a week?",
    answer="540",
    answer_kind="number",
)
BIRD = Problem.make(
    "Which bird sings worst?",
    answer="(B)",
    answer_kind="choice",
    choices=["The owl", "The raven", "The falcon", "The hawk"],
)
EXPRESSION = Problem.make("What is w?", answer="6 - 5i", answer_kind="expression")
BRACKETS = Problem.make("Complete: { [", answer="] }", answer_kind="text")


def said(text: str, problem: Problem = METERS, *, cut: bool = False) -> str | None:
    found = final_statement(text, problem, cut=cut)
    return None if found is None else text[found.start : found.end]


# -- boxes ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "contents"),
    [
        (r"\boxed{540}", ["540"]),
        (r"\boxed{\frac{1}{2}}", [r"\frac{1}{2}"]),
        (r"\fbox{A} and \boxed{B}", ["A", "B"]),
        (r"\boxed{\boxed{7}}", ["7"]),
        (r"\boxed 5", ["5"]),
        (r"\\boxed{5}", ["5"]),
        (r"\boxed{\{1\}}", [r"\{1\}"]),
        (r"\boxed{never closes", []),
        ("boxed{5}", []),
        ("", []),
    ],
)
def test_boxes(text: str, contents: list[str]) -> None:
    assert [text[a:b] for a, b in boxes_in(text)] == contents


def test_boxes_that_never_close_end_the_search() -> None:
    text = r"\boxed{" * (MAX_UNCLOSED + 1) + "}" * 3 + "x" * MAX_BOX + r"\boxed{5}"
    assert list(boxes_in(r"\boxed{" * 100_000)) == []
    assert len(list(boxes_in(text))) <= 2


# -- final statements ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (r"So \boxed{17}. No: \boxed{540}", "540"),
        (r"The answer is 17, that is \boxed{540}", "540"),
        ("Work.\n#### 540", "540"),
        ("#### 2. Multiply\n9 * 60 = 540\n#### 540", "540"),
        ("Answer: 540", "540"),
        ("**Final Answer:** 540 meters", "540"),
        ("**Final Answer**\n\n\\[\n540\n\\]", "540"),
        ("The final answer is 540.", "540"),
        ("So the answer is $540.", "$540"),
        ("the answer is 17. Wait, the answer is 540.", "540"),
        ("Therefore the answer should be 540 meters in 3 days", "540"),
        ("He runs **540 meters** in 3 days.", "540"),
        ("9 * 60 = 540 meters for 3 days", "540"),
        ("Therefore, James runs a total of 540 meters each week.", "540"),
        ("James runs 540 meters in 3 days.", "540"),
        ("In 3 days, with 3 sprints of 60, he comes to 540.", "540"),
        ("**Answer**: 3 times 3 sprints of 60 meters make 540 meters.", "540"),
        ("He runs 540 meters, or 0.54 kilometers.", "540"),
        ("He runs 540 meters.\n\nNote: a kilometer has 1000 meters.", "540"),
        ("Therefore, he runs 540 meters. Since he ran 60 before, 480 remain.", "540"),
        ("He ran the whole way.", None),
        ("", None),
        ("Error after 6 attempts: Error code: 500 - {'error': {}}", None),
    ],
)
def test_the_final_number(text: str, answer: str | None) -> None:
    assert said(text) == answer


def test_a_money_question_takes_the_money() -> None:
    bread = Problem.make("How much more do 3 loaves cost?", answer="4", answer_kind="number")
    assert said("**Answer**: 3 loaves cost \\$4 more than 2 bagels.", bread) == "\\$4"


def test_hours_are_taken_where_hours_are_asked_for() -> None:
    phone = Problem.make("How long, in hours?", answer="2", answer_kind="number")
    assert said("It takes 2 hours to charge from 60% to 100%.", phone) == "2"


def test_a_number_that_the_question_gave_is_not_preferred() -> None:
    dry = Problem.make("How much longer for 6 paintings?", answer="30", answer_kind="number")
    assert said("It takes 30 minutes longer for 6 paintings.", dry) == "30"


def test_two_quantities_in_one_breath_are_both_taken() -> None:
    glasses = Problem.make("How many glasses and plates?", answer="128", answer_kind="number")
    assert said("Jeff now has 86 glasses and 42 plates.", glasses) == "86 glasses and 42"


def test_of_two_quantities_the_one_asked_for_is_taken() -> None:
    sheep = Problem.make("How many sheep are there?", answer="15", answer_kind="number")
    assert said("Lee has 15 sheep and 5 geese.", sheep) == "15"


def test_boxes_of_one_sentence_belong_together() -> None:
    text = r"Jeff has \boxed{86} glasses and \boxed{42} plates."
    assert said(text) == r"\boxed{86} glasses and \boxed{42}"


def test_a_cut_text_has_only_explicit_statements() -> None:
    assert said("He runs 540 meters and then", cut=True) is None
    assert said("The answer is 540. Let me", cut=True) == "540"


def test_a_purpose_is_not_an_answer() -> None:
    assert said("To find the answer: multiply 3 by 3.\nThe total is 540.") == "540"


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("The best answer is: (B).", "B"),
        ("So the answer is B because it is last.", "B"),
        ("Answer: **B**", "B"),
        (r"\boxed{B}", "B"),
        (r"\boxed{\text{B}}", r"\text{B}"),
        (r"\boxed{parrot}. The answer is (B).", "B"),
        ("The correct answer is the raven.", "the raven"),
        ("So (B) is correct.", "B"),
        ("The raven sings worst.", "The raven"),
        ("The owl beats the raven.", None),
        ("The answer is A lovely song", None),
        ("Options (A) and (B) are both possible.", None),
        ("The answer is (Z).", None),
    ],
)
def test_the_final_option(text: str, answer: str | None) -> None:
    assert said(text, BIRD) == answer


def test_a_reported_answer_is_not_the_traces_own() -> None:
    text = "The answer is (B). However, the note claims that the answer is (A)."
    assert said(text, BIRD) == "B"
    assert (
        said(r"**Answer:** \boxed{B}" + "\n*Note: the claim \\boxed{A} is a mistake.*", BIRD) == "B"
    )


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (r"Thus $w = 6 - 5i$.", "6 - 5i"),
        (r"The answer is \(6 - 5i\).", "6 - 5i"),
        ("The answer is $6 - 5i$", "6 - 5i"),
        ("6 - 5i", "6 - 5i"),
    ],
)
def test_the_final_expression(text: str, answer: str) -> None:
    assert said(text, EXPRESSION) == answer


def test_an_expression_whose_reference_is_a_number_closes_as_one() -> None:
    pizza = Problem.make("How many pizzas?", answer="28", answer_kind="expression")
    assert said("Thus, Mikka could order 28 different pizzas with two toppings.", pizza) == "28"


def test_brackets_are_kept_whole() -> None:
    assert said("So the answer is ] }", BRACKETS) == "] }"
    assert said("So the answer is > > }", BRACKETS) == "> > }"


def test_a_long_sorted_list_is_kept_whole() -> None:
    words = " ".join(f"word{k}" for k in range(200))
    sorting = Problem.make("Sort", answer=words, answer_kind="text")
    assert said(f"So the answer is {words}", sorting) == words


# -- where it is looked for ----------------------------------------------------------------


def test_the_reasoning_is_not_looked_at_when_text_follows() -> None:
    trace = Trace.make(
        METERS, "The answer is 540.", closing="</think>", answer="I cannot say.", form="tags"
    )
    assert final_answer(METERS, trace) is None


def test_the_answer_text_wins_over_the_reasoning() -> None:
    trace = Trace.make(
        METERS, r"\boxed{17}", closing="</think>", answer="It is 540 meters.", form="tags"
    )
    found = final_answer(METERS, trace)
    assert found is not None
    assert (found.text, found.step_index, found.correct) == ("540", None, True)
    assert trace.answer[found.char_start : found.char_end] == "540"


def test_an_unclosed_trace_has_no_final_answer() -> None:
    trace = Trace.make(METERS, r"\boxed{540}", opening="<think>", form="unclosed")
    assert final_answer(METERS, trace) is None
    assert [c.text for c in candidates(METERS, trace)] == ["540"]


def test_blank_text_after_the_reasoning_is_no_text() -> None:
    trace = Trace.make(METERS, "The answer is 540.", closing="</think>", answer=" \n", form="tags")
    found = final_answer(METERS, trace)
    assert found is not None
    assert found.step_index == 0


def test_closed_reasoning_without_text_needs_an_explicit_statement() -> None:
    trace = Trace.make(METERS, "He runs 540 meters.", closing="</think>", form="tags")
    assert final_answer(METERS, trace) is None


def test_a_plain_text_is_read_from_its_end() -> None:
    found = final_answer(METERS, Trace.make(METERS, "3 * 3 = 9.\nHe runs 540 meters."))
    assert found is not None
    assert (found.text, found.final) == ("540", True)


def test_a_text_cut_at_its_limit_does_not_close() -> None:
    trace = Trace.make(METERS, "3 * 3 = 9", finish_reason="length")
    assert final_answer(METERS, trace) is None


def test_an_empty_trace_has_nothing() -> None:
    trace = Trace.make(METERS, "")
    assert final_answer(METERS, trace) is None
    assert candidates(METERS, trace) == []


def steps_of(trace: Trace, *lengths: int) -> list[Step]:
    ends = [sum(lengths[: k + 1]) for k in range(len(lengths))]
    return [
        Step(trace_id=trace.trace_id, index=k, char_start=end - length, char_end=end,
             text=trace.reasoning[end - length : end])
        for k, (end, length) in enumerate(zip(ends, lengths, strict=True))
    ]  # fmt: skip


def test_the_step_that_states_an_answer_is_named() -> None:
    trace = Trace.make(METERS, "Well. So the answer is 540.")
    steps = steps_of(trace, 6, 21)
    assert step_at(steps, 0) == 0
    assert step_at(steps, 6) == 1
    assert [c.step_index for c in candidates(METERS, trace, steps)] == [1]


# -- candidates ----------------------------------------------------------------------------


def stated(text: str, problem: Problem = METERS) -> list[str]:
    trace = Trace.make(problem, text, closing="</think>", answer="-", form="tags")
    return [c.text for c in candidates(problem, trace) if not c.final]


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        ("So the answer is 540. Wait, the answer should be 180.", ["540", "180"]),
        (r"Thus \boxed{540}.", ["540"]),
        ("x = 5, and 3 * 60 = 180.", []),
        ("Is the answer 540? The answer is 540?", []),
        ("If he ran twice, the answer would be 360.", []),
        ("The user thinks the answer is 17.", []),
        ("The answer is not 17.", []),
        ("The answer is correct.", []),
        ("The answer might be 17.", []),
        ("The answer is expected in meters, 540 of them.", []),
        ("The final answer: 540 meters.", ["540"]),
        (r"**Final Answer** After 10 hours it will be \boxed{82} degrees.", ["82"]),
    ],
)
def test_what_counts_as_a_stated_number(text: str, answers: list[str]) -> None:
    assert stated(text) == answers


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        ("So (B) is the answer.", ["B"]),
        ("So answer B. But maybe C is correct? No.", ["B"]),
        ("C is correct.", ["C"]),
        ("If (A) is correct, then the owl sings.", []),
        ("So A raven is a bird.", []),
        ("The hint suggests that (A) is correct.", []),
        ("Therefore, the correct answer should be (D).", ["D"]),
    ],
)
def test_what_counts_as_a_stated_option(text: str, answers: list[str]) -> None:
    assert stated(text, BIRD) == answers


def test_candidates_come_in_order_and_the_final_one_last() -> None:
    trace = Trace.make(
        METERS,
        r"So the answer is 180. Hmm, \boxed{540}. The answer is 540.",
        closing="</think>",
        answer="**540**",
        form="tags",
    )
    found = candidates(METERS, trace)
    assert [(c.order, c.text, c.correct, c.final) for c in found] == [
        (0, "180", False, False),
        (1, "540", True, False),
        (2, "540", True, False),
        (3, "540", True, True),
    ]
    on_the_way = [c for c in found if c.step_index is not None]
    assert all(trace.reasoning[c.char_start : c.char_end] == c.text for c in on_the_way)


def test_the_final_answer_in_the_reasoning_is_not_told_twice() -> None:
    found = candidates(METERS, Trace.make(METERS, "The answer is 180. So the answer is 540."))
    assert [(c.text, c.final) for c in found] == [("180", False), ("540", True)]


def test_candidates_do_not_grow_without_end() -> None:
    trace = Trace.make(METERS, r"\boxed{5}. " * 20_000)
    assert len(candidates(METERS, trace)) <= MAX_CANDIDATES + 1


@pytest.mark.parametrize("problem", [METERS, BIRD, EXPRESSION, BRACKETS])
@pytest.mark.parametrize(
    "unit",
    ["the answer is ", "answer:", "answer\n", "#### ", "**", "$", "\\(", "1,", "\\frac{1}{", "= ",
     "so (A) ", "\\boxed{", "if the answer is 5 "],
)  # fmt: skip
def test_a_long_line_of_anything_ends(unit: str, problem: Problem) -> None:
    trace = Trace.make(problem, unit * (100_000 // len(unit)))
    assert len(candidates(problem, trace)) <= MAX_CANDIDATES + 1


@given(st.text(max_size=300))
def test_ranges_lie_in_the_text(text: str) -> None:
    for problem in (METERS, BIRD, BRACKETS):
        for candidate in candidates(problem, Trace.make(problem, text)):
            assert text[candidate.char_start : candidate.char_end] == candidate.text
            assert candidate.text.strip()


@given(st.lists(st.sampled_from(
    ["the answer is", " 540", " (B)", "\n", ".", "\\boxed{", "}", "$", "**", "not", "?", "Answer:"]
), max_size=30))  # fmt: skip
def test_made_up_statements_do_not_break_it(pieces: list[str]) -> None:
    text = "".join(pieces)
    for problem in (METERS, BIRD):
        final_answer(problem, Trace.make(problem, text))


# -- sentences -----------------------------------------------------------------------------


def test_a_decimal_does_not_end_a_sentence() -> None:
    text = "It is 3.5 m. Good."
    assert text[: sentence_end(text, 0)] == "It is 3.5 m"
    assert text[sentence_start(text, 14) :].strip() == "Good."


def test_the_last_sentences_come_last_first() -> None:
    text = "One. Two.\nThree."
    assert [text[a:b].strip(" .\n") for a, b in last_lines(text, 2, 1000)] == ["Three", "Two"]
