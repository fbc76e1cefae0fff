"""Which problems only one of two models solves, and how many of these chance alone makes (T1)."""

import numpy as np

from reasonscope.dynamics.boundary.counts import Counts, Paired
from reasonscope.dynamics.boundary.curves import Numbers, solved_within, widened
from reasonscope.stats import Estimate, mean_by_cluster

Sets = tuple[int, int, int, int]
"""Problems that the base alone, both, the other alone and neither solved."""


def sets(held: Paired) -> Sets:
    """The problems by who solved them at least once in all of its attempts."""
    base, other = held.c[0] > 0, held.c[1] > 0
    parts = (base & ~other, base & other, ~base & other, ~base & ~other)
    return tuple(int(part.sum()) for part in parts)  # type: ignore[return-value]


def half_of(held: Paired) -> int:
    """The number of attempts at which solvable sets are compared with halves of one model's."""
    return held.most // 2


def only_first(held: Paired, first: int) -> Numbers:
    """For each problem the chance that ``half`` attempts of one model solve it and as many of the
    other do not: the expectation over which of its attempts are taken.

    Args:
        held: the attempts.
        first: 0: solved by the base; 1: by the other model.
    """
    half = half_of(held)
    solved = solved_within(held.n[first], held.c[first], half)[:, half - 1]
    missed = 1.0 - solved_within(held.n[1 - first], held.c[1 - first], half)[:, half - 1]
    return np.asarray(solved * missed, dtype=np.float64)


def by_chance(n: Counts, c: Counts, half: int) -> Numbers:
    """The same for two halves of one model's own attempts: what chance alone makes.

    The chance that ``half`` of its n attempts, drawn at random, hold a right one and ``half`` of
    the others hold none: C(n - c, half) / C(n, half) less the same for ``2 half``.

    >>> by_chance(np.array([2, 2]), np.array([1, 2]), 1)
    array([0.5, 0. ])
    """
    known = solved_within(n, c, 2 * half)
    return np.asarray(known[:, 2 * half - 1] - known[:, half - 1], dtype=np.float64)


def excess(held: Paired, first: int) -> Estimate:
    """The share of problems that only one model solves, beyond what halves of its own attempts do.

    Zero in expectation where both models solve every problem equally often. Half of the attempts
    is compared with half, since a problem is solved once the more easily the more it is tried.
    """
    half = half_of(held)
    if half == 0:
        return Estimate(value=None, method="needs two attempts of each model at a problem")
    beyond = only_first(held, first) - by_chance(held.n[first], held.c[first], half)
    return widened(mean_by_cluster(beyond, np.arange(len(beyond))))
