"""Means, ratios and any other statistic of values that come in clusters."""

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal

from reasonscope.stats.estimate import (
    Estimate,
    finite,
    group_indices,
    normal_quantile,
    student_quantile,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_BLOCK = 200_000


def mean_by_cluster(
    values: "Sequence[float] | NDArray[Any]",
    clusters: "Sequence[object] | NDArray[Any]",
    level: float = 0.95,
) -> Estimate:
    """The mean of clustered values, each value counting once, with a cluster-robust t interval.

    With one value per cluster it is Student's interval for a mean. For shares near 0 or 1 use
    :func:`clustered_proportion`, whose interval does not collapse.

    >>> mean_by_cluster([1.0, 2.0, 3.0], ["a", "b", "c"]).value
    2.0
    """
    return ratio_by_cluster(values, [1.0] * len(values), clusters, level)


def ratio_by_cluster(
    numerators: "Sequence[float] | NDArray[Any]",
    denominators: "Sequence[float] | NDArray[Any]",
    clusters: "Sequence[object] | NDArray[Any]",
    level: float = 0.95,
) -> Estimate:
    """The ratio of two sums, such as flips per token, with a cluster-robust t interval.

    The standard error is that of the linearised ratio, with Student's t at clusters - 1 degrees
    of freedom. Source: Cochran 1977, ch. 6.

    Args:
        numerators: One number per observation.
        denominators: One number per observation; their sum must be positive.
        clusters: The cluster of each observation.
        level: Nominal coverage.
    """
    tops, bottoms = finite("numerators", numerators), finite("denominators", denominators)
    if len(tops) != len(bottoms):
        raise ValueError(f"one denominator per numerator: {len(bottoms)} for {len(tops)}")
    normal_quantile(level)
    groups, k = group_indices(clusters, len(tops))
    known: dict[str, Any] = {"n": len(tops), "clusters": k, "level": level}
    whole = float(bottoms.sum())
    if k == 0 or whole <= 0:
        why = "no observations" if k == 0 else "the denominators do not sum to a positive number"
        return Estimate(value=None, method=f"cluster-robust t: {why}", **known)
    ratio = float(tops.sum()) / whole
    if k == 1:
        return Estimate(
            value=ratio, method="cluster-robust t: one cluster has no interval", **known
        )
    residuals = _sums(tops - ratio * bottoms, groups, k)
    error = math.sqrt(k / (k - 1) * float((residuals**2).sum())) / whole
    half = student_quantile(level, k - 1) * error
    return Estimate(
        value=ratio, low=ratio - half, high=ratio + half, method="cluster-robust t", **known
    )


def _sums(
    values: "NDArray[np.float64]", groups: "NDArray[np.intp]", k: int
) -> "NDArray[np.float64]":
    import numpy as np

    return np.bincount(groups, weights=values, minlength=k).astype(np.float64)


def cluster_bootstrap(
    values: "Sequence[float] | NDArray[Any]",
    clusters: "Sequence[object] | NDArray[Any]",
    statistic: "Callable[[NDArray[np.float64]], float] | Literal['mean']" = "mean",
    *,
    seed: int,
    draws: int = 2000,
    level: float = 0.95,
) -> Estimate:
    """Any statistic of clustered values, with a percentile interval over resampled clusters.

    Whole clusters are drawn with replacement. The percentile interval is too narrow when
    clusters are few (coverage about .90 at 10 clusters, .94 at 50) and has no width where all
    values are equal: for means prefer :func:`mean_by_cluster`, for shares
    :func:`clustered_proportion`. One cluster has no interval.

    Args:
        values: One number per observation.
        clusters: The cluster of each observation.
        statistic: What to compute; the mean is vectorised, a function is called per draw.
        seed: Seed of the draws; derive it by name (``provenance.seed_for``).
        draws: How many resamples.
        level: Nominal coverage.

    Raises:
        ValueError: A value is not finite, or draws is less than 100.
    """
    import numpy as np

    data = finite("values", values)
    groups, k = group_indices(clusters, len(data))
    normal_quantile(level)
    if draws < 100:
        raise ValueError(f"draws must be at least 100, found {draws}")
    known: dict[str, Any] = {"n": len(data), "clusters": k, "level": level}
    if k == 0:
        return Estimate(value=None, method="cluster bootstrap: no observations", **known)
    value = float(data.mean() if statistic == "mean" else statistic(data))
    if not math.isfinite(value):
        return Estimate(value=None, method="cluster bootstrap: statistic is undefined", **known)
    if k == 1:
        return Estimate(
            value=value, method="cluster bootstrap: one cluster has no interval", **known
        )
    rng = np.random.default_rng(seed)
    if statistic == "mean":
        drawn = _drawn_means(data, groups, k, draws, rng)
    else:
        drawn = _drawn(data, groups, k, statistic, draws, rng)
    kept = drawn[np.isfinite(drawn)]
    lost = "" if len(kept) == draws else f", {draws - len(kept)} of {draws} draws undefined"
    if len(kept) < draws / 2:
        return Estimate(value=value, method=f"cluster bootstrap: no interval{lost}", **known)
    low, high = np.quantile(kept, [(1 - level) / 2, (1 + level) / 2])
    return Estimate(
        value=value, low=float(low), high=float(high), method=f"cluster bootstrap{lost}", **known
    )


def _drawn_means(
    data: "NDArray[np.float64]",
    groups: "NDArray[np.intp]",
    k: int,
    draws: int,
    rng: "np.random.Generator",
) -> "NDArray[np.float64]":
    """Means of resampled clusters, a block of draws at a time so that memory stays bounded."""
    import numpy as np

    tops, sizes = _sums(data, groups, k), np.bincount(groups, minlength=k).astype(np.float64)
    even = bool((sizes == sizes[0]).all())
    means = np.empty(draws)
    step = max(1, _BLOCK // k)
    for start in range(0, draws, step):
        rows = min(step, draws - start)
        picked = rng.integers(0, k, size=(rows, k), dtype=np.int32)
        bottoms = k * sizes[0] if even else sizes[picked].sum(axis=1)
        means[start : start + rows] = tops[picked].sum(axis=1) / bottoms
    return means


def _drawn(
    data: "NDArray[np.float64]",
    groups: "NDArray[np.intp]",
    k: int,
    statistic: "Callable[[NDArray[np.float64]], float]",
    draws: int,
    rng: "np.random.Generator",
) -> "NDArray[np.float64]":
    import numpy as np

    order = np.argsort(groups, kind="stable")
    members = np.split(data[order], np.cumsum(np.bincount(groups, minlength=k))[:-1])
    return np.array(
        [
            statistic(np.concatenate([members[i] for i in rng.integers(0, k, size=k)]))
            for _ in range(draws)
        ]
    )
