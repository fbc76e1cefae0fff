"""Where a share rises above a threshold and stays there: a change point with its interval."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, betaln

_PRIOR = 0.5
_LEAST = 1e-300
"""Stands for shares too unlikely for a float: such places are ruled out by their neighbours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePoint:
    """The first place from which a share lies above the threshold."""

    place: int
    """The likeliest; as many as there are places: it never does."""
    low: int
    high: int
    """Ends of the run of places that holds about 95 % of the probability."""
    chances: tuple[float, ...]
    """Of each place, and last of never."""


def change_point(
    hits: Sequence[int], sizes: Sequence[int], threshold: float = 0.5, level: float = 0.95
) -> ChangePoint:
    """The first place from which the share of hits lies above the threshold.

    Before it the share is one unknown value below the threshold, from it on another above, with
    Jeffreys' prior (near 0 or 1 rather than near the threshold); each place and ``never`` is as
    likely as any other beforehand. What is found is the posterior, in closed form. "From the
    start" and "never" are places like others. A share that rises in several steps has its place
    where two levels fit best.

    >>> change_point([0, 1, 9, 10], [10, 10, 10, 10]).place
    2
    >>> change_point([10, 10], [10, 10]).place, change_point([0, 0], [10, 10]).place
    (0, 2)
    """
    s = np.concatenate([[0], np.cumsum(hits)]).astype(np.float64)
    n = np.concatenate([[0], np.cumsum(sizes)]).astype(np.float64)
    logs = _below(s, n - s, threshold) + _above(s[-1] - s, n[-1] - n - (s[-1] - s), threshold)
    chances = np.exp(logs - logs.max())
    chances /= chances.sum()
    low, high = _run(chances, level)
    return ChangePoint(
        place=int(chances.argmax()),
        low=low,
        high=high,
        chances=tuple(float(chance) for chance in chances),
    )


def _below(
    hits: NDArray[np.float64], misses: NDArray[np.float64], threshold: float
) -> NDArray[np.float64]:
    """Log of the mean likelihood over shares from 0 to the threshold."""
    inside = np.maximum(betainc(hits + _PRIOR, misses + _PRIOR, threshold), _LEAST)
    before = betainc(_PRIOR, _PRIOR, threshold)
    return np.asarray(betaln(hits + _PRIOR, misses + _PRIOR) + np.log(inside / before))


def _above(
    hits: NDArray[np.float64], misses: NDArray[np.float64], threshold: float
) -> NDArray[np.float64]:
    """Log of the mean likelihood over shares from the threshold to 1: the same seen from 1."""
    return _below(misses, hits, 1 - threshold)


def _run(chances: NDArray[np.float64], level: float) -> tuple[int, int]:
    """The run of places whose probability comes nearest to the level; of equals the shorter.

    Of each length the likeliest run is looked at. Places are whole, so no run holds exactly the
    level: always taking the next longer one would hold it far too often.
    """
    summed = np.concatenate([[0.0], np.cumsum(chances)])
    best, nearest = (0, len(chances) - 1), 2.0
    for length in range(1, len(chances) + 1):
        held = summed[length:] - summed[:-length]
        start = int(held.argmax())
        off = abs(float(held[start]) - level)
        if off < nearest - 1e-12:
            best, nearest = (start, start + length - 1), off
        if held[start] >= level:
            break
    return best


def rise(
    hits: Sequence[int], sizes: Sequence[int], rng: np.random.Generator, draws: int = 999
) -> float:
    """How often chance alone gives shares that rise as much from place to place: a p value.

    One-sided permutation test for a trend: the outcomes are dealt out anew among the places.
    Ties count half (mid-p), since few rollouts give few different sums.
    """
    n, s = np.asarray(sizes), np.asarray(hits)
    score = np.arange(len(n), dtype=np.float64)
    own = float(score @ s)
    drawn = rng.multivariate_hypergeometric(n, int(s.sum()), size=draws) @ score
    more = int((drawn > own + 1e-9).sum())
    tied = int((abs(drawn - own) <= 1e-9).sum())
    return (more + (tied + 1) / 2) / (draws + 1)


def shuffled(
    hits: Sequence[int], sizes: Sequence[int], rng: np.random.Generator
) -> tuple[int, ...]:
    """The same hits dealt out anew among the places: nothing rises but by chance."""
    return tuple(int(one) for one in rng.multivariate_hypergeometric(sizes, int(sum(hits))))
