"""From the rollouts of one trace to the importance of each of its steps (M2, M3, M4).

Importance of step *i* is positive where keeping it helps: accuracy with steps 0 to *i* kept minus
accuracy with *i* resampled. Departures from the published way: rollouts that repeat a step to the
letter inform the next prefix too (see :mod:`.intervals`); rollouts that say the same in other
words count on neither side of the counterfactual importance (the published code adds them to the
kept side, which is right only where other words never matter); an empty side gives None, not 0;
every number has an interval or a p value.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from reasonscope.provenance import seed_for
from reasonscope.structure.anchors.distances import distance
from reasonscope.structure.anchors.gathering import Gathered, Heap, gather
from reasonscope.structure.anchors.intervals import (
    Parting,
    accuracy_importance,
    anchors,
    bounds,
    difference,
    p_value,
)
from reasonscope.structure.anchors.position import beyond_position
from reasonscope.structure.anchors.record import Anchor
from reasonscope.structure.anchors.rollout import Rollout

Alike = Callable[[str, Sequence[str]], Sequence[bool]]
"""Which of some steps mean the same as an original one."""


def importances(
    rollouts: Iterable[Rollout],
    texts: Sequence[str],
    *,
    alike: Alike | None = None,
    level: float = 0.95,
    seed: int = 0,
) -> list[Anchor]:
    """A row for each step of a trace, in order.

    Args:
        rollouts: Those of one trace, arms ``resample`` and ``forced``; other arms are passed over.
        texts: The texts of the trace's steps, which joined are its reasoning.
        alike: Tells which resampled steps mean the same as the trace's own; None: the
            counterfactual importance stays unknown.
        level: Nominal coverage of the intervals.
        seed: Of the shuffles behind the distances.

    Raises:
        ValueError: The rollouts are of several traces, or keep more steps than there are.
    """
    found = gather(rollouts, texts)
    rows = [
        replace(
            _row(found, step, level, seed),
            **_counterfactual(found, step, texts[step], alike, level, seed),
            **_forced(found, step, level, seed),
        )
        for step in range(len(texts))
    ]
    called = anchors([row.p for row in rows])
    apart = beyond_position([row.importance for row in rows])
    return [
        replace(row, q=q, anchor=is_anchor, beyond_position=beyond)
        for row, (q, is_anchor), beyond in zip(rows, called, apart, strict=True)
    ]


def partings(rollouts: Iterable[Rollout], texts: Sequence[str]) -> list[Parting]:
    """For each step the rollouts that had the steps before it, told apart by what they did."""
    found = gather(rollouts, texts)
    return [found.parting(step) for step in range(len(texts))]


def _row(found: Gathered, step: int, level: float, seed: int) -> Anchor:
    """The resampling importance of a step, and what it rests on."""
    parting = found.parting(step)
    left, having = parting.left, found.having[step]
    value = accuracy_importance(parting, level)
    least = bounds(parting) or (None, None)
    kept = parting.beyond.accuracy
    moved = distance(
        found.having[step + 1].answers,
        found.left[step].answers,
        share=left.all / having.tally.all if having.tally.all else 1.0,
        level=level,
        seed=seed_for("distance", seed, found.trace_id, step),
    )
    return Anchor(
        trace_id=found.trace_id,
        step=step,
        accuracy_resampled=having.tally.accuracy
        if kept is None or value.value is None
        else kept - value.value,
        accuracy_kept=kept,
        importance=value.value,
        low=value.low,
        high=value.high,
        bound_low=least[0],
        bound_high=least[1],
        p=p_value(parting.beyond, left),
        distance=moved.value,
        distance_low=moved.low,
        distance_high=moved.high,
        distance_p=moved.p,
        rollouts=found.started[step],
        reached=having.tally.all,
        stayed=parting.stayed.all,
        cut=found.cut[step],
        unparsable=found.unparsable[step],
        failed=found.failed[step],
        tokens=found.tokens[step],
    )


def _counterfactual(
    found: Gathered, step: int, text: str, alike: Alike | None, level: float, seed: int
) -> dict[str, Any]:
    """The importance against those rollouts alone that go on with another meaning."""
    if alike is None:
        return {}
    leavers = found.leavers[step]
    same = alike(text, [rollout.step for rollout in leavers]) if leavers else []
    different = Heap()
    for rollout, is_same in zip(leavers, same, strict=True):
        if not is_same:
            different.add(rollout)
    kept = found.having[step + 1]
    return {
        "alike": sum(same),
        "different": different.tally.all,
        **_compared("counterfactual", kept, different, level, seed_for(seed, found.trace_id, step)),
    }


def _forced(found: Gathered, step: int, level: float, seed: int) -> dict[str, Any]:
    """The importance where the answer is asked for at once, before and after the step."""
    before, after = found.forced[step], found.forced[step + 1]
    return _compared("forced", after, before, level, seed_for("forced", seed, found.trace_id, step))


def _compared(name: str, kept: Heap, other: Heap, level: float, seed: int) -> dict[str, Any]:
    """The columns of a comparison of independent rollouts."""
    value = difference(kept.tally, other.tally, level)
    moved = distance(kept.answers, other.answers, level=None, seed=seed)
    return {
        name: value.value,
        f"{name}_low": value.low,
        f"{name}_high": value.high,
        f"{name}_p": p_value(kept.tally, other.tally),
        f"{name}_distance": moved.value,
        f"{name}_distance_p": moved.p,
    }
