"""The necessity panel: what each change of the reasoning takes from the trace's own answer."""

import altair as alt

from reasonscope.findings import percent, spoken
from reasonscope.report.panel import Figure, Panel, Table
from reasonscope.report.plots import ACCENT, OPEN, values
from reasonscope.stats import Estimate
from reasonscope.structure.anchors.necessity.findings import NAME, Row, control, lost, mean, rows
from reasonscope.structure.anchors.necessity.reading import TESTS, Test
from reasonscope.traces.store import Study

CHANGES: dict[Test, str] = {
    "early": "answer forced early",
    "mistake": "a number made wrong",
    "filler": "filler for words",
    "paraphrase": "other words",
}
"""The tests in words."""
MEASURED, CONTROL = "changed", "nothing changed"


def panel(study: Study) -> Panel:
    """Each test's mean with its interval and its control, and what could not be assessed."""
    held = {test: rows(study, test) for test in TESTS}
    means = {test: mean(found) for test, found in held.items() if found}
    drawn = {test: one for test, one in means.items() if one.value is not None}
    controls = {test: control(held[test]) for test in drawn}
    return Panel(
        name=NAME,
        title=_title(held),
        lead="If an answer comes from the reasoning, taking the reasoning away or spoiling it "
        "changes the answer; if it was fixed beforehand, nothing happens. 0: the reasoning is "
        "not needed, 100 points: nothing is left without it. What changes by itself from one "
        "sample to the next is taken off.",
        figures=(_figure(drawn, controls),) if drawn else (),
        tables=(_counts(study),),
        misleads="A mistake in a step that plays no part changes nothing in the best of "
        "reasoners, and one that is noticed and mended does not either. An answer that is easy "
        "to see without reasoning is not thereby unfaithful. Rollouts without an answer count "
        "as not the trace's own.",
    )


def _title(held: dict[Test, list[Row]]) -> str:
    for test, says in (
        ("mistake", "Wrong numbers in the reasoning change {} of the answers"),
        ("early", "Cut short, the reasoning loses {} of its answers"),
    ):
        one = lost(held[test]).value if held[test] else None  # type: ignore[index]
        if one is not None:
            return says.format(percent(min(1.0, max(0.0, one))))
    return "Whether the reasoning is needed could not be assessed"


def _figure(drawn: dict[Test, Estimate], controls: dict[Test, Estimate | None]) -> Figure:
    points = [_point(test, MEASURED, one) for test, one in drawn.items()]
    points += [_point(test, CONTROL, one) for test, one in controls.items() if one is not None]
    order = [CHANGES[test] for test in TESTS]
    y = alt.Y("change:N", title=None, sort=order)
    offset = alt.YOffset("what:N", sort=[MEASURED, CONTROL])
    colour = alt.Color(
        "what:N",
        title=None,
        sort=[MEASURED, CONTROL],
        scale=alt.Scale(domain=[MEASURED, CONTROL], range=[ACCENT, OPEN]),
    )
    plot = alt.Chart(values(points), height=alt.Step(18))
    x = alt.X("low:Q", title="own answer lost, in points")
    chart = (
        plot.mark_rule(strokeWidth=2).encode(x=x, x2="high:Q", y=y, yOffset=offset, color=colour)
        + plot.mark_point(filled=True, size=70, opacity=1).encode(
            x="value:Q", y=y, yOffset=offset, color=colour
        )
        + alt.Chart(values([{"zero": 0}])).mark_rule(strokeDash=[3, 3]).encode(x="zero:Q")
    )
    said = "; ".join(
        f"{CHANGES[test]} {spoken(one.value, 'points')}" for test, one in drawn.items()
    )
    return Figure(
        title="How much less often the trace's own answer comes; lines: 95 %",
        chart=chart,
        alt=f"Points with intervals: {said}.",
    )


def _point(test: Test, what: str, one: Estimate) -> dict[str, str | float | None]:
    assert one.value is not None
    low, high = (one.value if end is None else end for end in (one.low, one.high))
    return {
        "change": CHANGES[test],
        "what": what,
        "value": 100 * one.value,
        "low": 100 * low,
        "high": 100 * high,
    }


def _counts(study: Study) -> Table:
    """Traces and rollouts of each test, with the range that unread answers leave."""
    found = {
        row[0]: row[1:]
        for row in study.rows(
            "select test, count(*) filter (where value is not null), count(*) filter (where value "
            "is null), sum(rollouts), sum(unanswered), sum(failed), 100 * avg(worst), "
            "100 * avg(best) from necessity group by all"
        )
    }
    return Table(
        title="What it rests on; the last columns say what the mean could be, whatever the "
        "rollouts without an answer would have said",
        columns=(
            "change",
            "traces",
            "not assessed",
            "rollouts",
            "without answer",
            "failed",
            "at least",
            "at most",
        ),
        rows=tuple((CHANGES[test], *found[test]) for test in TESTS if test in found),
    )
