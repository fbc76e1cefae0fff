"""Resilience: how often a replaced idea comes back, and how often in all."""

from dataclasses import replace

import numpy as np
import pytest

from reasonscope.structure.anchors.planted_steps import Returning, made, same_words, steps_in
from reasonscope.structure.anchors.resilience import follow_up, resilience, returns
from reasonscope.structure.anchors.rollout import Request

IDEA = "the idea; "


def told(text: str, **fields: object):
    return made(Request(kept=2, index=0), "t", text, **fields)


def measured(rows):
    return resilience("t", 2, IDEA, rows, same_words, steps_in)


def requests(number: int) -> list[Request]:
    return [Request(kept=2, index=index) for index in range(number)]


def test_where_a_step_returns():
    assert returns(IDEA, ["a; ", "the idea;", "b; "], same_words) == 1
    assert returns(IDEA, ["a; "], same_words) is None
    assert returns(IDEA, [], same_words) is None


def test_three_of_four_return_and_three_times_is_expected():
    rows = [told("a; the idea; b;")] * 3 + [told("a; b;")]
    found = measured(rows)
    assert (found.returned, found.stayed_out, found.again) == (3, 1, 0.75)
    assert found.reinsertions == 3.0
    assert found.reinsertions_low < 3.0 < found.reinsertions_high


def test_a_rollout_that_says_it_at_once_has_not_replaced_it():
    found = measured([told("the idea; a;"), told("a; b;")])
    assert (found.returned, found.stayed_out) == (0, 1)


def test_one_that_always_returns_has_no_expected_number():
    found = measured([told("a; the idea;")] * 5)
    assert found.again == 1.0
    assert (found.reinsertions, found.reinsertions_high) == (None, None)
    assert found.reinsertions_low > 1


def test_cut_rollouts_are_counted_and_bounded():
    rows = [told("a; b;"), told("a; b;", ended=False), told("a; the idea;", ended=False)]
    found = measured(rows)
    assert (found.cut, found.again) == (2, 0.0)
    assert (found.again_least, found.again_most) == (1 / 3, 2 / 3)


def test_nothing_to_go_by():
    found = measured([told("", error="timed out")])
    assert (found.again, found.reinsertions, found.failed) == (None, None, 1)
    assert measured([told("a; ", ended=False)]).again is None


def test_other_prefixes_and_arms_are_passed_over():
    rows = [replace(told("a; the idea;"), kept=1), replace(told("a; the idea;"), arm="forced")]
    assert measured(rows).returned == 0


def test_the_next_round_goes_on_just_before_the_return():
    rows = [told("a; b; the idea; c;"), told("a; b;"), told("the idea; a;")]
    (asked,) = follow_up(2, IDEA, rows, same_words, steps_in)
    assert (asked.kept, asked.arm, asked.inserted) == (2, "resample", "a; b; ")
    later = replace(told("x; the idea;"), inserted="a; b; ")
    (again,) = follow_up(2, IDEA, [later], same_words, steps_in)
    assert again.inserted == "a; b; x; "


def test_rounds_are_more_trials_of_the_same_law():
    model, rows = Returning(again=0.6), []
    asked = requests(400)
    for number in range(4):
        fresh = model.roll(asked, number)
        rows += fresh
        asked = follow_up(2, IDEA, fresh, same_words, steps_in)
    found = measured(rows)
    assert found.followed > 400
    assert found.again == pytest.approx(0.6, abs=0.05)


@pytest.mark.parametrize("again", [0.2, 0.5, 0.7])
@pytest.mark.parametrize("cut", [0.0, 0.3])
def test_the_interval_holds_the_planted_number(again, cut):
    model, truth = Returning(again=again, length=3, cut=cut), again / (1 - again)
    held = []
    for seed in range(200):
        found = measured(model.roll(requests(30), seed))
        high = np.inf if found.reinsertions_high is None else found.reinsertions_high
        held.append(found.reinsertions_low <= truth <= high)
    assert np.mean(held) > 0.9
