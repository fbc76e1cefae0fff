"""How many rollouts an effect takes, checked by drawing them."""

import numpy as np
import pytest

from reasonscope.structure.anchors.budget.allocation import Setting, expected_costs
from reasonscope.structure.anchors.budget.planning import (
    plan,
    planted_curve,
    rollouts_to_see,
    worst_base,
)
from reasonscope.structure.anchors.budget.separate import separate_p_values
from reasonscope.structure.anchors.budget.simulation import simulated
from reasonscope.structure.anchors.budget.uniform import Uniform

SETTING = Setting(expected_costs([20] * 12, 10))


def test_392_on_each_side_show_a_tenth_with_power_point_eight() -> None:
    """(1.96 sqrt(2 / 4) + .8416 sqrt(.2475 * 2))^2 / .01 = 391.4."""
    assert rollouts_to_see(0.1, 0.8, 0.05) == 392


@pytest.mark.parametrize("base", [0.5, 0.8])
def test_the_power_is_what_was_asked_for(base: float) -> None:
    each = rollouts_to_see(0.2, 0.8, 0.05, base)
    rng = np.random.default_rng(3)
    low, high = rng.binomial(each, base - 0.1, 20_000), rng.binomial(each, base + 0.1, 20_000)
    pooled = (low + high) / (2 * each)
    z = (high - low) / each / np.sqrt(pooled * (1 - pooled) * 2 / each)
    assert (z > 1.96).mean() == pytest.approx(0.8, abs=0.03)


def test_the_level_is_held_over_all_steps() -> None:
    """The control: with no effect one trace in twenty has a false alarm, or fewer."""
    each = rollouts_to_see(0.2, 0.8, 0.05 / 12)
    rng = np.random.default_rng(0)
    alarms = [
        (separate_p_values(simulated(Uniform(each), SETTING, [0.5] * 13, rng)) < 0.05 / 12).any()
        for _ in range(400)
    ]
    assert np.mean(alarms) < 0.08


def test_a_pilot_near_one_needs_fewer() -> None:
    assert worst_base((20, 20)) > 0.8
    assert worst_base((10, 20)) == 0.5
    assert worst_base((0, 0)) == 0.5
    few = plan(SETTING, pilot=(20, 20), simulations=0).each
    assert few < plan(SETTING, simulations=0).each


def test_near_the_ends_shares_stay_shares() -> None:
    assert rollouts_to_see(0.5, 0.8, 0.05, base=0.99) > 1


@pytest.mark.parametrize("wrong", [{"effect": 0.0}, {"power": 1.0}, {"level": 0.0}])
def test_what_is_no_share_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        rollouts_to_see(**{"effect": 0.1, "power": 0.8, "level": 0.05, **wrong})


def test_tokens_and_minutes_follow_from_lengths_and_speed() -> None:
    made = plan(SETTING, effect=0.3, tokens_per_second=100.0, simulations=0)
    assert made.uniform.rollouts == made.each * 13
    assert made.uniform.tokens == made.each * sum(SETTING.costs)
    assert made.uniform.minutes == pytest.approx(made.uniform.tokens / 6000)
    assert made.racing is None


def test_without_a_speed_minutes_are_unknown() -> None:
    assert plan(SETTING, simulations=0).uniform.minutes is None


def test_racing_needs_fewer_tokens_for_a_large_effect_in_a_long_trace() -> None:
    setting = Setting(expected_costs([20] * 25, 10))
    made = plan(setting, effect=0.4, simulations=2, tokens_per_second=100.0)
    assert made.racing is not None
    assert made.racing.tokens < made.uniform.tokens
    assert "fewer" in made.sentence()


def test_the_planted_curve_has_the_effect_where_it_says() -> None:
    curve, steps = planted_curve(20, 0.2, 0.9, np.random.default_rng(0))
    jumps = np.diff(curve)
    assert np.flatnonzero(jumps).tolist() == list(steps)
    assert np.abs(jumps[list(steps)]) == pytest.approx(0.2)
    assert curve.max() <= 1.0
