"""Resilience: how often a replaced idea comes back, and how often in all."""

from dataclasses import replace

import numpy as np
import pytest

from reasonscope.structure.anchors.planted_steps import made, same_words, steps_in
from reasonscope.structure.anchors.resilience.planted import (
    Returning,
    calibrate,
    read_idea,
)
from reasonscope.structure.anchors.resilience.reading import read
from reasonscope.structure.anchors.rollout import Request
from reasonscope.structure.anchors.step_matrix.said import said_again


def told(text: str, **fields: object):
    return made(Request(kept=0, index=0), "t", text, **fields)


def requests(number: int) -> list[Request]:
    return [Request(kept=0, index=index) for index in range(number)]


def test_three_of_four_return_and_three_times_is_expected():
    rows = [told("a; the idea; b;")] * 3 + [told("a; b;")]
    found = read_idea(rows)
    assert (found.returned, found.stayed_out, found.again) == (3, 1, 0.75)
    assert found.reinsertions == 3.0
    assert found.reinsertions_low < 3.0 < found.reinsertions_high


def test_a_rollout_that_says_it_at_once_has_not_replaced_it():
    found = read_idea([told("the idea; a;"), told("a; b;")])
    assert (found.repeated, found.returned, found.stayed_out) == (1, 0, 1)


def test_one_that_always_returns_has_no_expected_number():
    found = read_idea([told("a; the idea;")] * 5)
    assert found.again == 1.0
    assert (found.reinsertions, found.reinsertions_high) == (None, None)
    assert found.reinsertions_low > 1


def test_cut_rollouts_are_counted_and_bounded():
    rows = [told("a; b;"), told("a; b;", ended=False), told("a; the idea;", ended=False)]
    found = read_idea(rows)
    assert (found.cut, found.again) == (2, 0.0)
    assert (found.again_least, found.again_most) == (1 / 3, 2 / 3)


def test_nothing_to_go_by():
    found = read_idea([told("", error="timed out")])
    assert (found.again, found.reinsertions, found.failed) == (None, None, 1)
    assert read_idea([told("a; ", ended=False)]).again is None


def test_other_arms_are_passed_over():
    rows = [told("a; b;"), replace(told("a; the idea;"), arm="forced")]
    assert read_idea(rows).returned == 0


def test_every_step_with_rollouts_from_its_place_has_a_row():
    texts = ["a; ", "b; ", "c; "]
    rows = [made(Request(kept=kept, index=0), "t", "x; c; ") for kept in (0, 2, 3)]
    found = {
        row.step_index: row for row in read("t", said_again(texts, rows, same_words, steps_in))
    }
    assert sorted(found) == [0, 2]
    assert (found[0].returned, found[2].returned) == (0, 1)


def test_a_step_of_another_problem_is_looked_for_as_the_control():
    texts, others = ["a; "], ["b; "]
    rows = [told("x; a; "), told("x; b; "), told("x; a; b; ")]
    places = said_again([*texts, *others], rows, same_words, steps_in)
    ours, control = ({0: places[0].of(part)} for part in (slice(1), slice(1, None)))
    [row] = read("t", ours, control)
    assert (row.returned, row.unrelated) == (2, 2)
    [without] = read("t", ours)
    assert without.unrelated is None


@pytest.mark.parametrize("again", [0.2, 0.5, 0.7])
@pytest.mark.parametrize("cut", [0.0, 0.3])
def test_the_interval_holds_the_planted_number(again, cut):
    model, truth = Returning(again=again, length=3, cut=cut), again / (1 - again)
    held = []
    for seed in range(200):
        found = read_idea(model.roll(requests(30), seed))
        high = np.inf if found.reinsertions_high is None else found.reinsertions_high
        held.append(found.reinsertions_low <= truth <= high)
    assert np.mean(held) > 0.9


def test_returns_are_told_from_rare_ones():
    (row,) = calibrate(2, 60)
    assert row.power.value > 0.9
    assert row.false_positive.value < 0.15
    assert row.coverage.value == pytest.approx(0.95, abs=0.08)
