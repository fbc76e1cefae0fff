"""Spending a policy's rollouts on a trace whose accuracies are known: for planning and replay."""

from collections.abc import Sequence

import numpy as np

from reasonscope.structure.anchors.budget.allocation import Policy, Setting, Wanted
from reasonscope.structure.anchors.budget.curves import Reals
from reasonscope.structure.anchors.budget.tally import Tally


def simulated(
    policy: Policy,
    setting: Setting,
    accuracies: "Sequence[float] | Reals",
    rng: np.random.Generator,
) -> Tally:
    """What the policy comes to know where the accuracy after each prefix is this.

    The same waves as :class:`.allocation.Allocator`, each planned before the results of the one
    before it are known; every rollout has an outcome.
    """
    chances = np.asarray(accuracies, dtype=np.float64)
    known = Tally.empty(setting.steps)
    coming = Wanted(np.zeros_like(known.made), np.zeros_like(known.made))
    while True:
        wanted = policy.wanted(setting, known, _coming(coming))
        _come(known, coming, chances, rng)
        quiet = not _any(wanted) and not _any(coming)
        coming = wanted
        if quiet:
            return known


def _any(wanted: Wanted) -> bool:
    return bool(wanted.search.any() or wanted.fresh.any())


def _coming(wanted: Wanted) -> Tally:
    tally = Tally.empty(len(wanted.search) - 1)
    tally.asked[:] = wanted.search
    tally.fresh_asked[:] = wanted.fresh
    return tally


def _come(known: Tally, wanted: Wanted, chances: Reals, rng: np.random.Generator) -> None:
    known.asked[:] += wanted.search
    known.made[:] += wanted.search
    known.right[:] += rng.binomial(wanted.search, chances)
    known.fresh_asked[:] += wanted.fresh
    known.fresh_made[:] += wanted.fresh
    known.fresh_right[:] += rng.binomial(wanted.fresh, chances)
