"""Distances of answers: values by hand, no constant that sets them, and a test that holds."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reasonscope.structure.anchors.distances import Answers, Measure, distance

MEASURES: tuple[Measure, ...] = ("tv", "js", "kl")
COUNTS = st.dictionaries(st.sampled_from(["1", "2", "3", None]), st.integers(1, 9), min_size=1)


def test_total_variation_by_hand() -> None:
    """(.9, .1) against (.1, .9): .8 of the answers moved."""
    found = distance({"4": 9, "5": 1}, {"4": 1, "5": 9}, measure="tv", seed=0)
    assert found.counted == pytest.approx(0.8)
    assert found.p is not None
    assert found.p < 0.01


def test_no_answer_in_common_is_one_bit() -> None:
    assert distance({"4": 9}, {"5": 9}, seed=0).counted == pytest.approx(1.0)


def test_divergence_of_half_rollouts_by_hand() -> None:
    """Kept (2.5, .5) / 3, resampled (.5, 2.5) / 3: 2/3 ln 5 nats, not ln of a billion."""
    found = distance({"4": 2}, {"5": 2}, measure="kl", seed=0)
    assert found.counted == pytest.approx(2 / 3 * math.log(5))


def test_one_missing_answer_does_not_explode() -> None:
    """The published way gives 19 nats times .05 for one new answer in twenty."""
    found = distance({"4": 20}, {"4": 19, "7": 1}, measure="kl", seed=0)
    assert found.counted is not None
    assert found.counted < 0.1


@pytest.mark.parametrize("measure", MEASURES)
def test_where_half_left_the_distance_is_that_of_the_mixture(measure: Measure) -> None:
    """Half repeat the step and answer as kept; the mixture is half as far in total variation."""
    kept: Answers = {"4": 8, "5": 8}
    whole = distance(kept, {"4": 16}, measure=measure, seed=0)
    half = distance(kept, {"4": 16}, measure=measure, share=0.5, seed=0)
    assert half.counted is not None
    assert whole.counted is not None
    assert half.counted < 0.51 * whole.counted
    assert half.p is not None
    assert half.p < 0.02


def test_rollouts_without_an_answer_are_an_answer_of_their_own() -> None:
    found = distance({"4": 10}, {"4": 5, None: 5}, measure="tv", seed=0)
    assert found.counted == pytest.approx(0.5)


def test_an_empty_side_is_unknown() -> None:
    assert distance({}, {"4": 5}, seed=0).value is None
    assert distance({"4": 5}, {}, seed=0).p is None
    assert distance({}, {}, seed=0).value is None


def test_one_answer_only_is_no_distance() -> None:
    found = distance({"4": 5}, {"4": 9}, seed=0)
    assert (found.value, found.low, found.p) == (0.0, 0.0, 1.0)


@given(COUNTS, COUNTS, st.sampled_from(MEASURES))
@settings(max_examples=25)
def test_ends_hold_the_value_and_zero_where_nothing_is_told_apart(
    kept: Answers, other: Answers, measure: Measure
) -> None:
    found = distance(kept, other, measure=measure, seed=1)
    assert found.value is not None
    assert found.low is not None
    assert found.high is not None
    assert 0 <= found.low <= found.high
    assert found.low <= max(0.0, found.value) + 1e-9
    assert found.p is not None
    if found.p > 0.05:
        assert found.low == 0.0


def test_the_same_seed_gives_the_same_distance_whatever_the_order() -> None:
    kept, other = {"4": 6, "5": 2, None: 1}, {"5": 4, "4": 5}
    again = distance(dict(reversed(kept.items())), other, seed=5)
    assert distance(kept, other, seed=5) == again


def drawn(rng: np.random.Generator, law: list[float], n: int) -> Counter[str | None]:
    return Counter({str(k): int(c) for k, c in enumerate(rng.multinomial(n, law)) if c})


def test_where_nothing_differs_it_is_nothing_on_average_and_rarely_told_apart() -> None:
    """Uncorrected it is .06 bits on average; 5 in 100 tests find something."""
    rng, law = np.random.default_rng(1), [0.5, 0.3, 0.1, 0.05, 0.05]
    found = [
        distance(drawn(rng, law, 30), drawn(rng, law, 30), seed=n, level=None) for n in range(200)
    ]
    assert np.mean([f.counted for f in found if f.counted is not None]) > 0.04
    assert abs(np.mean([f.value for f in found if f.value is not None])) < 0.008
    assert np.mean([f.p is not None and f.p <= 0.05 for f in found]) < 0.09


def test_where_it_is_known_the_corrected_value_comes_near() -> None:
    """(.5, .3, .2) against (.1, .3, .6): .20 bits; the counts alone give .23."""
    rng, truth = np.random.default_rng(2), 0.1973
    found = [
        distance(drawn(rng, [0.5, 0.3, 0.2], 30), drawn(rng, [0.1, 0.3, 0.6], 30), seed=n)
        for n in range(150)
    ]
    assert np.mean([f.value for f in found if f.value is not None]) == pytest.approx(
        truth, abs=0.02
    )
    held = [f.low is not None and f.high is not None and f.low <= truth <= f.high for f in found]
    assert np.mean(held) > 0.85
