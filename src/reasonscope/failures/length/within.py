"""Does more reasoning on the same problem go with a better answer?

Every measure here compares attempts of one model at one problem with each other, so that how hard
a problem is cannot speak (F13; the trap is Simpson's). Intervals are clustered by problem.
"""

import math

import numpy as np
from numpy.typing import NDArray

from reasonscope.failures.length.attempts import Attempts, centred, group_means
from reasonscope.stats import Estimate, InvertedU, lind_mehlum, mean_by_cluster, ratio_by_cluster

NEITHER = "no problem has both a right and a wrong attempt of one model"


def longer_half_points(attempts: Attempts) -> Estimate:
    """Accuracy of the longer half of a problem's attempts minus that of the shorter half.

    The middle attempt of an odd number is in neither half; attempts as long as each other are
    halved by chance of their order. Each group counts once.
    """
    judged = attempts.judged().repeated()
    if not judged.mixed():
        return Estimate(value=None, method=NEITHER)
    order = np.lexsort((judged.tokens, judged.groups))
    groups, right = judged.groups[order], judged.right[order]
    sizes = np.bincount(groups)
    place = np.arange(len(groups)) - _starts(groups)
    half = sizes[groups] // 2
    sign = np.where(place < half, -1.0, 0.0) + np.where(place >= sizes[groups] - half, 1.0, 0.0)
    differences = np.bincount(groups, sign * right / half)[sizes > 0]
    return mean_by_cluster(differences, judged.problem_of_groups()[sizes > 0])


def _starts(groups: NDArray[np.intp]) -> NDArray[np.intp]:
    """For sorted groups, the place at which each one's own group starts."""
    return np.asarray(np.searchsorted(groups, groups, "left"), dtype=np.intp)


def slope_points(attempts: Attempts) -> Estimate:
    """Points of accuracy per doubling of length, within problems.

    Least squares with a fixed effect for each group, which equals the ratio of the sums of
    products about the groups' means; its cluster-robust t interval is that ratio's. Problems that
    are always or never solved have a slope of zero, and count.
    """
    judged = attempts.judged().repeated()
    if not judged.mixed():
        return Estimate(value=None, method=NEITHER)
    return slope(judged.relative(), centred(judged.right, judged.groups), judged.problems)


def slope(x: NDArray[np.float64], y: NDArray[np.float64], clusters: NDArray[np.intp]) -> Estimate:
    """The slope of centred y on centred x."""
    return ratio_by_cluster(x * y, x * x, clusters)


def between_slope_points(attempts: Attempts) -> Estimate:
    """Points of accuracy per doubling of the mean length, between the problems of one model.

    No effect of length: harder problems make longer traces and more errors. It is measured to
    be shown beside :func:`slope_points`, as a warning.
    """
    judged = attempts.judged()
    if not len(judged):
        return Estimate(value=None, method="no judged attempts")
    held = np.bincount(judged.groups) > 0
    model = np.zeros(len(held), dtype=np.intp)
    model[judged.groups] = judged.models
    length = group_means(np.log2(judged.tokens), judged.groups)[held]
    right = group_means(judged.right, judged.groups)[held]
    x, y = centred(length, model[held]), centred(right, model[held])
    if not np.abs(y).max(initial=0) > 1e-9:
        return Estimate(value=None, method="no two problems differ in accuracy")
    return slope(x, y, judged.problem_of_groups()[held])


def inverted_u(attempts: Attempts) -> InvertedU:
    """The Lind-Mehlum test for a hump of accuracy over relative length, within problems.

    Length is in doublings above the group's own geometric mean; the range runs from the 5th to
    the 95th percentile.
    """
    judged = attempts.judged().repeated()
    if not judged.mixed():
        judged = judged.picked(np.zeros(len(judged), dtype=bool))
    return lind_mehlum(judged.relative(), judged.right, judged.groups, judged.problems)


def right_to_wrong_ratio(attempts: Attempts) -> Estimate:
    """How many times as long right attempts are as wrong ones at the same problem.

    The geometric mean, over groups that hold both, of the ratio of their geometric mean lengths;
    a t interval on the logarithms. Below 1: right attempts are shorter.
    """
    held = _paired(attempts, np.log2(attempts.tokens))
    if held.value is None or held.low is None or held.high is None:
        return held
    value, low, high = (2.0**end for end in (held.value, held.low, held.high))
    return Estimate(
        value=value,
        low=low,
        high=high if math.isfinite(high) else None,
        n=held.n,
        clusters=held.clusters,
        method="cluster-robust t of logarithms, paired by problem",
    )


def right_minus_wrong_tokens(attempts: Attempts) -> Estimate:
    """Mean tokens of right attempts minus those of wrong ones at the same problem."""
    return _paired(attempts, attempts.tokens)


def _paired(attempts: Attempts, values: NDArray[np.float64]) -> Estimate:
    """Mean of right minus mean of wrong in groups that hold both, each group counting once."""
    known = ~np.isnan(attempts.right)
    if not known.any():
        return Estimate(value=None, method="no judged attempts")
    groups, right = attempts.groups[known], attempts.right[known]
    hits, sizes = np.bincount(groups, right), np.bincount(groups)
    both = (hits > 0) & (hits < sizes)
    if not both.any():
        return Estimate(value=None, method=NEITHER)
    of_right = np.bincount(groups, values[known] * right)
    of_wrong = np.bincount(groups, values[known] * (1 - right))
    difference = of_right[both] / hits[both] - of_wrong[both] / (sizes - hits)[both]
    return mean_by_cluster(difference, attempts.picked(known).problem_of_groups()[both])
