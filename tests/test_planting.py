"""Planted effects: a right interval passes, a wrong one is shown to be wrong."""

from collections.abc import Callable

import numpy as np
import pytest

from reasonscope.planting import effect, excludes, mean_error
from reasonscope.stats import Estimate, mean_by_cluster


def mean_of(truth: float, width: float = 1.0) -> Callable[[int], Estimate]:
    """The mean of 40 normal values around ``truth``; its interval made ``width`` times as wide."""

    def study(seed: int) -> Estimate:
        values = np.random.default_rng(seed).normal(truth, 1.0, 40)
        found = mean_by_cluster(values, range(40))
        assert found.value is not None
        assert found.high is not None
        half = width * (found.high - found.value)
        return Estimate(value=found.value, low=found.value - half, high=found.value + half, n=40)

    return study


def test_a_right_interval_has_the_rates_that_it_states() -> None:
    row = effect("x", "a mean", mean_of(0.7), mean_of(0.0), truth=0.7, seed=1, n=1000)
    assert row.power.value is not None
    assert row.power.value > 0.97
    assert row.false_positive.value == pytest.approx(0.05, abs=0.02)
    assert row.coverage is not None
    assert row.coverage.value == pytest.approx(0.95, abs=0.02)
    assert row.bias is not None
    assert row.bias.value == pytest.approx(0.0, abs=0.02)


def test_an_interval_of_half_the_width_is_caught() -> None:
    row = effect("x", "a mean", mean_of(0.7, 0.5), mean_of(0.0, 0.5), truth=0.7, seed=1, n=300)
    assert row.coverage is not None
    assert row.coverage.value is not None
    assert row.coverage.value < 0.8
    assert row.false_positive.value is not None
    assert row.false_positive.value > 0.2


def test_an_estimate_without_an_interval_finds_nothing_and_holds_nothing() -> None:
    def blind(seed: int) -> Estimate:
        return Estimate(value=None)

    row = effect("x", "nothing", blind, blind, truth=1.0, seed=0, n=5)
    assert row.power.value == 0.0
    assert row.coverage is not None
    assert row.coverage.value == 0.0
    assert row.bias is not None
    assert row.bias.value is None


def test_the_ends_of_an_interval_belong_to_it() -> None:
    assert not excludes(Estimate(value=1.0, low=0.0, high=2.0))
    assert excludes(Estimate(value=1.0, low=0.1, high=2.0))
    assert excludes(Estimate(value=1.0, low=0.0, high=2.0), 2.1)


def test_one_error_has_a_mean_and_no_interval() -> None:
    assert mean_error([0.5]).low is None
    assert mean_error([0.5]).value == 0.5
