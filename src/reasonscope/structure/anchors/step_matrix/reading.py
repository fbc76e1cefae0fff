"""Which later steps come from which: how often step j returns with step i and without it (M5)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from reasonscope.provenance import seed_for
from reasonscope.stats import Estimate, auroc, benjamini_hochberg
from reasonscope.structure.anchors.intervals import Tally, difference, p_value
from reasonscope.structure.anchors.step_matrix.said import Said


@dataclass(frozen=True, slots=True, kw_only=True)
class StepEffect:
    """How keeping one step changes how often a later one is said; a row of ``step_matrix``."""

    trace_id: str
    step_index: int
    """The step that is kept or resampled."""
    target: int
    """The later step."""
    value: float
    """Share of rollouts that say the target again where the step is kept, minus where another
    stands in its place; positive: the target comes from it."""
    low: float
    high: float
    p: float
    """How often chance alone gives as large a difference (Fisher, mid-p)."""
    q: float
    """The same, adjusted for all entries of the trace (Benjamini and Hochberg)."""
    kept: int
    """Rollouts in which the step is kept."""
    resampled: int
    """Rollouts in which another stands in its place."""
    q_shuffled: float | None = None
    """The control: q with the rollouts of both sides dealt out anew."""


def read(trace_id: str, places: Mapping[int, Said]) -> list[StepEffect]:
    """The matrix of one trace, each entry with its control."""
    dice = seed_for("step matrix shuffled", trace_id)
    control = {(one.step_index, one.target): one.q for one in step_effects(trace_id, places, dice)}
    return [
        replace(one, q_shuffled=control[one.step_index, one.target])
        for one in step_effects(trace_id, places)
    ]


def step_effects(
    trace_id: str, places: Mapping[int, Said], shuffled: int | None = None
) -> list[StepEffect]:
    """The matrix of one trace: an entry for each step with rollouts on both sides.

    ``[i, j]`` compares rollouts that keep i + 1 steps with those that keep i and in which another
    step stands in the place of i, for j > i. A target that no rollout on either side says again
    cannot be assessed and has no entry. Source: M5; departures: intervals, and a correction for
    the number of entries.

    Args:
        trace_id: The trace.
        places: What its rollouts say again, by prefix.
        shuffled: The control: the rollouts that are compared are dealt out anew among both sides
            by this seed, so that nothing is left to find.
    """
    dice = None if shuffled is None else np.random.default_rng(shuffled)
    found = [
        effect
        for i in sorted(places)
        if i + 1 in places
        for effect in _row(trace_id, i, places[i], places[i + 1], dice)
    ]
    qs = benjamini_hochberg([one.p for one in found]) if found else ()
    return [replace(one, q=q) for one, q in zip(found, qs, strict=True)]


def _row(
    trace_id: str, i: int, here: Said, after: Said, dice: np.random.Generator | None
) -> list[StepEffect]:
    with_step = after.said
    without = here.said[here.left]
    if not len(with_step) or not len(without):
        return []
    if dice is not None:
        both = dice.permutation(np.concatenate([with_step, without]))
        with_step, without = both[: len(with_step)], both[len(with_step) :]
    kept, resampled = with_step.sum(axis=0), without.sum(axis=0)
    return [
        _entry(trace_id, i, j, (int(kept[j]), len(with_step)), (int(resampled[j]), len(without)))
        for j in range(i + 1, with_step.shape[1])
        if kept[j] + resampled[j]
    ]


def _entry(
    trace_id: str, i: int, j: int, kept: tuple[int, int], resampled: tuple[int, int]
) -> StepEffect:
    one, p = _compared(*kept, *resampled)
    assert one.value is not None
    assert one.low is not None
    assert one.high is not None
    return StepEffect(
        trace_id=trace_id,
        step_index=i,
        target=j,
        value=one.value,
        low=one.low,
        high=one.high,
        p=p,
        q=p,
        kept=kept[1],
        resampled=resampled[1],
    )


@cache
def _compared(s1: int, n1: int, s2: int, n2: int) -> tuple[Estimate, float]:
    """The difference of two shares and its p value; few counts are distinct, so each is kept."""
    first, second = Tally(right=s1, wrong=n1 - s1), Tally(right=s2, wrong=n2 - s2)
    p = p_value(first, second)
    return difference(first, second), 1.0 if p is None else min(p, 1.0)


def edge_auc(effects: Iterable[StepEffect], edges: Iterable[tuple[str, int, int]]) -> Estimate:
    """How well the matrix tells known edges from other pairs of steps; .5 is chance.

    Clustered by trace. Pairs without an entry are left out.

    Args:
        effects: Entries of any number of traces.
        edges: Trace, step and target of each known edge.
    """
    rows, known = list(effects), set(edges)
    labels = [(row.trace_id, row.step_index, row.target) in known for row in rows]
    names = [row.trace_id for row in rows]
    clusters = names if len(set(names)) > 1 else None
    return auroc([row.value for row in rows], labels, clusters)
