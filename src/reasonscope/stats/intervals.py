"""Shares of independent observations, and the difference of two shares."""

import math

from reasonscope.stats.estimate import Estimate, count, normal_quantile


def wilson_ends(share: float, n: float, z: float) -> tuple[float, float]:
    """The ends of Wilson's score interval; ``n`` may be an effective number of observations."""
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    low = 0.0 if share == 0 else max(0.0, centre - half)
    high = 1.0 if share == 1 else min(1.0, centre + half)
    return low, high


def wilson(successes: float, n: float, level: float = 0.95) -> Estimate:
    """The share of successes among independent observations, with Wilson's score interval.

    Never collapses to a point, also at 0 and 1. For observations that come in groups (several
    traces of one problem) use :func:`clustered_proportion`. Source: Wilson 1927.

    Raises:
        ValueError: A count is negative or not whole, or successes exceed n.

    >>> wilson(0, 10).high == wilson(10, 10).value - wilson(10, 10).low
    True
    """
    hits, total = count("successes", successes), count("n", n)
    z = normal_quantile(level)
    if hits > total:
        raise ValueError(f"successes must not exceed n, found {hits} of {total}")
    if total == 0:
        return Estimate(value=None, n=0, method="wilson: no observations", level=level)
    low, high = wilson_ends(hits / total, total, z)
    return Estimate(value=hits / total, low=low, high=high, n=total, method="wilson", level=level)


def newcombe(s1: float, n1: float, s2: float, n2: float, level: float = 0.95) -> Estimate:
    """The difference of two independent shares, first minus second, with Newcombe's interval.

    Source: Newcombe 1998, method 10 for unpaired differences: Wilson's ends, combined as roots
    of sums of squares.

    >>> round(newcombe(56, 70, 48, 80).low, 4), round(newcombe(56, 70, 48, 80).high, 4)
    (0.0524, 0.3339)
    """
    first, second = wilson(s1, n1, level), wilson(s2, n2, level)
    total = first.n + second.n
    ends = (first.value, first.low, first.high, second.value, second.low, second.high)
    if first.value is None or second.value is None:
        empty = "newcombe: one side has no observations"
        return Estimate(value=None, n=total, method=empty, level=level)
    p1, l1, u1, p2, l2, u2 = (float(end) for end in ends if end is not None)
    return Estimate(
        value=p1 - p2,
        low=p1 - p2 - math.hypot(p1 - l1, u2 - p2),
        high=p1 - p2 + math.hypot(u1 - p1, p2 - l2),
        n=total,
        method="newcombe",
        level=level,
    )


def newcombe_paired(
    both: float, first_only: float, second_only: float, neither: float, level: float = 0.95
) -> Estimate:
    """The difference of two shares measured on the same things, with Newcombe's interval.

    Args:
        both: How many things succeeded both times.
        first_only: How many succeeded the first time only.
        second_only: How many succeeded the second time only.
        neither: How many failed both times.
        level: Nominal coverage.

    Source: Newcombe 1998, method 10 for paired differences (with continuity-corrected phi).

    >>> newcombe_paired(3, 1, 1, 3).value
    0.0
    """
    a, b = count("both", both), count("first_only", first_only)
    c, d = count("second_only", second_only), count("neither", neither)
    n = a + b + c + d
    if n == 0:
        return Estimate(value=None, method="newcombe paired: no pairs", level=level)
    z, phi = normal_quantile(level), _phi(a, b, c, d)
    p1, p2 = (a + b) / n, (a + c) / n
    (l1, u1), (l2, u2) = wilson_ends(p1, n, z), wilson_ends(p2, n, z)
    below = _combined(p1 - l1, u2 - p2, phi)
    above = _combined(u1 - p1, p2 - l2, phi)
    difference = (b - c) / n
    return Estimate(
        value=difference,
        low=max(-1.0, difference - below),
        high=min(1.0, difference + above),
        n=n,
        method="newcombe paired",
        level=level,
    )


def _combined(x: float, y: float, phi: float) -> float:
    return math.sqrt(max(0.0, x * x - 2 * phi * x * y + y * y))


def _phi(a: int, b: int, c: int, d: int) -> float:
    """The correlation of the two outcomes, shrunk towards 0 where it is positive."""
    product = (a + b) * (c + d) * (a + c) * (b + d)
    if product == 0:
        return 0.0
    excess: float = a * d - b * c
    if excess > 0:
        excess = max(excess - (a + b + c + d) / 2, 0.0)
    return excess / math.sqrt(product)
