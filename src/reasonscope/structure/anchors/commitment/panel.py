"""The commitment panel: how often prefixes already give the final answer."""

from typing import Any

import altair as alt

from reasonscope.findings import percent
from reasonscope.report.panel import Figure, Panel, Table
from reasonscope.report.plots import ACCENT, OPEN, values
from reasonscope.structure.anchors.commitment.findings import KNOWN, NAME
from reasonscope.structure.anchors.commitment.reading import LEVEL
from reasonscope.traces.store import Study

MOST_CURVES = 40
"""Most traces drawn as thin lines."""
BINS = 10
"""Places at which the mean over traces is drawn."""


def panel(study: Study) -> Panel:
    """The curve of early answers, thin for each trace and thick for their mean."""
    curves = _curves(study)
    return Panel(
        name=NAME,
        title=_title(study),
        lead="After each of several prefixes of the reasoning the answer was asked for at once. "
        "Where the final answer already comes after the first steps, it was fixed before the "
        "reasoning; where it comes late, the reasoning decides.",
        figures=(_figure(curves),) if curves else (),
        tables=(_states(study),),
        misleads="A forced answer is a question that the model was not asked in training: it may "
        "guess where it would have gone on thinking. A problem with few possible answers looks "
        "committed by luck. Between two prefixes that were asked nothing is known.",
    )


def _title(study: Study) -> str:
    traces, rising, start = study.rows(
        f"select count(*), count(*) filter (where p_rise < {LEVEL}), "
        f"count(*) filter (where state = 'from the start') from ({KNOWN})"
    )[0]
    if not traces:
        return "Where answers are fixed could not be assessed"
    return (
        f"In {percent(rising / traces)} of the traces the answer forms along the reasoning; in "
        f"{percent(start / traces)} it stands before any step"
    )


def _curves(study: Study) -> list[dict[str, Any]]:
    """Traces with their prefixes as shares of the reasoning, and shares of own answers."""
    found = study.rows(f"select trace_id, kept, same, steps from ({KNOWN}) order by md5(trace_id)")
    return [
        {"trace": trace, "at": [k / max(steps, 1) for k in kept], "same": list(same)}
        for trace, kept, same, steps in found
    ]


def _figure(curves: list[dict[str, Any]]) -> Figure:
    thin = [
        {"trace": str(number), "at": at, "same": same}
        for number, one in enumerate(curves[:MOST_CURVES])
        for at, same in zip(one["at"], one["same"], strict=True)
    ]
    thick = _mean(curves)
    share = alt.Axis(format="%")
    x = alt.X("at:Q", title="reasoning kept", axis=share, scale=alt.Scale(domain=[0, 1]))
    y = alt.Y(
        "same:Q",
        title="answer is the final one",
        axis=share,
        scale=alt.Scale(domain=[0, 1]),
    )
    chart = alt.Chart(values(thin)).mark_line(
        color=OPEN, opacity=0.45, strokeWidth=1, interpolate="step-after"
    ).encode(x=x, y=y, detail="trace:N") + alt.Chart(values(thick)).mark_line(
        color=ACCENT, strokeWidth=3
    ).encode(x=x, y=y)
    first, last = thick[0]["same"], thick[-1]["same"]
    said = f"{percent(first)} of the answers forced at once are the final one, {percent(last)} of "
    more = f" ({MOST_CURVES} of {len(curves):,} drawn)" if len(curves) > MOST_CURVES else ""
    return Figure(
        title=f"{said}those after all of the reasoning; grey: single traces{more}",
        chart=chart,
        alt=f"Curves of early answers: {said}those after all of the reasoning.",
    )


def _mean(curves: list[dict[str, Any]]) -> list[dict[str, float]]:
    """The mean over traces at evenly spaced places; a prefix stands until the next one."""
    return [
        {
            "at": place / BINS,
            "same": sum(_value_at(one, place / BINS) for one in curves) / len(curves),
        }
        for place in range(BINS + 1)
    ]


def _value_at(curve: dict[str, Any], at: float) -> float:
    known = [same for here, same in zip(curve["at"], curve["same"], strict=True) if here <= at]
    return float(known[-1] if known else curve["same"][0])


def _states(study: Study) -> Table:
    found = study.rows(
        "select state, count(*), sum(rollouts), sum(unanswered), sum(failed) from commitment "
        "group by all order by all"
    )
    return Table(
        title="Where answers are fixed",
        columns=("fixed", "traces", "forced answers", "unread", "failed"),
        rows=tuple(found),
    )
