"""The step-to-step matrix of one trace as a picture."""

from collections.abc import Sequence

import altair as alt

from reasonscope.report.panel import Figure
from reasonscope.report.plots import ACCENT, BAD, values
from reasonscope.structure.anchors.step_matrix.findings import SURE
from reasonscope.structure.anchors.step_matrix.reading import StepEffect

MOST = 1_000
"""Most entries that are drawn, the strongest first."""
_COMES, _GOES = "said more with the step", "said less"


def matrix_figure(effects: Sequence[StepEffect], lead: str = "") -> Figure:
    """Each entry as a square: its strength as depth of colour, a frame where it is sure.

    Args:
        effects: The entries of one trace.
        lead: Stands before the figure's title.
    """
    strongest = sorted(effects, key=lambda one: -abs(one.value))[:MOST]
    rows = [
        {
            "step": one.step_index + 1,
            "target": one.target + 1,
            "strength": abs(one.value),
            "what": _COMES if one.value >= 0 else _GOES,
            "sure": one.q <= SURE,
        }
        for one in strongest
    ]
    sure = sum(one.q <= SURE for one in effects)
    steps = sorted({at + 1 for one in strongest for at in (one.step_index, one.target)})
    scale, axis = alt.Scale(domain=steps), alt.Axis(labelOverlap=True, labelAngle=0)
    x = alt.X("step:O", title="step kept or replaced", scale=scale, axis=axis)
    y = alt.Y("target:O", title="later step", scale=scale, axis=axis)
    colour = alt.Color(
        "what:N",
        title=None,
        sort=[_COMES, _GOES],
        scale=alt.Scale(domain=[_COMES, _GOES], range=[ACCENT, BAD]),
    )
    depth = alt.Opacity("strength:Q", legend=None, scale=alt.Scale(domain=[0, 1], range=[0.05, 1]))
    squares = alt.Chart(values(rows)).encode(x=x, y=y, color=colour)
    chart = squares.mark_rect().encode(opacity=depth) + squares.transform_filter(
        alt.datum.sure
    ).mark_rect(filled=False, strokeWidth=1.5)
    more = f"; the strongest {MOST:,} of {len(effects):,} drawn" if len(effects) > MOST else ""
    said = f"{sure:,} of {len(effects):,} pairs of steps hang together"
    return Figure(
        title=f"{lead}{said} (framed: false discoveries at most {100 * SURE:.0f} %){more}",
        chart=chart.properties(height=300, width=300),
        alt=f"{said}. " + "; ".join(_told(one) for one in strongest[:3]),
    )


def _told(one: StepEffect) -> str:
    return (
        f"step {one.target + 1} is said {100 * one.value:+.0f} points more often with "
        f"step {one.step_index + 1}"
    )
