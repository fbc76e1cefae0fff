"""The receivers panel: which heads gather on steps, and which steps they look at."""

import altair as alt

from reasonscope.report.panel import Figure, Panel, Table
from reasonscope.report.plots import ACCENT, OPEN, values
from reasonscope.structure.anchors.telling import excerpt
from reasonscope.structure.receivers.findings import NAME, counts
from reasonscope.structure.receivers.heads import HeadGain, head_gains
from reasonscope.structure.receivers.reading import FIRST, GAP
from reasonscope.structure.receivers.steps import ReceiverRow
from reasonscope.structure.receivers.store import MODEL, stored_peaks
from reasonscope.structure.receivers.telling import gained, headline, looked_at, scored, stands_out
from reasonscope.traces.schema import Step
from reasonscope.traces.store import Study

TRACES = 3
"""Traces that are drawn."""
HEADS = 24
"""Heads that are drawn, the highest rank first."""
NAMED = 5
"""Steps that a title names."""
LISTED = 20
"""Steps that are listed."""
TOLD, OTHER = "gathers on steps", "not told apart"
CHOSEN, RANDOM = "receiver heads", "as many other heads"


def panel(study: Study) -> Panel:
    """The heads with their ranks, and for a few traces each step's score."""
    held = stored_peaks(study)
    heads = head_gains(held[1]) if held else ()
    drawn = {one: _rows(study, one) for one in _traces(study)[:TRACES]}
    figures = ((_heads_figure(heads),) if heads else ()) + tuple(
        _steps_figure(one, rows) for one, rows in drawn.items()
    )
    return Panel(
        name=NAME,
        title=headline(heads),
        lead="A head that gathers on few steps may tell which steps the rest of the reasoning "
        "builds on. How far it does is the kurtosis of the attention that steps get from later "
        "ones, beside that of the same trace with the borders of all steps moved, in which steps "
        "are nothing. The heads of the highest rank then say which steps they look at."
        + _read(study),
        figures=figures,
        tables=_tables(study, drawn),
        misleads="Attention is not use: a head may look at a step and write nothing. A head that "
        "looks at one kind of token, such as full stops or numbers, gathers on the steps that "
        "have many. A head may keep its rank in every trace whether or not steps are anything to "
        "it: what counts is how far it is from moved borders. "
        "Marked steps are the most looked at of many: of traces in which heads look nowhere in "
        f"particular about half have one. The first {FIRST} and the last {GAP} steps of a trace "
        "have no score.",
    )


def _read(study: Study) -> str:
    read, long = counts(study)
    if not read:
        return ""
    ((model,),) = study.rows(f"select {MODEL}")
    return f" {read:,} of the {long:,} traces that are long enough were read by {model}."


def _traces(study: Study) -> list[str]:
    """Those in which a step stands out most."""
    found = study.rows(
        "select trace_id from receivers group by trace_id "
        "order by max(low - greatest(control, 0.5)) desc nulls last, max(score - control) desc, "
        "trace_id limit ?",
        [TRACES],
    )
    return [row[0] for row in found]


def _rows(study: Study, trace_id: str) -> list[ReceiverRow]:
    rows = study.of_trace("receivers", ReceiverRow, trace_id)
    return sorted(rows, key=lambda row: row.step_index)


def _heads_figure(heads: tuple[HeadGain, ...]) -> Figure:
    """Kurtosis beyond moved borders with its interval, the highest rank first."""
    kept = [row for row in heads if row.excess.value is not None][:HEADS]
    data = [
        {
            "head": f"layer {row.layer} head {row.head}",
            "value": row.excess.value,
            "low": row.excess.low,
            "high": row.excess.high,
            "what": TOLD if row.told else OTHER,
        }
        for row in kept
    ]
    order = [one["head"] for one in data]
    y = alt.Y("head:N", title=None, sort=order)
    colour = alt.Color(
        "what:N",
        title=None,
        sort=[TOLD, OTHER],
        scale=alt.Scale(domain=[TOLD, OTHER], range=[ACCENT, OPEN]),
    )
    base = alt.Chart(values(data), height=alt.Step(14)).encode(y=y, color=colour)
    bars = base.mark_rule(strokeWidth=2).encode(
        x=alt.X("low:Q", title="kurtosis beyond moved borders"), x2="high:Q"
    )
    points = base.mark_point(filled=True, size=55, opacity=1).encode(x="value:Q")
    zero = alt.Chart(values([{"zero": 0}])).mark_rule(strokeDash=[3, 3]).encode(x="zero:Q")
    more = f"; the {HEADS} of the highest rank drawn" if len(heads) > HEADS else ""
    said = headline(heads)
    return Figure(
        title="Right of the dashed line a head gathers on steps more than on stretches that are "
        f"none; the highest rank first, with 95 % intervals over problems{more}",
        chart=zero + bars + points,
        alt=f"{said}. " + "; ".join(gained(row) for row in kept[:3]),
    )


def _steps_figure(trace_id: str, rows: list[ReceiverRow]) -> Figure:
    known = [row for row in rows if row.score is not None]
    data = [
        {"step": row.step_index + 1, "value": row.score, "low": row.low, "high": row.high,
         "what": CHOSEN}
        for row in known
    ] + [
        {"step": row.step_index + 1, "value": row.control, "low": None, "high": None,
         "what": RANDOM}
        for row in known
        if row.control is not None
    ]  # fmt: skip
    colour = alt.Color(
        "what:N",
        title=None,
        sort=[CHOSEN, RANDOM],
        scale=alt.Scale(domain=[CHOSEN, RANDOM], range=[ACCENT, OPEN]),
    )
    scale = alt.Scale(nice=False, zero=False)
    x = alt.X("step:Q", title="step", scale=scale, axis=alt.Axis(tickMinStep=1))
    y = alt.Y("value:Q", title="looked at", scale=alt.Scale(domain=[0, 1]))
    plot = alt.Chart(values(data)).encode(x=x, color=colour)
    bars = plot.mark_rule(strokeWidth=2, opacity=0.6).encode(y=alt.Y("low:Q"), y2="high:Q")
    points = plot.mark_circle(size=36, opacity=1).encode(y=y)
    said = f"Trace {trace_id[:8]}: {_agreed(known)}"
    return Figure(
        title=f"{said} (rank among the trace's steps, 1: looked at most)",
        chart=(bars + points).properties(height=180),
        alt="; ".join([said, *(line.strip() for line in looked_at(rows, {}))]),
    )


def _agreed(known: list[ReceiverRow]) -> str:
    """Which steps stand out; without intervals the one that is looked at most."""
    if all(row.low is None for row in known):
        best = max(known, key=lambda row: row.score or 0.0, default=None)
        most = "no step has a score" if best is None else f"looked at most is {scored(best)}"
        return f"{most}; the receiver heads lie in too few layers for intervals"
    found = [str(row.step_index + 1) for row in known if stands_out(row)]
    if not found:
        return "no step stands out"
    steps = "step" if len(found) == 1 else "steps"
    more = " and others" if len(found) > NAMED else ""
    return f"the receiver heads agree on {steps} {', '.join(found[:NAMED])}{more}"


def _tables(study: Study, drawn: dict[str, list[ReceiverRow]]) -> tuple[Table, ...]:
    """The steps that stand out in the drawn traces, the most looked at first; or no table."""
    found = []
    for trace_id, rows in drawn.items():
        texts = {step.index: step.text for step in study.of_trace("steps", Step, trace_id)}
        found += [(row, excerpt(texts.get(row.step_index, ""))) for row in rows if stands_out(row)]
    found.sort(key=lambda one: -(one[0].score or 0.0))
    if not found:
        return ()
    table = Table(
        title="Steps that the receiver heads look at more than other heads do",
        columns=("trace", "step", "text", "looked at", "low", "high", "other heads"),
        rows=tuple(
            (row.trace_id[:8], row.step_index + 1, text, row.score, row.low, row.high, row.control)
            for row, text in found[:LISTED]
        ),
    )
    return (table,)
