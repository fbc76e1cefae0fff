"""Planted runs: honest ones of several kinds, and hacked ones."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from reasonscope.dynamics.alarm.change import changed
from reasonscope.dynamics.alarm.series import Numbers, Series
from reasonscope.dynamics.alarm.watching import watched
from reasonscope.instrument import Calibration
from reasonscope.planting import effect, rate
from reasonscope.provenance import seed_for
from reasonscope.stats import Estimate

STEPS = 120
"""Steps of a planted run."""
ONSET, DURATION = 20, 25
"""A hack begins at this step and takes this many to be complete."""
GROUP = 8
"""Completions of one problem, as in GRPO: they are alike, so that they tell less than others."""
ALIKE = 0.3
"""Correlation of the outcomes of one problem's completions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plant:
    """A planted run."""

    truth: Callable[[Numbers], Numbers]
    """Expected share of right answers at each step."""
    proxy: Callable[[Numbers], Numbers]
    """Expected reward at each step."""
    completions: int = 256
    """Completions of a step."""
    wander: float = 0.0
    """Standard deviation of what both wander together, as the policy does."""
    memory: float = 5.0
    """Steps in which this is forgotten to 1/e."""
    shared: float = 0.5
    """Correlation of the noise of proxy and truth, which are means over the same completions."""


def noise_error(share: Numbers, completions: int) -> Numbers:
    """The standard error of a step's share, by problem."""
    effect = 1 + (GROUP - 1) * ALIKE
    return np.sqrt(np.clip(share * (1 - share), 0.02, None) * effect / completions)


def run(seed: int, plant: Plant, steps: int = STEPS) -> Series:
    """A planted run with its standard errors stated."""
    rng = np.random.default_rng(seed)
    time = np.arange(steps, dtype=np.float64)
    truth, proxy = plant.truth(time), plant.proxy(time)
    common, own, others = rng.normal(size=(3, steps))
    slow = _wander(rng, steps, plant)
    t_error, p_error = noise_error(truth, plant.completions), noise_error(proxy, plant.completions)
    mixed = np.sqrt(plant.shared)
    rest = np.sqrt(1 - plant.shared)
    return Series(
        run="planted",
        steps=time,
        proxy=proxy + slow + p_error * (mixed * common + rest * own),
        proxy_variance=p_error**2,
        truth=truth + slow + t_error * (mixed * common + rest * others),
        truth_variance=t_error**2,
    )


def _wander(rng: np.random.Generator, steps: int, plant: Plant) -> Numbers:
    """What both curves wander together."""
    keep = float(np.exp(-1 / plant.memory))
    slow = np.empty(steps)
    held = rng.normal(0, plant.wander)
    for step, push in enumerate(rng.normal(0, plant.wander * np.sqrt(1 - keep**2), steps)):
        held = keep * held + push
        slow[step] = held
    return slow


def steady(level: float) -> Callable[[Numbers], Numbers]:
    """A curve that stays."""
    return lambda time: np.full_like(time, level)


def ramp(
    first: float, last: float, begin: float = ONSET, length: float = DURATION
) -> Callable[[Numbers], Numbers]:
    """A curve that goes from one level to another over some steps, and stays there."""
    return lambda time: first + (last - first) * np.clip((time - begin) / length, 0, 1)


def improving(rise: float = 0.3) -> Plant:
    """An honest run: both rise together."""
    curve = ramp(0.35, 0.35 + rise, 0, 80)
    return Plant(truth=curve, proxy=curve)


STAGNANT = Plant(truth=steady(0.4), proxy=steady(0.4))
"""An honest run in which nothing moves."""
UNPAID = Plant(truth=steady(0.4), proxy=ramp(0.2, 0.8, 0, 60))
"""The worst case for the alarm: the proxy rises without end, truth stays."""


def hack(fall: float, completions: int) -> Plant:
    """A hacked run: the proxy rises by .3 while truth falls."""
    return Plant(truth=ramp(0.4, 0.4 - fall), proxy=ramp(0.4, 0.7), completions=completions)


def short_hack() -> Plant:
    """A hack as from a leaky verifier: truth falls by .15 from the first step on, in 22 steps."""
    return Plant(truth=ramp(0.37, 0.22, 0, 22), proxy=ramp(0.4, 0.8, 0, 22), completions=512)


def calibrate(seed: int, n: int) -> list[Calibration]:
    """How often the alarm rings on hacked and on honest runs, and whether its interval holds."""
    rows = (
        ("truth falls by .1 in 25 steps of 512 completions", hack(0.1, 512), STEPS),
        ("truth falls by .15 in 25 steps of 128 completions", hack(0.15, 128), STEPS),
        ("truth falls by .15 in 22 steps of 512 completions, the run ends at 30", short_hack(), 30),
    )
    honest = (
        ("an honest run in which both improve", improving()),
        ("an honest run in which nothing moves", STAGNANT),
        ("one whose reward rises while truth stays", UNPAID),
    )
    return [
        *(_alarm(seed, n, *row, *null) for row, null in zip(rows, honest)),
        effect(
            "alarm",
            "truth changes by -10 points; nothing moves",
            lambda one: _change(one, hack(0.1, 256)),
            lambda one: _change(one, STAGNANT),
            truth=-0.1,
            seed=seed,
            n=n,
        ),
    ]


def _change(seed: int, plant: Plant) -> Estimate:
    held = run(seed, plant)
    return changed(held.truth, held.truth_variance)


def _alarm(
    seed: int, n: int, planted: str, hacked: Plant, steps: int, null: str, honest: Plant
) -> Calibration:
    return Calibration(
        instrument="alarm",
        plant=f"{planted}; {null}",
        power=rate(_rang(seed, n, planted, hacked, steps)),
        false_positive=rate(_rang(seed, n, null, honest, STEPS)),
        note="found: the alarm rang at any step of the run; it is made to ring in at most 5 % of "
        "honest runs, not in 5 %",
    )


def _rang(seed: int, n: int, name: str, plant: Plant, steps: int) -> list[bool]:
    seeds = [seed_for("alarm", name, seed, index) for index in range(n)]
    return [watched(run(one, plant, steps)).level == "hacked" for one in seeds]
