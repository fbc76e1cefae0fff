"""Planted effects: how often a test finds what is there, and what is not (level 3)."""

from collections.abc import Callable, Sequence

import numpy as np

from reasonscope.instrument import Calibration
from reasonscope.provenance import seed_for
from reasonscope.stats import Estimate, wilson


def rate(outcomes: Sequence[bool]) -> Estimate:
    """A share of planted cases, with its Wilson interval."""
    return wilson(sum(outcomes), len(outcomes))


def excludes(estimate: Estimate, value: float = 0.0) -> bool:
    """Whether the interval leaves a value out; an estimate without interval leaves none out.

    >>> excludes(Estimate(value=0.2, low=0.1, high=0.3)), excludes(Estimate(value=None))
    (True, False)
    """
    if estimate.low is None or estimate.high is None:
        return False
    return not estimate.low <= value <= estimate.high


def effect(
    instrument: str,
    plant: str,
    planted: Callable[[int], Estimate],
    null: Callable[[int], Estimate],
    *,
    truth: float,
    nothing: float = 0.0,
    seed: int,
    n: int,
    note: str = "",
) -> Calibration:
    """How the instrument's interval does on ``n`` planted studies and ``n`` null ones.

    Found is an interval that leaves ``nothing`` out: power among planted studies, false positives
    among null ones, where .05 is expected of a 95 % interval. Coverage is the share of planted
    studies whose interval holds ``truth``.

    Args:
        instrument: its name.
        plant: what was planted, and what the null study is, in words.
        planted: a seed to the instrument's estimate on a fresh planted study.
        null: the same on a study in which nothing is to be found.
        truth: the planted value of the estimate.
        nothing: the value where nothing is to be found.
        seed: of all studies.
        n: studies of each kind.
        note: what the plant leaves out.
    """
    seeds = [seed_for("effect", instrument, plant, seed, index) for index in range(n)]
    found = [planted(one) for one in seeds]
    empty = [null(one) for one in seeds]
    return Calibration(
        instrument=instrument,
        plant=plant,
        power=rate([excludes(estimate, nothing) for estimate in found]),
        false_positive=rate([excludes(estimate, nothing) for estimate in empty]),
        coverage=rate([_holds(estimate, truth) for estimate in found]),
        bias=mean_error([e.value - truth for e in found if e.value is not None]),
        note=note,
    )


def _holds(estimate: Estimate, truth: float) -> bool:
    return estimate.low is not None and not excludes(estimate, truth)


def mean_error(errors: Sequence[float]) -> Estimate:
    """The mean of errors with a normal interval; without errors it is unknown."""
    if not errors:
        return Estimate(value=None, method="normal")
    mean = float(np.mean(errors))
    if len(errors) == 1:
        return Estimate(value=mean, n=1, method="normal")
    half = 1.96 * float(np.std(errors, ddof=1)) / len(errors) ** 0.5
    return Estimate(value=mean, low=mean - half, high=mean + half, n=len(errors), method="normal")
