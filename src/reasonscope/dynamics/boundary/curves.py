"""Curves of pass@k over problems, their bands and their difference (T1)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reasonscope.dynamics.boundary.counts import Counts, Paired
from reasonscope.stats import Estimate, mean_by_cluster

Numbers = NDArray[np.float64]
"""Numbers in rows."""

DRAWS = 1000
"""Bootstrap draws of problems behind the bands and the share of draws that cross."""


def solved_within(n: Counts, c: Counts, most: int) -> Numbers:
    """For each problem pass@k at k = 1 to ``most``, shape (problem, k); n must be at least most.

    Unbiased: 1 - C(n - c, k) / C(n, k), as a running product. Source: Chen et al. 2021, eq. 1.

    >>> solved_within(np.array([4]), np.array([1]), 4)
    array([[0.25, 0.5 , 0.75, 1.  ]])
    """
    assert most <= n.min(initial=most), "pass@k beyond n samples is undefined"
    drawn = np.arange(most)
    left = np.clip(n[:, None] - c[:, None] - drawn, 0, None)
    return np.asarray(1.0 - np.cumprod(left / (n[:, None] - drawn), axis=1), dtype=np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Curves:
    """Pass@k of two models on the same problems."""

    base: Numbers
    """By problem and k."""
    other: Numbers
    """By problem and k."""

    @property
    def k(self) -> Numbers:
        """The numbers of attempts, from 1."""
        return np.arange(1, self.base.shape[1] + 1, dtype=np.float64)

    @property
    def gains(self) -> Numbers:
        """The other model minus the base, by problem and k."""
        return self.other - self.base


def curves(held: Paired) -> Curves:
    """Pass@k of both models at every problem."""
    return Curves(
        base=solved_within(held.n[0], held.c[0], held.most),
        other=solved_within(held.n[1], held.c[1], held.most),
    )


def gain_at(held: Curves, k: int) -> Estimate:
    """Pass@k of the other model minus the base's, paired by problem, with Student's interval."""
    gains = held.gains[:, k - 1]
    return widened(mean_by_cluster(gains, np.arange(len(gains))))


def widened(estimate: Estimate) -> Estimate:
    """An interval of a mean of numbers in [-1, 1] that no spread gave a width: the rule of three.

    Where all problems agree, the share of problems that do not is at most about 3 / problems.
    """
    if estimate.value is None or estimate.low is None or estimate.low != estimate.high:
        return estimate
    most = min(1.0, 3.0 / max(estimate.n, 1))
    return Estimate(
        value=estimate.value,
        low=max(-1.0, estimate.value - most),
        high=min(1.0, estimate.value + most),
        n=estimate.n,
        clusters=estimate.clusters,
        method="rule of three: all problems agree",
    )


def drawn(held: Curves, seed: int, draws: int = DRAWS) -> tuple[Numbers, Numbers]:
    """Both mean curves for each bootstrap draw of problems, shapes (draw, k)."""
    problems = len(held.base)
    rng = np.random.default_rng(seed)
    weights = rng.multinomial(problems, np.full(problems, 1 / problems), size=draws) / problems
    return weights @ held.base, weights @ held.other


def band(draws: Numbers) -> tuple[Numbers, Numbers]:
    """The middle 95 % of the draws at each k."""
    low, high = np.quantile(draws, [0.025, 0.975], axis=0)
    return low, high
