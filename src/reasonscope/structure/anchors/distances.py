"""How far apart two distributions of answers are, corrected for chance, with a test.

Counted distances of two samples are never 0, also where nothing differs: they are biased upwards,
the more so the fewer rollouts and the more answers. So what random exchanges of the two sides'
rollouts give on average, where nothing differs, is taken off. The value can be negative and is 0
on average where nothing differs; bias elsewhere: docs/instruments/anchors.md. Rollouts without an
answer (cut, unparsable) are an answer of their own.

Departure from M2, which takes KL with 1e-9 in place of each count of 0, a value set by that
constant wherever an answer is missing on one side: Jensen and Shannon's divergence by default,
which needs no smoothing and is at most one bit; KL on request, with half a rollout added to each
answer (Krichevsky and Trofimov 1981).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Answers = Mapping[str | None, int]
"""How many rollouts gave each answer; None: those without one."""
Measure = Literal["tv", "js", "kl"]
"""Total variation and Jensen and Shannon's divergence in bits, both at most 1; Kullback and
Leibler's divergence KL(resampled || kept), in nats."""

FIRST_DRAWS, DRAWS = 499, 4999
"""Exchanges behind a p value; the rest is drawn where the first ones leave it below .05."""
RESAMPLES = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Distance:
    """How far apart two distributions of answers are."""

    value: float | None
    """Corrected for chance: 0 on average where nothing differs. None: one side is empty."""
    low: float | None = None
    """Lower end of its interval; 0 where the test does not tell the sides apart."""
    high: float | None = None
    p: float | None = None
    """How often an exchange of rollouts gives a distance as large; never 0."""
    counted: float | None = None
    """The distance of the counts, uncorrected."""
    by_chance: float | None = None
    """Its mean over random exchanges."""


def distance(
    kept: Answers,
    other: Answers,
    *,
    seed: int,
    measure: Measure = "js",
    share: float = 1.0,
    level: float | None = 0.95,
) -> Distance:
    """The distance of the answers of some rollouts from the kept ones'.

    Args:
        kept: Answers of the rollouts that have the step.
        other: Answers of the rollouts that left it.
        seed: Of the exchanges and of the interval.
        measure: Which distance.
        share: How many of the resampled rollouts left; the others answer as the kept ones, and
            the distance is that of the mixture.
        level: Nominal coverage of the interval: percentiles of redraws from the counts, centred
            on the corrected value, that reach down to 0 unless the test tells the sides apart.
            None: no interval is made.

    >>> distance({"4": 9, "5": 1}, {"4": 1, "5": 9}, measure="tv", seed=0).counted
    0.8
    """
    import numpy as np

    names = sorted({*kept, *other}, key=lambda name: (name is None, name or ""))
    sides = np.array([[side.get(name, 0) for name in names] for side in (kept, other)])
    if not names or not sides.sum(axis=1).all():
        return Distance(value=None)
    rng = np.random.default_rng(seed)
    counted = float(_measured(sides[0], sides[1], share, measure))
    exchanged = _exchanged(sides, share, measure, rng, FIRST_DRAWS)
    p = _p_value(exchanged, counted)
    if p < 0.05:
        more = _exchanged(sides, share, measure, rng, DRAWS - FIRST_DRAWS)
        exchanged = np.concatenate([exchanged, more])
        p = _p_value(exchanged, counted)
    value = _corrected(counted, exchanged, measure)
    low, high = (
        _ends(sides, share, measure, value, p, level, rng) if level is not None else (None, None)
    )
    return Distance(
        value=value, low=low, high=high, p=p, counted=counted, by_chance=float(exchanged.mean())
    )


def _corrected(counted: float, exchanged: "NDArray[np.float64]", measure: Measure) -> float:
    """What is left of a distance without what chance gives; total variation adds up in squares."""
    if measure != "tv":
        return counted - float(exchanged.mean())
    square = counted**2 - float((exchanged**2).mean())
    return math.copysign(math.sqrt(abs(square)), square)


def _ends(
    sides: "NDArray[np.int_]",
    share: float,
    measure: Measure,
    value: float,
    p: float,
    level: float,
    rng: "np.random.Generator",
) -> tuple[float, float]:
    """The ends of the interval around a corrected value."""
    import numpy as np

    redrawn = _redrawn(sides, share, measure, rng)
    down, up = np.quantile(redrawn - redrawn.mean(), [(1 - level) / 2, (1 + level) / 2])
    low = 0.0 if p > 1 - level else max(0.0, value + float(down))
    high = max(low, value + float(up))
    return low, high if measure == "kl" else min(1.0, high)


def _p_value(drawn: "NDArray[np.float64]", counted: float) -> float:
    return float(((drawn >= counted - 1e-12).sum() + 1) / (len(drawn) + 1))


def _exchanged(
    sides: "NDArray[np.int_]",
    share: float,
    measure: Measure,
    rng: "np.random.Generator",
    draws: int,
) -> "NDArray[np.float64]":
    """Distances after rollouts were dealt to the two sides anew."""
    pooled, first = sides.sum(axis=0), int(sides[0].sum())
    dealt = rng.multivariate_hypergeometric(pooled, first, size=draws, method="marginals")
    return _measured(dealt, pooled - dealt, share, measure)


def _redrawn(
    sides: "NDArray[np.int_]", share: float, measure: Measure, rng: "np.random.Generator"
) -> "NDArray[np.float64]":
    """Distances of samples from the two found distributions."""
    kept, other = (
        rng.multinomial(int(side.sum()), side / side.sum(), size=RESAMPLES) for side in sides
    )
    return _measured(kept, other, share, measure)


def _measured(
    kept: "NDArray[np.int_]", other: "NDArray[np.int_]", share: float, measure: Measure
) -> "NDArray[np.float64]":
    """The distance of counts, along the last axis."""
    import numpy as np

    smooth = 0.5 if measure == "kl" else 0.0
    p, q = (
        (counts + smooth) / (counts + smooth).sum(axis=-1, keepdims=True)
        for counts in (kept, other)
    )
    mixed = share * q + (1 - share) * p
    if measure == "tv":
        return np.asarray(abs(p - mixed).sum(axis=-1) / 2)
    if measure == "kl":
        return _nats(mixed, p)
    middle = (p + mixed) / 2
    return np.asarray((_nats(p, middle) + _nats(mixed, middle)) / (2 * math.log(2)))


def _nats(p: "NDArray[np.float64]", q: "NDArray[np.float64]") -> "NDArray[np.float64]":
    """KL(p || q), where q is above 0 wherever p is; 0 ln 0 is 0."""
    from scipy.special import rel_entr

    return rel_entr(p, q).sum(axis=-1)  # type: ignore[no-any-return]
