"""Permutation tests, and the correction for testing many things at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from reasonscope.stats.estimate import finite

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_BLOCK = 2_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The difference of two means and how often chance alone gives one as large."""

    difference: float | None
    """Mean of the first minus mean of the second; None: one side is empty."""
    p_value: float | None
    """(as extreme + 1) / (draws + 1); never 0. None: could not be assessed."""
    draws: int
    """How many other assignments were compared."""
    method: str
    """How, or why not."""


def permutation_test(
    a: "Sequence[float] | NDArray[Any]",
    b: "Sequence[float] | NDArray[Any]",
    *,
    seed: int,
    paired: bool = False,
    draws: int = 9999,
    alternative: Literal["two-sided", "greater", "less"] = "two-sided",
) -> Comparison:
    """Whether two sets of values differ in their mean, by shuffling who belongs where.

    Values must be exchangeable under the null: for clustered data pass one value per cluster
    (its mean). Paired values have the signs of their differences flipped. The observed
    assignment counts among the draws, so p is at least 1 / (draws + 1). Where pairs are so few
    that there are no more flips than draws, every flip is taken once, and p is exact. Source:
    Phipson and Smyth 2010.

    Args:
        a: The first values.
        b: The second values; with ``paired`` as many, in the same order.
        seed: Seed of the draws; derive it by name.
        paired: Values of a and b at the same place belong together.
        draws: How many random assignments.
        alternative: ``greater``: the first mean is larger.

    Raises:
        ValueError: A value is not finite, or paired sides differ in length.
    """
    import numpy as np

    first, second = finite("a", a), finite("b", b)
    if paired and len(first) != len(second):
        raise ValueError(f"paired values must be as many: {len(first)} and {len(second)}")
    if draws < 1 or alternative not in ("two-sided", "greater", "less"):
        raise ValueError("draws must be >= 1 and alternative two-sided, greater or less")
    method = "sign flips of pairs" if paired else "permutation of means"
    if len(first) == 0 or len(second) == 0:
        why = f"{method}: one side has no observations"
        return Comparison(difference=None, p_value=None, draws=0, method=why)
    rng = np.random.default_rng(seed)
    observed = float(first.mean() - second.mean())
    if paired and 2 ** len(first) <= draws + 1:
        every = _every_flip(first - second)
        return Comparison(
            difference=observed,
            p_value=_as_extreme(every, observed, alternative) / len(every),
            draws=len(every) - 1,
            method=f"all {method}",
        )
    drawn = _flipped(first - second, draws, rng) if paired else _shuffled(first, second, draws, rng)
    extreme = _as_extreme(drawn, observed, alternative)
    return Comparison(
        difference=observed, p_value=(extreme + 1) / (draws + 1), draws=draws, method=method
    )


def _as_extreme(drawn: "NDArray[np.float64]", observed: float, alternative: str) -> int:
    """How many draws are at least as extreme; equal up to rounding counts as equal."""
    slack = 1e-12 * max(1.0, abs(observed))
    if alternative == "greater":
        return int((drawn >= observed - slack).sum())
    if alternative == "less":
        return int((drawn <= observed + slack).sum())
    return int((abs(drawn) >= abs(observed) - slack).sum())


def _flipped(
    differences: "NDArray[np.float64]", draws: int, rng: "np.random.Generator"
) -> "NDArray[np.float64]":
    import numpy as np

    n = len(differences)
    out, step = np.empty(draws), max(1, _BLOCK // n)
    for start in range(0, draws, step):
        rows = min(step, draws - start)
        signs = rng.integers(0, 2, size=(rows, n), dtype=np.int8) * 2.0 - 1.0
        out[start : start + rows] = signs @ differences / n
    return out


def _every_flip(differences: "NDArray[np.float64]") -> "NDArray[np.float64]":
    """The mean under each way to flip the signs, the observed one among them."""
    import numpy as np

    sums = np.zeros(1)
    for one in differences:
        sums = np.concatenate([sums + one, sums - one])
    return np.asarray(sums / len(differences))


def _shuffled(
    first: "NDArray[np.float64]",
    second: "NDArray[np.float64]",
    draws: int,
    rng: "np.random.Generator",
) -> "NDArray[np.float64]":
    import numpy as np

    pooled, m, n = np.concatenate([first, second]), len(first), len(second)
    total = float(pooled.sum())
    out, step = np.empty(draws), max(1, _BLOCK // (m + n))
    for start in range(0, draws, step):
        rows = min(step, draws - start)
        mixed = rng.permuted(np.broadcast_to(pooled, (rows, m + n)), axis=1)
        tops = mixed[:, :m].sum(axis=1)
        out[start : start + rows] = tops / m - (total - tops) / n
    return out


def benjamini_hochberg(pvalues: Sequence[float]) -> tuple[float, ...]:
    """P values adjusted for their number, in the order given; those below q have FDR <= q.

    Source: Benjamini and Hochberg 1995.

    Raises:
        ValueError: A p value lies outside [0, 1].

    >>> benjamini_hochberg([0.01, 0.04, 0.03])
    (0.03, 0.04, 0.04)
    """
    import numpy as np

    ps = finite("pvalues", pvalues)
    if ((ps < 0) | (ps > 1)).any():
        raise ValueError("p values must lie in [0, 1]")
    m = len(ps)
    order = np.argsort(ps, kind="stable")
    raised = ps[order] * m / np.arange(1, m + 1)
    adjusted = np.empty(m)
    adjusted[order] = np.minimum(np.minimum.accumulate(raised[::-1])[::-1], 1.0)
    return tuple(float(p) for p in adjusted)
