"""Shares and transitions of labels, corrected for the labeller's measured errors.

What is observed is the true share passed through the confusion matrix: ``observed = true @ C``,
where row i of C says how steps of label i are labelled here. The correction inverts that. Its
uncertainty has two sources, the problems of the study and the problems on which C was measured;
both are jackknifed and added.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from reasonscope.stats import Estimate
from reasonscope.stats.estimate import student_quantile

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def rates(confusion: "Floats") -> "Floats":
    """How steps of each label are labelled here: true label × ours, rows that sum to 1.

    Half a count is added to the diagonal, so that a label which no problem holds stays itself.

    Args:
        confusion: counts, one matrix a problem or one in all.
    """
    counts = confusion.sum(axis=0) if confusion.ndim == 3 else confusion
    filled = np.asarray(counts, dtype=np.float64) + 0.5 * np.eye(len(counts))
    shares: Floats = np.divide(filled, filled.sum(axis=1, keepdims=True))
    return shares


def corrected(observed: "Floats", channel: "Floats") -> "Floats":
    """True shares from observed ones; they may leave 0 to 1 by chance, as any estimate may."""
    found: Floats = np.asarray(np.linalg.solve(channel.T, observed), dtype=np.float64)
    return found


def corrected_pairs(observed: "Floats", channel: "Floats") -> "Floats":
    """True transitions from observed ones, as rows that sum to 1; negative counts become 0.

    Errors on neighbouring steps are taken to be independent, which they are not wholly.

    Args:
        observed: counts, label × label of the next step.
        channel: as :func:`rates` gives it.
    """
    inverse = np.linalg.inv(channel)
    pairs = np.clip(inverse.T @ observed @ inverse, 0.0, None)
    totals = pairs.sum(axis=1, keepdims=True)
    shares: Floats = np.divide(pairs, totals, out=np.zeros_like(pairs), where=totals > 0)
    return shares


def corrected_share(counts: "Floats", confusion: "Floats", label: int) -> Estimate:
    """The corrected share of one label, with an interval for both sources of error.

    Args:
        counts: problem × label: how often each label was given in the study.
        confusion: problem × true label × label: the labeller's measured errors.
        label: which label.
    """
    total = counts.sum(axis=0)
    known = {"n": int(total.sum()), "clusters": len(counts), "method": "two-sample jackknife, t"}
    if not total.sum():
        return Estimate(value=None, method="two-sample jackknife: no steps")
    value = float(corrected(total / total.sum(), rates(confusion))[label])
    if len(counts) < 2:
        return Estimate(value=_within(value), **known)  # type: ignore[arg-type]
    own, freedom = _spread(_without_each(counts, confusion, label))
    theirs, their_freedom = _spread(_without_problems(total, confusion, label))
    variance = own + theirs
    if variance <= 0:
        return Estimate(value=_within(value), **known)  # type: ignore[arg-type]
    joint = variance**2 / (own**2 / freedom + theirs**2 / their_freedom)
    half = student_quantile(0.95, max(1, round(joint))) * variance**0.5
    low, high = _within(value - half), _within(value + half)
    return Estimate(value=_within(value), low=low, high=high, **known)  # type: ignore[arg-type]


def _within(share: float) -> float:
    return min(max(share, 0.0), 1.0)


def _without_each(counts: "Floats", confusion: "Floats", label: int) -> "Floats":
    """The corrected share with each of the study's problems left out."""
    left = counts.sum(axis=0) - counts
    held = left[left.sum(axis=1) > 0]
    observed = held / held.sum(axis=1, keepdims=True)
    found: Floats = corrected(observed.T, rates(confusion))[label]
    return found


def _without_problems(total: "Floats", confusion: "Floats", label: int) -> "Floats":
    """The corrected share with each of the labeller's problems left out."""
    observed = total / total.sum()
    whole = confusion.sum(axis=0)
    return np.array([corrected(observed, rates(whole - one))[label] for one in confusion])


def _spread(without: "Floats") -> tuple[float, int]:
    """Jackknife variance and its degrees of freedom."""
    count = len(without)
    if count < 2:
        return 0.0, 1
    return float((count - 1) / count * ((without - without.mean()) ** 2).sum()), count - 1


def kept_beyond_shuffled(labels: Sequence[int]) -> float | None:
    """How much more often a step keeps the label of the one before than in shuffled order.

    The second term is exact: the mean over all orders of the same labels. In points of a share.

    >>> kept_beyond_shuffled([0, 0, 1, 1])
    0.3333333333333333
    >>> kept_beyond_shuffled([0]) is None
    True
    """
    size = len(labels)
    if size < 2:
        return None
    row = np.asarray(labels)
    kept = float((row[1:] == row[:-1]).mean())
    counts = np.bincount(row).astype(float)
    return kept - float((counts * (counts - 1)).sum()) / (size * (size - 1))
