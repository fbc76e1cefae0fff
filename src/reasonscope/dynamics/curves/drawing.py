"""Curves as figures: one run by what is measured, several runs overlaid by run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np

from reasonscope.dynamics.curves.series import Run, Series, points
from reasonscope.report.panel import Figure
from reasonscope.report.plots import SERIES, values

MOST_POINTS = 120
"""Points of a drawn curve; longer ones are averaged over neighbouring steps."""
MOST_RUNS = len(SERIES)
"""Runs that are drawn, those with the most steps first."""
NAME_CHARACTERS = 40
"""A longer name is cut where it is drawn."""
BAND = 1.96
"""Standard errors that a band reaches to either side."""


@dataclass(frozen=True, slots=True)
class Curve:
    """A curve that a figure shows."""

    name: str
    part: str
    label: str
    """What it is called in the figure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """A figure to be drawn where a run has one of its curves."""

    about: str
    """What is drawn, in a few words."""
    curves: tuple[Curve, ...]
    title: str
    """Of the axis."""
    share: bool = False
    """Shares, drawn in percent."""
    apart: bool = False
    """Curves of different units: each in a row and on a scale of its own."""


def figure(plot: Plot, runs: Mapping[str, Run]) -> Figure | None:
    """The figure, or None where no run has any of its curves."""
    drawn = dict(list(runs.items())[:MOST_RUNS])
    held = [
        (run, curve, found)
        for run, own in drawn.items()
        for curve in plot.curves
        if (found := own.get((curve.name, curve.part))) is not None
    ]
    if not held:
        return None
    rows = [row for run, curve, found in held for row in _rows(run, curve, found)]
    labels = list(dict.fromkeys(curve.label for _, curve, _ in held))
    said = _said(plot, held)
    return Figure(
        title=said,
        chart=_chart(plot, rows, labels, [_short(run) for run in drawn]),
        alt=f"{plot.about} over {held[0][2].steps[-1]:,.0f} steps of training. {said}.",
    )


def _rows(run: str, curve: Curve, series: Series) -> list[dict[str, Any]]:
    made = []
    for point in points(series, MOST_POINTS):
        reach = BAND * (point.error or 0.0)
        made.append(
            {
                "step": round(point.step, 2),
                "value": point.value,
                "low": point.value - reach,
                "high": point.value + reach,
                "curve": curve.label,
                "run": _short(run),
            }
        )
    return made


def _short(name: str) -> str:
    return name if len(name) <= NAME_CHARACTERS else f"{name[:NAME_CHARACTERS]}…"


def _chart(
    plot: Plot, rows: list[dict[str, Any]], labels: Sequence[str], runs: Sequence[str]
) -> Any:
    """One run: a colour for each curve; several: a colour for each run and a row for each curve."""
    several = len(runs) > 1
    names = runs if several else labels
    scale = alt.Scale(domain=list(names), range=list(SERIES[: len(names)]))
    apart = (several or plot.apart) and len(labels) > 1
    wanted = not (apart and not several) and len(names) > 1
    legend = alt.Legend(title=None) if wanted else None
    field = "run:N" if several else "curve:N"
    base = alt.Chart().encode(
        x=alt.X("step:Q", title="optimizer steps", scale=alt.Scale(nice=False)),
        color=alt.Color(field, scale=scale, legend=legend),
    )
    axis = alt.Axis(format="%") if plot.share else alt.Axis()
    y = alt.Y("value:Q", title=None if apart else plot.title, axis=axis, scale=_fitting(plot))
    band = base.mark_area(opacity=0.18).encode(
        y=alt.Y("low:Q", title=None if apart else plot.title, axis=axis), y2="high:Q"
    )
    line = base.mark_line(strokeWidth=1.8, point=len(rows) < 2 * len(names) + 1).encode(y=y)
    both = alt.layer(band, line, data=values(rows))
    if not apart:
        return both.properties(height=170)
    rowed = alt.Row("curve:N", title=None, sort=list(labels))
    return both.properties(height=90).facet(row=rowed).resolve_scale(y="independent")


def _fitting(plot: Plot) -> alt.Scale:
    return alt.Scale(zero=plot.share)


def _said(plot: Plot, held: Sequence[tuple[str, Curve, Series]]) -> str:
    """The first run's curves at their two ends: what one sees."""
    first = held[0][0]
    ends = [
        f"{curve.label} {_number(_end(series, 0), plot, curve)} → "
        f"{_number(_end(series, -1), plot, curve)}"
        for run, curve, series in held
        if run == first
    ]
    more = f" (run {_short(first)})" if len({run for run, _, _ in held}) > 1 else ""
    return f"{plot.about}: {', '.join(ends[:4])}{more}"


def _end(series: Series, side: int) -> float:
    """The mean of the first or last tenth of a curve."""
    size = max(1, len(series) // 10)
    part = series.values[:size] if side == 0 else series.values[-size:]
    return float(np.mean(part))


def _number(value: float, plot: Plot, curve: Curve) -> str:
    if plot.share or curve.name.endswith("_share"):
        return f"{100 * value:.0f} %"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2g}"
