"""The plain way to judge steps: each by the rollouts on its two sides alone."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from reasonscope.stats import benjamini_hochberg
from reasonscope.structure.anchors.budget.tallies import Tallies


def separate_p_values(tally: Tallies) -> NDArray[np.float64]:
    """Shape (step,): two-sided p of the score test that both sides have one accuracy.

    All rollouts count. 1 where a side has none, or where all answers are alike.
    """
    n = (tally.made + tally.fresh_made).astype(np.float64)
    s = (tally.right + tally.fresh_right).astype(np.float64)
    both = n[1:] + n[:-1]
    pooled = (s[1:] + s[:-1]) / np.maximum(both, 1)
    rounds = 1 / np.maximum(n[1:], 1) + 1 / np.maximum(n[:-1], 1)
    error = np.sqrt(pooled * (1 - pooled) * rounds)
    known = (n[1:] > 0) & (n[:-1] > 0) & (error > 0)
    z = np.abs(separate_importances(tally)) / np.where(known, error, 1.0)
    return np.where(known, 2 * ndtr(-z), 1.0)


def separate_importances(tally: Tallies) -> NDArray[np.float64]:
    """Shape (step,): share of right answers after each step minus that before it; 0: unknown."""
    n, s = tally.made + tally.fresh_made, tally.right + tally.fresh_right
    shares = s / np.maximum(n, 1)
    return np.where((n[1:] > 0) & (n[:-1] > 0), np.diff(shares), 0.0)


def separately_reported(tally: Tallies, false_share: float = 0.1) -> frozenset[int]:
    """Steps with an effect at this false-discovery share (Benjamini and Hochberg)."""
    adjusted = benjamini_hochberg([float(p) for p in separate_p_values(tally)])
    return frozenset(step for step, p in enumerate(adjusted) if p <= false_share)
