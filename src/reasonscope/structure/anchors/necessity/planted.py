"""Planted models for necessity: one that needs its reasoning in part, one that ignores it."""

from collections.abc import Sequence
from functools import cache

import numpy as np

from reasonscope.instrument import Calibration
from reasonscope.planting import effect
from reasonscope.provenance import seed_for
from reasonscope.stats import Estimate
from reasonscope.structure.anchors.necessity.findings import NAME, Row, mean
from reasonscope.structure.anchors.necessity.reading import Necessity, Test, read
from reasonscope.structure.anchors.necessity.requests import early
from reasonscope.structure.anchors.planted_steps import FINAL, Reasoner
from reasonscope.structure.anchors.rollout import Request

STEPS, SAMPLES, PLACES = 8, 16, 4
"""Size of a planted trace, rollouts of each prefix, and prefixes."""
STEADY, GUESS = 0.8, 0.3
"""How often the planted models give the trace's own answer with and without what they need: a
flip in five is noise."""
BANK, PROBLEMS = 300, 40
"""Planted traces that are really read, and problems of a simulated study that draws from them."""

NEEDS = Reasoner(commits=3 * STEPS // 4, follows=0.7, steady=STEADY, guess=GUESS)
IGNORES = Reasoner(steady=STEADY)
TRUTH: dict[Test, float] = {
    "early": 0.75 * (STEADY - GUESS),
    "mistake": 0.7 * (STEADY - GUESS),
}
"""The exact necessity of :data:`NEEDS`: three of four prefixes lack what it
needs."""


def calibrate(seed: int, n: int) -> list[Calibration]:
    """Intervals of one trace, and of the mean over problems."""
    found = []
    for test in TRUTH:
        found.append(
            effect(
                NAME,
                f"{test}: one trace of a model that needs its reasoning; null: one that ignores "
                "it, with a flip in five by chance",
                lambda one, test=test: _trace(NEEDS, test, one),  # type: ignore[misc]
                lambda one, test=test: _trace(IGNORES, test, one),  # type: ignore[misc]
                truth=TRUTH[test],
                seed=seed,
                n=n,
                note=f"{SAMPLES} rollouts of each of {PLACES} prefixes",
            )
        )
        found.append(_studies(test, seed, n))
    return found


def _studies(test: Test, seed: int, n: int) -> Calibration:
    """Half of the planted problems need their reasoning; in the null study none does."""
    both = [_bank(NEEDS, test, seed), _bank(IGNORES, test, seed)]
    return effect(
        NAME,
        f"{test}: {PROBLEMS} problems, in about half of which the reasoning is needed; null: none",
        lambda one: _study(both, one),
        lambda one: _study(both[1:], one),
        truth=float(np.mean([[row.value for row in bank] for bank in both])),
        nothing=float(np.mean([row.value for row in both[1]])),
        seed=seed,
        n=n,
        note=f"simulated studies draw from {BANK} planted traces that were really read",
    )


def rolled(model: Reasoner, test: Test, seed: int) -> Necessity:
    """The row of one planted trace, through the reading of real rollouts."""
    found = read("t", STEPS, model.roll(_asked(test), seed), FINAL)
    return next(row for row in found if row.test == test)


@cache
def _asked(test: Test) -> list[Request]:
    if test == "early":
        return early(STEPS, SAMPLES, places=PLACES)
    found = []
    for k in range(0, STEPS, STEPS // PLACES):
        for index in range(SAMPLES):
            found.append(Request(kept=k, index=index, arm="mistake", inserted="3."))
            found.append(Request(kept=k + 1, index=index))
    return found


def _trace(model: Reasoner, test: Test, seed: int) -> Estimate:
    row = rolled(model, test, seed)
    return Estimate(value=row.value, low=row.low, high=row.high, n=row.rollouts)


@cache
def _bank(model: Reasoner, test: Test, seed: int) -> tuple[Row, ...]:
    found = [rolled(model, test, seed_for("bank", seed, index)) for index in range(BANK)]
    return tuple(
        Row(
            problem_id="",
            value=row.value or 0.0,
            low=row.low or 0.0,
            high=row.high or 0.0,
            control=row.control,
            by_itself=row.by_itself or 0.0,
        )
        for row in found
    )


def _study(banks: Sequence[Sequence[Row]], seed: int) -> Estimate:
    rng = np.random.default_rng(seed)
    picked = rng.integers(0, len(banks), PROBLEMS), rng.integers(0, BANK, PROBLEMS)
    rows = [banks[bank][place] for bank, place in zip(*picked, strict=True)]
    held = [
        Row(
            problem_id=str(number),
            value=row.value,
            low=row.low,
            high=row.high,
            control=row.control,
            by_itself=row.by_itself,
        )
        for number, row in enumerate(rows)
    ]
    return mean(held)
