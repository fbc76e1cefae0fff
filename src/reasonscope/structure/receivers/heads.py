"""What the heads come to over traces: which gather on steps, and whether that is steady."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from reasonscope.provenance import seed_for
from reasonscope.stats import Estimate, benjamini_hochberg, mean_by_cluster, permutation_test
from reasonscope.structure.receivers.reading import Array, Reception

LEVEL = 0.05
"""A head is told from moved borders up to this share of false discoveries."""
FLIPS = 9_999
"""Ways to flip the signs of the problems that each head is first compared with."""
NEAR = 0.001
"""A head whose p value is as small as this may be told among very many: it is tested once more,
with as many flips as it takes."""
HALVES = 100
"""Random halves of the problems."""
FEWEST_HALVED = 6
"""Problems from which on there are ten ways to halve them, so that their spread says something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peaks:
    """How far each head gathers on few steps, in each of several traces."""

    problems: tuple[str, ...]
    """Of each trace."""
    ranks: Array
    """``[trace, layer, head]``: where its kurtosis stands among the heads of the trace, 0 to 1."""
    gains: Array
    """The same shape: its kurtosis less that with moved borders; NaN where either is unknown."""
    control_gains: Array
    """The same of one more way to move the borders in the place of the steps."""

    @classmethod
    def of(cls, found: Sequence[Reception]) -> "Peaks":
        """Those of traces that were read."""
        return cls(
            problems=tuple(one.problem_id for one in found),
            ranks=np.stack([one.ranks for one in found]),
            gains=np.stack([one.peaks - one.shifted for one in found]),
            control_gains=np.stack([one.control_peaks - one.shifted for one in found]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadGain:
    """How far one head gathers on few steps, over traces."""

    layer: int
    head: int
    rank: Estimate
    """Mean over traces of where its kurtosis stands among the heads of the same trace, 0 to 1: no
    trace's length can move it."""
    excess: Estimate
    """Mean over traces of its kurtosis less that with moved borders; 0: steps are nothing to it."""
    q_value: float | None
    """Of the excess being above 0, corrected over heads (Benjamini and Hochberg)."""
    traces: int

    @property
    def told(self) -> bool:
        """Whether it is told from moved borders."""
        return self.q_value is not None and self.q_value <= LEVEL


def head_gains(peaks: Peaks, seed: int = 0) -> tuple[HeadGain, ...]:
    """Each head's rank and excess over traces, the highest rank first."""
    tested = list(_tested(peaks.gains, peaks.problems, seed))
    q_values = _corrected([p for _, _, p in tested])
    heads = [
        HeadGain(
            layer=layer,
            head=head,
            rank=mean_by_cluster(peaks.ranks[:, layer, head], peaks.problems),
            excess=excess,
            q_value=q,
            traces=len(peaks.problems),
        )
        for ((layer, head), excess, _), q in zip(tested, q_values, strict=True)
    ]
    return tuple(sorted(heads, key=lambda row: -(row.rank.value or 0.0)))


def told_by_chance(peaks: Peaks, seed: int = 0) -> list[tuple[int, bool | None]]:
    """For each head its layer, and whether moved borders themselves pass the test of the steps."""
    tested = list(_tested(peaks.control_gains, peaks.problems, seed))
    q_values = _corrected([p for _, _, p in tested])
    return [
        (layer, None if q is None else q <= LEVEL)
        for ((layer, _), _, _), q in zip(tested, q_values, strict=True)
    ]


def _tested(
    gains: Array, problems: Sequence[str], seed: int
) -> Iterable[tuple[tuple[int, int], Estimate, float | None]]:
    """Each head's place, mean gain, and how often chance does as much."""
    heads = gains[0].size
    for layer, head in np.ndindex(gains.shape[1:]):
        known = np.isfinite(gains[:, layer, head])
        gain = gains[known, layer, head]
        groups = [p for p, kept in zip(problems, known, strict=True) if kept]
        p_value = _p_value(gain, groups, heads, seed_for("head", seed, layer, head))
        yield (layer, head), mean_by_cluster(gain, groups), p_value


def _p_value(gains: Array, problems: Sequence[str], heads: int, seed: int) -> float | None:
    """Of the mean gain being above 0: signs flipped, one value for each problem.

    A test by drawn flips has a least p value; so that one head alone can pass among many, a small
    one is replaced by that of a second test with flips of its own, four times as many as that
    takes. The p value stays valid: to be small it must be small in both.
    """
    names = sorted(set(problems))
    of = np.array(problems)
    means = [float(gains[of == name].mean()) for name in names]
    p_value = _flipped(means, FLIPS, seed)
    draws = math.ceil(4 * heads / LEVEL)
    if p_value is None or p_value > NEAR or draws <= FLIPS:
        return p_value
    return _flipped(means, draws, seed_for("near", seed))


def _flipped(means: Sequence[float], draws: int, seed: int) -> float | None:
    none = [0.0] * len(means)
    test = permutation_test(means, none, seed=seed, paired=True, draws=draws, alternative="greater")
    return test.p_value


def _corrected(p_values: Sequence[float | None]) -> list[float | None]:
    held = iter(benjamini_hochberg([p for p in p_values if p is not None]))
    return [None if p is None else next(held) for p in p_values]


def split_half(
    ranks: Array, problems: Sequence[str], seed: int, *, shuffled: bool = False
) -> Estimate:
    """Correlation over heads of their mean ranks ``[trace, head]`` in two halves of the problems.

    The value is the mean over random halves, the interval their spread: it tells how much the
    halves matter, not how other traces would do. ``shuffled``: heads change places within each
    trace, anew for each half, so that there is nothing to agree on.
    """
    names, of = sorted(set(problems)), np.array(problems)
    known: dict[str, int] = {"n": len(problems), "clusters": len(names)}
    if len(names) < FEWEST_HALVED:
        method = f"random halves: needs {FEWEST_HALVED} problems"
        return Estimate(value=None, method=method, **known)
    rng = np.random.default_rng(seed_for("halves", seed))
    found = []
    for _ in range(HALVES):
        first = np.isin(of, rng.permutation(names)[: len(names) // 2])
        used = rng.permuted(ranks, axis=1) if shuffled else ranks
        one, other = used[first].mean(axis=0), used[~first].mean(axis=0)
        if one.std() > 0 and other.std() > 0:
            found.append(float(np.corrcoef(one, other)[0, 1]))
    if not found:
        return Estimate(value=None, method="random halves: all heads are alike", **known)
    low, high = np.quantile(found, [0.025, 0.975])
    return Estimate(
        value=float(np.mean(found)),
        low=float(low),
        high=float(high),
        method="spread over random halves",
        **known,
    )
