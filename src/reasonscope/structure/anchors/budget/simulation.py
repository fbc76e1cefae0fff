"""Spending a policy's rollouts on a trace whose accuracies are known: for planning and replay."""

from collections.abc import Sequence

import numpy as np

from reasonscope.structure.anchors.budget.allocation import Policy, Setting, Wanted
from reasonscope.structure.anchors.budget.curves import Reals
from reasonscope.structure.anchors.budget.tallies import Tallies


def simulated(
    policy: Policy,
    setting: Setting,
    accuracies: "Sequence[float] | Reals",
    rng: np.random.Generator,
    same: "Sequence[float] | Reals | None" = None,
) -> Tallies:
    """What the policy comes to know where the accuracy after each prefix is this.

    The same waves as :class:`.allocation.Allocator`, each planned before the results of the one
    before it are known; every rollout has an outcome.

    Args:
        policy: asks for rollouts.
        setting: the trace.
        accuracies: by prefix.
        rng: of the rollouts.
        same: for each step how often its resample is the trace's own; None: never.
    """
    chances = np.asarray(accuracies, dtype=np.float64)
    shares = np.zeros(setting.steps) if same is None else np.asarray(same, dtype=np.float64)
    known = Tallies.empty(setting.steps)
    coming = Wanted(np.zeros_like(known.made), np.zeros_like(known.made))
    while True:
        wanted = policy.wanted(setting, known, _coming(coming))
        _come(known, coming, chances, shares, rng)
        quiet = not _any(wanted) and not _any(coming)
        coming = wanted
        if quiet:
            return known


def _any(wanted: Wanted) -> bool:
    return bool(wanted.search.any() or wanted.fresh.any())


def _coming(wanted: Wanted) -> Tallies:
    tally = Tallies.empty(len(wanted.search) - 1)
    tally.asked[:] = wanted.search
    tally.fresh_asked[:] = wanted.fresh
    return tally


def _come(
    known: Tallies, wanted: Wanted, chances: Reals, same: Reals, rng: np.random.Generator
) -> None:
    """Draw what was wanted: repeats of the step answer as the next prefix, the others make up for
    it, as far as a share can.
    """
    repeats = rng.binomial(wanted.search[:-1], same)
    right_repeats = rng.binomial(repeats, chances[1:])
    others = (chances[:-1] - same * chances[1:]) / np.maximum(1 - same, 1e-9)
    rest = wanted.search.copy()
    rest[:-1] -= repeats
    right = rng.binomial(rest, np.append(np.clip(others, 0, 1), chances[-1]))
    known.asked[:] += wanted.search
    known.made[:] += wanted.search
    known.right[:] += right
    known.right[:-1] += right_repeats
    known.made[1:] += repeats
    known.right[1:] += right_repeats
    known.fresh_asked[:] += wanted.fresh
    known.fresh_made[:] += wanted.fresh
    known.fresh_right[:] += rng.binomial(wanted.fresh, chances)
