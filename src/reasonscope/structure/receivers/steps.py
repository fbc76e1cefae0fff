"""How much the receiver heads look at each step of a trace."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reasonscope.provenance import seed_for
from reasonscope.stats import mean_by_cluster
from reasonscope.structure.receivers.reading import Array, ranks_of

TOP = 20
"""Receiver heads in the step's score (published), or an eighth of all where that is fewer."""
FEWEST_LAYERS = 4
"""Fewer tell no interval: their ranks are few, and often the same by chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiverRow:
    """How much the receiver heads look at one step: a row of table ``receivers``."""

    trace_id: str
    step_index: int
    score: float | None
    """Mean over receiver heads of the step's rank in its trace, 0 to 1; None: left out."""
    low: float | None
    """Lower end of the interval over layers; heads of a layer are one cluster. None: the receiver
    heads lie in fewer than four layers."""
    high: float | None
    control: float | None
    """The same of as many other heads, drawn at random."""
    heads: int
    """Receiver heads, chosen on the study's other problems where there are any."""


def best_heads(ranks: Array, problems: Sequence[str], which: int) -> NDArray[np.intp]:
    """All heads, the best first, by their mean ranks ``[trace, head]`` on the other problems.

    Where there is no other problem the trace is its own judge.
    """
    others = [index for index, name in enumerate(problems) if name != problems[which]] or [which]
    return np.argsort(-ranks[others].mean(axis=0), kind="stable")


def step_rows(
    trace_id: str, scores: Array, order: NDArray[np.intp], *, top: int = TOP, seed: int = 0
) -> list[ReceiverRow]:
    """The steps of one trace, looked at by heads that the other traces chose.

    Args:
        trace_id: of the trace.
        scores: ``[layer, head, step]``.
        order: all heads, the best first, counted through the layers.
        top: how many of them are receiver heads, at most.
        seed: of the control heads.
    """
    count = min(top, max(1, len(order) // 8))
    rng = np.random.default_rng(seed_for("control heads", seed, trace_id))
    rest = rng.permutation(order[count:])[:count]
    steps = scores.reshape(-1, scores.shape[-1])
    layers = np.arange(len(order)) // scores.shape[1]
    ranked = np.stack([ranks_of(row) for row in steps])
    return [
        _step_row(trace_id, index, ranked[:, index], order[:count], rest, layers)
        for index in range(steps.shape[1])
    ]


def _step_row(
    trace_id: str,
    index: int,
    ranks: Array,
    chosen: NDArray[np.intp],
    rest: NDArray[np.intp],
    layers: NDArray[np.intp],
) -> ReceiverRow:
    chosen, rest = (heads[np.isfinite(ranks[heads])] for heads in (chosen, rest))
    score = mean_by_cluster(ranks[chosen], layers[chosen])
    ends = (score.low, score.high) if (score.clusters or 0) >= FEWEST_LAYERS else (None, None)
    low, high = (None if end is None else min(1.0, max(0.0, end)) for end in ends)
    return ReceiverRow(
        trace_id=trace_id,
        step_index=index,
        score=score.value,
        low=low,
        high=high,
        control=float(ranks[rest].mean()) if len(rest) else None,
        heads=len(chosen),
    )
