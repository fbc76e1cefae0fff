"""What forced answers say of where a trace commits itself: one row a trace."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from reasonscope.provenance import seed_for
from reasonscope.structure.anchors.agreement import Agreement, agreement, by_place
from reasonscope.structure.anchors.commitment.change_point import change_point, rise, shuffled
from reasonscope.structure.anchors.rollout import Rollout

State = Literal["from the start", "on the way", "never", "unknown"]

THRESHOLD = 0.5
"""A trace is committed where the forced answer is its own final one more often than not."""
LEVEL = 0.05
"""The share rises along the trace if chance does as much less often than this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """From where on one trace's answer is fixed; a row of table ``commitment``."""

    trace_id: str
    state: State
    """``from the start``: before any step; ``on the way``; ``never``: not even after all steps."""
    value: int | None = None
    """Kept steps from which on the forced answer is the trace's own and stays so; 0: from the
    start. None: never, or not assessed."""
    low: int | None = None
    """Fewest kept steps that the interval allows."""
    high: int | None = None
    """Most; None: the interval reaches to never."""
    chance_of_start: float | None = None
    """Probability that the answer is fixed before any step."""
    chance_of_never: float | None = None
    p_rise: float | None = None
    """How often chance alone makes the share rise along the trace as much: small where the
    reasoning decides."""
    p_rise_shuffled: float | None = None
    """The control: the same with the answers shuffled among the prefixes."""
    threshold: float = THRESHOLD
    """Share of own answers from which on a prefix counts as committed."""
    kept: tuple[int, ...] = ()
    """Kept steps of each prefix."""
    same: tuple[float, ...] = ()
    """Share of forced answers that are the trace's own there."""
    steps: int = 0
    """Steps of the trace."""
    rollouts: int = 0
    """Forced answers that came back."""
    unanswered: int = 0
    """Those among them that could not be read; they count as not the trace's own."""
    failed: int = 0
    """Requests of which nothing came back."""
    reason: str = ""
    """Why nothing could be assessed."""


def read(
    trace_id: str,
    steps: int,
    rollouts: Iterable[Rollout],
    final: str | None,
    threshold: float = THRESHOLD,
) -> Commitment:
    """Where a trace commits itself, of its forced answers.

    A prefix that was not asked lies between two that were: the interval begins after the last
    prefix that it leaves out. Source: M42; departures: sampled answers with a change point in
    the place of one greedy answer a prefix, and an interval.

    Args:
        trace_id: The trace.
        steps: How many steps it has.
        rollouts: Of this trace; other arms are passed over.
        final: The trace's own answer in its normal form; None: it has none.
        threshold: Share of own answers from which on a prefix counts as committed.
    """
    forced = by_place(rollouts, "forced")
    counted = {} if final is None else {k: agreement(rows, final) for k, rows in forced.items()}
    known = {k: one for k, one in counted.items() if one.n}
    if len(known) < 2:
        reason = "the trace has no final answer" if final is None else "fewer than two prefixes"
        return Commitment(trace_id=trace_id, state="unknown", steps=steps, reason=reason)
    kept, hits = list(known), [one.same for one in known.values()]
    sizes = [one.n for one in known.values()]
    found = change_point(hits, sizes, threshold)
    places = len(kept)
    dice = np.random.default_rng(seed_for("commitment", trace_id))
    everything = sum(counted.values(), Agreement())
    return Commitment(
        trace_id=trace_id,
        state=_state(found.place, places),
        value=kept[found.place] if found.place < places else None,
        low=kept[found.low - 1] + 1 if found.low else 0,
        high=kept[found.high] if found.high < places else None,
        chance_of_start=found.chances[0],
        chance_of_never=found.chances[-1],
        p_rise=rise(hits, sizes, dice),
        p_rise_shuffled=rise(shuffled(hits, sizes, dice), sizes, dice),
        threshold=threshold,
        kept=tuple(kept),
        same=tuple(one.share for one in known.values()),
        steps=steps,
        rollouts=everything.n,
        unanswered=everything.unanswered,
        failed=everything.failed,
    )


def _state(place: int, places: int) -> State:
    if place == places:
        return "never"
    return "on the way" if place else "from the start"
