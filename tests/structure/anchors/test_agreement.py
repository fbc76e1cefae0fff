"""Shares of rollouts with the trace's own answer, and their weighted sums."""

import numpy as np
import pytest

from reasonscope.structure.anchors.agreement import Agreement, agreement, bounds, by_place, weighted
from reasonscope.structure.anchors.planted_steps import made
from reasonscope.structure.anchors.rollout import Request, Rollout


def rollout(answer: str | None = "1", *, kept: int = 0, **fields: object) -> Rollout:
    return made(Request(kept=kept, index=0, arm="forced"), "t", "", answer=answer, **fields)


def test_no_answer_is_not_the_same_answer_and_a_failure_is_nothing():
    rows = [rollout("1"), rollout("2"), rollout(None), rollout(None, error="timed out")]
    found = agreement(rows, "1")
    assert found == Agreement(same=1, other=1, unanswered=1, failed=1)
    assert (found.n, found.share, found.most) == (3, 1 / 3, 2 / 3)


def test_places_rise_and_other_arms_stay_out():
    rows = [rollout(kept=3), rollout(kept=1), made(Request(kept=2, index=0), "t", "")]
    assert list(by_place(rows, "forced")) == [1, 3]


def test_a_difference_of_two_shares_by_hand():
    found = weighted([(1.0, Agreement(same=8, other=2)), (-1.0, Agreement(same=3, other=7))])
    assert found.value == pytest.approx(0.5)
    assert found.low is not None
    assert found.high is not None
    assert 0 < found.low < 0.5 < found.high < 1


def test_shares_of_none_and_all_keep_a_width():
    found = weighted([(1.0, Agreement(same=10)), (-1.0, Agreement(other=10))])
    assert (found.value, found.high) == (1.0, 1.0)
    assert found.low is not None
    assert 0.6 < found.low < 0.9


def test_a_part_without_rollouts_has_no_value():
    assert weighted([(1.0, Agreement(same=1)), (-1.0, Agreement(failed=4))]).value is None
    assert weighted([]).value is None


def test_bounds_hold_whatever_the_unread_answers_said():
    parts = [(0.5, Agreement(same=1, other=1, unanswered=2)), (-1.0, Agreement(unanswered=2))]
    low, high = bounds(parts)
    assert (low, high) == (0.125 - 1.0, 0.375)


@pytest.mark.parametrize("shares", [(0.8, 0.3, 0.5), (0.5, 0.5, 0.5), (0.9, 0.7, 0.2)])
def test_the_interval_covers_a_weighted_sum(shares):
    rng, weights, size = np.random.default_rng(0), (1.0, -0.5, -0.5), 16
    truth = sum(w * p for w, p in zip(weights, shares))
    held = 0
    for _ in range(2000):
        parts = [
            (w, Agreement(same=(s := int(rng.binomial(size, p))), other=size - s))
            for w, p in zip(weights, shares)
        ]
        one = weighted(parts)
        held += one.low <= truth <= one.high
    assert 0.93 < held / 2000 < 0.97
