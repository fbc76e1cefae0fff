"""The search panel: how many solutions are tried, and how far the search jumps."""

import altair as alt

from reasonscope.report.panel import Figure, Panel, Table
from reasonscope.report.plots import values
from reasonscope.structure.search.findings import SEARCHES
from reasonscope.traces.store import Study

MOST = 12
"""More tried solutions than this are drawn as one bar."""


def panel(study: Study) -> Panel:
    """Tried solutions per search, and why other traces tell none."""
    return Panel(
        name="search",
        title="How the search goes",
        lead="Where a problem gives numbers and a target, the arithmetic of a trace is read as a "
        "walk on a tree of states: which solutions it tries, how far it jumps, and what it does "
        "twice. Traces that tell no search count nowhere.",
        figures=tuple(one for one in (_tried(study),) if one is not None),
        tables=(_reasons(study),),
        misleads="Only arithmetic that is written out is seen. A state is guessed from the numbers "
        "that an operation needs; where two states fit, the nearest above is taken. Operations "
        "that fit no state are left out and counted.",
    )


def _tried(study: Study) -> Figure | None:
    rows = study.rows(
        f"select least(solutions, {MOST}) as tried, coalesce(success_share, 0) > 0 as reached, "
        f"count(*) from ({SEARCHES}) group by all order by all"
    )
    total = sum(row[2] for row in rows)
    if not total:
        return None
    reached = sum(row[2] for row in rows if row[1])
    data = [
        {
            "tried": f"{tried} +" if tried == MOST else str(tried),
            "order": tried,
            "search": "reaches the target" if good else "does not",
            "traces": count,
        }
        for tried, good, count in rows
    ]
    chart = (
        alt.Chart(values(data))
        .mark_bar()
        .encode(
            x=alt.X("tried:N", sort=alt.SortField("order"), title="different solutions tried"),
            y=alt.Y("traces:Q", axis=alt.Axis(tickMinStep=1)),
            color=alt.Color("search:N", title="the search"),
        )
    )
    title = f"{reached:,} of {total:,} searches reach the target on their way"
    return Figure(title=title, chart=chart, alt=f"Bars of searches by solutions tried; {title}.")


def _reasons(study: Study) -> Table:
    rows = study.rows(
        "select case when reason = '' then 'a search that can be followed' else reason end, "
        "count(*), sum(arrows), sum(unread) from searches group by 1 order by 2 desc"
    )
    return Table(
        title="Traces with a search, and why the others have none",
        columns=("what was found", "traces", "moves of the walks", "operations that fit nowhere"),
        rows=tuple(rows),
    )
