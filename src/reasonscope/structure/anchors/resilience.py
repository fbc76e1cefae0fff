"""Does an idea come back when it is taken out: how often a replaced step returns (M8)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from reasonscope.stats import Estimate
from reasonscope.structure.anchors.agreement import Agreement, weighted
from reasonscope.structure.anchors.matrix import Similar, Split, split
from reasonscope.structure.anchors.rollout import Request, Rollout


@dataclass(frozen=True, slots=True, kw_only=True)
class Resilience:
    """How a step withstands being replaced; a row of ``resilience``."""

    trace_id: str
    step_index: int
    returned: int
    """Rollouts without the step at its place that say it later on and come to their end."""
    stayed_out: int
    """Those that come to their end without it."""
    cut: int
    """Those cut at their limit, whether they said it before or not."""
    again: float | None = None
    """Share in which it returns, of those that come to their end; None: none does."""
    again_low: float | None = None
    again_high: float | None = None
    again_least: float | None = None
    """The share of all if no rollout that was cut would have said it afterwards."""
    again_most: float | None = None
    """The share if every one would have."""
    reinsertions: float | None = None
    """Times that it is expected to return until it stays out, if each time is as likely as the
    last: share / (1 - share). None: not known, or it always returned."""
    reinsertions_low: float | None = None
    reinsertions_high: float | None = None
    """None: no upper end (it may always return)."""
    followed: int = 0
    """Rollouts among these that went on where the step had returned before."""
    failed: int = 0
    """Rollouts of which nothing came back."""


def returns(step: str, told: Sequence[str], similar: Similar) -> int | None:
    """Which of a rollout's steps is the first to say the step again; None: none does."""
    if not told:
        return None
    found = np.flatnonzero(np.asarray(similar(told, [step]))[:, 0])
    return int(found[0]) if len(found) else None


def resilience(
    trace_id: str,
    index: int,
    step: str,
    rollouts: Iterable[Rollout],
    similar: Similar,
    split: Split = split,
) -> Resilience:
    """How often a step comes back, from rollouts that begin where it stood.

    Rollouts that say it at once have not replaced it and are passed over. Those of later rounds
    (:func:`follow_up`) go on without the step once more; each is one more trial. So a chain that
    was not followed to its end does not bias the share, nor do rollouts that were cut, which are
    left out whether they said it or not: the bounds have them. Source: M8; departure: the expected
    number is that of a geometric law, not of chains that must all be followed to their end.

    Args:
        trace_id: The trace.
        index: The step's number.
        step: Its text.
        rollouts: Of that trace, all rounds; others than resamples from ``index`` are passed over.
        similar: Tells which texts say the same.
        split: How a rollout's text falls into steps.
    """
    tried = [row for row in rollouts if row.arm == "resample" and row.kept == index]
    places = [(row, returns(step, split(row.text), similar)) for row in tried if not row.error]
    replaced = [(row, at is not None) for row, at in places if at != 0]
    ended = [said for row, said in replaced if row.ended]
    share = weighted([(1.0, Agreement(same=sum(ended), other=len(ended) - sum(ended)))])
    said, everything = sum(said for _, said in replaced), len(replaced)
    lost = sum(not row.ended and not said for row, said in replaced)
    return Resilience(
        trace_id=trace_id,
        step_index=index,
        returned=sum(ended),
        stayed_out=len(ended) - sum(ended),
        cut=everything - len(ended),
        again=share.value,
        again_low=share.low,
        again_high=share.high,
        again_least=said / everything if everything else None,
        again_most=(said + lost) / everything if everything else None,
        followed=sum(bool(row.inserted) for row, _ in replaced),
        failed=len(tried) - len(places),
        **_times(share),
    )


def _times(share: Estimate) -> dict[str, float | None]:
    """The share as expected times; the law is monotone, so its ends are those of the share."""
    ends = {"": share.value, "_low": share.low, "_high": share.high}
    return {
        f"reinsertions{name}": None if end is None or end >= 1 else end / (1 - end)
        for name, end in ends.items()
    }


def follow_up(
    index: int, step: str, rollouts: Iterable[Rollout], similar: Similar, split: Split = split
) -> list[Request]:
    """The next round: each rollout that said the step again, from just before it did.

    The request keeps what the trace had before the step and inserts the rollout's own text up to
    the step's return. A rollout that said it at once is not gone on from.

    Args:
        index: The step's number.
        step: Its text.
        rollouts: The latest round, resampled from ``index``.
        similar: Tells which texts say the same.
        split: How a rollout's text falls into steps.
    """
    found = []
    for row in rollouts:
        if row.arm != "resample" or row.kept != index or row.error:
            continue
        told = split(row.text)
        at = returns(step, told, similar)
        if at:
            before = row.inserted + "".join(told[:at])
            found.append(Request(kept=index, index=row.index, inserted=before))
    return found
