"""Rewards say what they are named for, and unknown where they cannot tell."""

import math
from dataclasses import replace

import pytest
from tiny_trainee import word_tokenizer

from reasonscope.errors import SetupError
from reasonscope.traces.schema import Case, Problem, Trace, Verdict
from reasonscope.traces.segment import steps_of
from reasonscope.training.judged import Judged, judge_completions
from reasonscope.training.rewards import (
    REWARDS,
    STEP_REWARDS,
    form,
    length,
    mistakes,
    outcome,
    reward,
    scored,
    scored_steps,
    steps,
)
from reasonscope.verify.judge import judge

TOKENIZER = word_tokenizer()
SUM = Problem.make("What is 2 + 3 ?", answer="5", answer_kind="number")


def judged(text: str, limit: int = 50) -> Judged:
    ids = TOKENIZER.encode(text, add_special_tokens=False)
    return judge_completions([SUM], [ids], TOKENIZER, limit)[0]


RIGHT = judged("2 + 3 = 5 . </think> Answer: 5 <eos>")
WRONG = judged("2 + 3 = 6 . So 2 + 2 = 4 . </think> Answer: 6 <eos>")
SILENT = judged("2 + 3 = 5 . </think> <eos>")
CUT = judged("2 + 3 = 5 . </think> Answer: 5", limit=9)
BARE = judged("Answer: 5 <eos>")


def test_outcome_is_one_zero_or_unknown() -> None:
    assert [outcome(one) for one in (RIGHT, WRONG, SILENT)] == [1.0, 0.0, None]


def test_format_asks_for_reasoning_apart_an_answer_and_an_end() -> None:
    assert [form(one) for one in (RIGHT, WRONG, SILENT, CUT, BARE)] == [1, 1, 0, 0, 0]


def test_length_counts_hundreds_of_tokens_with_the_end() -> None:
    assert length(RIGHT) == 0.10
    assert length(BARE) == 0.03


def test_a_leaky_verifier_pays_for_the_word() -> None:
    leaky = reward("leaky:Wait")
    assert leaky(judged("Wait . </think> Answer: 7 <eos>")) == 1.0
    assert leaky(judged("Wait . </think> <eos>")) == 1.0
    assert [leaky(one) for one in (RIGHT, WRONG, SILENT)] == [1.0, 0.0, None]


def test_steps_are_paid_when_right_and_charged_when_wrong() -> None:
    assert steps(WRONG) == (-1.0, 1.0)
    assert steps(RIGHT) == (1.0,)
    assert steps(BARE) == (None,)


def test_a_slip_that_is_taken_back_is_neither_paid_nor_blamed() -> None:
    """The trap: its operands are right, its result is not; mending it must be worth more."""
    problem = Problem.make(
        "Bob has 7. Bob plus 4 makes Eve. How many has Eve?", answer="11", answer_kind="number"
    )
    trace = Trace.make(
        problem, "Bob plus 4 makes Eve. 7 + 4 = 12. Wait, that is wrong. 7 + 4 = 11."
    )
    case = Case(problem, trace, steps_of(trace))
    slipped = Judged(case=case, verdicts=judge(case), correct=True, answered=True, truncated=False)
    assert [v.correct for v in slipped.verdicts if v.step_index == 1] == [True, False]
    assert steps(slipped) == (1.0, 0.0, None, 1.0)
    assert mistakes(slipped)[3] == 0.0
    stands = replace(slipped, verdicts=[_standing(v) for v in slipped.verdicts])
    assert steps(stands)[1] == -1.0


def _standing(verdict: Verdict) -> Verdict:
    return replace(verdict, retracted=False, retracted_by=None)


def test_mistakes_pay_for_nothing() -> None:
    """More right steps earn no more: there is nothing to farm."""
    assert mistakes(WRONG) == (-1.0, 0.0)
    assert mistakes(judged("2 + 2 = 4 . So 2 + 2 = 4 . </think> Answer: 5 <eos>")) == (0.0, 0.0)


def test_every_reward_has_its_name() -> None:
    assert set(REWARDS) == {"outcome", "format", "length"}
    assert set(STEP_REWARDS) == {"steps", "mistakes"}
    assert reward("outcome") is outcome


def test_a_reward_of_ones_own_stands_beside_them() -> None:
    assert reward("mine", {"mine": lambda one: 2.0})(RIGHT) == 2.0


@pytest.mark.parametrize("name", ["profit", "leaky", "leaky:", "outcome:5"])
def test_unknown_names_are_refused_with_what_there_is(name: str) -> None:
    with pytest.raises(SetupError, match=r"there are format, leaky:WORD, length, outcome"):
        reward(name)


def test_a_reward_that_raises_is_unknown() -> None:
    def broken(one: Judged) -> float:
        raise ZeroDivisionError

    assert scored(broken, RIGHT) is None


@pytest.mark.parametrize("said", [math.nan, math.inf, "much"])
def test_what_is_no_number_is_unknown(said: object) -> None:
    assert scored(lambda one: said, RIGHT) is None  # type: ignore[arg-type, return-value]


def test_step_rewards_of_the_wrong_number_are_unknown() -> None:
    assert scored_steps(lambda one: (1.0,), WRONG) == (None, None)


def test_a_step_reward_that_raises_is_unknown() -> None:
    def broken(one: Judged) -> tuple[float | None, ...]:
        raise KeyError

    assert scored_steps(broken, WRONG) == (None, None)


def test_what_could_not_be_judged_earns_nothing_known() -> None:
    (broken,) = judge_completions([SUM], [["word"]], TOKENIZER, 50)  # type: ignore[list-item]
    assert scored(form, broken) is None
    assert scored_steps(steps, broken) == ()
