"""A question that lacks a premise: what is refused, what is suspected, and how pairs are made."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mip_words import mean_words

from reasonscope.failures.premises.findings import length_ratio, swapped, words_ratio
from reasonscope.failures.premises.pairs import Attempt, Pair, paired
from reasonscope.failures.premises.planted import ANSWERS, DOUBTS, HARMLESS, REFUSALS
from reasonscope.failures.premises.rows import PremiseRow, examine
from reasonscope.failures.premises.wording import abstains, suspects
from reasonscope.traces.schema import Case, Problem, Trace
from reasonscope.traces.segment.steps import steps_of

# -- last words --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        *REFUSALS,
        "The problem does not provide sufficient information to determine the width of the room.",
        "We cannot answer this without knowing how many pens there are.",
        "The text about hair doesn't relate to the question. Could you clarify what you mean?",
        "If you provide the total length of the wire, I can help calculate the number of pieces.",
        "**Answer:** Insufficient information. If it is a typo, the answer might be \\boxed{8}.",
        "The given details are incomplete.",
    ],
)
def test_refusals(said: str) -> None:
    assert abstains(said)


@pytest.mark.parametrize(
    "said",
    [
        *ANSWERS,
        "The answer is \\boxed{540}.",
        "The distance is not given. Assuming 3 miles, 16/27 gallons are left: \\boxed{16/27}",
        "There is no information about Ian's wage, so only two can be compared.\n\n"
        "Thus, Navin earns the most, 39.60 dollars.",
        "The additional 6 hours make 9 hours in all.",
        "She needs 3 more eggs.",
        "He cannot buy half a ticket, so 4 tickets.",
        "",
    ],
)
def test_answers_are_no_refusals(said: str) -> None:
    assert not abstains(said)


def test_a_refusal_that_is_far_from_the_end_is_not_the_last_word() -> None:
    assert not abstains("The width is not given. " + "So we take 6 feet and go on. " * 60)


# -- suspicion ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "step",
    [
        *DOUBTS,
        "The problem says there are several items on the menu, but it doesn't specify how many.",
        "So, maybe the problem is missing some information?",
        "But without more information, I can't determine m.",
        "Wait, they didn't mention the height.",
    ],
)
def test_suspicions(step: str) -> None:
    assert suspects(step)


@pytest.mark.parametrize(
    "step",
    [
        *HARMLESS,
        "But hold on, maybe I'm missing something here.",
        "Same as above, so no new information.",
        "Given that the sides are 3 and 4, the missing side is 5.",
        "That is not 12, so I check again.",
        "We are given no more than 5 tries.",
    ],
)
def test_other_senses_are_no_suspicions(step: str) -> None:
    assert not suspects(step)


@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    assert suspects(text) in (True, False)
    assert abstains(text) in (True, False)


@pytest.mark.parametrize("piece", ["no ", "not ", "without the ", "does not ", "\\boxed{", "if "])
def test_hostile_repetition_is_read_in_linear_time(piece: str) -> None:
    """A backtracking rule would not come back from these."""
    text = piece * (200_000 // len(piece))
    suspects(text)
    abstains(text)


# -- rows --------------------------------------------------------------------------------------


def row(reasoning: str, answer: str = "", *, extra=None, **fields) -> PremiseRow:
    problem = Problem.make("How many tiles?")
    trace = Trace.make(problem, reasoning, answer=answer, extra=extra or {}, **fields)
    (held,) = examine(Case(problem, trace, steps_of(trace)))
    return held


def test_a_row_by_hand() -> None:
    held = row("One two three. The width is not given. Four five.", "It is 5.", form="tags")
    assert (held.first_suspicion, held.suspicions, held.suspicious_steps) == (1, 1, (1,))
    assert (held.tokens_before_suspicion, held.tokens_after_suspicion) == (4, 9)
    assert held.words == 12
    assert held.abstains is False
    assert held.missing is None


def test_a_condition_and_its_pair_are_read() -> None:
    pair = {"question": "abc", "place": "math, record 3", "answer": "9"}
    held = row("One.", extra={"condition": "MiP", "pair": pair})
    assert (held.missing, held.pair, held.place) == (True, "abc", '["math, record 3", "9"]')
    assert row("One.", extra={"condition": "normal"}).missing is False
    assert row("One.", extra={"condition": "sycophancy"}).missing is None


def test_a_plain_output_ends_with_its_last_word() -> None:
    assert row("There is not enough information to tell.").abstains is True
    assert row("So 5.").abstains is False


def test_thinking_that_never_ends_has_no_last_word() -> None:
    assert row("There is not enough information to tell.", form="unclosed").abstains is None
    assert row("There is not enough information.", finish_reason="length").abstains is None
    assert row("").abstains is None


def test_repetition_by_hand() -> None:
    """Twelve words have eight runs of five; the last two were said before."""
    held = row("a b c d e f a b c d e f")
    assert held.repeated_share == pytest.approx(2 / 8)
    assert row("a b c d").repeated_share is None


def test_repetition_after_the_first_suspicion() -> None:
    held = row("Some tiles are red, blue or green. The width is not given. The width is not given.")
    assert held.repeated_share_after is not None
    assert held.repeated_share is not None
    assert held.repeated_share_after > held.repeated_share


def test_ten_thousand_equal_steps() -> None:
    held = row("The width is not given. " * 10_000)
    assert held.suspicions == 10_000
    assert len(held.suspicious_steps) == 500
    assert held.repeated_share > 0.99


# -- pairs -------------------------------------------------------------------------------------


def attempt(pair: str, missing: bool, tokens: int, **fields) -> Attempt:
    held = {
        "model": "m", "words": tokens, "abstains": False, "suspects": False, "before": None,
        "after": None, "repeated": 0.0, "repeated_after": None,
    } | fields  # fmt: skip
    return Attempt(pair=pair, missing=missing, tokens=tokens, **held)


def test_pairs_need_both_sides_of_one_model() -> None:
    held = paired(
        [
            attempt("a", False, 10),
            attempt("a", True, 20),
            attempt("b", False, 10),
            attempt("c", False, 10),
            attempt("c", True, 10, model="other"),
        ]
    )
    assert [(pair.pair, pair.model) for pair in held] == [("a", "m")]


def test_the_ratio_is_the_geometric_mean() -> None:
    """Ratios 2 and 8 have the geometric mean 4; mean words 25 and 10 give 2.5."""
    held = paired(
        [
            attempt("a", False, 10), attempt("a", True, 20),
            attempt("b", False, 10), attempt("b", True, 80),
        ]
    )  # fmt: skip
    assert length_ratio(held).value == pytest.approx(4.0)
    assert words_ratio(held).value == pytest.approx(100 / 20)


def test_one_question_answered_by_two_models_is_one_cluster() -> None:
    held = paired(
        [attempt("a", side, 10, model=model) for side in (False, True) for model in ("x", "y")]
    )
    assert length_ratio(held).clusters == 1
    assert length_ratio(held).n == 2


def test_swapping_takes_the_ratio_away() -> None:
    rows = [attempt(str(n), side, 20 if side else 10) for n in range(200) for side in (True, False)]
    held = paired(rows)
    assert length_ratio(held).value == pytest.approx(2.0)
    control = length_ratio(swapped(held))
    assert control.low < 1 < control.high


def test_no_pairs_have_no_ratio() -> None:
    assert length_ratio([]).value is None
    assert words_ratio([]).value is None


def test_means_are_taken_over_attempts() -> None:
    pair = Pair(
        pair="a", model="m",
        whole=(attempt("a", False, 10), attempt("a", False, 30)),
        lacking=(attempt("a", True, 5),),
    )  # fmt: skip
    assert pair.means(lambda one: one.tokens) == (20, 5)


# -- published words ---------------------------------------------------------------------------


def test_mean_words_by_hand() -> None:
    held = mean_words(
        [
            {"gpt-4o (question)": "one two three", "question": "a b", "solution": "x y"},
            {"gpt-4o (question)": "one", "question": "a b c d", "solution": "x y"},
        ]
    )
    assert (held.records, held.response, held.record) == (2, 2.0, 4.0)
    assert mean_words([]).response is None
