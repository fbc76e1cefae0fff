"""The backtracking panel: kinds of returns, where they stand, and what comes of them."""

import altair as alt

from reasonscope.report.panel import Figure, Panel, Table
from reasonscope.report.plots import SERIES, values
from reasonscope.structure.backtracking.events import KINDS
from reasonscope.structure.backtracking.findings import EACH, TRACES, counted
from reasonscope.structure.backtracking.rates import rate
from reasonscope.traces.store import Study

BINS = 20
"""Bins of the place in a trace."""


def panel(study: Study) -> Panel:
    """Where returns stand by kind, how many traces have how many, and a table by kind."""
    return Panel(
        name="backtracking",
        title="Where the reasoning turns back",
        lead="A return is a place where the trace takes back what it said, leaves its way for "
        "another, starts again, or reopens a step and is not content with it at once. A 'wait' "
        "that only looks again and goes on is a check and is counted apart.",
        figures=tuple(f for f in (_places(study), _counts(study)) if f is not None),
        tables=(_kinds(study), _outcomes(study)),
        misleads="Returns are found by words, so a model with other habits of speech turns back "
        "unseen. More returns in wrong traces do not say that returning does harm: hard problems "
        "make traces both wrong and hesitant. Which step is returned to rests on shared words; "
        "see the share that chance gives.",
    )


def _places(study: Study) -> Figure | None:
    rows = study.rows(
        f"select kind, least(floor({BINS} * step / steps), {BINS - 1}) / {BINS} as place, count(*) "
        "from (select steps, unnest(return_steps) as step, unnest(kinds) as kind "
        f"from ({TRACES})) group by all order by all"
    )
    total = sum(row[2] for row in rows)
    if not total:
        return None
    data = [{"kind": k, "place": p, "end": p + 1 / BINS, "returns": n} for k, p, n in rows]
    late = sum(row[2] for row in rows if row[1] >= 0.5) / total
    chart = (
        alt.Chart(values(data))
        .mark_bar()
        .encode(
            x=alt.X(
                "place:Q",
                bin="binned",
                title="place in the reasoning",
                axis=alt.Axis(format="%"),
                scale=alt.Scale(domain=[0, 1]),
            ),
            x2="end:Q",
            y=alt.Y("returns:Q", title="returns", axis=alt.Axis(tickMinStep=1)),
            color=alt.Color(
                "kind:N",
                title="kind",
                scale=alt.Scale(domain=list(KINDS), range=list(SERIES[: len(KINDS)])),
            ),
        )
    )
    title = f"{100 * late:.0f} % of the {total:,} returns stand in the second half of the reasoning"
    return Figure(title=title, chart=chart, alt=f"Stacked histogram by kind; {title}.")


def _counts(study: Study) -> Figure | None:
    rows = study.rows(
        f"select least(returns, 10) as returns, count(*) from ({TRACES}) group by 1 order by 1"
    )
    total = sum(row[1] for row in rows)
    if not total:
        return None
    none = sum(row[1] for row in rows if row[0] == 0)
    data = [{"returns": "10 +" if r == 10 else str(r), "order": r, "traces": n} for r, n in rows]
    chart = (
        alt.Chart(values(data))
        .mark_bar()
        .encode(
            x=alt.X("returns:N", sort=alt.SortField("order"), title="returns in a trace"),
            y=alt.Y("traces:Q", axis=alt.Axis(tickMinStep=1)),
        )
    )
    title = f"{none:,} of {total:,} traces never turn back"
    return Figure(title=title, chart=chart, alt=f"Bars of traces by number of returns; {title}.")


def _kinds(study: Study) -> Table:
    rows = study.rows(
        "select kind, count(*), count(target), median(step - target), "
        "count(*) filter (where repairs), count(*) filter (where repairs = false) "
        f"from ({EACH}) group by kind order by count(*) desc, kind"
    )
    return Table(
        title="Returns by kind",
        columns=(
            "kind",
            "returns",
            "with a target",
            "median steps back",
            "another value follows",
            "the same value",
        ),
        rows=tuple(rows),
    )


def _outcomes(study: Study) -> Table:
    traces = counted(study, "returns")
    names = {True: "right", False: "wrong", None: "not known"}
    rows = []
    for right, name in names.items():
        own = [one for one in traces if one.right is right]
        if own:
            share = rate(own)
            held = tuple(
                None if x is None else round(x, 3) for x in (share.value, share.low, share.high)
            )
            rows.append((name, len(own), *held))
    return Table(
        title="Returns per thousand tokens by how the trace ends, with 95 % intervals",
        columns=("final answer", "traces", "per 1k tokens", "low", "high"),
        rows=tuple(rows),
    )
