"""The panel of step matrices: a picture of each of a few, and the strongest pairs."""

from collections.abc import Sequence

from reasonscope.report.panel import Figure, Mark, Panel, Table
from reasonscope.structure.anchors.step_matrix.figure import matrix_figure
from reasonscope.structure.anchors.step_matrix.findings import NAME, SURE
from reasonscope.structure.anchors.step_matrix.reading import StepEffect
from reasonscope.structure.anchors.telling import excerpt
from reasonscope.traces.schema import Step
from reasonscope.traces.store import Study

TRACES = 3
"""Traces that are drawn; those with the most pairs that hang together."""
LISTED = 20
"""Pairs that are listed."""


def panel(study: Study) -> Panel:
    """Matrices of a few traces, and the pairs in them that hang together most."""
    drawn = [(trace_id, study.of_trace(NAME, StepEffect, trace_id))
             for trace_id in _traces(study)]  # fmt: skip
    return Panel(
        name=NAME,
        title=_title(study),
        lead="From every point of a trace the model went on anew, many times. Where a step is "
        "kept, some later steps are said again more often than where another stands in its place: "
        "they come from it. Depth of colour is the difference of the two shares.",
        figures=tuple(_figure(trace_id, rows) for trace_id, rows in drawn if rows),
        tables=(_table(study, drawn),),
        misleads="Two steps with the same numbers and much the same words count as the same. What "
        "a step does by way of another one is counted for both. And replacing a step moves what is "
        "near it, whatever it says: compare pairs at the same distance.",
    )


def marks(study: Study, trace_ids: Sequence[str]) -> list[Mark]:
    """From each step an arc to the later one that comes from it most, where that is sure."""
    strongest: dict[tuple[str, int], StepEffect] = {}
    for row in study.of_traces(NAME, StepEffect, trace_ids):
        at = row.trace_id, row.step_index
        if row.q <= SURE and row.value > 0 and row.value > _value(strongest.get(at)):
            strongest[at] = row
    return [
        Mark(
            trace_id=row.trace_id,
            step_index=row.step_index,
            layer=NAME,
            kind="neutral",
            text=f"step {row.target + 1} is said {100 * row.value:+.0f} points more often with it",
            target=row.target,
        )
        for row in strongest.values()
    ]


def _value(row: StepEffect | None) -> float:
    return 0.0 if row is None else row.value


def _title(study: Study) -> str:
    [(sure, pairs)] = study.rows(
        f"select count(*) filter (where q <= {SURE}), count(*) from step_matrix"
    )
    return f"{sure:,} of {pairs:,} pairs of steps hang together"


def _traces(study: Study) -> list[str]:
    found = study.rows(
        "select trace_id from step_matrix group by trace_id "
        f"order by count(*) filter (where q <= {SURE}) desc, trace_id limit {TRACES}"
    )
    return [row[0] for row in found]


def _figure(trace_id: str, rows: Sequence[StepEffect]) -> Figure:
    return matrix_figure(rows, f"Trace {trace_id[:8]}: ")


def _table(study: Study, drawn: Sequence[tuple[str, Sequence[StepEffect]]]) -> Table:
    found = []
    for trace_id, rows in drawn:
        texts = {step.index: step.text for step in study.of_trace("steps", Step, trace_id)}
        said = {index: excerpt(text) for index, text in texts.items()}
        found += [
            (row, said.get(row.step_index, ""), said.get(row.target, ""))
            for row in rows
            if row.q <= SURE
        ]
    found.sort(key=lambda one: -abs(one[0].value))
    return Table(
        title="Pairs of steps that hang together most, with 95 % intervals",
        columns=("trace", "step", "its text", "later step", "its text", "said more often by",
                 "low", "high", "q"),
        rows=tuple(
            (row.trace_id[:8], row.step_index + 1, one, row.target + 1, other, row.value, row.low,
             row.high, row.q)
            for row, one, other in found[:LISTED]
        ),
    )  # fmt: skip
