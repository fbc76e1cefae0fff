"""What the recorder measures, against numbers done by hand."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recorded_completions import BAD, GOOD, judged, paid, problem

from reasonscope.traces.schema import Case, Problem, Trace
from reasonscope.traces.segment import steps_of
from reasonscope.training.advantages import totals
from reasonscope.training.recorder import closely, outcomes, positions
from reasonscope.training.recorder.completion import completions_of
from reasonscope.training.recorder.means import Mean, mean, ratio
from reasonscope.training.totals import total

A, B = problem("3 + 5"), problem("4 + 4")


def measured(held: list, rewards: list) -> dict[tuple[str, str], Mean]:
    return {(name, part): value for name, part, value in outcomes.measured(paid(held, rewards))}


def test_the_error_is_by_problem_and_not_by_completion() -> None:
    values = [1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0]
    clustered = mean(values, ["a"] * 4 + ["b"] * 4)
    alone = mean(values, list("abcdefgh"))
    assert clustered.value == alone.value == 0.5
    # two problems at 1 and 0: k/(k-1) * (2 * 2**2) = 16, its root over 8 completions is 1/2
    assert clustered.error == pytest.approx(0.5)
    assert alone.error == pytest.approx(math.sqrt(8 / 7 * 8 * 0.25) / 8)


def test_one_problem_has_a_mean_and_no_error() -> None:
    assert mean([1.0, 0.0], ["a", "a"]) == Mean(value=0.5, n=2)


def test_nothing_known_is_unknown_and_counted() -> None:
    assert mean([None, None], ["a", "b"]) == Mean(value=None, missing=2)
    assert ratio([1.0, 2.0], [0.0, None], ["a", "b"]) == Mean(value=None, missing=2)


def test_truth_counts_no_answer_as_not_right_and_an_incomparable_one_as_missing() -> None:
    held = [
        judged(A, GOOD),
        judged(A, BAD, correct=False),
        judged(A, "<think> hm", correct=None, answered=False, truncated=True),
        judged(A, GOOD, correct=None, answered=True),
    ]
    found = measured(held, [1.0, 0.0, None, None])
    whole, among = found["truth_share", ""], found["truth_share", "answered"]
    assert (whole.value, whole.n, whole.missing) == (pytest.approx(1 / 3), 3, 1)
    assert (among.value, among.n, among.missing) == (0.5, 2, 2)
    assert found["answered_share", ""].value == 0.75
    assert found["truncated_share", ""].value == 0.25
    assert found["unparsed_share", ""].value == 0.25, "cut is not unparsed"


def test_a_completion_that_could_not_be_judged_is_missing_everywhere_but_in_the_reward() -> None:
    held = [judged(A, GOOD), judged(A, GOOD, failure="it broke", correct=None, answered=False)]
    found = measured(held, [1.0, 0.0])
    assert found["reward", ""].value == 0.5
    for name in ("truth_share", "answered_share", "truncated_share", "length_tokens"):
        assert (found[name, ""].n, found[name, ""].missing) == (1, 1)


def test_length_of_right_and_wrong_completions_apart() -> None:
    held = [judged(A, GOOD), judged(B, "<think> 9 . </think> 9", correct=False)]
    found = measured(held, [1.0, 0.0])
    assert found["length_tokens", "right"].value == 15
    assert found["length_tokens", "wrong"].value == 5
    assert found["length_tokens", ""].value == 10


def test_a_constant_group_teaches_nothing_and_a_lone_completion_is_no_group() -> None:
    held = [judged(A, GOOD), judged(A, GOOD), judged(B, GOOD), judged(B, BAD, correct=False)]
    found = measured([*held, judged(problem("1 + 7"), GOOD)], [1.0, 1.0, 1.0, 0.0, 1.0])
    share = found["constant_group_share", ""]
    assert (share.value, share.n) == (0.5, 2)
    assert found["constant_group_share", "right"].value == 0.5
    assert found["constant_group_share", "wrong"].value == 0


def test_a_reward_that_is_nan_is_unknown_and_never_averaged_in() -> None:
    found = measured([judged(A, GOOD), judged(B, GOOD)], [1.0, float("nan")])
    assert (found["reward", ""].value, found["reward", ""].missing) == (1.0, 1)


def test_rewards_without_an_entry_for_each_completion_are_an_error() -> None:
    with pytest.raises(ValueError, match="2 completions"):
        completions_of([judged(A, GOOD)] * 2, {"outcome": [1.0]}, {}, None)


def test_totals_are_weighted_and_an_unknown_reward_is_what_is_said_of_it() -> None:
    row = {"outcome": None, "form": 1.0, "unused": 7.0}
    weights = {"form": 0.5, "unused": 0.0}
    assert total(row, weights) is None
    assert total(row, weights, 0.0) == 0.5
    assert total({"outcome": None}, {}, 0.0) == 0.0, "an unread answer is worth nothing"
    assert total({"outcome": None}, {}, 0.0, lone=False) is None, "TRL leaves it out"


def test_valid_steps_are_those_of_the_judged_ones() -> None:
    one = outcomes.valid(paid([judged(A, GOOD), judged(B, BAD)], [1.0, 0.0]))
    assert (one.value, one.n, one.missing) == (0.5, 2, 0)
    none = outcomes.valid(paid([judged(A, "<think> hm . </think> 8")], [1.0]))
    assert (none.value, none.missing) == (None, 1)


# -- positions ---------------------------------------------------------------------------


def kinds(text: str) -> list[str]:
    case = judged(A, text).case
    words = text.split(" ")
    found = positions.kinds(case)
    assert found is not None
    return [f"{word}:{positions.KINDS[kind]}" for word, kind in zip(words, found, strict=True)]


def test_each_token_has_the_kind_of_its_place() -> None:
    assert kinds("<think> 3 + 5 = 8 . Then 8 + 1 = 9 . </think> Answer: 8") == [
        "<think>:reasoning",
        "3:step_start",
        "+:reasoning",
        "5:reasoning",
        "=:reasoning",
        "8:result",
        ".:reasoning",
        "Then:step_start",
        "8:reasoning",
        "+:reasoning",
        "1:reasoning",
        "=:reasoning",
        "9:result",
        ".:reasoning",
        "</think>:answer",
        "Answer::answer",
        "8:answer",
    ]


def test_a_word_behind_an_equals_sign_is_no_result() -> None:
    assert "x:reasoning" in kinds("<think> y = x </think> 8")


def test_entropy_by_kind_is_a_mean_over_tokens() -> None:
    one = judged(A, "<think> 3 + 5 = 8 . </think> 8")
    values = [0.1, 0.2, 0.3, 0.3, 0.3, 0.9, 0.3, 0.4, 0.6]
    held = [replace_entropies(paid([one], [1.0])[0], values)]
    found = dict(positions.entropies(held))
    assert found["result"].value == pytest.approx(0.9)
    assert found["step_start"].value == pytest.approx(0.2)
    assert found["answer"].value == pytest.approx(0.5)
    assert found["reasoning"].value == pytest.approx((0.1 + 4 * 0.3) / 5)
    assert found[""].value == pytest.approx(sum(values) / 9)


def replace_entropies(one, values):
    from dataclasses import replace

    return replace(one, entropies=values)


@pytest.mark.parametrize("values", [[0.1], [], [math.nan] * 9, None])
def test_entropies_that_do_not_fit_the_tokens_are_missing(values) -> None:
    held = [
        replace_entropies(paid([judged(A, "<think> 3 + 5 = 8 . </think> 8")], [1.0])[0], values)
    ]
    assert dict(positions.entropies(held))[""] == Mean(value=None, missing=1)


@settings(max_examples=60)
@given(st.text(alphabet="a1=. $\\(<>/think", max_size=120), st.integers(1, 7))
def test_every_token_of_any_text_has_a_kind(text: str, width: int) -> None:
    asked = Problem.make("?")
    ends = tuple(range(width, len(text), width)) + ((len(text),) if text else ())
    trace = Trace.make(asked, text, token_ids=tuple(range(len(ends))), token_ends=ends)
    found = positions.kinds(Case(asked, trace, steps_of(trace)))
    assert found is not None
    assert found.shape == (len(ends),)
    assert np.isin(found, range(len(positions.KINDS))).all()


# -- the sample --------------------------------------------------------------------------


def test_the_sample_is_the_same_for_the_same_step_and_takes_problems_in_turn() -> None:
    held = paid([judged(p, GOOD, sample=i) for p in (A, B) for i in range(4)], [1.0] * 8)
    first = closely.sampled(held, 2, "run", 3)
    assert [one.problem for one in first] != [first[0].problem] * 2
    assert closely.sampled(held, 2, "run", 3) == first
    assert any(closely.sampled(held, 2, "run", step) != first for step in range(4, 12))


def test_what_could_not_be_judged_is_not_sampled() -> None:
    held = paid([judged(A, GOOD, failure="broken")], [1.0])
    assert closely.sampled(held, 8, "run", 0) == []


def test_a_trace_that_turns_back_and_checks_is_seen() -> None:
    text = (
        "<think> Try 6 - 2 = 4 . Then 4 * 8 = 32 . 32 is not 96 . Wait , go back . "
        "Try 6 * 2 = 12 . Then 12 * 8 = 96 . Let me check : 12 * 8 = 96 . </think> Answer: 96"
    )
    found = {
        (name, part): value
        for name, part, value in closely.measured(paid([judged(A, text)], [1.0]))
    }
    plain = {
        (name, part): value
        for name, part, value in closely.measured(paid([judged(A, GOOD)], [1.0]))
    }
    turned = ("backtracks_per_1k_tokens", "")
    again = ("checks_per_1k_tokens", "")
    assert (found[turned].value or 0) + (found[again].value or 0) > 0
    assert plain[turned].value == plain[again].value == 0
    shares = [value.value or 0 for (name, _), value in found.items() if name == "label_share"]
    assert sum(shares) == pytest.approx(1)


def test_a_stored_completion_keeps_its_text_and_says_its_step_and_pay() -> None:
    one = paid([judged(A, GOOD)], [1.0])[0]
    trace, steps = closely.stored(one, "run", 7)
    assert trace.model == "run@7"
    assert trace.text == one.judged.case.trace.text
    assert '"training_step": 7' in trace.extra
    assert {step.trace_id for step in steps} == {trace.trace_id}
    assert trace.trace_id != one.judged.case.trace.trace_id


def test_an_answer_that_is_missing_is_paid_as_training_pays_it() -> None:
    """With ``unread=0`` one right of two is a mean of one half, and the group is not constant."""
    held = [judged(A, GOOD), judged(A, "<think> hm", correct=None, answered=False)]
    completions = completions_of(held, {"outcome": [1.0, None]}, {}, 0.0)
    found = {(name, part): value for name, part, value in outcomes.measured(completions)}
    assert found["reward", ""].value == 0.5
    assert found["reward", "outcome"].value == 1.0, "the reward itself is unknown of the second"
    assert found["constant_group_share", ""].value == 0.0


@given(
    st.lists(st.tuples(*[st.none() | st.floats(-2, 2)] * 2), min_size=1, max_size=6),
    st.none() | st.floats(-1, 1),
)
@settings(max_examples=50, deadline=None)
def test_the_recorded_reward_is_the_one_that_training_maximises(
    rows: list[tuple[float | None, float | None]], unread: float | None
) -> None:
    weights = {"one": 1.0, "other": -0.5}
    rewards = dict(zip(weights, map(list, zip(*rows, strict=True)), strict=True))
    completions = completions_of([judged(A, GOOD)] * len(rows), rewards, weights, unread)
    assert [one.total for one in completions] == totals(rewards, weights, unread)
