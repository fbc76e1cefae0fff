"""The suppression panel: which steps look back to which, trace by trace."""

import math

import altair as alt

from reasonscope.findings import percent
from reasonscope.report.panel import Figure, Panel, Table
from reasonscope.report.plots import ACCENT, INK, values
from reasonscope.structure.anchors.telling import excerpt
from reasonscope.structure.suppression.findings import NAME, share
from reasonscope.structure.suppression.matrix import FLOOR_NATS, LEVEL, SuppressionRow
from reasonscope.structure.suppression.telling import between, beyond, headline, moved, strongest
from reasonscope.traces.schema import Step
from reasonscope.traces.store import Study

TRACES = 3
"""Traces that are drawn: those with the most pairs found."""
MOST = 1_500
"""Most pairs of a trace that are drawn, the strongest first."""
LISTED = 20
"""Pairs that are listed."""
AFTER = "answer"
"""How what follows the reasoning is called beside the later steps."""


def panel(study: Study) -> Panel:
    """A map of each of a few traces, and the pairs that hang together most."""
    traces = _traces(study)
    drawn = {one: study.of_trace("suppressions", SuppressionRow, one) for one in traces[:TRACES]}
    texts = {one: _texts(study, one) for one in drawn}
    return Panel(
        name=NAME,
        title=_title(study),
        lead="Each step was hidden from everything behind it, and what the model would then write "
        "was compared with what it would have written. Where a later step changes much, it looks "
        "back to the hidden one. Near text always changes more than far text: so each pair is "
        "compared with stretches of the same trace that are as long and as far apart."
        + _read(study, traces),
        figures=tuple(_figure(one, rows, len(texts[one])) for one, rows in drawn.items()),
        tables=(_table(drawn, texts),) if drawn else (),
        misleads="What is said twice does not show: hidden in one place, the model takes it from "
        "the other. Where every step uses the last one, that is nothing special at this distance, "
        "and no pair stands out though each is real. One pair in twenty is framed by chance, so "
        "that arcs stand only on traces with more than twice as many as in their control. And "
        "it is the attention of the model that read the trace: another than the one that wrote it "
        "says what it would have looked back to.",
    )


def _title(study: Study) -> str:
    found, chance = share(study, f"p_value <= {LEVEL}"), share(study, f"p_control <= {LEVEL}")
    if found.value is None:
        return "Which steps look back to which could not be assessed: they are too far apart"
    said, by_chance = percent(found.value), percent(chance.value)
    if found.low is not None and found.low > max(LEVEL, chance.value or 0.0):
        return f"In {said} of the pairs the later step looks back to the earlier one"
    return f"No more pairs stand out from their distance ({said}) than chance shows ({by_chance})"


def _read(study: Study, traces: list[str]) -> str:
    """What was read by what, and what is not drawn."""
    models = [row[0] for row in study.rows("select distinct model from suppressions order by 1")]
    some = "1 trace was" if len(traces) == 1 else f"{len(traces):,} traces were"
    left = len(traces) - TRACES
    more = f"; {TRACES} are drawn" if left > 0 else ""
    return f" {some} read by {' and '.join(models[:TRACES])}{more}."


def _traces(study: Study) -> list[str]:
    return [
        row[0]
        for row in study.rows(
            "select trace_id from suppressions group by trace_id "
            f"order by count(*) filter (where p_value <= {LEVEL}) desc, trace_id"
        )
    ]


def _texts(study: Study, trace_id: str) -> dict[int, str]:
    steps = study.of_trace("steps", Step, trace_id)
    return {step.index: step.text for step in sorted(steps, key=lambda step: step.index)}


def _figure(trace_id: str, rows: list[SuppressionRow], steps: int) -> Figure:
    """Effects as depth of colour on a logarithmic scale; framed: more than its control."""
    kept = sorted(rows, key=lambda row: -row.nats)[:MOST]
    data = [
        {
            "earlier": str(row.source + 1),
            "later": str(row.target + 1) if row.target < steps else AFTER,
            "depth": math.log(row.nats + FLOOR_NATS),
            "found": row.found and row.target < steps,
        }
        for row in kept
    ]
    wholes = [str(step + 1) for step in range(steps)]
    x = alt.X("earlier:O", title="hidden step", sort=wholes, axis=alt.Axis(labelOverlap=True))
    y = alt.Y(
        "later:O", title="later step", sort=[*wholes, AFTER], axis=alt.Axis(labelOverlap=True)
    )
    ends = [math.log(row.nats + FLOOR_NATS) for row in (kept[-1], kept[0])]
    scale = alt.Scale(domain=ends, range=[0.03, 1])
    plot = alt.Chart(values(data)).encode(x=x, y=y)
    squares = plot.mark_rect(color=ACCENT).encode(
        opacity=alt.Opacity("depth:Q", legend=None, scale=scale)
    )
    frames = plot.transform_filter(alt.datum.found).mark_rect(
        filled=False, stroke=INK, strokeWidth=1.8
    )
    height = max(120, min(420, 16 * (steps + 1)))
    said = f"Trace {trace_id[:8]}: {headline(rows, steps)}"
    dropped = f"; the strongest {MOST:,} of {len(rows):,} drawn" if len(rows) > MOST else ""
    strong = "; ".join(moved(row) for row in strongest(rows, steps)[:3])
    return Figure(
        title=f"{said}. Dark: the later step changes much when the other is hidden; framed: more "
        f"than text as far apart{dropped}",
        chart=(squares + frames).properties(height=height),
        alt=f"{said}. {strong}".strip(),
    )


def _table(drawn: dict[str, list[SuppressionRow]], texts: dict[str, dict[int, str]]) -> Table:
    found = [row for one, rows in drawn.items() for row in strongest(rows, len(texts[one]))]
    found.sort(key=beyond, reverse=True)
    pairs = sum(len(between(rows, len(texts[one]))) for one, rows in drawn.items())
    return Table(
        title=f"The pairs that stand out most among {pairs:,}, and what both steps say",
        columns=("trace", "later step", "says", "looks back to", "says ", "nats a token",
                 "text as far apart", "times", "p"),
        rows=tuple(
            (row.trace_id[:8], row.target + 1, excerpt(texts[row.trace_id][row.target]),
             row.source + 1, excerpt(texts[row.trace_id][row.source]), row.nats, row.control_nats,
             math.exp(row.excess or 0.0), row.p_value)
            for row in found[:LISTED]
        ),
    )  # fmt: skip
