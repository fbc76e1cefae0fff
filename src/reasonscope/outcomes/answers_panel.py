"""The answers panel: outcomes by model and set, and the length of reasoning by outcome."""

from typing import Any

import altair as alt

from reasonscope.report.panel import Figure, Panel, Table
from reasonscope.report.plots import OUTCOME_COLOURS, values
from reasonscope.stats import clustered_proportion
from reasonscope.traces.store import Study

BINS = 40
"""Bins of the length histogram."""

OUTCOME = """
select t.trace_id, t.problem_id, t.model, p.family, length(t.reasoning) as characters,
  case when a.trace_id is null then 'no final answer' when a.correct is null then 'not comparable'
       when a.correct then 'right' else 'wrong' end as outcome
from traces t join problems p using (problem_id)
left join (select * from answers where final) a using (trace_id)
"""


def panel(study: Study) -> Panel:
    """Outcomes by model, reasoning length by outcome, and a table with intervals."""
    counts = [
        dict(zip(("model", "family", "outcome", "traces"), row, strict=True))
        for row in study.rows(
            f"select model, family, outcome, count(*) from ({OUTCOME}) group by all order by all"
        )
    ]
    return Panel(
        name="answers",
        title="How often the answer is right",
        lead="The last answer that each trace states, compared exactly with the reference. "
        "Traces without a final answer, or whose answer cannot be compared, are shown apart: "
        "they are neither right nor wrong.",
        figures=(_outcomes(counts), _lengths(study)),
        tables=(_by_model(study),),
        misleads="An extraction error looks like a wrong answer; read some wrong traces below. "
        "Longer traces tend to belong to harder problems, so the length plot says nothing about "
        "what more thinking does to one problem.",
    )


def _outcomes(counts: list[dict[str, Any]]) -> Figure:
    total = sum(row["traces"] for row in counts)
    right = sum(row["traces"] for row in counts if row["outcome"] == "right")
    chart = (
        alt.Chart(values(counts))
        .mark_bar()
        .encode(
            x=alt.X("traces:Q", title="traces", stack="normalize", axis=alt.Axis(format="%")),
            y=alt.Y("model:N", title=None),
            color=_outcome_colour(),
            row=alt.Row("family:N", title=None),
        )
    )
    return Figure(
        title=f"{right:,} of {total:,} traces end with the right answer",
        chart=chart,
        alt=f"Bars of outcomes by model: {right} of {total} right.",
    )


def _outcome_colour() -> alt.Color:
    scale = alt.Scale(domain=list(OUTCOME_COLOURS), range=list(OUTCOME_COLOURS.values()))
    return alt.Color("outcome:N", title="outcome", scale=scale)


def _lengths(study: Study) -> Figure:
    rows = study.rows(
        f"with o as ({OUTCOME}), "
        f"m as (select greatest(quantile_cont(characters, 0.99) / {BINS}, 1) as width from o) "
        f"select outcome, least(floor(characters / width), {BINS - 1}) * width as low, "
        "low + width, count(*) from o, m group by all order by all"
    )
    medians = study.rows(
        f"select outcome, median(characters) from ({OUTCOME}) group by all order by all"
    )
    said = ", ".join(f"{outcome} {length:,.0f}" for outcome, length in medians)
    chart = (
        alt.Chart(values([dict(zip(("outcome", "low", "high", "traces"), r)) for r in rows]))
        .mark_bar()
        .encode(
            x=alt.X(
                "low:Q",
                bin="binned",
                title="characters of reasoning (the last bar holds all longer)",
                scale=alt.Scale(domainMin=0, nice=False),
            ),
            x2="high:Q",
            y=alt.Y("traces:Q", title="traces", axis=alt.Axis(tickMinStep=1)),
            color=_outcome_colour(),
            row=alt.Row("outcome:N", title=None),
        )
        .properties(height=60)
        .resolve_scale(y="independent")
    )
    return Figure(
        title=f"Length of the reasoning by outcome; medians: {said}",
        chart=chart,
        alt=f"Histograms of reasoning length by outcome; medians in characters: {said}.",
    )


def _by_model(study: Study) -> Table:
    rows = []
    for model, family in study.rows(f"select distinct model, family from ({OUTCOME}) order by all"):
        cells = study.rows(
            f"select count(*) filter (where outcome = 'right'), "
            f"count(*) filter (where outcome in ('right', 'wrong')), count(*) from ({OUTCOME}) "
            "where model = ? and family = ? group by problem_id order by problem_id",
            [model, family],
        )
        share = clustered_proportion([c[0] for c in cells], [c[1] for c in cells])
        traces = sum(c[2] for c in cells)
        rows.append((model, family, traces, share.n, share.value, share.low, share.high))
    return Table(
        title="Accuracy by model and set, with 95 % intervals clustered by problem",
        columns=("model", "set", "traces", "compared", "right", "low", "high"),
        rows=tuple(rows),
    )
