"""A pair of steps in words, for terminals, tables and strips of steps."""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence

from reasonscope.report.panel import Mark
from reasonscope.structure.anchors.telling import excerpt
from reasonscope.structure.suppression.findings import NAME
from reasonscope.structure.suppression.matrix import FEWEST, LEVEL, SuppressionRow
from reasonscope.traces.schema import Step
from reasonscope.traces.store import Study

LISTED = 10
"""Pairs that are told, the strongest first."""
LAST = 3
"""Steps that are named for what follows the reasoning."""


def told(rows: Sequence[SuppressionRow], steps: Sequence[Step]) -> Iterator[str]:
    """Lines for a person: the pairs that hang together, and what could not be assessed."""
    yield headline(rows, len(steps))
    texts = {step.index: step.text for step in steps}
    strong = strongest(rows, len(steps))
    for row in strong[:LISTED]:
        yield f"  {moved(row)}"
        yield f"      {row.target + 1}: {excerpt(texts[row.target])}"
        yield f"      {row.source + 1}: {excerpt(texts[row.source])}"
    if len(strong) > LISTED:
        yield f"  and {len(strong) - LISTED:,} more; all are in the report"
    yield from _after(rows, len(steps))
    yield from _open(rows, len(steps))


def headline(rows: Sequence[SuppressionRow], steps: int) -> str:
    """How many pairs hang together, and how many chance alone would show.

    >>> headline([], 3)
    'No pair of steps could be assessed'
    """
    known = [row for row in between(rows, steps) if row.assessed]
    if not known:
        return "No pair of steps could be assessed"
    found, by_chance = counted(known)
    return (
        f"In {found:,} of {len(known):,} pairs of steps the later one looks back to the earlier "
        f"one more than text as far apart does (chance alone: {by_chance:,})"
    )


def counted(rows: Sequence[SuppressionRow]) -> tuple[int, int]:
    """How many pairs are found, and how many with a stretch in the step's place."""
    by_chance = sum(row.p_control is not None and row.p_control <= LEVEL for row in rows)
    return sum(row.found for row in rows), by_chance


def between(rows: Sequence[SuppressionRow], steps: int) -> list[SuppressionRow]:
    """The pairs of steps among the rows; the others are about what follows the reasoning."""
    return [row for row in rows if row.target < steps]


def strongest(rows: Sequence[SuppressionRow], steps: int) -> list[SuppressionRow]:
    """The pairs that hang together, the one first that does most beyond its control."""
    found = [row for row in between(rows, steps) if row.found]
    return sorted(found, key=beyond, reverse=True)


def beyond(row: SuppressionRow) -> float:
    """What a pair does beyond its control, in nats a token."""
    return row.nats - (row.control_nats or 0.0)


def times(row: SuppressionRow) -> str:
    """How much more than its control a pair does."""
    return f"{math.exp(row.excess or 0.0):.2g} times"


def moved(row: SuppressionRow) -> str:
    """What hiding a step does to a later one; steps counted from 1."""
    return (
        f"step {row.target + 1} looks back to step {row.source + 1}: hidden, that moves it by "
        f"{row.nats:.2g} nats a token, {times(row)} what text so far apart does "
        f"(p = {row.p_value or 0.0:.2g})"
    )


def _after(rows: Sequence[SuppressionRow], steps: int) -> Iterator[str]:
    """The steps without which what follows the reasoning changes most."""
    last = sorted((row for row in rows if row.target == steps), key=lambda row: -row.nats)
    if last:
        named = ", ".join(f"step {row.source + 1} ({row.nats:.2g} nats)" for row in last[:LAST])
        yield f"What follows the reasoning changes most without {named}; it has no control"


def _open(rows: Sequence[SuppressionRow], steps: int) -> Iterator[str]:
    pairs = between(rows, steps)
    left = sum(not row.assessed for row in pairs)
    if left:
        yield (
            f"{left:,} of {len(pairs):,} pairs could not be assessed: fewer than "
            f"{FEWEST} of the drawn stretches are as far apart"
        )


def marks(study: Study, trace_ids: Sequence[str]) -> list[Mark]:
    """An arc from each later step to the one that it looks back to most, where it is found to.

    Of the many pairs of a trace some are found by chance: arcs stand only on traces in which more
    than twice as many are found as in the control.
    """
    steps, held = _steps(study, trace_ids), defaultdict(list)
    for row in study.of_traces("suppressions", SuppressionRow, trace_ids):
        held[row.trace_id].append(row)
    return [
        mark
        for trace_id, rows in held.items()
        for mark in _arcs(between(rows, steps.get(trace_id, 0)))
    ]


def _arcs(rows: Sequence[SuppressionRow]) -> Iterator[Mark]:
    found, by_chance = counted(rows)
    if found <= 2 * by_chance:
        return
    best: dict[int, SuppressionRow] = {}
    for row in rows:
        if row.found:
            best[row.target] = max(best.get(row.target, row), row, key=beyond)
    for row in best.values():
        yield Mark(
            trace_id=row.trace_id,
            step_index=row.target,
            layer=NAME,
            kind="neutral",
            text=moved(row),
            target=row.source,
        )


def _steps(study: Study, trace_ids: Sequence[str]) -> dict[str, int]:
    found = study.rows(
        "select trace_id, count(*) from steps where trace_id in "
        "(select unnest(?::varchar[])) group by all",
        [list(trace_ids)],
    )
    return dict(found)
