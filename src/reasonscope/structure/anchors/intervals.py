"""Intervals and tests of importances, and which steps of a trace are anchors.

A rollout *stays* with the trace as long as it repeats its steps to the letter, and *leaves* it at
the first step that it writes anew. One that stays through step *i* is as good a draw from the
prefix *i + 1* as one that was started there. So with the share v that leaves at step *i*, the
accuracy d of those that leave and the accuracy k of all that have the prefix *i + 1*,

    importance = k - ((1 - v) k + v d) = v (k - d),

three shares of independent rollouts. Rollouts that repeat the step cancel out of the difference,
and no step is important because it shares rollouts with its neighbour.

Limits of shares are Jeffreys' and those of sums and products come from the limits of their parts
(MOVER; Donner and Zou 2012, Laud and Dane 2014): of five ways it came nearest to its level at 8 to
100 rollouts (benchmarks/importance_coverage.py).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from reasonscope.stats import Estimate, benjamini_hochberg

ANCHOR_LEVEL = 0.1
"""Anchors of a trace have a q value at most this: so many of them may be false."""
TRACE_LEVEL = 0.04
"""A trace has anchors only if one step's q value is at most this: so many of the traces without
any anchor are said to have one. It leaves room below a twentieth for the test's own error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What came of some rollouts."""

    right: int = 0
    wrong: int = 0
    unknown: int = 0
    """Cut, or without an answer that could be read and compared."""

    @property
    def known(self) -> int:
        """Rollouts whose answer is right or wrong."""
        return self.right + self.wrong

    @property
    def all(self) -> int:
        """Rollouts, with and without an answer."""
        return self.known + self.unknown

    @property
    def accuracy(self) -> float | None:
        """Share of right answers among known ones; None: there are none."""
        return self.right / self.known if self.known else None

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            right=self.right + other.right,
            wrong=self.wrong + other.wrong,
            unknown=self.unknown + other.unknown,
        )

    def at_worst(self) -> "Tally":
        """The same with every unknown answer taken for wrong."""
        return Tally(right=self.right, wrong=self.wrong + self.unknown)

    def at_best(self) -> "Tally":
        """The same with every unknown answer taken for right."""
        return Tally(right=self.right + self.unknown, wrong=self.wrong)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parting:
    """Rollouts that had the steps before step i, told apart by what they did with step i."""

    stayed: Tally
    """Those that repeated step i."""
    left: Tally
    """Those that wrote another step."""
    beyond: Tally
    """All that have the prefix i + 1: those that stayed and those that were started there."""

    @property
    def left_share(self) -> float | None:
        """Share of the rollouts with a known answer that left."""
        reached = self.stayed.known + self.left.known
        return self.left.known / reached if reached else None


def accuracy_importance(parting: Parting, level: float = 0.95) -> Estimate:
    """How much more often the answer is right if the step is kept: v (k - d), in shares.

    Unbiased given which rollouts answer; unknown answers stay out of it (see :func:`bounds`).
    Departure from M2, which compares the rollouts started before and after the step: rollouts
    that repeat the step count for both.

    >>> one, three = Tally(right=1, wrong=3), Tally(right=3, wrong=1)
    >>> accuracy_importance(Parting(stayed=Tally(), left=one, beyond=three)).value
    0.5
    """
    share, method = parting.left_share, "mover of jeffreys"
    total = parting.left.known + parting.beyond.known
    if share is None or not parting.beyond.known:
        return Estimate(value=None, n=total, method=f"{method}: no rollouts", level=level)
    most = jeffreys(parting.left.known, parting.stayed.known, level)
    gap = difference(parting.beyond, parting.left, level)
    if gap.value is None or gap.low is None or gap.high is None:
        low, high = jeffreys(parting.beyond.right, parting.beyond.wrong, level)
        return Estimate(
            value=0.0, low=most[1] * (low - 1), high=most[1] * high, n=total, method=method
        )
    value = share * gap.value
    fewer, more = gap.value * (share - most[0]), gap.value * (most[1] - share)
    down, up = (fewer, more) if gap.value > 0 else (more, fewer)
    return Estimate(
        value=value,
        low=max(-1.0, value - math.hypot(share * (gap.value - gap.low), down)),
        high=min(1.0, value + math.hypot(share * (gap.high - gap.value), up)),
        n=total,
        method=method,
        level=level,
    )


def difference(kept: Tally, other: Tally, level: float = 0.95) -> Estimate:
    """The accuracy of the first rollouts minus that of the others, in shares.

    >>> round(difference(Tally(right=8), Tally(wrong=8)).low, 2)
    0.63
    """
    first, second, n = kept.accuracy, other.accuracy, kept.known + other.known
    if first is None or second is None:
        return Estimate(value=None, n=n, method="one side has no answers", level=level)
    (l1, u1), (l2, u2) = (jeffreys(t.right, t.wrong, level) for t in (kept, other))
    return Estimate(
        value=first - second,
        low=first - second - math.hypot(first - l1, u2 - second),
        high=first - second + math.hypot(u1 - first, second - l2),
        n=n,
        method="mover of jeffreys",
        level=level,
    )


def jeffreys(hits: int, misses: int, level: float = 0.95) -> tuple[float, float]:
    """The ends of Jeffreys' interval of a share; without observations 0 and 1.

    >>> [round(end, 3) for end in jeffreys(0, 10)]
    [0.0, 0.217]
    """
    from scipy.special import betaincinv

    tail = (1 - level) / 2
    low = float(betaincinv(hits + 0.5, misses + 0.5, tail)) if hits else 0.0
    high = float(betaincinv(hits + 0.5, misses + 0.5, 1 - tail)) if misses else 1.0
    return low, high


def bounds(parting: Parting) -> tuple[float, float] | None:
    """The least and the most that the importance can be, whatever the unknown answers were.

    None: there are no rollouts before or after the step.
    """
    reached = parting.stayed.all + parting.left.all
    if not reached or not parting.beyond.all:
        return None
    share = parting.left.all / reached
    if not parting.left.all:
        return 0.0, 0.0
    low = _gap(parting.beyond.at_worst(), parting.left.at_best())
    high = _gap(parting.beyond.at_best(), parting.left.at_worst())
    return share * low, share * high


def _gap(kept: Tally, other: Tally) -> float:
    return kept.right / kept.known - other.right / other.known


def p_value(kept: Tally, other: Tally) -> float | None:
    """How often chance alone sets two accuracies so far apart: Fisher's exact test with mid-p.

    Tables as likely as the one found count half. It errs by at most a tenth of its level at 8 to
    150 rollouts, also far out (level .0005), where the score test errs by up to three times.
    Source: Lancaster 1961. None: one side has no answers.

    >>> round(p_value(Tally(right=4), Tally(wrong=4)), 4)
    0.0143
    """
    if not kept.known or not other.known:
        return None
    import numpy as np
    from scipy.special import gammaln

    right, n, total = kept.right + other.right, kept.known, kept.known + other.known
    x = np.arange(max(0, right - other.known), min(n, right) + 1)

    def ways(of: int, take: "np.typing.NDArray[np.intp]") -> "np.typing.NDArray[np.float64]":
        chosen = gammaln(of + 1) - gammaln(take + 1) - gammaln(of - take + 1)
        return np.asarray(chosen, dtype=np.float64)

    logs = ways(n, x) + ways(total - n, right - x)
    weights = np.exp(logs - logs.max())
    own = weights[kept.right - x[0]]
    tied = abs(weights - own) <= 1e-9 * own
    rarer = (weights < own) & ~tied
    return float((weights[rarer].sum() + weights[tied].sum() / 2) / weights.sum())


def anchors(p_values: Sequence[float | None]) -> list[tuple[float | None, bool | None]]:
    """For each step of a trace its q value, and whether it is an anchor.

    q values are Benjamini and Hochberg's over the steps that could be tested. Steps with q <= .1
    are anchors if at least one step has q <= .04. So of the steps called anchors at most a tenth
    is false on average, and of the traces in which no step matters at most a twentieth has any.
    Neighbouring steps share rollouts; that both hold all the same is measured
    (benchmarks/importance_coverage.py).

    >>> anchors([0.001, 0.06, None, 0.9])
    [(0.003, True), (0.09, True), (None, None), (0.9, False)]
    """
    tested = [p for p in p_values if p is not None]
    qs = iter(benjamini_hochberg(tested)) if tested else iter(())
    all_q = [None if p is None else next(qs) for p in p_values]
    any_found = any(q is not None and q <= TRACE_LEVEL for q in all_q)
    return [(q, None if q is None else any_found and q <= ANCHOR_LEVEL) for q in all_q]
