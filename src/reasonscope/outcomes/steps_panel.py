"""The steps panel: what the verifiers found, where first errors stand, and a table of verdicts."""

import altair as alt

from reasonscope.outcomes.step_table import JUDGED
from reasonscope.report.panel import Figure, Panel, Table
from reasonscope.report.plots import values
from reasonscope.traces.store import Study

FIRST_ERROR = f"""
select problem_id, trace_id, min(char_start / greatest(characters, 1)) as position,
  min(index) as index
from ({JUDGED}) where outcome = false group by all
"""
"""The first error of each trace that has one, and its place from 0 (start) to 1 (end)."""


def panel(study: Study) -> Panel:
    """How often traces go wrong by how they end, where first errors stand, and counts."""
    return Panel(
        name="steps",
        title="Which steps are right, and where the first error is",
        lead="Equations are computed exactly, known tasks are replayed, orders and rules are "
        "proved. A wrong claim that the trace itself takes back counts apart.",
        figures=tuple(figure for figure in (_by_outcome(study), _positions(study)) if figure),
        tables=(_verifiers(study),),
        misleads="Most steps state nothing that can be checked by computing: a trace without a "
        "wrong claim is not thereby right, and a wrong answer often comes from a wrong reading "
        "of the question, which no equation shows.",
    )


def _by_outcome(study: Study) -> Figure | None:
    """Share of traces with a wrong step, by how the trace ends."""
    rows = study.rows(
        "select case when a.correct is null then 'answer not judged' when a.correct then "
        "'answer right' else 'answer wrong' end as ending, count(*), count(f.trace_id) "
        "from traces t left join (select * from answers where final) a using (trace_id) "
        f"left join ({FIRST_ERROR}) f on f.trace_id = t.trace_id group by all order by all"
    )
    if not rows:
        return None
    data = [
        {"ending": ending, "share": found / traces, "label": f"{found:,} of {traces:,}"}
        for ending, traces, found in rows
    ]
    said = "; ".join(f"{row['ending']}: {row['label']}" for row in data)
    bars = alt.Chart(values(data)).encode(
        x=alt.X("share:Q", title="traces with a wrong step that stands", axis=alt.Axis(format="%")),
        y=alt.Y("ending:N", title=None),
    )
    chart = bars.mark_bar() + bars.mark_text(align="left", dx=4).encode(text="label:N")
    return Figure(title="How many traces hold a wrong step, by how they end", chart=chart, alt=said)


def _positions(study: Study) -> Figure | None:
    rows = study.rows(
        "select least(floor(position * 20), 19) / 20, count(*) from "
        f"({FIRST_ERROR}) group by all order by all"
    )
    total = sum(row[1] for row in rows)
    if not total:
        return None
    chart = (
        alt.Chart(values([{"position": p, "end": p + 0.05, "traces": n} for p, n in rows]))
        .mark_bar()
        .encode(
            x=alt.X(
                "position:Q",
                bin="binned",
                title="place of the first error in the reasoning",
                axis=alt.Axis(format="%"),
                scale=alt.Scale(domain=[0, 1]),
            ),
            x2="end:Q",
            y=alt.Y("traces:Q", title="traces", axis=alt.Axis(tickMinStep=1)),
        )
    )
    return Figure(
        title=f"Where the first error stands ({total:,} of the traces have one)",
        chart=chart,
        alt=f"Histogram of the relative place of the first error in {total} traces.",
    )


def _verifiers(study: Study) -> Table:
    rows = study.rows(
        "select verifier, count(*) filter (where correct), count(*) filter (where correct = false "
        "and not retracted), count(*) filter (where retracted), count(*) filter (where correct is "
        "null) from verdicts group by all order by all"
    )
    return Table(
        title="Claims by verifier",
        columns=("verifier", "right", "wrong", "wrong but taken back", "could not tell"),
        rows=tuple(rows),
    )
