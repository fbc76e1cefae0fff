"""Curves whose change is known, under noise with memory: does the interval hold it?"""

from collections.abc import Callable

import numpy as np

from reasonscope.dynamics.curves.change import change
from reasonscope.dynamics.curves.series import Numbers, Series
from reasonscope.instrument import Calibration
from reasonscope.planting import effect
from reasonscope.stats import Estimate

STEPS = 120
"""Steps of a planted run."""
FEW = 10
"""Steps of a short planted run."""
FRESH, SLOW, MEMORY = 0.05, 0.03, 3.0
"""Noise of a step: standard deviations of what is sampled afresh and of what wanders, and for how
many steps the wandering lasts."""
RISE = 0.3
"""How much the planted curves rise, in all."""
SHORT_RISE, SHORT_ERROR = 0.3, 0.06
"""The same in short runs, whose steps have this standard error."""


def calibrate(seed: int, n: int) -> list[Calibration]:
    """Planted rises of two shapes, and short runs; null runs have the same noise and no rise."""
    return [
        _shape("a rise that starts late and saturates", _saturating(STEPS), seed, n),
        _shape("a steady rise", np.linspace(0, RISE, STEPS), seed, n),
        _few(seed, n),
    ]


def _saturating(steps: int) -> Numbers:
    return np.asarray(RISE / (1 + np.exp(-12 * (np.linspace(0, 1, steps) - 0.4))))


def _shape(what: str, course: Numbers, seed: int, n: int) -> Calibration:
    tenth = STEPS // 10
    truth = float(course[-tenth:].mean() - course[:tenth].mean())
    return effect(
        "curves",
        f"{what} over {STEPS} steps under noise that wanders for {MEMORY:g} steps; null: no rise",
        _made(course),
        _made(np.zeros(STEPS)),
        truth=truth,
        seed=seed,
        n=n,
        note="wandering that lasts longer than a tenth of the run is taken for change",
    )


def _made(course: Numbers) -> Callable[[int], Estimate]:
    def made(seed: int) -> Estimate:
        rng = np.random.default_rng(seed)
        values = course + wandering(rng, len(course), MEMORY, SLOW)
        return change(_series(values + FRESH * rng.normal(size=len(course)), None))

    return made


def wandering(rng: np.random.Generator, steps: int, memory: float, spread: float) -> Numbers:
    """Noise that forgets itself in ``memory`` steps (autoregressive, of order one)."""
    kept = float(np.exp(-1 / memory))
    fresh = rng.normal(size=steps) * spread
    fresh[1:] *= np.sqrt(1 - kept**2)
    for step in range(1, steps):
        fresh[step] += kept * fresh[step - 1]
    return np.asarray(fresh)


def _few(seed: int, n: int) -> Calibration:
    course = np.linspace(0, SHORT_RISE, FEW)

    def made(course: Numbers) -> Callable[[int], Estimate]:
        def drawn(seed: int) -> Estimate:
            rng = np.random.default_rng(seed)
            values = course + SHORT_ERROR * rng.normal(size=FEW)
            return change(_series(values, SHORT_ERROR))

        return drawn

    return effect(
        "curves",
        f"a steady rise over {FEW} steps with known standard errors; null: no rise",
        made(course),
        made(np.zeros(FEW)),
        truth=SHORT_RISE,
        seed=seed,
        n=n,
        note="short runs are taken not to wander beside their sampling",
    )


def _series(values: Numbers, error: float | None) -> Series:
    return Series(
        run="planted",
        name="truth_share",
        part="",
        steps=np.arange(len(values), dtype=np.float64),
        values=values,
        errors=np.full(len(values), np.nan if error is None else error),
    )
