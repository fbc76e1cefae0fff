"""Whether a response first rises and then falls: the Lind-Mehlum test with fixed effects.

Beside it stands a test that assumes no parabola, since a curve that rises and then stays level
often passes Lind and Mehlum's (Simonsohn 2018).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

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

FEWEST_CLUSTERS = 3
"""Two coefficients need more than two clusters for a variance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvertedU:
    """What a quadratic says of a hump: slopes at both ends of the range, the top, and p."""

    p_value: float | None
    """The larger of the two one-sided p values; None: could not be assessed."""
    quarters_p_value: float | None
    """The larger one-sided p that the middle half of x lies above the lower and above the upper
    quarter: at most the level for any monotone curve, whatever its form."""
    at_low: Estimate
    """Slope at the lower end of the range; an inverted U rises here."""
    at_high: Estimate
    """Slope at the upper end of the range; an inverted U falls here."""
    vertex: Estimate
    """Where the parabola turns, with Fieller's interval; no ends where that is unbounded."""
    low: float | None
    """The lower end of the range."""
    high: float | None
    """The upper end of the range."""
    method: str
    """How, or why not."""


def lind_mehlum(
    x: "Sequence[float] | NDArray[Any]",
    y: "Sequence[float] | NDArray[Any]",
    groups: "Sequence[object] | NDArray[Any]",
    clusters: "Sequence[object] | NDArray[Any]",
    *,
    ends: tuple[float, float] = (0.05, 0.95),
    level: float = 0.95,
) -> InvertedU:
    """Whether y rises with x at the low end of its range and falls at the high end.

    A quadratic in x with a fixed effect for each group, by least squares; its variance is the
    jackknife over clusters (with Student's t at clusters - 1). The null is "monotone or U
    shaped"; p is the larger of the two one-sided p values, so the size is at most the level, and
    near it only where the curve just turns flat at one end. Source: Lind and Mehlum 2010; Fieller
    1954. Departures: the range runs between two quantiles of x rather than from least to most, so
    that one outlier does not make a hump; the variance is clustered.

    Args:
        x: One number per observation.
        y: One number per observation.
        groups: The group of each observation; each has its own level.
        clusters: The cluster of each observation; groups lie within clusters.
        ends: The quantiles of x that bound the range.
        level: Nominal coverage of the intervals.

    Raises:
        ValueError: A number is not finite, or lengths differ.

    >>> x = [-2.0, -1.0, 0.0, 1.0, 2.0] * 4
    >>> y = [-3.9, -1.0, 0.0, -1.2, -4.0, -4.0, -0.9, 0.1, -1.0, -4.1] * 2
    >>> held = lind_mehlum(x, y, [0] * 5 + [1] * 5 + [2] * 5 + [3] * 5, sorted([0, 1, 2, 3] * 5))
    >>> held.p_value < 0.01, abs(held.vertex.value) < 0.1
    (True, True)
    """
    import numpy as np

    xs, ys = finite("x", x), finite("y", y)
    if len(xs) != len(ys):
        raise ValueError(f"one y per x: {len(ys)} for {len(xs)}")
    normal_quantile(level)
    within, blocks = group_indices(groups, len(xs))
    between, k = group_indices(clusters, len(xs))
    known: dict[str, Any] = {"n": len(xs), "clusters": k, "level": level}
    if k < FEWEST_CLUSTERS:
        return _unknown(f"needs at least {FEWEST_CLUSTERS} clusters, found {k}", known)
    low, high = (float(end) for end in np.quantile(xs, ends))
    design = np.stack([_demeaned(power, within, blocks) for power in (xs, xs**2)], axis=1)
    fit = _jackknifed(design, _demeaned(ys, within, blocks), between, k)
    if fit is None or (design**2).sum(axis=0).min() <= 1e-20 * float((xs**4).sum()):
        return _unknown("x takes too few values within the groups", known)
    beta, variance = fit
    t = student_quantile(level, k - 1)
    slopes = [_slope(end, beta, variance, t, known) for end in (low, high)]
    p_value = max(_tail(slopes[0], t, k - 1), _tail(slopes[1], -t, k - 1))
    return InvertedU(
        p_value=p_value,
        quarters_p_value=_quarters(xs, _demeaned(ys, within, blocks), (within, blocks), between, k),
        at_low=slopes[0],
        at_high=slopes[1],
        vertex=_vertex(beta, variance, t, known),
        low=low,
        high=high,
        method="lind-mehlum, clustered",
    )


def _unknown(why: str, known: dict[str, Any]) -> InvertedU:
    none = Estimate(value=None, method=f"lind-mehlum: {why}", **known)
    return InvertedU(
        p_value=None,
        quarters_p_value=None,
        at_low=none,
        at_high=none,
        vertex=none,
        low=None,
        high=None,
        method=none.method,
    )


def _demeaned(
    values: "NDArray[np.float64]", groups: "NDArray[np.intp]", k: int
) -> "NDArray[np.float64]":
    import numpy as np

    means = np.bincount(groups, values, k) / np.bincount(groups, minlength=k)
    return np.asarray(values - means[groups], dtype=np.float64)


def _jackknifed(
    design: "NDArray[np.float64]",
    y: "NDArray[np.float64]",
    clusters: "NDArray[np.intp]",
    k: int,
) -> "tuple[NDArray[np.float64], NDArray[np.float64]] | None":
    """Both coefficients and their variance from leaving out one cluster at a time."""
    import numpy as np

    first, second = design.T
    products = (first * first, first * second, second * second, first * y, second * y)
    sums = np.stack([np.bincount(clusters, product, k) for product in products])
    whole = sums.sum(axis=1, keepdims=True)
    least = 1e-9 * float(whole[0, 0] * whole[2, 0])
    beta, left = _solved(whole, least), _solved(whole - sums, least)
    if beta is None or left is None:
        return None
    away = left - beta
    return beta[:, 0], (k - 1) / k * (away @ away.T)


def _solved(sums: "NDArray[np.float64]", least: float) -> "NDArray[np.float64] | None":
    """The two coefficients of each column of sums; None where a determinant is too small."""
    import numpy as np

    aa, ab, bb, ay, by = sums
    determinant = aa * bb - ab * ab
    if least <= 0 or (determinant <= least).any():
        return None
    solved = np.stack([(bb * ay - ab * by), (aa * by - ab * ay)]) / determinant
    return np.asarray(solved, dtype=np.float64)


def _quarters(
    x: "NDArray[np.float64]",
    y: "NDArray[np.float64]",
    groups: "tuple[NDArray[np.intp], int]",
    clusters: "NDArray[np.intp]",
    k: int,
) -> float | None:
    """The larger one-sided p that both outer quarters lie below the middle half."""
    import numpy as np
    from scipy.special import stdtr

    low, high = np.quantile(x, (0.25, 0.75))
    outer = [_demeaned(part.astype(np.float64), *groups) for part in (x < low, x > high)]
    fit = _jackknifed(np.stack(outer, axis=1), y, clusters, k)
    if fit is None:
        return None
    beta, errors = fit[0], np.sqrt(np.diag(fit[1]))
    if (errors == 0).any():
        return 0.0 if (beta < 0).all() else 1.0
    return float(stdtr(k - 1, beta / errors).max())


def _slope(
    at: float,
    beta: "NDArray[np.float64]",
    variance: "NDArray[np.float64]",
    t: float,
    known: dict[str, Any],
) -> Estimate:
    value = float(beta[0] + 2 * at * beta[1])
    spread = variance[0, 0] + 4 * at * variance[0, 1] + 4 * at * at * variance[1, 1]
    half = t * math.sqrt(max(float(spread), 0.0))
    method = "slope of a quadratic with fixed effects, cluster jackknife t"
    return Estimate(value=value, low=value - half, high=value + half, method=method, **known)


def _tail(slope: Estimate, t: float, freedom: int) -> float:
    """One-sided p that the slope has the sign of t."""
    from scipy.special import stdtr

    assert slope.value is not None
    assert slope.high is not None
    error = (slope.high - slope.value) / abs(t)
    signed = math.copysign(1.0, t) * slope.value
    if error == 0:
        return 0.0 if signed > 0 else 1.0
    return float(stdtr(freedom, -signed / error))


def _vertex(
    beta: "NDArray[np.float64]",
    variance: "NDArray[np.float64]",
    t: float,
    known: dict[str, Any],
) -> Estimate:
    """Where the slope is zero: all points at which it does not differ from zero (Fieller)."""
    if beta[1] == 0:
        return Estimate(value=None, method="fieller: no curvature", **known)
    value = float(-beta[0] / (2 * beta[1]))
    a = 4 * float(beta[1] ** 2 - t * t * variance[1, 1])
    b = 4 * float(beta[0] * beta[1] - t * t * variance[0, 1])
    c = float(beta[0] ** 2 - t * t * variance[0, 0])
    root = b * b - 4 * a * c
    if a <= 0 or root < 0:
        return Estimate(value=value, method="fieller: unbounded", **known)
    half = math.sqrt(root) / (2 * a)
    middle = -b / (2 * a)
    return Estimate(value=value, low=middle - half, high=middle + half, method="fieller", **known)
