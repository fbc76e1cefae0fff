"""The motifs panel: what each motif adds, and what a model of them tells beyond length."""

import altair as alt

from reasonscope.report.panel import Figure, Panel, Table
from reasonscope.report.plots import OUTCOME_COLOURS, values
from reasonscope.structure.motifs.findings import LEVEL, attempts, sure
from reasonscope.structure.motifs.moves import MOVES, SHORT, named
from reasonscope.structure.motifs.telling import Telling, telling, why_not
from reasonscope.traces.store import Study

SHOWN = 10
"""Motifs that are drawn, the surest first."""


def panel(study: Study) -> Panel:
    """The surest motifs by outcome, and a table of shares of moves."""
    held = attempts(study)
    found = telling(held)
    lead = (
        "Each step has one of eight labels; motifs are one to three of them in a row. "
        "A simple model learns from them which traces are wrong, and is tried on problems that it "
        "never saw, beside one that knows only the length."
    )
    if found is None:
        lead += f" Here this could not be assessed: {why_not(held) or 'a fold lacks an outcome'}."
    return Panel(
        name="motifs",
        title="Which patterns of labels tell wrong traces from right ones",
        lead=lead,
        figures=() if found is None or not found.by_motif else (_motifs(found),),
        tables=(_moves(study), *(() if found is None else (_table(found),))),
        misleads="A third of the labels are wrong, and not alike in all traces. A motif that goes "
        "with wrong answers need not cause them: hard problems make both. Without several traces "
        "a problem, problems differ in kind as well as in outcome.",
    )


def _motifs(found: Telling) -> Figure:
    shown = found.by_motif[:SHOWN]
    data = [
        {"motif": named(one.motif), "outcome": outcome, "rate": rate}
        for one in shown
        for outcome, rate in (("wrong", one.wrong), ("right", one.right))
    ]
    names = [named(one.motif) for one in shown]
    colours = [OUTCOME_COLOURS["wrong"], OUTCOME_COLOURS["right"]]
    chart = (
        alt.Chart(values(data))
        .mark_point(filled=True, size=70)
        .encode(
            x=alt.X("rate:Q", title="in a hundred steps"),
            y=alt.Y("motif:N", sort=names, title=None),
            color=alt.Color(
                "outcome:N",
                title="traces",
                scale=alt.Scale(domain=["wrong", "right"], range=colours),
            ),
        )
    )
    number = sure(found)
    title = (
        f"{number} of {len(found.by_motif)} motifs differ between wrong and right traces of the "
        "same length"
    )
    return Figure(title=title, chart=chart, alt=f"Rates of the surest motifs by outcome; {title}.")


def _table(found: Telling) -> Table:
    return Table(
        title=f"The surest motifs, in a hundred steps (q below {LEVEL}: sure, for their number)",
        columns=("motif", "wrong traces", "right traces", "q"),
        rows=tuple(
            (named(one.motif), round(one.wrong, 2), round(one.right, 2), round(one.q_value, 4))
            for one in found.by_motif[:SHOWN]
        ),
    )


def _moves(study: Study) -> Table:
    """Shares of moves over all steps."""
    parts = ", ".join(f"sum(length(moves) - length(replace(moves, '{m}', '')))" for m in MOVES)
    row = study.rows(f"select {parts}, sum(steps) from motifs")[0]
    whole = row[-1] or 0
    return Table(
        title="What all steps do",
        columns=("label", "share of steps"),
        rows=tuple(
            (name, round((count or 0) / whole, 3) if whole else None)
            for name, count in zip(SHORT.values(), row[:-1], strict=True)
        ),
    )
