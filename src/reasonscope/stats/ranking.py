"""How well a score tells two classes apart: the area under the ROC curve."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from reasonscope.stats.estimate import (
    Estimate,
    finite,
    group_indices,
    normal_quantile,
    student_quantile,
)
from reasonscope.stats.intervals import wilson_ends

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def auroc(
    scores: "Sequence[float] | NDArray[Any]",
    labels: "Sequence[bool] | NDArray[Any]",
    clusters: "Sequence[object] | NDArray[Any] | None" = None,
    level: float = 0.95,
) -> Estimate:
    """The chance that a positive scores above a negative (ties count half); 1 is best.

    The variance is DeLong's, or Obuchowski's where clusters are given (then with Student's t, at
    one less than the clusters of the smaller class); the interval is made on the logit scale,
    so that it stays in [0, 1]. At 0 and 1 the variance is 0 and says nothing:
    there the interval is Wilson's for as many observations as the smaller class has (clusters,
    where given), which is wide.

    Args:
        scores: One score per observation; higher means more likely positive.
        labels: True for positives.
        clusters: The cluster of each observation; both classes may share a cluster.
        level: Nominal coverage.

    Sources: DeLong et al. 1988; Obuchowski 1997.

    Raises:
        ValueError: A score is not finite, or the lengths differ.

    >>> auroc([0.1, 0.4, 0.35, 0.8], [False, False, True, True]).value
    0.75
    """
    import numpy as np

    values, n = finite("scores", scores), len(scores)
    truth = np.asarray(labels)
    if truth.shape != values.shape:
        raise ValueError(f"one label per score: {truth.shape} for {values.shape}")
    if not np.isin(truth, (0, 1)).all():
        raise ValueError("labels must be True or False")
    truth, z = truth.astype(bool), normal_quantile(level)
    groups, k = group_indices(range(n) if clusters is None else clusters, n)
    method = "delong, logit" if clusters is None else "obuchowski, logit"
    known: dict[str, Any] = {"n": n, "clusters": None if clusters is None else k, "level": level}
    if truth.all() or not truth.any():
        return Estimate(value=None, method=f"{method}: needs both classes", **known)
    above, below = _placements(values, truth)
    area = float(above.mean())
    worth = min(len(np.unique(groups[truth])), len(np.unique(groups[~truth])))
    if 1e-12 < area < 1 - 1e-12:
        error = _error(above, below, truth, groups, k, area)
        if error is None:
            return Estimate(value=area, method=f"{method}: too few clusters", **known)
        quantile = z if clusters is None else student_quantile(level, worth - 1)
        low, high = _logit_ends(area, error, quantile)
        return Estimate(value=area, low=low, high=high, method=method, **known)
    low, high = wilson_ends(round(area), worth, z)
    return Estimate(value=area, low=low, high=high, method="wilson, smaller class", **known)


def _placements(
    values: "NDArray[np.float64]", truth: "NDArray[np.bool_]"
) -> "tuple[NDArray[np.float64], NDArray[np.float64]]":
    """For each positive the share of negatives below, for each negative of positives above."""
    import numpy as np

    positives, negatives = values[truth], values[~truth]
    ups, downs = np.sort(positives), np.sort(negatives)
    above = np.searchsorted(downs, positives, "left") + np.searchsorted(downs, positives, "right")
    below = np.searchsorted(ups, negatives, "left") + np.searchsorted(ups, negatives, "right")
    return above / (2 * len(negatives)), 1 - below / (2 * len(positives))


def _error(
    above: "NDArray[np.float64]",
    below: "NDArray[np.float64]",
    truth: "NDArray[np.bool_]",
    groups: "NDArray[np.intp]",
    k: int,
    area: float,
) -> float | None:
    """Obuchowski's standard error; with one observation per cluster it is DeLong's."""
    import numpy as np

    m, n = len(above), len(below)
    ups = np.bincount(groups[truth], weights=above - area, minlength=k)
    downs = np.bincount(groups[~truth], weights=below - area, minlength=k)
    k_up, k_down = len(np.unique(groups[truth])), len(np.unique(groups[~truth]))
    if min(k_up, k_down) < 2:
        return None
    variance = k_up / (k_up - 1) * float(ups @ ups) / m**2
    variance += k_down / (k_down - 1) * float(downs @ downs) / n**2
    variance += 2 * k / (k - 1) * float(ups @ downs) / (m * n)
    return math.sqrt(max(variance, 0.0))


def _logit_ends(area: float, error: float, z: float) -> tuple[float, float]:
    logit = math.log(area / (1 - area))
    half = z * error / (area * (1 - area))
    return _logistic(logit - half), _logistic(logit + half)


def _logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x > -700 else 0.0
