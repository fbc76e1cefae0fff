"""Where the next rollouts tell most about the steps' importances, for the tokens they take."""

import numpy as np

from reasonscope.structure.anchors.budget.allocation import Setting
from reasonscope.structure.anchors.budget.curves import Curves, Reals
from reasonscope.structure.anchors.budget.tallies import Counts

_LEAST_SPREAD = 0.01
_OVERHEAD = 0.1
"""What starting a rollout counts, as a share of the mean rollout: late prefixes are not free."""


def handed_out(
    curves: Curves, setting: Setting, coming: Counts, tokens: float, pieces: int
) -> Counts:
    """Rollouts of the next wave, by prefix.

    The drawn accuracies are taken as jointly normal. A piece goes to the prefix where its rollouts
    take away most of the summed variance of the importances, then the variances are brought up to
    date as if the results were there, and so on: pieces spread out by themselves.

    Args:
        curves: What the rollouts so far leave possible.
        setting: The trace.
        coming: Rollouts on their way, by prefix: their results count as if they were there.
        tokens: What the wave may take.
        pieces: In how many pieces of about equal cost it is handed out.
    """
    levels = curves.levels
    off = levels - levels.mean(axis=0)
    covariance: Reals = off.T @ off / len(levels)
    reach: Reals = np.diff(covariance, axis=1)
    spread = np.maximum((levels * (1 - levels)).mean(axis=0), _LEAST_SPREAD)
    costs = np.asarray(setting.costs) + _OVERHEAD * float(np.mean(setting.costs))
    for held in np.flatnonzero(coming).tolist():
        _learn(covariance, reach, held, float(spread[held] / coming[held]))
    size = np.maximum(np.rint(tokens / pieces / costs), 1).astype(np.int64)
    wanted = np.zeros_like(coming)
    for _ in range(pieces):
        noise = spread / size
        gain = (reach**2).sum(axis=1) / (np.diag(covariance) + noise) / (size * costs)
        prefix = int(gain.argmax())
        wanted[prefix] += size[prefix]
        _learn(covariance, reach, prefix, float(noise[prefix]))
    return wanted


def _learn(covariance: Reals, reach: Reals, prefix: int, noise: float) -> None:
    """Take away, in place, what a measurement with this noise tells."""
    row, total = covariance[prefix].copy(), float(covariance[prefix, prefix]) + noise
    reach -= np.outer(row, reach[prefix] / total)
    covariance -= np.outer(row, row / total)
