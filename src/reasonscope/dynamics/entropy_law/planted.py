"""Planted logs: the law with known a and b under noise with memory, and logs that break it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from reasonscope.dynamics.entropy_law.law import (
    LEVEL,
    Log,
    binned,
    forecast,
    line_of,
    misfit_p_value,
)
from reasonscope.dynamics.entropy_law.line import combined
from reasonscope.dynamics.entropy_law.noise import Numbers
from reasonscope.instrument import Calibration
from reasonscope.planting import effect, excludes, mean_error, rate
from reasonscope.provenance import seed_for
from reasonscope.stats import Estimate

STEPS = 150
"""Steps of a planted run."""
PRICE, INTERCEPT = 0.12, 0.75
"""The planted a and b: truth rises from .2 to .6, its ceiling is .63."""
STAYS = 0.4
"""Truth that entropy has nothing to do with."""
FIRST_NATS, LAST_NATS = 1.5, 0.1
"""The planted entropy at the start, and what it falls to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """The noise of a planted log."""

    fresh: float = 0.02
    """Standard deviation of what is new at each step, as with 500 completions."""
    slow: float = 0.01
    """Standard deviation of what the run wanders."""
    memory: float = 5.0
    """Steps in which the wandering is forgotten to 1/e."""


def entropy_path(steps: int) -> Numbers:
    """Entropy that falls fast and then slowly, as in most runs without a bonus for entropy."""
    time = np.arange(steps) / (steps / 4)
    return np.asarray(LAST_NATS + (FIRST_NATS - LAST_NATS) * np.exp(-time), dtype=np.float64)


def wander(rng: np.random.Generator, steps: int, noise: Noise) -> Numbers:
    """Noise that is part fresh and part slow."""
    keep = np.exp(-1 / noise.memory)
    pushes = rng.normal(0, noise.slow * np.sqrt(1 - keep**2), steps)
    slow = np.empty(steps)
    held = rng.normal(0, noise.slow)
    for step, push in enumerate(pushes):
        held = keep * held + push
        slow[step] = held
    return slow + rng.normal(0, noise.fresh, steps)


def log_of(
    seed: int,
    truth_of: Callable[[Numbers, Numbers], Numbers],
    noise: Noise | None = None,
    steps: int = STEPS,
) -> Log:
    """A log whose truth is a function of entropy and time (0 to 1), plus noise."""
    rng = np.random.default_rng(seed)
    entropy, time = entropy_path(steps), np.linspace(0, 1, steps)
    truth = truth_of(entropy, time) + wander(rng, steps, noise or Noise())
    return Log(
        run="planted", steps=np.arange(steps, dtype=np.float64), entropy=entropy, truth=truth
    )


def lawful(entropy: Numbers, time: Numbers) -> Numbers:
    """Truth by the law."""
    return INTERCEPT - PRICE * np.exp(entropy)


def unrelated(entropy: Numbers, time: Numbers) -> Numbers:
    """Truth that entropy has nothing to do with: it stays."""
    return np.full_like(entropy, STAYS)


def drifting(entropy: Numbers, time: Numbers) -> Numbers:
    """Truth that rises evenly with time, whatever entropy does."""
    return np.asarray(0.2 + 0.4 * time, dtype=np.float64)


def linear(entropy: Numbers, time: Numbers) -> Numbers:
    """Truth that is linear in the entropy rather than in its exponential."""
    return np.asarray(0.63 - 0.3 * entropy, dtype=np.float64)


def hump(entropy: Numbers, time: Numbers) -> Numbers:
    """Truth that rises and falls again while entropy keeps falling."""
    return np.asarray(0.2 + 0.35 * np.sin(np.pi * time), dtype=np.float64)


BROKEN: dict[str, Callable[[Numbers, Numbers], Numbers]] = {
    "truth rises evenly with time": drifting,
    "truth is linear in entropy": linear,
    "truth rises and falls again": hump,
}
"""Logs that do not follow the law."""


def calibrate(seed: int, n: int) -> list[Calibration]:
    """The coefficients, the test of misfit and the forecast on ``n`` logs of each kind."""
    lawful_ones = [_fails(log_of(one, lawful)) for one in _seeds(seed, n, "misfit")]
    return [
        _coefficient(seed, n, "a", (0.0, -1.0), PRICE, 0.0),
        _coefficient(seed, n, "ceiling b - a", (1.0, 1.0), INTERCEPT - PRICE, STAYS),
        *(_misfit(seed, n, name, of, lawful_ones) for name, of in BROKEN.items()),
        _forecast(seed, n),
    ]


def _coefficient(
    seed: int, n: int, name: str, combination: tuple[float, float], truth: float, nothing: float
) -> Calibration:
    def measure(log: Log) -> Estimate:
        return combined(line_of(*binned(log)), combination)

    return effect(
        "entropy_law",
        f"{name} of a log that follows the law; truth that entropy has nothing to do with",
        lambda s: measure(log_of(s, lawful)),
        lambda s: measure(log_of(s, unrelated)),
        truth=truth,
        nothing=nothing,
        seed=seed,
        n=n,
        note="noise part fresh, part with a memory of 5 steps; entropy is known exactly",
    )


def _fails(log: Log) -> bool:
    return misfit_p_value(*binned(log)) <= LEVEL


def _seeds(seed: int, n: int, name: str) -> list[int]:
    return [seed_for("entropy_law", name, seed, index) for index in range(n)]


def _misfit(
    seed: int,
    n: int,
    name: str,
    truth_of: Callable[[Numbers, Numbers], Numbers],
    lawful_ones: list[bool],
) -> Calibration:
    return Calibration(
        instrument="entropy_law",
        plant=f"{name}; a log that follows the law",
        power=rate([_fails(log_of(one, truth_of)) for one in _seeds(seed, n, name)]),
        false_positive=rate(lawful_ones),
        note="found: the test of misfit at level .05; the lawful logs are the same in three rows",
    )


def _forecast(seed: int, n: int) -> Calibration:
    seeds = _seeds(seed, n, "forecast")
    held = [_miss(log_of(one, lawful)) for one in seeds]
    broken = [_miss(log_of(one, drifting)) for one in seeds]
    return Calibration(
        instrument="entropy_law",
        plant="forecast of a log in which truth rises with time; of one that follows the law",
        power=rate([excludes(miss) for miss in broken]),
        false_positive=rate([excludes(miss) for miss in held]),
        bias=mean_error([miss.value for miss in held if miss.value is not None]),
        note="found: what came lies outside the prediction interval",
    )


def _miss(log: Log) -> Estimate:
    made = forecast(log)
    return Estimate(value=None) if made is None else made.miss
