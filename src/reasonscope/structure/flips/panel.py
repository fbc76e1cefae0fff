"""The flips panel: ledger of transitions, where the first right answer stands, early stopping."""

from collections.abc import Sequence

import altair as alt

from reasonscope.findings import percent, spoken
from reasonscope.report.panel import Figure, Panel, Table
from reasonscope.report.plots import OUTCOME_COLOURS, values
from reasonscope.stats import Estimate, clustered_proportion
from reasonscope.structure.flips import shares
from reasonscope.structure.flips.conclude import verdict
from reasonscope.structure.flips.shares import Line
from reasonscope.traces.store import Study

STOPS = 8
"""Candidates after which stopping is drawn."""
BINS = 20

SAID = {
    "right_to_right": "right, then right again",
    "wrong_to_same": "wrong, then the same wrong",
    "wrong_to_other": "wrong, then another wrong",
    "wrong_to_right": "wrong, then right",
    "right_to_wrong": "right, then wrong",
    "open_to_same": "the same again, not compared",
    "open_to_other": "a change, not compared",
}


def panel(study: Study) -> Panel:
    """What reflection changed, in two sentences, two figures and two tables."""
    held = shares.lines(study)
    figures = (_places(held), _early(held))
    return Panel(
        name="flips",
        title=_title(held),
        lead=_lead(study, held),
        figures=tuple(figure for figure in figures if figure is not None),
        tables=(_ledger(study), _ends(held)),
        misleads="A value counts as an answer from where it first comes out, if the trace calls "
        "it its answer anywhere; a result of a part that happens to equal the answer is taken for "
        "it, and a wrong answer that is dropped without ever being called one is missed. Both are "
        "counted on the docs page, and the findings give corrected numbers beside. Stopping early "
        "is read off finished traces: a model made to stop may answer otherwise.",
    )


def _title(held: Sequence[Line]) -> str:
    after = shares.after_right(held).value
    if after is None:
        return "Answers on the way; no right one is known"
    return f"{percent(after)} of the tokens come after the first right answer"


def _lead(study: Study, held: Sequence[Line]) -> str:
    gain = shares.gain(held)
    first, final = shares.first_wrong(held), shares.final_wrong(held)
    parts = ["Every candidate answer of a trace, in order, with the tokens spent up to it."]
    if gain.value is not None and first.value is not None and final.value is not None:
        parts.append(
            f"{verdict(gain)}: {percent(1 - first.value)} of the first answers are right and "
            f"{percent(1 - final.value)} of the last ones, {_between(gain)}."
        )
    else:
        parts.append("No first and final answers could be compared with a reference.")
    counted = study.rows("select count(*) filter (where counted), count(*) from flips")[0]
    how = "counted" if counted[0] == counted[1] else "estimated from the text"
    parts.append(f"Tokens are {how}." if counted[1] else "")
    return " ".join(parts).strip()


def _between(estimate: Estimate) -> str:
    said = f"a change of {spoken(estimate.value, 'points')}"
    if estimate.low is None or estimate.high is None:
        return said
    ends = [spoken(end, "points").removesuffix(" points") for end in (estimate.low, estimate.high)]
    return f"{said} (95 % interval {ends[0]} to {ends[1]})"


def _places(held: Sequence[Line]) -> Figure | None:
    """Where the first right answer stands, by how the trace ends."""
    counts: dict[tuple[int, str], int] = {}
    for line in held:
        if line.right_tokens is None or not line.tokens:
            continue
        ending = {True: "right", False: "wrong", None: "no final answer"}[line.final]
        place = min(int(BINS * line.right_tokens / line.tokens), BINS - 1)
        counts[place, ending] = counts.get((place, ending), 0) + 1
    if not counts:
        return None
    rows = [
        {"place": p / BINS, "end": (p + 1) / BINS, "outcome": ending, "traces": n}
        for (p, ending), n in sorted(counts.items())
    ]
    shown = sorted({ending for _, ending in counts})
    scale = alt.Scale(domain=shown, range=[OUTCOME_COLOURS[one] for one in shown])
    chart = (
        alt.Chart(values(rows))
        .mark_bar()
        .encode(
            x=alt.X(
                "place:Q",
                bin="binned",
                title="share of the tokens spent when the right answer is first reached",
                axis=alt.Axis(format="%"),
                scale=alt.Scale(domain=[0, 1]),
            ),
            x2="end:Q",
            y=alt.Y("traces:Q", title="traces", axis=alt.Axis(tickMinStep=1)),
            color=alt.Color("outcome:N", title="final answer", scale=scale),
            order=alt.Order("outcome:N"),
        )
        .properties(height=140)
    )
    total = sum(counts.values())
    half = sum(n for (place, _), n in counts.items() if place < BINS // 2)
    said = f"{half:,} of {total:,} traces reach the right answer in the first half of their tokens"
    return Figure(title=said, chart=chart, alt=f"Histogram by outcome: {said}.")


def _early(held: Sequence[Line]) -> Figure | None:
    """Accuracy against tokens if one had stopped after the k-th candidate."""
    known = shares.paired(held)
    whole = sum(line.tokens for line in known)
    if not whole:
        return None
    rows = [_stop(known, place, whole) for place in [*range(STOPS), None]]
    base = alt.Chart(values(rows)).encode(
        x=alt.X(
            "spent:Q",
            title="tokens spent, as a share of all (points: stop after the k-th answer)",
            axis=alt.Axis(format="%"),
            scale=alt.Scale(domain=[0, 1]),
        )
    )
    accuracy = alt.Y("value:Q", title="right", axis=alt.Axis(format="%"))
    y = accuracy.scale(zero=False, nice=True)
    band = base.mark_area(opacity=0.2).encode(y=alt.Y("low:Q").scale(zero=False), y2="high:Q")
    line = base.mark_line(point=True).encode(y=y, order="spent:Q")
    text = base.mark_text(dy=-9).encode(y=y, text="label:N")
    right = [percent(float(row["value"])) for row in (rows[0], rows[-1])]
    said = (
        f"Stopping at the first answer: {right[0]} right with "
        f"{percent(float(rows[0]['spent']))} of the tokens; going on to the end: {right[1]}"
    )
    return Figure(title=said, chart=(band + line + text).properties(height=180), alt=said)


def _stop(known: Sequence[Line], place: int | None, whole: int) -> dict[str, float | str]:
    """Accuracy with its interval, and tokens spent, if one stops at a candidate."""
    ended = [(line.problem_id, *line.stopped(place)) for line in known]
    by_problem: dict[str, list[bool]] = {}
    for problem, _, right in ended:
        if right is not None:
            by_problem.setdefault(problem, []).append(right)
    estimate = clustered_proportion(
        [sum(o) for o in by_problem.values()], [len(o) for o in by_problem.values()]
    )
    return {
        "label": "end" if place is None else str(place + 1),
        "spent": sum(tokens for _, tokens, _ in ended) / whole,
        "value": estimate.value or 0.0,
        "low": estimate.low if estimate.low is not None else estimate.value or 0.0,
        "high": estimate.high if estimate.high is not None else estimate.value or 0.0,
    }


def _ledger(study: Study) -> Table:
    """Transitions by class, with the share of all and its interval clustered by problem."""
    sums = ", ".join(f"sum({name})" for name in SAID)
    cells = study.rows(
        f"select {sums} from flips join traces t using (trace_id) "
        "group by t.problem_id order by t.problem_id"
    )
    sizes = [sum(row) for row in cells]
    rows = []
    for place, said in enumerate(SAID.values()):
        counts = [row[place] for row in cells]
        share = clustered_proportion(counts, sizes)
        rows.append((said, sum(counts), share.value, share.low, share.high))
    return Table(
        title="From one candidate answer to the next, with 95 % intervals clustered by problem",
        columns=("transition", "times", "share", "low", "high"),
        rows=tuple(row for row in rows if row[1]),
    )


def _ends(held: Sequence[Line]) -> Table:
    """Traces by their first candidate and their final answer."""
    said = {True: "right", False: "wrong", None: "none, or not compared"}
    counts: dict[tuple[bool | None, bool | None], int] = {}
    for line in held:
        counts[line.first, line.final] = counts.get((line.first, line.final), 0) + 1
    return Table(
        title="Traces by their first answer and their last",
        columns=("first answer", "final answer", "traces"),
        rows=tuple(
            (said[first], said[final], counts[first, final])
            for first in said
            for final in said
            if (first, final) in counts
        ),
    )
