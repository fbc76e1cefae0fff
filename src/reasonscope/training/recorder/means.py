"""Means of a step's completions, with standard errors by problem."""

from collections.abc import Sequence
from dataclasses import dataclass

from reasonscope.dynamics.recorded import Recorded
from reasonscope.stats import Estimate, ratio_by_cluster
from reasonscope.stats.estimate import student_quantile


@dataclass(frozen=True, slots=True, kw_only=True)
class Mean:
    """A mean over completions, and how many it rests on."""

    value: float | None
    """None: nothing could be assessed."""
    error: float | None = None
    """Standard error, by problem; None where there is only one problem."""
    n: int = 0
    """Completions assessed."""
    missing: int = 0
    """Completions that could not be assessed."""

    def row(self, run: str, step: int, name: str, part: str = "") -> Recorded:
        """The mean as a row of table ``recorded``."""
        return Recorded(
            run=run,
            step=step,
            name=name,
            part=part,
            value=self.value,
            error=self.error,
            n=self.n,
            missing=self.missing,
        )


def mean(values: Sequence[float | None], problems: Sequence[str]) -> Mean:
    """The mean of the known values; completions of one problem are no independent ones.

    >>> mean([1.0, 0.0, None, 1.0], ["a", "a", "a", "b"])
    Mean(value=0.6666666666666666, error=0.2222222222222222, n=3, missing=1)
    """
    return ratio(values, [None if value is None else 1.0 for value in values], problems)


def ratio(
    tops: Sequence[float | None], bottoms: Sequence[float | None], problems: Sequence[str]
) -> Mean:
    """The ratio of two sums over completions, such as checks per token.

    A completion counts as missing where either number is unknown or its bottom is 0.
    """
    known = [
        (top, bottom, problem)
        for top, bottom, problem in zip(tops, bottoms, problems, strict=True)
        if top is not None and bottom
    ]
    missing = len(tops) - len(known)
    if not known:
        return Mean(value=None, missing=missing)
    held = ratio_by_cluster(
        [one[0] for one in known], [one[1] for one in known], [one[2] for one in known]
    )
    return Mean(value=held.value, error=standard_error(held), n=len(known), missing=missing)


def standard_error(estimate: Estimate) -> float | None:
    """The standard error behind a cluster-robust t interval; None: it has no interval."""
    if estimate.value is None or estimate.high is None or not estimate.clusters:
        return None
    half = estimate.high - estimate.value
    return half / student_quantile(estimate.level, estimate.clusters - 1)
