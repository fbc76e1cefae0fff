"""Shares of observations that come in clusters, such as several traces of one problem."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from reasonscope.stats.estimate import Estimate, finite, normal_quantile, student_quantile
from reasonscope.stats.intervals import wilson_ends

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_PRIOR_CORRELATION = 0.5
_PRIOR_WEIGHT = 0.5


def clustered_proportion(
    successes_by_cluster: "Sequence[float] | NDArray[Any]",
    sizes_by_cluster: "Sequence[float] | NDArray[Any]",
    level: float = 0.95,
) -> Estimate:
    """The share of successes, with a Wilson interval at the effective number of observations.

    The design effect is 1 + (m - 1) rho (t/z)^2, with m the size of the cluster that a random
    observation lies in, rho the analysis-of-variance estimate of the correlation within clusters
    (kept in [0, 1]), and t of Student with clusters - 1 degrees of freedom. Near 0 and 1 few
    clusters can tell rho: it is drawn towards 0.5 with the weight of half a cluster, so that a
    share of 0 or 1 never has an interval of no width. Clusters of one observation each give
    Wilson's interval. One cluster of several observations has no interval.

    Args:
        successes_by_cluster: Successes in each cluster.
        sizes_by_cluster: Observations in each cluster; empty clusters are left out.
        level: Nominal coverage.

    Sources: Kish 1965; Rao and Scott 1992; Korn and Graubard 1998. Departures: the t correction
    applies to the part of the variance that is estimated, and the prior on rho is ours; measured
    coverage is in ``docs/statistics.md``.

    Raises:
        ValueError: Counts are negative, not whole or not finite, or successes exceed sizes.

    >>> clustered_proportion([1, 0, 1], [1, 1, 1]).method
    'wilson'
    """
    successes, sizes = _checked(successes_by_cluster, sizes_by_cluster)
    z = normal_quantile(level)
    total, clusters = float(sizes.sum()), len(sizes)
    if clusters == 0:
        return Estimate(value=None, clusters=0, method="wilson: no observations", level=level)
    share = float(successes.sum()) / total
    known: dict[str, Any] = {"value": share, "n": int(total), "clusters": clusters, "level": level}
    typical = float((sizes**2).sum()) / total
    if typical == 1:
        low, high = wilson_ends(share, total, z)
        return Estimate(**known, low=low, high=high, method="wilson")
    if clusters == 1:
        return Estimate(**known, method="wilson, clustered: one cluster has no interval")
    stretch = (student_quantile(level, clusters - 1) / z) ** 2
    effect = 1 + (typical - 1) * _correlation(successes, sizes, share) * stretch
    low, high = wilson_ends(share, total / effect, z)
    return Estimate(**known, low=low, high=high, method="wilson, effective n of clusters")


def _checked(
    successes: "Sequence[float] | NDArray[Any]", sizes: "Sequence[float] | NDArray[Any]"
) -> "tuple[NDArray[np.float64], NDArray[np.float64]]":
    hits, ms = finite("successes_by_cluster", successes), finite("sizes_by_cluster", sizes)
    if len(hits) != len(ms):
        raise ValueError(f"one success count per cluster: {len(hits)} for {len(ms)} clusters")
    if (hits < 0).any() or (hits > ms).any():
        raise ValueError("successes_by_cluster must lie between 0 and the cluster's size")
    if (hits % 1).any() or (ms % 1).any():
        raise ValueError("successes and sizes must be whole numbers")
    return hits[ms > 0], ms[ms > 0]


def _correlation(
    successes: "NDArray[np.float64]", sizes: "NDArray[np.float64]", share: float
) -> float:
    """The correlation within clusters, drawn towards 0.5 where few clusters can tell."""
    clusters, total = len(sizes), float(sizes.sum())
    mixed = min(int((successes > 0).sum()), int((successes < sizes).sum()))
    weight = mixed / (mixed + _PRIOR_WEIGHT)
    return (
        weight * _anova(successes, sizes, share, clusters, total)
        + (1 - weight) * _PRIOR_CORRELATION
    )


def _anova(
    successes: "NDArray[np.float64]",
    sizes: "NDArray[np.float64]",
    share: float,
    clusters: int,
    total: float,
) -> float:
    shares = successes / sizes
    between = float((sizes * (shares - share) ** 2).sum()) / (clusters - 1)
    within = float((successes * (1 - shares)).sum()) / (total - clusters)
    typical = (total - float((sizes**2).sum()) / total) / (clusters - 1)
    spread = between + (typical - 1) * within
    return 0.0 if spread <= 0 else min(max((between - within) / spread, 0.0), 1.0)
