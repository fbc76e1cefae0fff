"""How often wrong traces score above right ones of the same fold, and by how much one score beats
another, with intervals clustered by problem.

Scores of different folds come from different fits, so only pairs within a fold are compared. The
interval rests on the pairs' projection on problems (Hájek), with Student's t; for one score and
one fold it is Obuchowski's without the logit.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from reasonscope.stats import Estimate
from reasonscope.stats.estimate import student_quantile

Floats = NDArray[np.float64]


def area(
    scores: Floats,
    truth: NDArray[np.bool_],
    folds: Sequence[int] | NDArray[np.intp],
    problems: Sequence[str],
) -> Estimate:
    """The chance that a positive scores above a negative of its fold; ties count half.

    >>> area(np.array([0.1, 0.9]), np.array([False, True]), [0, 0], ["a", "b"]).value
    1.0
    """
    return _estimate([_wins(scores, truth, folds)], truth, folds, problems)


def gain(
    first: Floats,
    second: Floats,
    truth: NDArray[np.bool_],
    folds: Sequence[int] | NDArray[np.intp],
    problems: Sequence[str],
) -> Estimate:
    """The area of the first score minus that of the second, on the same pairs.

    Args:
        first: One score per trace; higher means more likely positive.
        second: Another.
        truth: True for positives.
        folds: The fold of each trace, or fold and model as one number.
        problems: The problem of each trace; a problem lies in one fold.
    """
    ones, others = _wins(first, truth, folds), _wins(second, truth, folds)
    return _estimate([ones, others], truth, folds, problems)


def _wins(
    scores: Floats, truth: NDArray[np.bool_], folds: Sequence[int] | NDArray[np.intp]
) -> Floats:
    """For each trace the sum over its pairs of how often the positive wins."""
    sums, own = np.zeros(len(scores)), np.asarray(folds)
    for fold in np.unique(own):
        up, down = np.flatnonzero((own == fold) & truth), np.flatnonzero((own == fold) & ~truth)
        ups, downs = np.sort(scores[up]), np.sort(scores[down])
        sums[up] = _below(downs, scores[up])
        sums[down] = len(ups) - _below(ups, scores[down])
    return sums


def _below(ordered: Floats, values: Floats) -> Floats:
    left: Floats = np.searchsorted(ordered, values, "left").astype(np.float64)
    right: Floats = np.searchsorted(ordered, values, "right").astype(np.float64)
    return (left + right) / 2


def _pairs(truth: NDArray[np.bool_], folds: Sequence[int] | NDArray[np.intp]) -> Floats:
    """For each trace the number of its pairs."""
    own = np.asarray(folds)
    ups = np.bincount(own, weights=truth, minlength=own.max() + 1)
    downs = np.bincount(own, weights=~truth, minlength=own.max() + 1)
    counted: Floats = np.where(truth, downs[own], ups[own])
    return counted


def _estimate(
    wins: Sequence[Floats],
    truth: NDArray[np.bool_],
    folds: Sequence[int] | NDArray[np.intp],
    problems: Sequence[str],
) -> Estimate:
    _, groups = np.unique(np.asarray(problems), return_inverse=True)
    k = int(groups.max()) + 1 if len(groups) else 0
    known = {"n": len(truth), "clusters": k}
    pairs = _pairs(truth, folds) if k else np.zeros(0)
    count = float(pairs[truth].sum()) if k else 0.0
    if not count:
        return Estimate(value=None, n=len(truth), method="pairs within folds: none")
    top = wins[0] - wins[1] if len(wins) == 2 else wins[0]
    value = float(top[truth].sum()) / count
    sums = np.bincount(groups, weights=top - value * pairs, minlength=k)
    if k < 2:
        return Estimate(value=value, method="pairs within folds: one problem", **known)
    error = math.sqrt(k / (k - 1) * float(sums @ sums)) / count
    half = student_quantile(0.95, k - 1) * error
    return Estimate(
        value=value, low=value - half, high=value + half, method="pairs within folds, t", **known
    )
