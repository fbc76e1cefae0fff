"""Requests become rollouts: where they begin, which step they wrote, what they answered."""

import random
from collections.abc import Iterator
from dataclasses import replace
from itertools import count, islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_continuer import PlainContinuer
from tabled_continuer import TabledContinuer

from reasonscope.errors import SetupError
from reasonscope.models.generation import Sampling
from reasonscope.structure.anchors.rolling import (
    characters_kept,
    completed,
    forcing,
    key,
    proposed_lead,
    roll,
)
from reasonscope.structure.anchors.rollout import Request, Rollout
from reasonscope.traces.schema import Case, Problem, Trace
from reasonscope.traces.segment import step_ends, steps_of

WARM = Sampling(temperature=1, top_p=1)
SUM = Problem.make("What is 2 + 3?", answer="5", answer_kind="number")
PLAIN = "We start with 2. We add 3 to that. So the answer is 5."


def case(reasoning: str = PLAIN, problem: Problem = SUM, **fields: str) -> Case:
    trace = Trace.make(problem, reasoning, prompt="What is 2 + 3?", **fields)
    return Case(problem, trace, steps_of(trace))


TAGGED = case(
    "We start with 2. We add 3 to that.",
    opening="<think>\n",
    closing="\n</think>\n\n",
    answer="It is **5**.",
    form="tags",
)


def rolled(study: Case, request: Request, text: str, **settings: int) -> Rollout:
    """The rollout in which the model writes ``text`` after whatever it is given."""
    whole = completed(request, forcing(study.trace))
    kept = characters_kept(study.trace, study.steps, whole)
    table = {study.trace.text[:kept] + whole.inserted.rstrip(" \t"): [text]}
    (row,) = roll(study, TabledContinuer(table), [request], WARM, **settings)
    return row


def kept_text(study: Case, kept: int, **more: str) -> str:
    request = Request(kept=kept, index=0, **more)  # type: ignore[arg-type]
    return study.trace.text[: characters_kept(study.trace, study.steps, request)]


# -- where a rollout begins ----------------------------------------------------------------


def test_no_step_kept_leaves_the_opening() -> None:
    assert kept_text(TAGGED, 0) == "<think>\n"
    assert kept_text(case(), 0) == ""


def test_one_step_kept_leaves_its_last_blank_to_the_model() -> None:
    """After "2. " a vocabulary whose words begin with a blank has no good word."""
    assert kept_text(case(), 1) == "We start with 2."


def test_a_line_break_is_kept() -> None:
    assert kept_text(case("We start with 2.\n\nWe add 3 to that."), 1) == "We start with 2.\n\n"


def test_all_steps_kept_end_before_the_closing() -> None:
    assert kept_text(TAGGED, 2) == "<think>\nWe start with 2. We add 3 to that."


def test_known_tokens_decide_where_a_word_begins() -> None:
    """Tokens "2. " and "We": the blank belongs to the kept step, and the cut is at its end."""
    reasoning = "We start with 2. We add 3 to that."
    trace = Trace.make(SUM, reasoning, token_ids=(1, 2, 3), token_ends=(14, 17, 34))
    study = Case(SUM, trace, steps_of(trace))
    assert kept_text(study, 1) == "We start with 2. "


def test_a_token_of_both_steps_is_cut_at_the_border() -> None:
    trace = Trace.make(SUM, PLAIN, token_ids=(1, 2, 3), token_ends=(10, 25, len(PLAIN)))
    study = Case(SUM, trace, steps_of(trace))
    assert kept_text(study, 1) == "We start with 2. "


def test_an_insertion_that_begins_with_a_word_keeps_the_blank() -> None:
    assert kept_text(case(), 1, inserted="Wait.") == "We start with 2. "
    assert kept_text(case(), 1, inserted="\nWait.") == "We start with 2."


@pytest.mark.parametrize("kept", [-1, 4])
def test_steps_that_are_not_there_cannot_be_kept(kept: int) -> None:
    with pytest.raises(SetupError, match="kept must be 0 to 3"):
        kept_text(case(), kept)


# -- the first step ------------------------------------------------------------------------


def test_the_first_step_is_cut_as_the_traces_own_are() -> None:
    """Fragments under ten characters join the next, here as there."""
    row = rolled(case(), Request(kept=1, index=0), " We add 40. Then we stop. It is 42.")
    assert (row.step, row.answer, row.correct) == ("We add 40. ", "42", False)
    row = rolled(case(), Request(kept=1, index=0), " We add 4. Then we stop. It is 6 then.")
    assert row.step == "We add 4. Then we stop. "


def test_the_text_begins_where_the_kept_steps_end() -> None:
    """A rollout that repeats the trace to the letter has the letters of its steps."""
    study = case()
    row = rolled(study, Request(kept=1, index=0), " We add 3 to that. So the answer is 5.")
    assert row.text == PLAIN[study.steps[0].char_end :]
    assert row.step == study.steps[1].text


def test_the_first_words_blank_is_no_part_of_the_text() -> None:
    """Servers that decode what follows the prompt may give it, engines of this process not."""
    row = rolled(case(), Request(kept=0, index=0), f" {PLAIN}")
    assert row.text == PLAIN


def test_nothing_is_inserted_before_the_first_word_but_words() -> None:
    study = case("A has 5. ", closing=" </think> ", answer="Answer: 5", form="tags")
    request = Request(kept=0, index=0, arm="forced")
    (row,) = roll(study, TabledContinuer({"</think>": [" Answer: 5"]}), [request], WARM)
    assert (row.inserted, row.answer) == (" </think> ", "5")


def test_other_white_space_stays() -> None:
    row = rolled(case(), Request(kept=1, index=0), "\n\nWe add 3 to that.")
    assert row.text == "\n\nWe add 3 to that."
    assert row.step == "We add 3 to that."


def test_reasoning_that_is_closed_at_once_has_no_step() -> None:
    row = rolled(TAGGED, Request(kept=2, index=0), "\n</think>\n\nIt is 5.")
    assert (row.step, row.answer, row.correct) == ("", "5", True)


def test_the_answer_is_no_step() -> None:
    row = rolled(TAGGED, Request(kept=1, index=0), " Add 3 to it.\n</think>\n\nIt is 5. Good.")
    assert row.step == "Add 3 to it."


def test_a_step_after_an_insertion_is_what_was_sampled() -> None:
    request = Request(kept=1, index=0, arm="mistake", inserted="We add 4 to that. ")
    row = rolled(case(), request, " So we have 6 now. The answer is 6.")
    assert (row.step, row.inserted) == ("So we have 6 now. ", "We add 4 to that. ")


# -- the answer ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    ["5", "5.0", "\\boxed{5}", "**5**", "$5$", "five", "\\boxed{5.00}", "10/2", "5 apples"],
)
def test_wordings_of_one_answer_have_one_form(said: str) -> None:
    row = rolled(TAGGED, Request(kept=2, index=0), f"\n</think>\n\nThe answer is {said}.")
    assert (row.answer, row.correct) == ("5", True)


def test_17_is_not_7() -> None:
    row = rolled(TAGGED, Request(kept=2, index=0), "\n</think>\n\nThe answer is 15.")
    assert (row.answer, row.correct) == ("15", False)


def test_a_cut_rollout_has_no_answer_even_with_a_number_in_it() -> None:
    text = " So the answer is 5. And then I look at it again"
    whole = rolled(case(), Request(kept=2, index=0), text)
    cut = rolled(case(), Request(kept=2, index=0), text, limit=8)
    assert (whole.ended, whole.correct) == (True, True)
    assert (cut.ended, cut.answer, cut.correct, cut.tokens) == (False, None, None, 8)


def test_an_end_without_an_answer_has_none() -> None:
    row = rolled(TAGGED, Request(kept=2, index=0), "\n</think>\n\nI cannot say.")
    assert (row.ended, row.answer, row.correct, row.error) == (True, None, None, "")


def test_reasoning_that_opened_and_never_closes_has_no_answer() -> None:
    row = rolled(TAGGED, Request(kept=1, index=0), " So the answer is 5.")
    assert (row.ended, row.answer) == (True, None)


def test_reasoning_from_a_field_that_never_closes_has_no_answer() -> None:
    study = case("We start with 2. We add 3 to that.", answer="It is 5.", form="field")
    request = Request(kept=1, index=0)
    assert rolled(study, request, " So the answer is 5.").answer is None
    assert rolled(study, request, " Yes.\n</think>\n\nIt is 5.").correct is True


def test_without_a_reference_there_is_an_answer_and_no_verdict() -> None:
    problem = replace(SUM, answer=None)
    row = rolled(case(problem=problem), Request(kept=1, index=0), " The answer is \\boxed{5}.")
    assert (row.answer, row.correct) == ("5", None)


def test_a_rollout_that_is_the_trace_answers_as_the_trace() -> None:
    for kept in range(3):
        start = characters_kept(TAGGED.trace, TAGGED.steps, Request(kept=kept, index=0))
        row = rolled(TAGGED, Request(kept=kept, index=0), TAGGED.trace.text[start:])
        assert (row.answer, row.correct) == ("5", True)


# -- forced answers ------------------------------------------------------------------------


def test_an_answer_is_forced_by_the_traces_own_closing() -> None:
    row = rolled(TAGGED, Request(kept=1, index=0, arm="forced"), " 5.")
    assert row.inserted == "\n</think>\n\nThe final answer is"
    assert (row.step, row.answer, row.correct) == ("", "5", True)


def test_a_forced_answer_that_is_complete_outlives_the_cut() -> None:
    text = " 6. But wait, let me look at this again, since 2 + 3 is not 6"
    row = rolled(TAGGED, Request(kept=1, index=0, arm="forced"), text, forced_limit=6)
    assert (row.tokens, row.ended, row.answer, row.correct) == (6, True, "6", False)


def test_control_a_forced_answer_that_is_cut_is_none() -> None:
    text = " something that we have to think about first"
    row = rolled(TAGGED, Request(kept=1, index=0, arm="forced"), text, forced_limit=4)
    assert (row.ended, row.answer) == (False, None)


def test_the_first_forced_answer_counts() -> None:
    text = " 6.\n\nWait, no. The answer is 5."
    assert rolled(TAGGED, Request(kept=1, index=0, arm="forced"), text).answer == "6"


def test_a_box_is_complete_when_it_closes() -> None:
    study = case("We add. So \\boxed{5} it is.")
    row = rolled(study, Request(kept=1, index=0, arm="forced"), "6} and so on", forced_limit=2)
    assert row.inserted.endswith("\\boxed{")
    assert (row.answer, row.ended) == ("6", True)


def test_answers_in_the_kept_reasoning_are_not_the_forced_one() -> None:
    study = case("We say \\boxed{7} first. Then we look again.")
    row = rolled(study, Request(kept=2, index=0, arm="forced"), "5}.")
    assert row.answer == "5"


def test_reasoning_put_in_another_ones_place_is_read_as_forced() -> None:
    """As filler and paraphrases are; what they state is not the answer."""
    study = case("We say \\boxed{7} first. Then we look again.")
    inserted = "We said \\boxed{9} first." + forcing(study.trace)
    request = Request(kept=0, index=0, arm="paraphrase", inserted=inserted)
    row = rolled(study, request, "5} and on and on", limit=100, forced_limit=3)
    assert (row.answer, row.tokens, row.inserted) == ("5", 3, inserted)


def test_an_organism_writes_its_answer_after_the_closing_alone() -> None:
    study = case("A has 5. ", closing=" </think> ", answer="Answer: 5", form="tags")
    row = rolled(study, Request(kept=1, index=0, arm="forced"), " Answer: 5")
    assert (row.inserted, row.correct) == (" </think> ", True)


@pytest.mark.parametrize("text", [" 5.", "5.", "\n5", ": 5", " \\(5\\)."])
def test_a_decoder_that_drops_the_first_blank_does_no_harm(text: str) -> None:
    assert rolled(TAGGED, Request(kept=1, index=0, arm="forced"), text).correct is True


@pytest.mark.parametrize(
    ("fields", "lead"),
    [
        ({"answer": "Answer: 5"}, ""),
        ({"answer": "I add.\n\nAnswer: 5"}, "\n\nAnswer:"),
        ({"answer": "So \\boxed{5}."}, "\n\nThe final answer is \\boxed{"),
        ({"answer": "Five."}, "\n\nThe final answer is"),
        ({"prompt": "End with a line that says 'Answer:' and a number."}, "\n\nAnswer:"),
    ],
)
def test_the_lead_is_the_traces_own_way_of_answering(fields: dict[str, str], lead: str) -> None:
    assert proposed_lead(Trace.make(SUM, "I add.", **fields)) == lead


@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        ("<think>\n", "\n</think>\n\n"),
        ("[THINK]", "\n[/THINK]\n\n"),
        ("<|begin_of_thought|>\n", "\n<|end_of_thought|>\n\n"),
        ("<|START_THINKING|>", "\n<|END_THINKING|>\n\n"),
        ("<seed:think>", "\n</seed:think>\n\n"),
        ("◁think▷", "\n◁/think▷\n\n"),
    ],
)
def test_reasoning_that_never_closed_is_closed_by_its_tag(opening: str, closing: str) -> None:
    inside = Trace.make(SUM, "I add.", opening=opening, form="unclosed")
    before = Trace.make(SUM, "I add.", prompt=f"1 + 1? {opening}", form="unclosed")
    assert forcing(inside, "") == forcing(before, "") == closing


def test_a_lead_of_ones_own_is_used() -> None:
    (row,) = roll(
        TAGGED,
        TabledContinuer({"<think>\n\n</think>\n\nIn short:": [" 5."]}),
        [Request(kept=0, index=0, arm="forced")],
        WARM,
        lead="In short:",
    )
    assert (row.inserted, row.answer) == ("\n</think>\n\nIn short:", "5")


# -- failures ------------------------------------------------------------------------------


def test_a_failed_continuation_is_a_row_with_an_error() -> None:
    (row,) = roll(case(), TabledContinuer({}), [Request(kept=1, index=0)], WARM)
    assert (row.error, row.text, row.tokens, row.answer) == ("not in the table", "", 0, None)
    assert row.ended is False


@pytest.mark.parametrize(
    "text",
    [
        "\\boxed{" * 5000,
        "$" * 50_000,
        "9**9**9 = " + "9" * 100_000,
        "</think>" * 5000,
        "<think>" * 5000,
        "answer is " * 5000,
        "\x00\u202e\ufffd" * 100,
        "",
    ],
)
def test_strange_text_is_read_without_a_fault(text: str) -> None:
    for arm in ("resample", "forced"):
        row = rolled(
            TAGGED, Request(kept=1, index=0, arm=arm), text, limit=10**6, forced_limit=10**6
        )  # type: ignore[arg-type]
        assert row.error == ""
        assert row.text == text


# -- order, laziness, going on -------------------------------------------------------------

FIRST = {
    "": ["We start with 2. The answer is 5.", "We guess here. The answer is 7."],
    "We start with 2.": [" We add 3. The answer is 5.", " We add 4. The answer is 6."],
    "We start with 2. We add 3 to that.": [" So the answer is 5.", " Hmm, it is hard."],
    "\n\nThe final answer is": [" 5.", " 6.", " 7."],
}
ASKED = [
    Request(kept=kept, index=index, arm=arm)
    for kept, arm in ((0, "resample"), (1, "resample"), (2, "resample"), (0, "forced"))
    for index in range(6)
]


def table(rows: list[Rollout]) -> dict[object, Rollout]:
    return {key(row): row for row in rows}


@settings(max_examples=40)
@given(st.permutations(ASKED), st.integers(1, 9), st.booleans(), st.integers(0, len(ASKED)))
def test_a_rollout_does_not_depend_on_its_company(
    order: list[Request], waiting: int, backwards: bool, some: int
) -> None:
    """Whatever the order, how many wait, which end first and how many are asked for."""
    whole = table(list(roll(case(), TabledContinuer(FIRST), ASKED, WARM)))
    engine = TabledContinuer(FIRST, waiting=waiting, backwards=backwards)
    found = table(list(roll(case(), engine, order[:some], WARM)))
    assert found == {one: whole[one] for one in found}
    assert len(found) == some


def test_a_run_that_was_broken_off_ends_with_the_same_rows() -> None:
    study = case()
    whole = table(list(roll(study, TabledContinuer(FIRST), ASKED, WARM)))
    first = table(list(islice(roll(study, TabledContinuer(FIRST, waiting=3), ASKED, WARM), 7)))
    lead = forcing(study.trace)
    due = [one for one in ASKED if key(completed(one, lead)) not in first]
    rest = table(list(roll(study, TabledContinuer(FIRST), due, WARM)))
    assert first | rest == whole
    assert len(due) == len(ASKED) - 7


def test_another_base_seed_gives_other_rollouts() -> None:
    one, two = (
        [row.seed for row in roll(case(), TabledContinuer(FIRST), ASKED, WARM, base_seed=base)]
        for base in (0, 1)
    )
    assert not set(one) & set(two)


def test_the_same_request_twice_is_two_equal_rows() -> None:
    rows = list(roll(case(), TabledContinuer(FIRST, waiting=2), [ASKED[0]] * 2, WARM))
    assert rows[0] == rows[1]
    assert len(rows) == 2


def test_requests_without_end_are_taken_one_by_one() -> None:
    taken: list[int] = []

    def endless() -> Iterator[Request]:
        for index in count():
            taken.append(index)
            yield Request(kept=1, index=index)

    rows = roll(case(), TabledContinuer(FIRST, waiting=3), endless(), WARM)
    assert len(list(islice(rows, 10))) == 10
    assert len(taken) == 12


def test_a_wrong_request_reaches_the_caller() -> None:
    with pytest.raises(SetupError, match="kept must be"):
        list(roll(case(), TabledContinuer(FIRST), [Request(kept=9, index=0)], WARM))


# -- a real model --------------------------------------------------------------------------


@pytest.mark.slow
def test_an_organisms_rollouts_read_like_its_traces() -> None:
    """A relay traced by hand: each rollout's first step is a whole step, forced answers grow."""
    pytest.importorskip("torch")
    from reasonscope.models.loading import load_model

    study = relay()
    engine = PlainContinuer(load_model("organism:sft-rl", device="cpu"))
    last = len(study.steps)
    asked = [Request(kept=k, index=i) for k in (0, last - 1) for i in range(3)]
    asked += [Request(kept=k, index=i, arm="forced") for k in (0, last) for i in range(3)]
    random.Random(0).shuffle(asked)
    rows = list(roll(study, engine, asked, WARM, limit=160))
    assert {row.error for row in rows} == {""}
    resampled = [row for row in rows if row.arm == "resample"]
    assert all(step_ends(row.step) == (len(row.step),) for row in resampled)
    assert all(row.step[0].isupper() for row in resampled)
    right = {
        (arm, kept): sum(row.correct is True for row in rows if (row.arm, row.kept) == (arm, kept))
        for arm, kept in (("resample", last - 1), ("forced", 0), ("forced", last))
    }
    assert right[("resample", last - 1)] == 3
    assert right[("forced", last)] == 3
    assert right[("forced", 0)] < 3


def relay() -> Case:
    question = (
        "Olga has 20. Noah minus 1 makes Quentin. Olga times 4 makes Lola. Alice plus 9 makes "
        "Peter. Lola plus 6 makes Mira. Mira minus 19 makes Alice. How many has Peter?"
    )
    problem = Problem.make(question, answer="76", answer_kind="number")
    trace = Trace.make(
        problem,
        "Olga has 20. Olga times 4 makes Lola. 20 * 4 = 80. Lola plus 6 makes Mira. "
        "80 + 6 = 86. Mira minus 19 makes Alice. 86 - 19 = 67. Alice plus 9 makes Peter. "
        "67 + 9 = 76. So Peter has 76.",
        prompt=f"<bos> {question} <think>",
        closing=" </think> ",
        answer="Answer: 76",
        form="tags",
    )
    return Case(problem, trace, steps_of(trace))
