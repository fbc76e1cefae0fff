"""A completion judged in training is the trace that ``measure`` would see."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_trainee import WORDS, word_tokenizer

from reasonscope.problems.answers import candidates, comparison
from reasonscope.traces.schema import Problem, Trace
from reasonscope.traces.segment import steps_of
from reasonscope.training.judged import Judged, Verdicts, _answer, judge_completions
from reasonscope.verify.judge import judge

TOKENIZER = word_tokenizer()
SUM = Problem.make("What is 2 + 3 ?", answer="5", answer_kind="number")
RIGHT = "2 + 3 = 5 . </think> Answer: 5 <eos>"
WRONG = "2 + 3 = 6 . So 2 + 2 = 4 . </think> Answer: 6 <eos>"


def ids(text: str) -> list[int]:
    return list(TOKENIZER.encode(text, add_special_tokens=False))


def judged(text: str, limit: int = 50, problem: Problem = SUM) -> Judged:
    return judge_completions([problem], [ids(text)], TOKENIZER, limit)[0]


def test_a_right_answer() -> None:
    one = judged(RIGHT)
    assert (one.correct, one.answered, one.truncated, one.failure) == (True, True, False, "")
    assert one.case.trace.reasoning == "2 + 3 = 5 ."
    assert one.case.trace.answer == "Answer: 5"
    assert one.case.trace.finish_reason == "stop"


def test_a_wrong_answer_with_a_wrong_step() -> None:
    one = judged(WRONG)
    assert one.correct is False
    assert [(v.step_index, v.correct) for v in one.verdicts] == [(0, False), (1, True)]


def test_the_end_token_is_counted_and_not_in_the_text() -> None:
    trace = judged(RIGHT).case.trace
    assert trace.token_ids == tuple(ids(RIGHT))
    assert "<eos>" not in trace.text
    assert trace.token_ends is not None
    assert trace.token_ends[-1] == trace.token_ends[-2] == len(trace.text)


def test_cut_at_the_limit_is_truncated_and_has_no_answer() -> None:
    one = judged("2 + 3 = 5 . So", limit=7)
    assert (one.correct, one.answered, one.truncated) == (None, False, True)


def test_what_another_program_asked_says_whether_the_reasoning_is_open() -> None:
    said = ids("2 + 3 = 5 . So")
    asked = ["What is 2 + 3 ? <think>", "What is 2 + 3 ?"]
    opened, plain = judge_completions([SUM, SUM], [said, said], TOKENIZER, 7, prompts=asked)
    assert [opened.case.trace.prompt, plain.case.trace.prompt] == asked
    assert opened.case.trace.reasoning == "2 + 3 = 5 . So"
    assert opened.case.trace.form != plain.case.trace.form


def test_an_end_token_at_the_limit_is_no_cut() -> None:
    assert not judged("2 + 3 <eos>", limit=4).truncated


def test_no_answer_is_unknown_not_wrong() -> None:
    one = judged("2 + 3 = 5 . </think> Answer: <eos>")
    assert (one.correct, one.answered) == (None, False)


def test_an_empty_completion_is_judged() -> None:
    one = judged("<eos>")
    assert (one.correct, one.answered, len(one.verdicts)) == (None, False, 0)
    nothing = judge_completions([SUM], [[]], TOKENIZER, 5)[0]
    assert nothing.failure == ""


def test_15_is_not_5() -> None:
    assert judged("</think> Answer: 15 <eos>").correct is False


@pytest.mark.parametrize(
    ("boxed", "right"),
    [("5", True), ("2 + 3", True), ("2 + 2", False), ("2 3", None), ("5 +", None), ("15", False)],
)
def test_numbers_are_compared_without_math_verify(
    boxed: str, right: bool | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its limits of time would make a busy machine's rewards differ from a quiet one's."""

    def asked(*_: object) -> None:
        raise AssertionError("math-verify was asked")

    monkeypatch.setattr(comparison, "expressions_equal", asked)
    trace = Trace.make(SUM, "So .", closing="</think>", answer=f"It is \\boxed{{{boxed}}}.")
    final, correct = _answer(SUM, trace, ())
    assert final is not None
    assert (final.text, correct) == (boxed, right)


def test_another_end_token_can_be_named() -> None:
    text = ids("</think> Answer: 5 Wait")
    (one,) = judge_completions([SUM], [text], TOKENIZER, 50, ends=[WORDS.index("Wait")])
    assert one.correct is True
    assert one.case.trace.finish_reason == "stop"


def test_samples_of_a_problem_are_numbered() -> None:
    twice = judge_completions([SUM, SUM], [ids(RIGHT), ids(RIGHT)], TOKENIZER, 50)
    assert [one.case.trace.sample for one in twice] == [0, 1]
    assert twice[0].case.trace.trace_id != twice[1].case.trace.trace_id


def test_it_says_what_measure_says() -> None:
    for text in (RIGHT, WRONG):
        one = judged(text)
        case = one.case
        assert steps_of(case.trace) == case.steps
        assert list(one.verdicts) == judge(case)
        final = [c for c in candidates(case.problem, case.trace, case.steps) if c.final]
        assert final[0].correct == one.correct


def test_verdicts_are_made_when_looked_at() -> None:
    one = judged(WRONG)
    assert isinstance(one.verdicts, Verdicts)
    assert not one.verdicts.asked
    assert len(one.verdicts) == 2
    assert one.verdicts.asked
    assert one.verdicts[0].correct is False
    assert one.verdicts[:1] == (one.verdicts[0],)


def test_what_cannot_be_judged_says_so_and_raises_nothing() -> None:
    """Token ids that the tokenizer does not have: nothing of the completion is known."""
    broken, whole = judge_completions([SUM, SUM], [["word"], ids(RIGHT)], TOKENIZER, 50)  # type: ignore[list-item]
    assert broken.failure
    assert (broken.correct, broken.answered, tuple(broken.verdicts)) == (None, False, ())
    assert whole.correct is True


def test_lengths_that_disagree_are_our_own_mistake() -> None:
    with pytest.raises(ValueError, match="argument"):
        judge_completions([SUM], [], TOKENIZER, 50)


@settings(max_examples=60)
@given(st.lists(st.integers(0, len(WORDS) - 1), max_size=40))
def test_noise_never_raises(tokens: list[int]) -> None:
    (one,) = judge_completions([SUM], [tokens], TOKENIZER, 40)
    assert one.failure == ""
    assert one.case.trace.token_ids == tuple(tokens)
    assert one.case.trace.token_ends is not None
    list(one.verdicts)


def test_numbers_without_end_do_not_hang() -> None:
    """A completion of thousands of digits and signs: bounded, and no verdict of it is needed."""
    dice = random.Random(0)
    tokens = [dice.choice(ids("1 2 3 + =")) for _ in range(6000)]
    (one,) = judge_completions([SUM], [tokens], TOKENIZER, 6000)
    assert one.truncated
    assert isinstance(len(one.verdicts), int)
