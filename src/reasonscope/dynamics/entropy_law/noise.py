"""Noise with memory: what is not known of it is averaged over, not guessed.

A training log's noise is part fresh (the sampled completions) and part slow (where the policy
wanders). Intervals that take it as fresh are far too narrow. Here the correlation of two steps is
``(1 - fresh) * exp(-distance / memory)``, and every fit is made under each of a grid of values.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
"""Numbers in rows."""

FRESH = (0.0, 0.3, 0.6, 0.85)
"""Shares of the variance that is new at each step."""
LONGEST = 2
"""The longest memory is the number of points divided by this."""

JITTER = 1e-8
"""Added to each point's variance, so that two points at one time can be told apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Whitening:
    """For each kind of noise what makes it fresh: one matrix a kind."""

    matrices: Numbers
    """Inverse Cholesky factors of the correlations, shape (kind, point, point)."""
    log_determinants: Numbers
    """Natural logs of the correlations' determinants, by kind."""
    memory: Numbers
    """In points; 0: all fresh."""
    fresh: Numbers
    """Share of the variance that is fresh."""
    prior: Numbers
    """How likely each kind is before anything is seen: half for fresh noise, the rest evenly."""


def kinds(points: int) -> list[tuple[float, float]]:
    """The grid of noises as (memory, fresh share), memories doubling from one point.

    >>> kinds(8)[:3]
    [(0.0, 1.0), (1.0, 0.0), (1.0, 0.3)]
    """
    memories = [2.0**i for i in range(12) if 2**i <= max(points / LONGEST, 1)]
    return [(0.0, 1.0), *((memory, fresh) for memory in memories for fresh in FRESH)]


def correlation(distance: Numbers, memory: float, fresh: float) -> Numbers:
    """The correlation of noise at so many points' distance."""
    slow = np.exp(-distance / memory) if memory else np.zeros_like(distance)
    return np.asarray(np.where(distance == 0, 1.0, (1 - fresh) * slow), dtype=np.float64)


@lru_cache(maxsize=16)
def whitening(places: tuple[float, ...]) -> Whitening:
    """The matrices that make noise at these places fresh; places are measured in points."""
    at = np.array(places)
    distance = np.abs(at[:, None] - at[None, :])
    grid = kinds(len(at))
    own = JITTER * np.eye(len(at))
    factors = [np.linalg.cholesky(correlation(distance, *kind) + own) for kind in grid]
    return Whitening(
        matrices=np.array([np.linalg.inv(factor) for factor in factors]),
        log_determinants=np.array([2 * np.log(np.diag(factor)).sum() for factor in factors]),
        memory=np.array([kind[0] for kind in grid]),
        fresh=np.array([kind[1] for kind in grid]),
        prior=np.array([0.5, *[0.5 / (len(grid) - 1)] * (len(grid) - 1)]),
    )
