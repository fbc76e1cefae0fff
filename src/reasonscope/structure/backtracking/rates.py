"""Rates of returns and their differences, from plain columns: what findings and plants share."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from reasonscope.stats import Estimate, mean_by_cluster, ratio_by_cluster
from reasonscope.stats.possible import possible

PER = 1_000
"""Tokens that a rate is given for."""
LEAST_MIXED = 10
"""With fewer problems that have both right and wrong traces, problems are compared instead."""


@dataclass(frozen=True, slots=True)
class Counted:
    """One trace: how often it turns back, and how it ended."""

    problem: str
    returns: int
    tokens: int
    right: bool | None = None
    """Whether its final answer is right; None: unknown."""


def rate(traces: Sequence[Counted]) -> Estimate:
    """Returns per thousand tokens, clustered by problem.

    >>> rate([Counted("a", 3, 1000), Counted("b", 1, 1000)]).value
    2.0
    """
    return possible(
        ratio_by_cluster(
            [PER * one.returns for one in traces],
            [one.tokens for one in traces],
            [one.problem for one in traces],
        )
    )


def within(traces: Sequence[Counted]) -> Estimate:
    """Rate of the wrong traces minus that of the right ones of the same problem, averaged.

    Each problem with both counts once, whatever its number of traces.
    """
    by_problem: dict[str, tuple[list[Counted], list[Counted]]] = {}
    for one in traces:
        if one.right is not None and one.tokens:
            by_problem.setdefault(one.problem, ([], []))[int(one.right)].append(one)
    mixed = {name: sides for name, sides in by_problem.items() if all(sides)}
    gaps = [_pooled(wrong) - _pooled(right) for wrong, right in mixed.values()]
    return mean_by_cluster(gaps, list(mixed))


def _pooled(traces: Sequence[Counted]) -> float:
    return PER * sum(one.returns for one in traces) / sum(one.tokens for one in traces)


def between(first: Sequence[Counted], second: Sequence[Counted]) -> Estimate:
    """Rate of the first traces minus that of the second, which belong to other problems.

    The interval adds the two rates' own in squares (Donner and Zou 2012). Where a problem has
    traces on both sides it is wider than need be.
    """
    one, other = rate(first), rate(second)
    known = {
        "n": one.n + other.n,
        "clusters": (one.clusters or 0) + (other.clusters or 0),
        "method": "difference of cluster-robust rates",
    }
    if one.value is None or other.value is None:
        return Estimate(value=None, n=one.n + other.n, method="one side has no traces")
    value = one.value - other.value
    if one.low is None or other.low is None or one.high is None or other.high is None:
        return Estimate(value=value, n=one.n + other.n, method="one problem has no interval")
    low = value - math.hypot(one.value - one.low, other.high - other.value)
    high = value + math.hypot(one.high - one.value, other.value - other.low)
    return Estimate(value=value, low=low, high=high, **known)  # type: ignore[arg-type]


def mixed_problems(traces: Sequence[Counted]) -> int:
    """How many problems have both a right and a wrong trace."""
    right = {one.problem for one in traces if one.right is True}
    return len(right & {one.problem for one in traces if one.right is False})


def by_outcome(traces: Sequence[Counted]) -> tuple[Estimate, bool]:
    """Rate of wrong minus right traces, and whether it compares traces of the same problem."""
    if mixed_problems(traces) >= LEAST_MIXED:
        return within(traces), True
    wrong = [one for one in traces if one.right is False]
    return between(wrong, [one for one in traces if one.right is True]), False


def by_difficulty(traces: Sequence[Counted], shares: dict[str, float]) -> Estimate:
    """Rate on hard problems (a third right or fewer) minus that on easy ones (two thirds or more).

    Args:
        traces: All traces.
        shares: Share right of each problem that was tried often enough.
    """
    hard = [one for one in traces if shares.get(one.problem, 0.5) <= 1 / 3]
    return between(hard, [one for one in traces if shares.get(one.problem, 0.5) >= 2 / 3])
