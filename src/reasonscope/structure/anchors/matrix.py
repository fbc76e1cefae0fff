"""Which later steps come from which: how often step j returns with step i and without it (M5)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from reasonscope.stats import Estimate, auroc, benjamini_hochberg
from reasonscope.structure.anchors.agreement import by_place
from reasonscope.structure.anchors.intervals import Tally, difference, p_value
from reasonscope.structure.anchors.rollout import Rollout
from reasonscope.traces.segment import split_output, step_ends

Similar = Callable[[Sequence[str], Sequence[str]], NDArray[np.bool_]]
"""Which texts of two lists say the same: rows the first, columns the second."""
Split = Callable[[str], Sequence[str]]
"""A text's steps."""

BLOCK = 4096
"""Texts compared with a trace's steps at a time, so that memory stays bounded."""
MOST_ROLLOUT_STEPS = 2_000
"""Steps of one rollout that are looked at; the rest is passed over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepEffect:
    """How keeping one step changes how often a later one is said; a row of ``step_effects``."""

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


def split(text: str) -> list[str]:
    """The steps of a rollout's reasoning, found as those of a trace.

    >>> split("We add three to it. So there are seven.</think>Answer: 7")
    ['We add three to it. ', 'So there are seven.']
    """
    reasoning = split_output(text).reasoning
    ends = step_ends(reasoning)
    return [reasoning[a:b] for a, b in zip((0, *ends), ends, strict=False)]


@dataclass(frozen=True, slots=True)
class Said:
    """Which of a trace's steps the rollouts of one prefix say again."""

    said: NDArray[np.bool_]
    """``[rollout, step]``."""
    left: NDArray[np.bool_]
    """``[rollout]``: its first step is another than the trace's at that place."""


def said_again(
    steps: Sequence[str], rollouts: Iterable[Rollout], similar: Similar, split: Split = split
) -> dict[int, Said]:
    """For each prefix which steps its rollouts say again; failed rollouts are left out.

    Equal texts are compared once, so the cost is that of the distinct texts times the steps.

    Args:
        steps: The trace's steps.
        rollouts: Of that trace; arms other than resampling are passed over.
        similar: Tells which texts say the same.
        split: How a rollout's text falls into steps.
    """
    places = {
        kept: [list(split(row.text))[:MOST_ROLLOUT_STEPS] for row in rows if not row.error]
        for kept, rows in by_place(rollouts, "resample").items()
        if kept <= len(steps)
    }
    texts = dict.fromkeys(text for held in places.values() for told in held for text in told)
    number = {text: at for at, text in enumerate(texts)}
    like = _likeness(list(texts), steps, similar)
    return {kept: _said(kept, held, number, like) for kept, held in places.items()}


def _likeness(texts: Sequence[str], steps: Sequence[str], similar: Similar) -> NDArray[np.bool_]:
    blocks = [
        np.asarray(similar(texts[at : at + BLOCK], steps), dtype=np.bool_)
        for at in range(0, len(texts), BLOCK)
    ]
    return np.concatenate(blocks) if blocks else np.zeros((0, len(steps)), dtype=np.bool_)


def _said(
    kept: int, told: Sequence[Sequence[str]], number: dict[str, int], like: NDArray[np.bool_]
) -> Said:
    steps = like.shape[1]
    said = np.zeros((len(told), steps), dtype=np.bool_)
    left = np.ones(len(told), dtype=np.bool_)
    for row, texts in enumerate(told):
        rows = like[[number[text] for text in texts]]
        said[row] = rows.any(axis=0)
        if texts and kept < steps:
            left[row] = not rows[0, kept]
    return Said(said, left)


def step_effects(
    trace_id: str, places: dict[int, Said], shuffled: int | None = None
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
