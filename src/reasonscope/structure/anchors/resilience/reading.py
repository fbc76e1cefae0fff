"""How often a replaced step returns, of the rollouts that begin where it stood: one row a step."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reasonscope.stats import Estimate
from reasonscope.structure.anchors.agreement import Agreement, weighted
from reasonscope.structure.anchors.step_matrix.said import Said


@dataclass(frozen=True, slots=True, kw_only=True)
class Resilience:
    """How a step withstands being replaced; a row of ``resilience``."""

    trace_id: str
    step_index: int
    returned: int
    """Rollouts without the step at its place that say it later on and come to their end."""
    stayed_out: int
    """Those that come to their end without it."""
    repeated: int
    """Rollouts that say it at once: nothing stands in its place."""
    cut: int
    """Those without it cut at their limit, whether they said it before or not."""
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
    unrelated: int | None = None
    """The control: how many of the rollouts that come to their end say another problem's step;
    None: there is none to look for."""
    failed: int = 0
    """Rollouts of which nothing came back."""


def read(
    trace_id: str, places: Mapping[int, Said], control: Mapping[int, Said] | None = None
) -> Iterator[Resilience]:
    """A row for each step that has rollouts from where it stood.

    Rollouts that say it at once have not replaced it and are passed over. Those that were cut are
    left out of the share whether they said it or not: the bounds have them. Source: M8; departure:
    the expected number is that of a geometric law, from the first return alone, where the published
    one goes on from each return until the step stays out.

    Args:
        trace_id: The trace.
        places: Where its rollouts say its steps again.
        control: Where the same rollouts say the steps of a trace of another problem.
    """
    for index, held in places.items():
        if index < held.first.shape[1]:
            others = None if control is None else control.get(index)
            yield _row(trace_id, index, held, others)


def _row(trace_id: str, index: int, held: Said, control: Said | None) -> Resilience:
    said, ended = held.said[held.left, index], held.ended[held.left]
    returned, out = int((said & ended).sum()), int((~said & ended).sum())
    share = weighted([(1.0, Agreement(same=returned, other=out))])
    lost = int((~said & ~ended).sum())
    return Resilience(
        trace_id=trace_id,
        step_index=index,
        returned=returned,
        stayed_out=out,
        repeated=int((~held.left).sum()),
        cut=int((~ended).sum()),
        again=share.value,
        again_low=share.low,
        again_high=share.high,
        again_least=float(said.mean()) if len(said) else None,
        again_most=(int(said.sum()) + lost) / len(said) if len(said) else None,
        unrelated=_unrelated(index, held, control),
        failed=held.failed,
        **_times(share),
    )


def _unrelated(index: int, held: Said, control: Said | None) -> int | None:
    if control is None or index >= control.first.shape[1]:
        return None
    return int(control.said[held.left & held.ended, index].sum())


def _times(share: Estimate) -> dict[str, float | None]:
    """The share as expected times; the law is monotone, so its ends are those of the share."""
    ends = {"": share.value, "_low": share.low, "_high": share.high}
    return {
        f"reinsertions{name}": None if end is None or end >= 1 else end / (1 - end)
        for name, end in ends.items()
    }
