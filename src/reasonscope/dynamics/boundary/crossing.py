"""Where two curves of pass@k cross, with an interval, and how often draws of problems cross."""

import math
from dataclasses import dataclass

import numpy as np

from reasonscope.dynamics.boundary.curves import Curves, Numbers
from reasonscope.stats import Estimate
from reasonscope.stats.estimate import student_quantile

EQUAL = 1e-9
"""Mean curves nearer than this are equal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """Where the model that is ahead at one attempt is overtaken."""

    at: float | None
    """Attempts, interpolated on a logarithmic scale; None: nobody is overtaken."""
    low: float | None = None
    """Lower end of the interval; None: it reaches below one attempt."""
    high: float | None = None
    """Upper end; None: it lies beyond the attempts taken."""
    overtaken: int = 0
    """+1: the other model is ahead first and the base overtakes it; -1: the reverse."""
    problems: int = 0
    """Problems."""

    @property
    def clear(self) -> bool:
        """Whether both ends of the interval lie within the attempts taken."""
        return self.low is not None and self.high is not None

    def estimate(self) -> Estimate:
        """The crossover as an Estimate; an interval with an open end is not one."""
        method = "paired t of the gain at each k, inverted"
        if self.at is not None and not self.clear:
            method += "; an end lies outside the attempts taken"
        return Estimate(
            value=self.at,
            low=self.low if self.clear else None,
            high=self.high if self.clear else None,
            n=self.problems,
            clusters=self.problems,
            method=method,
        )


def crossing(held: Curves) -> Crossing:
    """The last change of sign of the mean gain, if who is ahead at k = 1 is behind in the end.

    The interval holds the numbers of attempts around it at which the paired t interval of the
    gain holds zero: a gain of zero is what a crossover is. An end that is not reached within
    1 to the largest k is open.
    """
    gains = held.gains
    problems = len(gains)
    mean = gains.mean(axis=0)
    place = _last_change(mean)
    if place is None or problems < 2:
        return Crossing(at=None, problems=problems)
    first = float(np.sign(mean[0]))
    error = gains.std(axis=0, ddof=1) / math.sqrt(problems)
    half = student_quantile(0.95, problems - 1) * error
    log_k, ahead = np.log(held.k), first * mean
    return Crossing(
        at=_zero(log_k, mean, place),
        low=_left_end(log_k, ahead - half, place),
        high=_right_end(log_k, ahead + half, place + 1),
        overtaken=int(first),
        problems=problems,
    )


def _last_change(mean: Numbers) -> int | None:
    """The place before the last change of sign; None: who is ahead first is so in the end."""
    signs = np.where(np.abs(mean) < EQUAL, 0, np.sign(mean))
    known = np.flatnonzero(signs)
    if len(known) < 2 or signs[0] == 0 or signs[known[-1]] == signs[0]:
        return None
    same = np.flatnonzero(signs == signs[0])
    return int(same[-1])


def _zero(log_k: Numbers, curve: Numbers, place: int) -> float:
    """Where the line between two neighbouring points is zero, as a number of attempts."""
    here, there = float(curve[place]), float(curve[place + 1])
    share = here / (here - there)
    return math.exp(float(log_k[place]) + share * float(log_k[place + 1] - log_k[place]))


def _left_end(log_k: Numbers, low: Numbers, place: int) -> float | None:
    """Where, going left, the first model is surely ahead: its lead's lower bound is above 0."""
    sure = np.flatnonzero(low[: place + 1] > 0)
    return None if len(sure) == 0 else _zero(log_k, low, int(sure[-1]))


def _right_end(log_k: Numbers, high: Numbers, place: int) -> float | None:
    """Where, going right, it is surely behind: its lead's upper bound is below 0."""
    sure = np.flatnonzero(high[place:] < 0)
    return None if len(sure) == 0 else _zero(log_k, high, place + int(sure[0]) - 1)


def crossing_share(draws: tuple[Numbers, Numbers]) -> float:
    """The share of bootstrap draws in which who is ahead at k = 1 is behind in the end."""
    gains = draws[1] - draws[0]
    signs = np.where(np.abs(gains) < EQUAL, 0, np.sign(gains))
    last = signs.shape[1] - 1 - np.argmax(signs[:, ::-1] != 0, axis=1)
    return float((signs[:, 0] * signs[np.arange(len(signs)), last] < 0).mean())
