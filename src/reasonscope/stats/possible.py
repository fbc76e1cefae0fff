"""An interval cut to what its number can be: a share ends at 0 and 1, a rate begins at 0."""

import math
from dataclasses import replace

from reasonscope.stats.estimate import Estimate

CUT = "; cut to what is possible"


def possible(estimate: Estimate, least: float = 0.0, most: float = math.inf) -> Estimate:
    """The estimate with the ends of its interval within the possible; its method says if one moved.

    The t interval of a mean or ratio knows no bounds: with few problems near a bound its end can
    leave them. Cutting never takes the truth out of it, so coverage stays.

    >>> held = possible(Estimate(value=0.9, low=0.7, high=1.1, method="t"), most=1.0)
    >>> held.low, held.high, held.method
    (0.7, 1.0, 't; cut to what is possible')
    """
    if estimate.low is None or estimate.high is None:
        return estimate
    low, high = max(least, estimate.low), min(most, estimate.high)
    if (low, high) == (estimate.low, estimate.high):
        return estimate
    return replace(estimate, low=low, high=high, method=estimate.method + CUT)
