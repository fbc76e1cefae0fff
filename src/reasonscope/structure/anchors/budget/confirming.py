"""Which steps are candidates for anchors, and how many fresh rollouts their intervals need."""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from reasonscope.structure.anchors.budget.allocation import Setting
from reasonscope.structure.anchors.budget.curves import Curves
from reasonscope.structure.anchors.budget.tallies import Counts

POWER, LEVEL = 0.8, 0.05
"""A candidate gets as many fresh rollouts as show its effect with this power at this level."""
DOUBTFUL = 0.2
"""A step whose chance of mattering is below this is no candidate."""
FEWEST = 15
"""Fresh rollouts on each side of a candidate, at least."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A step that may be an anchor, as the search left it."""

    step: int
    chance: float
    """How likely it is that the step matters."""
    effect: float
    """How large its importance then is, on average, up or down."""
    spread: float
    """The variances of one rollout before and after it, summed."""

    def rollouts(self, least: float) -> int:
        """Fresh rollouts on each side."""
        normal = NormalDist()
        z = normal.inv_cdf(1 - LEVEL / 2) + normal.inv_cdf(POWER)
        return max(FEWEST, int(np.ceil(z * z * self.spread / max(self.effect, least) ** 2)))


def candidates(curves: Curves, least: float) -> tuple[Candidate, ...]:
    """The steps that may matter, the likeliest first; half of ``least`` is what counts as some."""
    chances = curves.chance_beyond(least / 2)
    return tuple(
        _candidate(curves, int(step), float(chances[step]), least)
        for step in np.argsort(-chances, kind="stable")
        if chances[step] >= DOUBTFUL
    )


def _candidate(curves: Curves, step: int, chance: float, least: float) -> Candidate:
    sides = curves.levels[:, step : step + 2]
    effects = np.abs(sides[:, 1] - sides[:, 0])
    held = effects >= least / 2
    middle = sides[held].mean(axis=0)
    return Candidate(
        step=step,
        chance=chance,
        effect=float(effects[held].mean()),
        spread=float((middle * (1 - middle)).sum()) + 0.02,
    )


def fresh_wanted(curves: Curves, setting: Setting, least: float, tokens: float) -> Counts:
    """Fresh rollouts by prefix, for as many candidates as the tokens pay for.

    Two candidates side by side share the prefix between them.
    """
    fresh = np.zeros(setting.steps + 1, dtype=np.int64)
    for candidate in candidates(curves, least):
        more, both = fresh.copy(), slice(candidate.step, candidate.step + 2)
        more[both] = np.maximum(more[both], candidate.rollouts(least))
        if setting.tokens(more) <= tokens:
            fresh = more
    return fresh
