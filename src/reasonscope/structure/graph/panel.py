"""The graph panel: each measure beside its control, and depth by outcome at the same length."""

from typing import Any

import altair as alt

from reasonscope.report.panel import Figure, Panel, Table
from reasonscope.report.plots import OUTCOME_COLOURS, SERIES, values
from reasonscope.traces.store import Study

SHOWN = (
    ("depth", "rewired_depth", "depth: edges of the longest chain of uses"),
    ("revisit_share", "shuffled_revisit_share", "share of visits that return to a kind"),
    ("diameter", "shuffled_diameter", "diameter: transitions between the farthest kinds"),
    ("path_length", "shuffled_path_length", "path length: transitions between two kinds"),
    ("clustering", "shuffled_clustering", "clustering: share of closed triangles"),
    ("small_world", "shuffled_small_world", "small-world index"),
)
"""Column, column of the control, and name in the drawing; each has a row and scale of its own."""
LEAST = 3
"""Fewest traces behind a point."""
BINS = 6
"""Bins of length with as many traces each."""

EXAMINED = "trace_id not in (select place from errors where source = 'instrument graph')"


def panel(study: Study) -> Panel:
    """Measures beside controls, and depth by outcome and length."""
    figures = [figure for figure in (_controls(study), _outcomes(study)) if figure]
    return Panel(
        name="graph",
        title="How the reasoning branches, returns and goes round",
        lead="Two graphs of each trace: which step uses which, by evidence; and the walk over "
        "kinds of steps, where steps that say the same but for their numbers are one kind.",
        figures=tuple(figures),
        tables=(_table(study),),
        misleads="A measure that is no further from its control than chance says nothing of the "
        "reasoning: any long text over few kinds of steps returns, has a small diameter and looks "
        "like a small world. How fine the kinds are moves every measure of the walk.",
    )


def _controls(study: Study) -> Figure | None:
    data = []
    for column, control, name in SHOWN:
        own, beside = study.rows(
            f"select avg({column}), avg({control}) from graphs where {EXAMINED} "
            f"and {column} is not null"
        )[0]
        if own is not None and beside is not None:
            data += [
                {"measure": name, "value": own, "order": "as written"},
                {"measure": name, "value": beside, "order": "control"},
            ]
    if not data:
        return None
    chart = (
        alt.Chart(values(data))
        .mark_bar()
        .encode(
            x=alt.X("value:Q", title=None, axis=alt.Axis(tickCount=4)),
            y=alt.Y("order:N", title=None, sort=["as written", "control"], axis=None),
            row=alt.Row("measure:N", title=None, sort=[shown[2] for shown in SHOWN]),
            color=alt.Color(
                "order:N",
                title="steps",
                scale=alt.Scale(domain=["as written", "control"], range=[SERIES[0], SERIES[4]]),
            ),
        )
        .properties(height=26)
        .resolve_scale(x="independent")
    )
    said = "; ".join(f"{row['measure']}, {row['order']}: {row['value']:.2f}" for row in data)
    told = {(row["measure"], row["order"]): row["value"] for row in data}
    return Figure(title=_title(told), chart=chart, alt=said)


def _title(told: dict[tuple[Any, Any], Any]) -> str:
    """What the bars say of depth and of small worlds, where both are known."""
    parts = [
        f"{name} {told[key, 'as written']:.3g}, {beside} {told[key, 'control']:.3g}"
        for key, name, beside in (
            (SHOWN[0][2], "depth", "at random"),
            (SHOWN[-1][2], "small-world index", "shuffled"),
        )
        if (key, "as written") in told
    ]
    return "Each measure beside its control" + (f": {'; '.join(parts)}" if parts else "")


def _outcomes(study: Study) -> Figure | None:
    rows = study.rows(
        "with g as (select steps, depth, correct, "
        f"ntile({BINS}) over (order by steps, trace_id) as bin from graphs join "
        "(select trace_id, correct from answers where final) using (trace_id) "
        f"where {EXAMINED} and correct is not null and depth is not null), "
        "b as (select bin, median(steps) as middle from g group by all) "
        "select middle, correct, avg(depth), count(*) from g join b using (bin) "
        f"group by all having count(*) >= {LEAST} order by all"
    )
    if len({row[1] for row in rows}) < 2:
        return None
    data = [
        {"steps": middle, "outcome": "right" if right else "wrong", "depth": depth, "traces": n}
        for middle, right, depth, n in rows
    ]
    scale = alt.Scale(
        domain=["right", "wrong"], range=[OUTCOME_COLOURS[one] for one in ("right", "wrong")]
    )
    base = alt.Chart(values(data)).encode(
        x=alt.X("steps:Q", title="steps (median of the bin)"),
        y=alt.Y("depth:Q", title="edges of the longest chain of uses"),
        color=alt.Color("outcome:N", title="outcome", scale=scale),
    )
    chart = base.mark_line() + base.mark_point(filled=True).encode(
        size=alt.Size("traces:Q", legend=None)
    )
    said = "; ".join(
        f"{row['outcome']} at {row['steps']:.0f} steps: {row['depth']:.1f}" for row in data
    )
    return Figure(
        title="How deep chains of uses are in right and in wrong traces of like length",
        chart=chart,
        alt=said,
    )


def _table(study: Study) -> Table:
    measures = [
        ("kinds of steps visited", "nodes", "null"),
        ("steps that use several", "convergence_ratio", "convergence_ratio"),
        ("steps used by several", "branching_ratio", "rewired_branching_ratio"),
        ("edges over pairs of steps", "density", "density"),
        ("longest chain of uses", "depth", "rewired_depth"),
        ("times the first loop comes again", "loop_count", "shuffled_loop_count"),
    ]
    rows = []
    for name, column, control in measures:
        found = study.rows(
            f"select count({column}), avg({column}), median({column}), avg({control}) "
            f"from graphs where {EXAMINED}"
        )[0]
        rows.append((name, *found))
    return Table(
        title="Graphs of the traces; a control equal to the mean is fixed by how it is made",
        columns=("measure", "traces", "mean", "median", "mean of the control"),
        rows=tuple(rows),
    )
