"""A run's proxy and truth at the same steps, with the variance of each."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reasonscope.dynamics.recorded import Recorded

Numbers = NDArray[np.float64]
"""Numbers in rows."""

PROXY, TRUTH = "reward", "truth_share"
"""What is read: the reward that training raises, and right answers by the independent verifier."""
PARTS = ("", "held_out")
"""Where truth is read: on the training completions (every step), or else on held-out problems."""
FEWEST_STEPS = 10
"""A shorter run is not watched: two windows of five steps are the least that is compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Proxy and truth of one run, step by step."""

    run: str
    """The run's name."""
    steps: Numbers
    """Optimizer steps, rising."""
    proxy: Numbers
    """Mean reward."""
    proxy_variance: Numbers
    """Of that mean."""
    truth: Numbers
    """Share of right answers."""
    truth_variance: Numbers
    """Of that share."""

    def __len__(self) -> int:
        return len(self.steps)

    def exchanged(self) -> "Series":
        """The same run with proxy and truth in each other's place: the control."""
        return Series(
            run=self.run,
            steps=self.steps,
            proxy=self.truth,
            proxy_variance=self.truth_variance,
            truth=self.proxy,
            truth_variance=self.proxy_variance,
        )


def series_of(run: str, rows: Iterable[Recorded], proxy: str = "") -> Series:
    """The series of one run, at the steps where both proxy and truth are known.

    A step that was recorded twice (a run that was resumed) counts as it was recorded last.

    Args:
        run: the run's name; rows of others are passed over.
        rows: what was recorded so far, in order.
        proxy: which part of the reward is the proxy; empty: the whole.
    """
    held: dict[tuple[str, str], dict[int, Recorded]] = {}
    for row in rows:
        if row.run == run and row.value is not None and row.name in (PROXY, TRUTH):
            held.setdefault((row.name, row.part), {})[row.step] = row
    rewards = held.get((PROXY, proxy), {})
    truths = [held.get((TRUTH, part), {}) for part in PARTS]
    truth = next((t for t in truths if len(t.keys() & rewards.keys()) >= FEWEST_STEPS), truths[0])
    steps = sorted(rewards.keys() & truth.keys())
    return Series(
        run=run,
        steps=np.array(steps, dtype=np.float64),
        proxy=_values([rewards[step] for step in steps]),
        proxy_variance=variances([rewards[step] for step in steps], share=False),
        truth=_values([truth[step] for step in steps]),
        truth_variance=variances([truth[step] for step in steps], share=True),
    )


def _values(rows: list[Recorded]) -> Numbers:
    return np.array([row.value for row in rows], dtype=np.float64)


def variances(rows: list[Recorded], *, share: bool) -> Numbers:
    """The variance of each step's mean: its squared standard error, kept from being too small.

    A share of 0 or 1 has no standard error, though the share behind it may well be another: the
    floor is Agresti and Coull's, with two right and two wrong added. Where the error is not
    stated at all the floor stands for it, and for the reward a quarter of the mean of those that
    are stated. What is still too small is told from how the values jump from step to step
    (:func:`~reasonscope.dynamics.alarm.evidence.inflation`).
    """
    stated = np.array([row.error if row.error is not None else 0.0 for row in rows]) ** 2
    if not share:
        known = stated[stated > 0]
        return np.asarray(np.maximum(stated, 0.25 * float(known.mean()) if len(known) else 0.0))
    n = np.array([row.n or 0 for row in rows], dtype=np.float64)
    p = (_values(rows) * n + 2) / (n + 4)
    return np.asarray(np.where(n > 0, np.maximum(stated, p * (1 - p) / (n + 4)), stated))
