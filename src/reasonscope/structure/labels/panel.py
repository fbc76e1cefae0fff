"""The labels panel: what steps do by outcome, what follows what, and where in a trace."""

from typing import Any

import altair as alt
import numpy as np
from numpy.typing import NDArray

from reasonscope.report.panel import Figure, Panel, Table
from reasonscope.report.plots import LABEL_COLOURS, values
from reasonscope.structure.labels.conclude import by_problem, labelled_share, sequences
from reasonscope.structure.labels.labeller import shipped
from reasonscope.structure.labels.shares import corrected_pairs, corrected_share, rates
from reasonscope.traces.schema import LABELS
from reasonscope.traces.store import Study

TENTHS = 10
"""Parts of a trace in the plot of places."""

OUTCOMES = {"right answer": "a.correct", "wrong answer": "a.correct = false"}


def panel(study: Study) -> Panel:
    """Shares by outcome with intervals, the map of transitions, labels by place."""
    counts = by_problem(study)
    figures = (_by_outcome(study, counts), _transitions(study), _places(study))
    return Panel(
        name="labels",
        title=_title(counts),
        lead="Each step is given one of eight functions by a small labeller that ships with the "
        "package. The table gives shares as labelled and corrected for how it errs on annotated "
        "traces; transitions are corrected.",
        figures=tuple(figure for figure in figures if figure is not None),
        tables=(_table(counts),),
        misleads="The labeller agrees with the annotation in 63 % of steps of problems it has not "
        "seen, and was measured on competition mathematics of one model. Elsewhere it errs "
        "otherwise, and then the correction is wrong too: where the two shares of a label lie far "
        "apart, believe neither. A single label is a guess.",
    )


def said(label: str) -> str:
    """A label as words.

    >>> said("self_checking")
    'self checking'
    """
    return label.replace("_", " ")


def _title(counts: "NDArray[np.float64]") -> str:
    if not counts.sum():
        return "What each step does"
    found = [
        (labelled_share(counts, place).value or 0.0, label) for place, label in enumerate(LABELS)
    ]
    first, second = sorted(found, reverse=True)[:2]
    return (
        f"Mostly {said(first[1])} ({first[0]:.0%} of the steps), then {said(second[1])} "
        f"({second[0]:.0%})"
    )


def _by_outcome(study: Study, counts: "NDArray[np.float64]") -> Figure | None:
    groups = {name: by_problem(study, where) for name, where in OUTCOMES.items()}
    groups = {name: held for name, held in groups.items() if held.sum()} or {"all": counts}
    rows = [row for name, held in groups.items() for row in _drawn(name, held)]
    if not rows:
        return None
    y = alt.Y("label:N", title=None, sort=[said(label) for label in LABELS])
    base = alt.Chart(values(rows)).encode(y=y, yOffset="traces:N", color="traces:N")
    x = alt.X("share:Q", title="share of the steps, as labelled", axis=alt.Axis(format="%"))
    chart = base.mark_rule().encode(x="low:Q", x2="high:Q") + base.mark_point(filled=True).encode(
        x=x
    )
    text = "; ".join(f"{r['traces']}, {r['label']}: {r['share']:.0%}" for r in rows)
    return Figure(title="What the steps do, by how the trace ends", chart=chart, alt=text)


def _drawn(name: str, counts: "NDArray[np.float64]") -> list[dict[str, Any]]:
    if not counts.sum():
        return []
    found = [labelled_share(counts, place) for place in range(len(LABELS))]
    return [
        {"traces": name, "label": said(label), "share": e.value, "low": e.low, "high": e.high}
        for label, e in zip(LABELS, found, strict=True)
    ]


def _transitions(study: Study) -> Figure | None:
    pairs = np.zeros((len(LABELS), len(LABELS)))
    for _, labels in sequences(study):
        np.add.at(pairs, (labels[:-1], labels[1:]), 1)
    if not pairs.sum():
        return None
    table = corrected_pairs(pairs, rates(shipped().confusion))
    rows = [
        {"from": said(a), "to": said(b), "share": float(table[i, j]), "text": f"{table[i, j]:.0%}"}
        for i, a in enumerate(LABELS)
        for j, b in enumerate(LABELS)
    ]
    order = [said(label) for label in LABELS]
    base = alt.Chart(values(rows)).encode(
        x=alt.X("to:N", sort=order, title="the next step", axis=alt.Axis(labelAngle=-40)),
        y=alt.Y("from:N", sort=order, title="a step"),
    )
    boxes = base.mark_rect().encode(
        color=alt.Color("share:Q", scale=alt.Scale(range=["#fdfdfc", "#2b5c94"]), legend=None)
    )
    kept = float(np.trace(pairs) / pairs.sum())
    return Figure(
        title=f"What follows what, corrected; {kept:.0%} of the steps keep the label, as labelled",
        chart=boxes + base.mark_text(fontSize=9).encode(text="text:N"),
        alt="; ".join(
            f"{said(a)} to {said(b)} {table[i, j]:.0%}"
            for i, a in enumerate(LABELS)
            for j, b in enumerate(LABELS)
            if table[i, j] > 0.2
        ),
    )


def _places(study: Study) -> Figure | None:
    rows = study.rows(
        f"select least(floor({TENTHS} * l.step_index / n.steps), {TENTHS - 1}) / {TENTHS} as place,"
        " l.label, count(*) from labels l join (select trace_id, count(*) as steps from labels "
        "group by all) n using (trace_id) where n.steps >= ? group by all order by all",
        [TENTHS],
    )
    if not rows:
        return None
    data = [{"place": place, "label": said(label), "steps": n} for place, label, n in rows]
    scale = alt.Scale(
        domain=[said(label) for label in LABELS], range=[LABEL_COLOURS[label] for label in LABELS]
    )
    chart = (
        alt.Chart(values(data))
        .mark_bar()
        .encode(
            x=alt.X("place:O", title="place in the trace", axis=alt.Axis(format="%", labelAngle=0)),
            y=alt.Y("steps:Q", stack="normalize", title=None, axis=alt.Axis(format="%")),
            color=alt.Color("label:N", scale=scale, title=None),
        )
    )
    return Figure(
        title=f"Labels by place, as labelled, in traces of {TENTHS} steps or more",
        chart=chart,
        alt="Stacked bars of labels over ten parts of the traces.",
    )


def _table(counts: "NDArray[np.float64]") -> Table:
    total = counts.sum()
    rows = []
    for place, label in enumerate(LABELS):
        found = corrected_share(counts, shipped().confusion, place)
        raw = float(counts[:, place].sum() / total) if total else None
        rows.append((said(label), raw, found.value, found.low, found.high))
    return Table(
        title="Shares of the steps, as labelled and corrected, with 95 % intervals",
        columns=("label", "as labelled", "corrected", "low", "high"),
        rows=tuple(rows),
    )
