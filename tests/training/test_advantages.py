"""Who gets the credit: against a case worked by hand, and identities that must hold."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tiny_trainee import word_tokenizer

from reasonscope.traces.schema import Problem
from reasonscope.training.advantages import (
    EPSILON,
    centred,
    outcome_advantages,
    spread,
    step_advantages,
    step_tokens,
    totals,
)
from reasonscope.training.judged import Judged, judge_completions
from reasonscope.training.rlvr import RLSettings
from reasonscope.training.rlvr.scoring import score

TOKENIZER = word_tokenizer()
SUM = Problem.make("What is 2 + 3 ?", answer="5", answer_kind="number")
FIRST = "2 + 3 = 5 . </think> Answer: 5 <eos>"
SECOND = "2 + 3 = 6 . So 2 + 2 = 4 . </think> Answer: 6 <eos>"


def judged(*texts: str) -> list[Judged]:
    ids = [TOKENIZER.encode(text, add_special_tokens=False) for text in texts]
    return judge_completions([SUM] * len(texts), ids, TOKENIZER, 50)


def test_by_hand() -> None:
    """Two completions of one prompt, rewards outcome (weight 1) and steps (weight 0.5).

    First:  ``2 + 3 = 5 .`` is right; answer 5 is right. 6 + 1 + 2 + 1 = 10 tokens.
    Second: ``2 + 3 = 6 .`` is wrong, ``So 2 + 2 = 4 .`` is right; answer 6 is wrong. 17 tokens.

    Outcome: rewards 1 and 0, mean 1/2, standard deviation of a sample sqrt(1/2) = .70711:
    advantages +-.5 / .70721 = +-.70701, on every token.

    Steps: rewards of the group's three steps are 1, -1, 1: mean 1/3, squared deviations
    4/9 + 16/9 + 4/9 = 24/9, over 2: 4/3, deviation 1.15470. Normalised, with .0001 added:
    (2/3) / 1.15480 = .57730 for a right step, (-4/3) / 1.15480 = -1.15460 for the wrong one.

    Together: the first's step .70701 + .5 * .57730 = .99566 on 6 tokens, .70701 on the other 4.
    The second's first step -.70701 - .57730 = -1.28431 on 6 tokens, its second step
    -.70701 + .28865 = -.41836 on 7 tokens, -.70701 on the last 4 (</think> Answer: 6 <eos>).
    """
    settings = RLSettings(
        model="m", out="o", rewards={"outcome": 1.0, "steps": 0.5}, prompts=1, generations=2
    )
    from reasonscope.training.rewards import REWARDS

    found = score(judged(FIRST, SECOND), REWARDS, settings, width=17)
    first = [0.99566] * 6 + [0.70701] * 4 + [0.70701] * 7
    second = [-1.28431] * 6 + [-0.41836] * 7 + [-0.70701] * 4
    torch.testing.assert_close(found.advantages, torch.tensor([first, second]), atol=2e-5, rtol=0)
    assert found.rewards == {"outcome": (1.0, 0.0), "steps": (1.0, 0.0)}
    assert found.constant == (False,)


def test_by_hand_with_what_is_to_come() -> None:
    """``to_go``: a token of the second's first step also gets its second step's .57730.

    -1.15460 + .57730 = -.57730 on 6 tokens, then .57730 on 7, nothing after the steps.
    """
    advantages, _ = step_advantages([[1.0], [-1.0, 1.0]], generations=2)
    placed = spread(judged(FIRST, SECOND), advantages, width=17, to_go=True)
    wanted = [-0.57730] * 6 + [0.57730] * 7 + [0.0] * 4
    torch.testing.assert_close(placed[1], torch.tensor(wanted), atol=2e-5, rtol=0)


def test_the_word_that_opens_a_step_is_its_own() -> None:
    """'So' carries the space that ends the step before, and is not credited to that step."""
    (one,) = judged(SECOND)
    assert step_tokens(one.case) == [(0, 6), (6, 13)]
    held = one.case.trace.token_ids
    assert held is not None
    assert TOKENIZER.decode(held[6:13]) == "So 2 + 2 = 4 ."


def test_tags_around_the_reasoning_belong_to_no_step() -> None:
    (one,) = judged("<think> 2 + 3 = 5 . </think> Answer: 5 <eos>")
    assert step_tokens(one.case) == [(1, 7)]


def test_without_places_of_tokens_no_step_has_any() -> None:
    (one,) = judge_completions([SUM], [["word"]], TOKENIZER, 50)  # type: ignore[list-item]
    assert step_tokens(one.case) == []


def test_an_unread_reward_is_zero_or_leaves_its_group() -> None:
    """Four completions: right, wrong, unread, right.

    As zero: 1 0 0 1, mean .5. Left out: 1 0 - 1, mean 2/3, and the third gets no advantage.
    """
    rewards = {"outcome": [1.0, 0.0, None, 1.0]}
    zero = totals(rewards, {"outcome": 1.0}, unread=0.0)
    assert centred(zero, scale=False).values == (0.5, -0.5, -0.5, 0.5)
    out = totals(rewards, {"outcome": 1.0}, unread=None)
    assert centred(out, scale=False).values == pytest.approx((1 / 3, -2 / 3, 0.0, 1 / 3))


def test_one_unread_reward_of_two_leaves_the_whole_completion_out() -> None:
    rewards = {"outcome": [None, 1.0], "format": [1.0, 1.0]}
    assert totals(rewards, {"outcome": 1.0, "format": 0.5}, unread=None) == [None, 1.5]
    assert totals(rewards, {"outcome": 1.0, "format": 0.5}, unread=0.0) == [0.5, 1.5]


def test_a_reward_without_weight_is_watched_and_not_paid() -> None:
    rewards = {"outcome": [None, 1.0], "format": [1.0, 1.0]}
    assert totals(rewards, {"outcome": 0.0, "format": 1.0}, unread=None) == [1.0, 1.0]


def test_a_group_of_equals_says_nothing_and_says_so() -> None:
    values, constant = outcome_advantages([1.0, 1.0, 0.0, 1.0], generations=2)
    assert values[:2] == [0.0, 0.0]
    assert constant == [True, False]


def test_a_group_with_one_known_reward_says_nothing() -> None:
    assert centred([None, 3.0, None]).constant


def test_tiny_differences_of_rounding_are_no_signal() -> None:
    """.1 + .2 is not .3 in floating point; divided by its own spread it would look like a lot."""
    assert centred([0.1 + 0.2, 0.3]).constant
    assert not centred([0.3, 0.31]).constant


def test_groups_do_not_mix() -> None:
    """A hard prompt's only success is worth as much as an easy one's."""
    values, _ = outcome_advantages([0.0, 1.0, 10.0, 11.0], generations=2)
    assert values[:2] == values[2:]


def test_steps_without_a_verdict_are_neither_praised_nor_blamed() -> None:
    advantages, constant = step_advantages([[None, 1.0], [-1.0]], generations=2)
    assert advantages[0][0] == 0.0
    assert advantages[0][1] == pytest.approx(1 / (math.sqrt(2) + EPSILON))
    assert constant == [False]


def test_a_group_without_steps_is_constant() -> None:
    assert step_advantages([[], []], generations=2) == ([(), ()], [True])


@given(st.lists(st.floats(-5, 5), min_size=2, max_size=12), st.floats(0.1, 9), st.floats(-9, 9))
def test_advantages_sum_to_zero_and_ignore_shift_and_scale(
    values: list[float], scale: float, shift: float
) -> None:
    held = centred(values)
    assert sum(held.values) == pytest.approx(0, abs=1e-6)
    if max(values) - min(values) > 0.1:
        moved = centred([scale * value + shift for value in values])
        assert moved.values == pytest.approx(held.values, abs=0.05)
        assert not moved.constant
