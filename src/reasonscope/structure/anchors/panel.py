"""The anchors panel: what keeping each step does to the accuracy, trace by trace."""

import altair as alt

from reasonscope.report.panel import Figure, Panel, Table
from reasonscope.report.plots import BAD, GOOD, OPEN, values
from reasonscope.structure.anchors.record import Anchor
from reasonscope.structure.anchors.telling import excerpt, headline, moved
from reasonscope.traces.schema import Step
from reasonscope.traces.store import Study

TRACES = 3
"""Traces that are drawn; those with the most anchors."""
LISTED = 30
"""Anchors that are listed."""
_KINDS = {"helps": GOOD, "harms": BAD, "cannot be told from no effect": OPEN}


def panel(study: Study) -> Panel:
    """A figure for each of a few traces, and the list of their anchors."""
    traces = _traces(study)
    drawn = [(trace_id, _rows(study, trace_id)) for trace_id in traces[:TRACES]]
    return Panel(
        name="anchors",
        title=headline([row for _, rows in drawn[:1] for row in rows])
        if len(traces) == 1
        else f"Which steps decide the answer, in {len(traces):,} traces",
        lead="From every point of a trace the model went on anew, many times. A step's importance "
        "is how much more often the answer is right when the step is kept than when it is written "
        "anew: above zero it helps. A bar is a 95 % interval; steps whose effect survives the "
        "correction for the number of steps are coloured." + _more(traces),
        figures=tuple(_figure(trace_id, rows) for trace_id, rows in drawn),
        tables=(_table(study, drawn),),
        misleads="A step that another one could replace looks unimportant, however much it says: "
        "what is written anew may say it again. A step may matter for the way and not for the "
        "answer. Importance of early steps includes all that they set up. And all of it is about "
        "the model that went on, at its temperature.",
    )


def _more(traces: list[str]) -> str:
    left = len(traces) - TRACES
    return f" {left:,} more traces are not drawn." if left > 0 else ""


def _traces(study: Study) -> list[str]:
    return [
        row[0]
        for row in study.rows(
            "select trace_id from anchors group by trace_id "
            "order by count(*) filter (where anchor) desc, trace_id"
        )
    ]


def _rows(study: Study, trace_id: str) -> list[Anchor]:
    return sorted(study.of_trace("anchors", Anchor, trace_id), key=lambda row: row.step)


def _kind(row: Anchor) -> str:
    if not row.anchor:
        return "cannot be told from no effect"
    return "helps" if (row.importance or 0.0) > 0 else "harms"


def _figure(trace_id: str, rows: list[Anchor]) -> Figure:
    data = [
        {"step": row.step + 1, "value": row.importance, "low": row.low, "high": row.high,
         "effect": _kind(row)}
        for row in rows
        if row.importance is not None
    ]  # fmt: skip
    colour = alt.Color(
        "effect:N", title=None, scale=alt.Scale(domain=[*_KINDS], range=[*_KINDS.values()])
    )
    x = alt.X("step:Q", title="step", scale=alt.Scale(nice=False), axis=alt.Axis(tickMinStep=1))
    y = alt.Y("value:Q", title="importance", axis=alt.Axis(format="+%"))
    base = alt.Chart(values(data)).encode(x=x, color=colour)
    bars = base.mark_rule(strokeWidth=2, opacity=0.6).encode(y=alt.Y("low:Q"), y2="high:Q")
    points = base.mark_circle(size=28, opacity=1).encode(y=y)
    zero = alt.Chart(values([{"zero": 0.0}])).mark_rule(strokeDash=[3, 3]).encode(y="zero:Q")
    said = f"Trace {trace_id[:8]}: {headline(rows)}"
    strongest = sorted((r for r in rows if r.anchor), key=lambda r: -abs(r.importance or 0.0))[:3]
    told = "; ".join([said, *(moved(row) for row in strongest)])
    return Figure(title=said, chart=(zero + bars + points).properties(height=200), alt=told)


def _table(study: Study, drawn: list[tuple[str, list[Anchor]]]) -> Table:
    """The anchors of the drawn traces, the strongest first."""
    found = []
    for trace_id, rows in drawn:
        texts = {step.index: step.text for step in study.of_trace("steps", Step, trace_id)}
        found += [(row, excerpt(texts.get(row.step, ""))) for row in rows if row.anchor]
    found.sort(key=lambda one: -abs(one[0].importance or 0.0))
    return Table(
        title="Steps that decide whether the answer is right, with 95 % intervals",
        columns=("trace", "step", "text", "right if rewritten", "right if kept", "importance",
                 "low", "high", "q"),
        rows=tuple(
            (row.trace_id[:8], row.step + 1, text, row.accuracy_resampled, row.accuracy_kept,
             row.importance, row.low, row.high, row.q)
            for row, text in found[:LISTED]
        ),
    )  # fmt: skip
