"""The edges panel: how steps use earlier ones, how far back, beside the shuffled order."""

import altair as alt

from reasonscope.report.panel import Figure, Panel, Table
from reasonscope.report.plots import SERIES, values
from reasonscope.structure.edges.finding import edges_between
from reasonscope.structure.edges.tallies import EVIDENT, evident, shuffled
from reasonscope.traces.store import Study

SHUFFLED_TRACES = 60
"""Most traces that are shuffled for the drawing."""
BINS = ((1, 1), (2, 2), (3, 5), (6, 10), (11, 20), (21, 50), (51, None))
"""Steps back, first and last of each bar."""

WORDS = {
    "value": "a number that flows",
    "name": "a symbol defined before",
    "restatement": "words said again",
    "reference": "a step pointed to",
    "order": "only that it follows",
}


def panel(study: Study) -> Panel:
    """Kinds of use, and how far back what is used lies."""
    figures = [figure for figure in (_kinds(study), _reach(study)) if figure]
    return Panel(
        name="edges",
        title="Which earlier steps each step uses",
        lead="An edge says that a step uses an earlier one, and how that is known: it takes a "
        "number from there, a symbol, says its words again, or points to it. Where none of these "
        "holds, the step before is taken for granted where that is likely. Open a trace below to "
        "see its arcs.",
        figures=tuple(figures),
        tables=(_table(study),),
        misleads="Equal numbers may meet by chance, and a thought can be used without a word of "
        "it being said again: edges are evidence of use, not of cause. A labeller names the step "
        "before in nine of ten edges, so agreement with labels says little about far edges.",
    )


def _kinds(study: Study) -> Figure | None:
    rows = study.rows(
        "select kind, count(*) from (select case "
        f"when bool_or({EVIDENT} and uses < step_index - 1) then '{_KINDS[0]}' "
        f"when bool_or({EVIDENT}) then '{_KINDS[1]}' else '{_KINDS[2]}' end as kind "
        "from edges group by trace_id, step_index) group by kind"
    )
    steps, traces = study.rows("select count(*), count(distinct trace_id) from steps")[0]
    if steps == traces:
        return None
    total, known = steps - traces, dict(rows)
    counts = {kind: known.get(kind, 0) for kind in _KINDS}
    counts["no earlier step"] = total - sum(counts.values())
    data = [{"kind": k, "share": n / total, "label": f"{n / total:.0%}"} for k, n in counts.items()]
    said = "; ".join(f"{row['kind']}: {row['label']}" for row in data)
    bars = alt.Chart(values(data)).encode(
        x=alt.X("share:Q", title="steps after the first", axis=alt.Axis(format="%")),
        y=alt.Y("kind:N", title=None, sort=list(counts)),
    )
    chart = bars.mark_bar() + bars.mark_text(align="left", dx=4).encode(text="label:N")
    far = counts["further back, by evidence"] / total
    return Figure(title=f"{far:.0%} of the steps use one further back", chart=chart, alt=said)


_KINDS = (
    "further back, by evidence",
    "before it, by evidence",
    "before it, by order alone",
)


def _reach(study: Study) -> Figure | None:
    own = study.rows(f"select step_index - uses, count(*) from edges where {EVIDENT} group by all")
    if not own:
        return None
    mixed: dict[int, int] = {}
    ids = study.rows(
        "select trace_id from steps group by trace_id having count(*) between 2 and 1000 "
        f"order by md5(trace_id) limit {SHUFFLED_TRACES}"
    )
    for case in study.cases_of([row[0] for row in ids]):
        texts = shuffled([step.text for step in case.steps], case.trace.trace_id)
        for edge in edges_between(texts):
            if evident(edge):
                back = edge.step_index - edge.uses
                mixed[back] = mixed.get(back, 0) + 1
    data = [
        {"back": name, "share": share, "order": order}
        for order, counts in (("as written", dict(own)), ("shuffled", mixed))
        for name, share in _shares(counts)
    ]
    chart = (
        alt.Chart(values(data))
        .mark_bar()
        .encode(
            x=alt.X("share:Q", title="edges known by evidence", axis=alt.Axis(format="%")),
            y=alt.Y("back:N", title="steps back", sort=[_name(*b) for b in BINS]),
            yOffset=alt.YOffset("order:N", sort=["as written", "shuffled"]),
            color=alt.Color(
                "order:N",
                title="order of the steps",
                scale=alt.Scale(domain=["as written", "shuffled"], range=[SERIES[0], SERIES[4]]),
            ),
        )
    )
    near = _shares(dict(own))[0][1]
    return Figure(
        title=f"{near:.0%} of what is used by evidence lies in the step before",
        chart=chart,
        alt="; ".join(f"{row['order']}, {row['back']} back: {row['share']:.0%}" for row in data),
    )


def _name(first: int, last: int | None) -> str:
    if last is None:
        return f"over {first - 1}"
    return str(first) if first == last else f"{first} to {last}"


def _shares(counts: dict[int, int]) -> list[tuple[str, float]]:
    total = sum(counts.values()) or 1
    return [
        (
            _name(first, last),
            sum(n for b, n in counts.items() if first <= b and (last is None or b <= last)) / total,
        )
        for first, last in BINS
    ]


def _table(study: Study) -> Table:
    rows = study.rows(
        "select evidence, count(*), count(*) filter (where uses < step_index - 1), "
        "median(step_index - uses), mode(reason) from edges group by all order by count(*) desc"
    )
    return Table(
        title="Edges by the evidence for them",
        columns=("evidence", "edges", "further back", "median steps back"),
        rows=tuple((WORDS.get(row[0], row[0]), *row[1:4]) for row in rows),
    )
