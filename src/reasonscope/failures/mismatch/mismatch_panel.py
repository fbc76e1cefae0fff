"""The mismatch panel: what came of comparing, and the traces that disagree."""

from collections.abc import Sequence

import altair as alt

from reasonscope.failures.mismatch.findings import share
from reasonscope.failures.mismatch.rows import Mismatch
from reasonscope.findings import percent
from reasonscope.report.panel import Figure, Mark, Panel, Table
from reasonscope.report.plots import BAD, GOOD, NONE, OPEN, values
from reasonscope.traces.store import Study

MAX_SHOWN = 12
"""Disagreeing traces that are listed."""
MAX_MODELS = 12
CHARACTERS = 60
"""A longer answer is cut where it is listed."""

STATES = {
    "the same answer": GOOD,
    "another answer": BAD,
    "could not be compared": OPEN,
    "not stated": NONE,
}
STATE = """
case when agrees then 'the same answer' when not agrees then 'another answer'
     when thought is null or final is null then 'not stated' else 'could not be compared' end
"""


def panel(study: Study) -> Panel:
    """States of the comparison by model, reasons why not, and the traces that disagree."""
    counts = study.rows(
        f"select t.model, {STATE} as state, count(*) from mismatches m "
        "join traces t using (trace_id) group by all order by all"
    )
    return Panel(
        name="mismatch",
        title=_title(study),
        lead="The last answer that the thinking states of its own and does not leave again, beside "
        "the final answer in the text after it. Where either is missing nothing is compared.",
        figures=(_states(counts),) if counts else (),
        tables=tuple(table for table in (_reasons(study), _listed(study)) if table.rows),
        misleads="Thinking that changes its mind without stating an answer again is not compared, "
        "so this finds flagrant disagreement only. Of six flagged real traces one was an error of "
        "extraction: read the ones listed here.",
    )


def _title(study: Study) -> str:
    found = share(study, "not agrees", "agrees is not null")
    if found.value is None:
        return "Whether the answer is the one that the thinking ended with"
    return (
        f"{percent(found.value)} of {found.n:,} comparable traces answer otherwise than their "
        "thinking ended"
    )


def _states(counts: Sequence[tuple[str, str, int]]) -> Figure:
    sizes: dict[str, int] = {}
    for model, _, traces in counts:
        sizes[model] = sizes.get(model, 0) + traces
    named = set(sorted(sizes, key=lambda model: -sizes[model])[:MAX_MODELS])
    rows: dict[tuple[str, str], int] = {}
    for model, state, traces in counts:
        key = (model[:CHARACTERS] if model in named else "others", state)
        rows[key] = rows.get(key, 0) + traces
    scale = alt.Scale(domain=list(STATES), range=list(STATES.values()))
    chart = (
        alt.Chart(values([{"model": m, "state": s, "traces": n} for (m, s), n in rows.items()]))
        .mark_bar()
        .encode(
            x=alt.X("traces:Q", title="traces", stack="normalize", axis=alt.Axis(format="%")),
            y=alt.Y("model:N", title=None),
            color=alt.Color("state:N", title="after the thinking", scale=scale),
        )
    )
    said = ", ".join(f"{state}: {sum(n for (_, s), n in rows.items() if s == state):,}"
                     for state in STATES)  # fmt: skip
    return Figure(
        title="The final answer beside the last one that the thinking states",
        chart=chart,
        alt=f"Bars by model; {said}.",
    )


def _reasons(study: Study) -> Table:
    rows = study.rows(
        "select reason, count(*) from mismatches where agrees is null "
        "group by 1 order by 2 desc, 1 limit 8"
    )
    return Table(
        title="Why traces were not compared",
        columns=("reason", "traces"),
        rows=tuple((reason[:CHARACTERS * 2], traces) for reason, traces in rows),
    )  # fmt: skip


def _listed(study: Study) -> Table:
    rows = study.rows(
        "select trace_id, thought, final, thought_right, final_right from mismatches "
        "where not agrees order by trace_id limit ?",
        [MAX_SHOWN],
    )
    words = {True: "right", False: "wrong", None: "unknown"}
    return Table(
        title=f"Traces whose answer is another one (at most {MAX_SHOWN})",
        columns=("trace", "the thinking ends with", "which is", "the answer says", "which is"),
        rows=tuple(
            (trace[:8], thought[:CHARACTERS], words[one], final[:CHARACTERS], words[other])
            for trace, thought, final, one, other in rows
        ),
    )


def marks(study: Study, trace_ids: Sequence[str]) -> list[Mark]:
    """A mark where the thinking's last answer stands, bad where the final answer is another."""
    return [
        Mark(
            trace_id=row.trace_id,
            step_index=row.thought_step,
            layer="mismatch",
            kind="bad" if row.agrees is False else "good",
            text=f"the thinking ends with {row.thought!r}, the answer says {row.final!r}"
            + ("" if row.agrees else ": they disagree"),
            char_start=row.char_start,
            char_end=row.char_end,
        )
        for row in study.of_traces("mismatches", Mismatch, trace_ids)
        if row.agrees is not None
    ]
