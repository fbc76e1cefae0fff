"""The commitment point: found where it was planted, from the start, on the way or never."""

import numpy as np
import pytest

from reasonscope.structure.anchors.commitment import read
from reasonscope.structure.anchors.commitment.change_point import change_point, rise, shuffled
from reasonscope.structure.anchors.commitment.planted import DENSE, calibrate, holds, planted
from reasonscope.structure.anchors.planted_steps import FINAL, Reasoner
from reasonscope.structure.anchors.rollout import Request


def row(model: Reasoner, kept, steps: int = 8, samples: int = 6, final: str | None = FINAL):
    asked = [Request(kept=k, index=i, arm="forced") for k in kept for i in range(samples)]
    return read("t", steps, model.roll(asked, 0), final)


@pytest.mark.parametrize("commits", [1, 4, 8])
def test_a_sharp_commitment_is_found(commits):
    found = row(Reasoner(commits=commits), range(9))
    assert (found.state, found.value, found.low, found.high) == ("on the way", *[commits] * 3)
    assert found.p_rise < 0.05


def test_from_the_start():
    found = row(Reasoner(), range(9))
    assert (found.state, found.value, found.low) == ("from the start", 0, 0)
    assert found.p_rise > 0.4
    assert found.chance_of_start > 0.9


def test_never():
    found = row(Reasoner(steady=0.0), range(9))
    assert (found.state, found.value, found.high) == ("never", None, None)
    assert found.chance_of_never > 0.9


def test_the_trap_a_lucky_early_answer_is_not_yet_a_commitment():
    """Right at first, then another answer, then right to the end: it stays so only from 3 on."""
    assert change_point([5, 0, 0, 6, 6, 6], [6] * 6).place == 3


def test_between_two_prefixes_that_were_asked_nothing_is_known():
    found = row(Reasoner(commits=4), [0, 3, 6, 8], samples=20)
    assert (found.value, found.low, found.high) == (6, 4, 6)


def test_few_rollouts_give_a_wide_interval():
    wide, narrow = change_point([0, 1, 1, 0, 1, 1], [1] * 6), change_point([0, 8, 8], [8] * 3)
    assert wide.high - wide.low >= 3
    assert (narrow.low, narrow.high) == (1, 1)


def test_chances_add_up_and_the_interval_holds_its_share():
    found = change_point([1, 2, 0, 3, 2, 3], [3] * 6)
    assert sum(found.chances) == pytest.approx(1)
    assert found.low <= found.place <= found.high
    assert sum(found.chances[found.low : found.high + 1]) > 0.88


def test_thousands_of_rollouts_do_not_overflow():
    found = change_point([100_000, 0, 100_000], [100_000] * 3)
    assert all(np.isfinite(found.chances))
    assert found.place in (0, 2)


def test_more_often_than_not_may_be_too_little_for_a_higher_threshold():
    hits, sizes = [0, 6, 6, 6], [10] * 4
    assert change_point(hits, sizes, 0.5).place == 1
    assert change_point(hits, sizes, 0.9).place == 4


@pytest.mark.parametrize(("final", "kept"), [(None, range(9)), (FINAL, [3])])
def test_what_cannot_be_assessed_says_why(final, kept):
    found = row(Reasoner(), kept, final=final)
    assert (found.state, found.value) == ("unknown", None)
    assert found.reason


def test_unread_answers_are_counted_and_commit_to_nothing():
    found = row(Reasoner(silent=1.0), range(9))
    assert found.state == "never"
    assert found.unanswered == found.rollouts == 54


def test_a_rise_is_seen_and_its_shuffled_control_is_not():
    rng = np.random.default_rng(0)
    hits, sizes = [0, 1, 2, 5, 6], [6] * 5
    assert rise(hits, sizes, rng) < 0.01
    ps = [rise(shuffled(hits, sizes, rng), sizes, rng) for _ in range(400)]
    assert 0.02 < np.mean([p < 0.05 for p in ps]) < 0.09


def test_a_fall_is_no_rise():
    assert rise([6, 4, 1, 0], [6] * 4, np.random.default_rng(0)) > 0.95


def test_equal_answers_everywhere_are_no_rise():
    assert rise([3, 3], [3, 3], np.random.default_rng(0)) == pytest.approx(0.5, abs=0.01)


def test_a_planted_commitment_is_recovered():
    rows = [planted(DENSE, seed) for seed in range(100)]
    assert (
        np.mean([found.value is not None and abs(found.value - at) <= 1 for found, at in rows])
        > 0.9
    )
    assert np.mean([holds(found, at) for found, at in rows]) > 0.93


def test_calibration():
    for one in calibrate(1, 30):
        assert one.power.value > 0.8
        assert one.false_positive.value < 0.13
        assert one.coverage.value > 0.85
