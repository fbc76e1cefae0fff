"""The resilience panel: how often each step of a few traces comes back."""

import altair as alt

from reasonscope.report.panel import Figure, Panel, Table
from reasonscope.report.plots import ACCENT, values
from reasonscope.structure.anchors.resilience.findings import NAME
from reasonscope.structure.anchors.resilience.reading import Resilience
from reasonscope.structure.anchors.telling import excerpt
from reasonscope.traces.schema import Step
from reasonscope.traces.store import Study

TRACES = 3
"""Traces that are drawn; those with the most rollouts."""
LISTED = 20
"""Steps that are listed."""


def panel(study: Study) -> Panel:
    """A figure for each of a few traces, and the steps that come back most."""
    drawn = [(trace_id, _rows(study, trace_id)) for trace_id in _traces(study)]
    known = [(trace_id, rows) for trace_id, rows in drawn if rows]
    return Panel(
        name=NAME,
        title=_title(study),
        lead="Where the model wrote another step in the place of the trace's own, does it say that "
        "step later all the same? A point is the share of such rollouts, a bar its 95 % interval. "
        "A step that returns is one that the reasoning needs, or one that is always said.",
        figures=tuple(_figure(trace_id, rows) for trace_id, rows in known),
        tables=(_table(study, known),),
        misleads="Two steps with the same numbers and much the same words count as the same. Steps "
        "of a form that is used everywhere, such as a check, return for reasons of their own. "
        "Rollouts that were cut are left out; the last columns say what they could change.",
    )


def _title(study: Study) -> str:
    [(often, steps)] = study.rows(
        "select count(*) filter (where again_low > 0.5), count(*) from resilience "
        "where again is not null"
    )
    if not steps:
        return "Whether replaced steps come back could not be assessed"
    return f"{often:,} of {steps:,} steps come back more often than not when they are replaced"


def _traces(study: Study) -> list[str]:
    found = study.rows(
        "select trace_id from resilience group by trace_id "
        f"order by sum(returned + stayed_out) desc, trace_id limit {TRACES}"
    )
    return [row[0] for row in found]


def _rows(study: Study, trace_id: str) -> list[Resilience]:
    rows = study.of_trace("resilience", Resilience, trace_id)
    return sorted((row for row in rows if row.again is not None), key=lambda row: row.step_index)


def _figure(trace_id: str, rows: list[Resilience]) -> Figure:
    data = [
        {"step": row.step_index + 1, "value": row.again, "low": row.again_low,
         "high": row.again_high}
        for row in rows
    ]  # fmt: skip
    x = alt.X(
        "step:Q",
        title="step",
        scale=alt.Scale(zero=False, nice=False, padding=12),
        axis=alt.Axis(tickMinStep=1),
    )
    scale = alt.Scale(domain=[0, 1])
    base = alt.Chart(values(data)).encode(x=x)
    bars = base.mark_rule(strokeWidth=2, opacity=0.6, color=ACCENT, clip=True).encode(
        y=alt.Y("low:Q", scale=scale, title="comes back", axis=alt.Axis(format="%")), y2="high:Q"
    )
    points = base.mark_circle(size=28, opacity=1, color=ACCENT).encode(y="value:Q")
    most = sorted(rows, key=lambda row: -(row.again or 0.0))[:3]
    told = ", ".join(f"step {row.step_index + 1} {100 * (row.again or 0.0):.0f} %" for row in most)
    return Figure(
        title=f"Trace {trace_id[:8]}: share of rollouts in which a replaced step comes back",
        chart=(bars + points).properties(height=180),
        alt=f"Points with intervals; most often come back: {told}.",
    )


def _table(study: Study, drawn: list[tuple[str, list[Resilience]]]) -> Table:
    found = []
    for trace_id, rows in drawn:
        texts = {step.index: step.text for step in study.of_trace("steps", Step, trace_id)}
        found += [(row, excerpt(texts.get(row.step_index, ""))) for row in rows]
    found.sort(key=lambda one: -(one[0].again_low or 0.0))
    return Table(
        title="Steps that come back most, by the lower end of their interval",
        columns=("trace", "step", "text", "rollouts", "comes back", "low", "high", "times",
                 "cut", "at least", "at most"),
        rows=tuple(
            (row.trace_id[:8], row.step_index + 1, text, row.returned + row.stayed_out, row.again,
             row.again_low, row.again_high, row.reinsertions, row.cut, row.again_least,
             row.again_most)
            for row, text in found[:LISTED]
        ),
    )  # fmt: skip
