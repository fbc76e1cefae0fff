"""Right against wrong traces of the same length: what is left of a difference in their graphs."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from reasonscope.provenance import seed_for
from reasonscope.stats import Estimate, ratio_by_cluster

Column = np.ndarray[Any, np.dtype[np.float64]]

BINS = 8
"""Bins of length with as many traces each; within a bin, length counts by a slope."""
LEAST = 10
"""Fewest right and fewest wrong traces that are compared."""


@dataclass(frozen=True, slots=True)
class Ended:
    """One trace: its problem, its length, whether it ends right, and one measure of its graph."""

    problem_id: str
    steps: int
    correct: bool
    value: float


def matched_difference(traces: Sequence[Ended]) -> Estimate:
    """By how much a measure is greater in right traces than in wrong ones of the same length.

    Both the measure and the outcome are freed of length (a mean in each of ``BINS`` bins, and
    slopes of length and of its log), and the one is regressed on the other; the interval is
    clustered by problem. None where either side has fewer than ``LEAST`` traces, or where length
    tells the outcome.
    """
    right = sum(trace.correct for trace in traces)
    few = min(right, len(traces) - right) < LEAST
    if few:
        method = f"fewer than {LEAST} right or wrong traces"
        return Estimate(value=None, n=len(traces), method=method)
    free = _freed(np.array([trace.steps for trace in traces], dtype=float))
    outcome = free(np.array([trace.correct for trace in traces], dtype=float))
    value = free(np.array([trace.value for trace in traces], dtype=float))
    if float((outcome**2).sum()) < 1:
        return Estimate(value=None, n=len(traces), method="length tells the outcome")
    return ratio_by_cluster(outcome * value, outcome**2, [trace.problem_id for trace in traces])


def _freed(steps: Column) -> Callable[[Column], Column]:
    """What frees a column of its dependence on length."""
    edges = np.unique(np.quantile(steps, np.linspace(0, 1, BINS + 1)[1:-1]))
    bins = np.searchsorted(edges, steps, side="right")
    columns = [(bins == one).astype(float) for one in np.unique(bins)]
    slopes = [(one - one.mean()) / (float(one.std()) or 1.0) for one in (steps, np.log1p(steps))]
    design = np.column_stack([*columns, *slopes])

    def free(column: Column) -> Column:
        fitted, *_ = np.linalg.lstsq(design, column, rcond=None)
        freed: Column = column - design @ fitted
        return freed

    return free


def labels_shuffled(traces: Sequence[Ended], seed: int) -> list[Ended]:
    """The same traces with outcomes exchanged between neighbours in length: the control.

    Outcomes are shuffled within runs of eight traces in the order of their length, so that
    length says as much of the shuffled outcome as of the real one.
    """
    rng = random.Random(seed_for("graph outcomes", seed))
    order = sorted(range(len(traces)), key=lambda place: (traces[place].steps, place))
    found = list(traces)
    for start in range(0, len(order), 8):
        run = order[start : start + 8]
        for place, source in zip(run, rng.sample(run, len(run)), strict=True):
            one = traces[place]
            found[place] = Ended(one.problem_id, one.steps, traces[source].correct, one.value)
    return found
