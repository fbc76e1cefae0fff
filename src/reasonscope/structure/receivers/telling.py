"""Heads and steps in words, for terminals, tables and strips of steps."""

from collections.abc import Iterator, Mapping, Sequence

from reasonscope.report.panel import Mark
from reasonscope.structure.anchors.telling import excerpt
from reasonscope.structure.receivers.findings import NAME, fewest_problems
from reasonscope.structure.receivers.heads import HeadGain
from reasonscope.structure.receivers.steps import ReceiverRow
from reasonscope.traces.store import Study

LISTED = 5
"""Heads, and steps of a trace, that are told."""


def told(heads: Sequence[HeadGain]) -> Iterator[str]:
    """Lines for a person: the heads that are told from moved borders, the highest rank first.

    Where no head could be told they are those of the highest rank.
    """
    yield headline(heads)
    found = [row for row in heads if row.told]
    for row in found[:LISTED] if enough(heads) else heads[:LISTED]:
        yield f"  {gained(row)}"
    if len(found) > LISTED:
        yield f"  and {len(found) - LISTED:,} more; all are in the report"


def headline(heads: Sequence[HeadGain]) -> str:
    """How many heads gather on steps.

    >>> headline([])
    'No head was read'
    """
    if not heads:
        return "No head was read"
    if not enough(heads):
        return (
            f"Which of {len(heads):,} heads gather on steps cannot be told: it takes traces of "
            f"{fewest_problems(len(heads))} problems (read: {heads[0].rank.clusters or 0:,})"
        )
    found = sum(row.told for row in heads)
    verb = "gathers" if found == 1 else "gather"
    return (
        f"{found:,} of {len(heads):,} attention heads {verb} on few steps more than on stretches "
        "that are no steps"
    )


def enough(heads: Sequence[HeadGain]) -> bool:
    """Whether one head could be told: whether traces of enough problems were read."""
    return bool(heads) and (heads[0].rank.clusters or 0) >= fewest_problems(len(heads))


def gained(row: HeadGain) -> str:
    """How far one head gathers on few steps; layers and heads counted from 0, as models do."""
    ends = [end for end in (row.excess.low, row.excess.high) if end is not None]
    within = f" [{ends[0]:+.2f} to {ends[1]:+.2f}]" if len(ends) == 2 else ""
    q = "" if row.q_value is None else f", q = {row.q_value:.2g}"
    return (
        f"layer {row.layer} head {row.head}: rank {row.rank.value or 0.0:.2f}, "
        f"kurtosis {row.excess.value or 0.0:+.2f}{within} beyond moved borders{q}"
    )


def looked_at(rows: Sequence[ReceiverRow], texts: Mapping[int, str]) -> Iterator[str]:
    """The steps of one trace that its receiver heads look at most, with what they say."""
    known = sorted((row for row in rows if row.score is not None), key=lambda r: -(r.score or 0.0))
    for row in known[:LISTED]:
        yield f"  {scored(row)}  {excerpt(texts.get(row.step_index, ''))}"


def scored(row: ReceiverRow) -> str:
    """How much the receiver heads look at one step; steps counted from 1."""
    within = "" if row.low is None else f" [{row.low:.2f} to {row.high or 0.0:.2f}]"
    beside = "" if row.control is None else f", other heads {row.control:.2f}"
    return f"step {row.step_index + 1}: rank {row.score or 0.0:.2f}{within}{beside}"


def stands_out(row: ReceiverRow) -> bool:
    """Whether the receiver heads agree on a step that other heads do not look at as much."""
    return row.low is not None and row.control is not None and row.low > max(row.control, 0.5)


def marks(study: Study, trace_ids: Sequence[str]) -> list[Mark]:
    """A mark on each step that the receiver heads look at more than other heads do."""
    return [
        Mark(
            trace_id=row.trace_id,
            step_index=row.step_index,
            layer=NAME,
            kind="neutral",
            text=f"receiver heads look at this step: {scored(row)} (0 to 1 among the steps)",
        )
        for row in study.of_traces("receivers", ReceiverRow, trace_ids)
        if stands_out(row)
    ]
