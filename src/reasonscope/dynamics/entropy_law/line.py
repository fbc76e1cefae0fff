"""A linear fit under noise with memory, with intervals for any combination of its coefficients.

Every kind of noise of the grid gives a generalised least-squares fit with Student's law around
it; they are mixed with weights by their restricted likelihood and the grid's prior. This is Bayes;
that the intervals hold what they say is measured (``planted.py``).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import fdtrc, stdtr, stdtrit

from reasonscope.dynamics.entropy_law.noise import Numbers, Whitening, correlation, whitening
from reasonscope.stats import Estimate

METHOD = "least squares, mixed over noises with memory"
HALVINGS = 30
"""Steps of the search for an interval's end: its error is a billionth of where it may lie."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """A fitted line under each kind of noise."""

    coefficients: Numbers
    """Shape (kind, coefficient)."""
    covariances: Numbers
    """Of the coefficients, shape (kind, coefficient, coefficient), the noise's scale included."""
    scales: Numbers
    """Standard deviation of the noise, by kind."""
    weights: Numbers
    """How likely each kind of noise is; they sum to one."""
    freedom: int
    """Points less coefficients."""
    noise: Whitening
    """The kinds."""

    @property
    def points(self) -> int:
        """Points fitted."""
        return self.freedom + int(self.coefficients.shape[1])


def fit(places: Sequence[float], columns: Numbers, values: Numbers) -> Fit:
    """The fit of ``values`` by the columns, points in rows; places are the points' times.

    Needs more points than columns and columns that are not multiples of each other.
    """
    noise = whitening(tuple(float(place) for place in places))
    x, y = noise.matrices @ columns, noise.matrices @ values
    gram = np.swapaxes(x, 1, 2) @ x
    inverse = np.linalg.inv(gram)
    coefficients = (inverse @ np.swapaxes(x, 1, 2) @ y[:, :, None])[:, :, 0]
    rest = y - (x @ coefficients[:, :, None])[:, :, 0]
    freedom = len(values) - columns.shape[1]
    squares = np.maximum((rest**2).sum(axis=1), 1e-24)
    log_weights = -0.5 * (
        noise.log_determinants + np.linalg.slogdet(gram)[1] + freedom * np.log(squares)
    ) + np.log(noise.prior)
    weights = np.exp(log_weights - log_weights.max())
    scales = np.sqrt(squares / freedom)
    return Fit(
        coefficients=coefficients,
        covariances=inverse * (scales**2)[:, None, None],
        scales=scales,
        weights=weights / weights.sum(),
        freedom=freedom,
        noise=noise,
    )


def combined(held: Fit, combination: Sequence[float]) -> Estimate:
    """A linear combination of the coefficients with its 95 % interval."""
    c = np.array(combination)
    return _mixed(held, held.coefficients @ c, np.sqrt(_spread(held, c)))


def predicted(held: Fit, combination: Sequence[float], places: Numbers) -> Estimate:
    """What a mean over points to come is, with its 95 % prediction interval.

    The noise at these places is taken as new: they lie far from the points fitted.

    Args:
        held: the fit.
        combination: the mean of the columns over the points to come.
        places: their times, in points.
    """
    c = np.array(combination)
    distance = np.abs(places[:, None] - places[None, :])
    pairs = zip(held.noise.memory, held.noise.fresh)
    share = np.array([correlation(distance, memory, fresh).mean() for memory, fresh in pairs])
    return _mixed(held, held.coefficients @ c, np.sqrt(_spread(held, c) + held.scales**2 * share))


def _spread(held: Fit, c: Numbers) -> Numbers:
    return np.asarray(np.maximum(np.einsum("i,kij,j->k", c, held.covariances, c), 0.0))


def _mixed(held: Fit, centres: Numbers, errors: Numbers) -> Estimate:
    """The mean of the mixture with the ends between which 95 % of it lie."""
    ends = _ends(held, centres, errors)
    value = float(held.weights @ centres)
    return Estimate(
        value=value,
        low=min(ends[0], value),
        high=max(ends[1], value),
        n=held.points,
        method=METHOD,
    )


def _ends(held: Fit, centres: Numbers, errors: Numbers) -> tuple[float, float]:
    """By halving: each end lies between the least and the greatest of the kinds' own ends."""
    safe = np.maximum(errors, 1e-300)
    levels = np.array([0.025, 0.975])
    own = centres + stdtrit(held.freedom, levels)[:, None] * safe
    low, high = own.min(axis=1), own.max(axis=1)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        below = stdtr(held.freedom, (middle[:, None] - centres) / safe) @ held.weights < levels
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return float(low[0]), float(high[1])


def zero_p_value(held: Fit, which: Sequence[int]) -> float:
    """The p value of some coefficients being zero together: F tests, mixed over the noises."""
    places = list(which)
    part = held.coefficients[:, places]
    inner = np.linalg.inv(held.covariances[:, places][:, :, places])
    f = np.einsum("ki,kij,kj->k", part, inner, part) / len(places)
    return float(held.weights @ fdtrc(len(places), held.freedom, np.maximum(f, 0.0)))
