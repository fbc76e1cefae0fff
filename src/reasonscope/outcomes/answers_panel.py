"""The answers panel: outcomes by model and set, and the length of reasoning by outcome."""

from collections import Counter
from itertools import groupby
from typing import Any

import altair as alt

from reasonscope.report.panel import Figure, Panel, Table
from reasonscope.report.plots import OUTCOME_COLOURS, values
from reasonscope.stats import clustered_proportion
from reasonscope.traces.store import Study

BINS = 40
"""Bins of the length histogram."""

MODELS, SETS = 20, 8
"""Most models and sets that are drawn by name, the largest first; the rest are drawn together."""
NAME_CHARACTERS = 60
"""A longer name is cut where it is drawn."""

OUTCOME = """
select t.trace_id, t.problem_id, t.model, p.family, length(t.reasoning) as characters,
  case when a.trace_id is null then 'no final answer' when a.correct is null then 'not comparable'
       when a.correct then 'right' else 'wrong' end as outcome
from traces t join problems p using (problem_id)
left join (select * from answers where final) a using (trace_id)
where t.trace_id not in (select place from errors where source = 'instrument answers')
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
        alt.Chart(values(_drawn(counts)))
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


def _drawn(counts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The counts with few and short names: a drawing of thousands of rows never ends."""
    rows = counts
    for name, most in (("model", MODELS), ("family", SETS)):
        sizes: Counter[str] = Counter()
        for row in rows:
            sizes[row[name]] += row["traces"]
        largest = {one for one, _ in sizes.most_common(most if len(sizes) > most else None)}
        rest = f"{len(sizes) - len(largest):,} others"
        rows = [row | {name: _cut(row[name]) if row[name] in largest else rest} for row in rows]
    together: Counter[tuple[str, str, str]] = Counter()
    for row in rows:
        together[row["model"], row["family"], row["outcome"]] += row["traces"]
    keys = ("model", "family", "outcome")
    return [dict(zip(keys, key, strict=True)) | {"traces": n} for key, n in together.items()]


def _cut(name: str) -> str:
    return name if len(name) <= NAME_CHARACTERS else f"{name[:NAME_CHARACTERS]}…"


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
    cells = study.rows(
        "select model, family, count(*) filter (where outcome = 'right'), "
        f"count(*) filter (where outcome in ('right', 'wrong')), count(*) from ({OUTCOME}) "
        "group by model, family, problem_id order by model, family, problem_id"
    )
    rows = []
    for (model, family), group in groupby(cells, key=lambda cell: cell[:2]):
        own = list(group)
        share = clustered_proportion([c[2] for c in own], [c[3] for c in own])
        traces = sum(c[4] for c in own)
        rows.append((model, family, traces, share.n, share.value, share.low, share.high))
    return Table(
        title="Accuracy by model and set, with 95 % intervals clustered by problem",
        columns=("model", "set", "traces", "compared", "right", "low", "high"),
        rows=tuple(rows),
    )
