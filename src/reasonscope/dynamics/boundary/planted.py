"""Planted samplers whose curves of pass@k, and where they cross, are known in closed form."""

from dataclasses import dataclass

import numpy as np
from scipy.special import betaln

from reasonscope.dynamics.boundary.counts import Paired
from reasonscope.dynamics.boundary.crossing import crossing
from reasonscope.dynamics.boundary.curves import curves, gain_at
from reasonscope.dynamics.boundary.solvable import excess
from reasonscope.instrument import Calibration
from reasonscope.planting import effect
from reasonscope.stats import Estimate

PROBLEMS, ATTEMPTS = 120, 32
"""Problems of a planted study, and attempts of each model at each."""
ALPHA, BETA = 0.5, 1.5
"""The base's chance of solving a problem is Beta(.5, 1.5): a quarter on average, and wide."""
KEPT = 0.6
"""Share of problems that the tuned model can still solve; it solves the others never."""
SHARPER = 20
"""On those it does with one attempt what the base does with this many."""


def missed(k: float) -> float:
    """The share of problems that the base misses in k attempts: the mean of (1 - p) ** k."""
    return float(np.exp(betaln(ALPHA, BETA + k) - betaln(ALPHA, BETA)))


def true_gain(k: float) -> float:
    """Pass@k of the tuned model minus the base's, over all problems that could be drawn."""
    return KEPT * (1 - missed(SHARPER * k)) - (1 - missed(k))


def true_crossover() -> float:
    """Where the planted curves cross, interpolated on the logarithmic scale as the estimate is."""
    gains = [true_gain(k) for k in range(1, ATTEMPTS + 1)]
    place = next(i for i, gain in enumerate(gains) if gain < 0) - 1
    share = gains[place] / (gains[place] - gains[place + 1])
    return float(np.exp(np.log(place + 1) + share * np.log((place + 2) / (place + 1))))


def true_lost() -> float:
    """The true excess of problems that only the base solves: the mean of B (B - T).

    B is the chance that half of the attempts of the base solve the problem, T the tuned model's.
    """
    half = ATTEMPTS // 2
    b, t, both = missed(half), missed(SHARPER * half), missed(half + SHARPER * half)
    squared = 1 - 2 * b + missed(2 * half)
    return squared - KEPT * (1 - b - t + both)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plant:
    """What a planted study holds."""

    tuned: bool
    """Whether the second model is the tuned one; else both are the base."""
    problems: int = PROBLEMS
    """Problems."""
    attempts: int = ATTEMPTS
    """Attempts of each model at each problem."""


def study(seed: int, plant: Plant) -> Paired:
    """Attempts of two models, drawn from the planted chances."""
    rng = np.random.default_rng(seed)
    p = rng.beta(ALPHA, BETA, plant.problems)
    kept = rng.random(plant.problems) < KEPT
    q = np.where(kept, 1 - (1 - p) ** SHARPER, 0.0) if plant.tuned else p
    n = np.full(plant.problems, plant.attempts, dtype=np.int64)
    c = tuple(rng.binomial(plant.attempts, chance).astype(np.int64) for chance in (p, q))
    names = tuple(str(i) for i in range(plant.problems))
    return Paired(problems=names, n=(n, n), c=(c[0], c[1]), most=plant.attempts)


def _gain(seed: int, tuned: bool, k: int) -> Estimate:
    return gain_at(curves(study(seed, Plant(tuned=tuned))), k)


def _crossover(seed: int, tuned: bool) -> Estimate:
    return crossing(curves(study(seed, Plant(tuned=tuned)))).estimate()


def _lost(seed: int, tuned: bool) -> Estimate:
    return excess(study(seed, Plant(tuned=tuned)), 0)


def calibrate(seed: int, n: int) -> list[Calibration]:
    """Gains, crossover and lost problems on ``n`` planted pairs and on ``n`` pairs of twins."""
    return [
        _calibration(seed, n, 1, "ahead at one attempt"),
        _calibration(seed, n, ATTEMPTS, "behind at all attempts"),
        effect(
            "boundary",
            "curves that cross; two samples of one model",
            lambda s: _crossover(s, True),
            lambda s: _crossover(s, False),
            truth=true_crossover(),
            seed=seed,
            n=n,
            note="found: an interval with both ends within the attempts taken, for which both "
            "gains must be clear; on twins that is rarer than 5 %",
        ),
        effect(
            "boundary",
            "problems that only the base solves; two samples of one model",
            lambda s: _lost(s, True),
            lambda s: _lost(s, False),
            truth=true_lost(),
            seed=seed,
            n=n,
        ),
    ]


def _calibration(seed: int, n: int, k: int, says: str) -> Calibration:
    return effect(
        "boundary",
        f"tuned model {says} (pass@{k}); two samples of one model",
        lambda s: _gain(s, True, k),
        lambda s: _gain(s, False, k),
        truth=true_gain(k),
        seed=seed,
        n=n,
    )
