"""Which steps are anchors, by what the rollouts showed."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import erfc, sqrt

import numpy as np

from reasonscope.provenance import seed_for
from reasonscope.stats import Estimate, benjamini_hochberg, newcombe
from reasonscope.structure.anchors.budget.curves import drawn_curves
from reasonscope.structure.anchors.budget.tallies import Tallies

DRAWS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class StepJudged:
    """What a step's rollouts, and those around it, say of its importance."""

    step: int
    """Its number, from 0."""
    chance: float
    """How likely it is, given all rollouts, that the step matters at least half of ``least``."""
    expected: float
    """Its importance given all rollouts, on average over what they leave possible."""
    fresh: Estimate | None
    """Its importance by fresh rollouts alone, with an interval; None: it was no candidate."""
    p_value: float | None
    """How often fresh rollouts differ as much where the step does nothing; None: no candidate."""
    anchor: bool
    """Among the steps that are reported: the chance of none is at most ``false_share`` on average
    over them."""
    confirmed: bool
    """Also shown by fresh rollouts alone, at the same false-discovery share over candidates."""
    dismissed: bool
    """Shown to matter less than ``least``: the chance of more is below .05."""


def judged(
    tally: Tallies, least: float = 0.1, false_share: float = 0.1, seed: int = 0
) -> tuple[StepJudged, ...]:
    """Each step's chance of mattering, its importance, and whether it is reported as an anchor."""
    made, right = tally.made + tally.fresh_made, tally.right + tally.fresh_right
    dice = seed_for("judged", seed, int(made.sum()), int(right.sum()))
    curves = drawn_curves(made, right, DRAWS, dice)
    chances, expected = curves.chance_beyond(least / 2), curves.importance.mean(axis=0)
    large = curves.chance_beyond(least)
    anchors = reported(chances, false_share)
    fresh = {i: fresh_importance(tally, i) for i in range(tally.steps) if _seen(tally, i)}
    pvalues = {i: fresh_p_value(tally, i) for i in fresh}
    adjusted = dict(zip(pvalues, benjamini_hochberg(list(pvalues.values())), strict=True))
    return tuple(
        StepJudged(
            step=step,
            chance=float(chances[step]),
            expected=float(expected[step]),
            fresh=fresh.get(step),
            p_value=pvalues.get(step),
            anchor=step in anchors,
            confirmed=step in anchors and adjusted.get(step, 1.0) <= false_share,
            dismissed=bool(large[step] < 0.05),
        )
        for step in range(tally.steps)
    )


def reported(
    chances: "Sequence[float] | np.ndarray[tuple[int], np.dtype[np.float64]]", false_share: float
) -> frozenset[int]:
    """The largest set of steps, likeliest first, whose chances of not mattering average to this.

    >>> sorted(reported([0.99, 0.2, 0.95, 0.85], 0.1))
    [0, 2, 3]
    """
    doubts = 1 - np.asarray(chances, dtype=np.float64)
    order = np.argsort(doubts, kind="stable")
    means = np.cumsum(doubts[order]) / np.arange(1, len(order) + 1)
    return frozenset(int(step) for step in order[: int((means <= false_share).sum())])


def _seen(tally: Tallies, step: int) -> bool:
    return bool(tally.fresh_made[step] and tally.fresh_made[step + 1])


def fresh_importance(tally: Tallies, step: int) -> Estimate:
    """The importance of a step by fresh rollouts: right ones after it minus before it."""
    n, s = tally.fresh_made, tally.fresh_right
    return newcombe(int(s[step + 1]), int(n[step + 1]), int(s[step]), int(n[step]))


def fresh_p_value(tally: Tallies, step: int) -> float:
    """Two-sided p of the score test that both sides have one accuracy."""
    n, s = (
        counts[step : step + 2].astype(float) for counts in (tally.fresh_made, tally.fresh_right)
    )
    pooled = s.sum() / n.sum()
    error = sqrt(pooled * (1 - pooled) * (1 / n[0] + 1 / n[1]))
    return erfc(abs(s[1] / n[1] - s[0] / n[0]) / error / sqrt(2)) if error else 1.0
