"""Curves as figures: one run by what is measured, several runs overlaid by run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from reasonscope.dynamics.curves.series import Run, Series, points
from reasonscope.report.panel import Figure
from reasonscope.report.plots import SERIES

MOST_POINTS = 120
"""Points of a drawn curve; longer ones are averaged over neighbouring steps."""
MOST_RUNS = len(SERIES)
"""Runs that are drawn, those with the most steps first."""
NAME_CHARACTERS = 40
"""A longer name is cut where it is drawn."""
LEAST_TOP = 0.1
"""Shares are drawn from 0 to at least this."""
DASHES = [[1, 0], [6, 3], [2, 3]]
"""Of the first curves of a figure that dashes them: whole, dashed, dotted."""
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
    least: float = -np.inf
    """Below this no band reaches."""
    dashed: bool = False
    """Each curve has dashes of its own, so that one that lies under another shows through."""


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
    rows = [row for run, curve, found in held for row in _rows(plot, run, curve, found)]
    labels = list(dict.fromkeys(curve.label for _, curve, _ in held))
    said = _said(plot, held)
    return Figure(
        title=said,
        chart=_chart(plot, rows, labels, [_short(run) for run in drawn]),
        alt=f"{plot.about} over {held[0][2].steps[-1]:,.0f} steps of training. {said}.",
    )


def _rows(plot: Plot, run: str, curve: Curve, series: Series) -> list[dict[str, Any]]:
    least, most = (0.0, 1.0) if plot.share else (plot.least, np.inf)
    made = []
    for point in points(series, MOST_POINTS):
        reach = BAND * (point.error or 0.0)
        made.append(
            {
                "step": round(point.step, 2),
                "value": point.value,
                "low": float(max(point.value - reach, least)),
                "high": float(min(point.value + reach, most)),
                "curve": curve.label,
                "run": _short(run),
            }
        )
    return made


def _short(name: str) -> str:
    return name if len(name) <= NAME_CHARACTERS else f"{name[:NAME_CHARACTERS]}…"


def _chart(
    plot: Plot, rows: list[dict[str, Any]], labels: Sequence[str], runs: Sequence[str]
) -> dict[str, Any]:
    """One run: a colour for each curve; several: a colour for each run and a row for each curve.

    A Vega-Lite specification in plain words: altair's checks take longer than the drawing, and
    this is drawn again and again while a run goes on.
    """
    several = len(runs) > 1
    names = list(runs if several else labels)
    apart = (several or plot.apart) and len(labels) > 1
    named = len(names) > 1 and (several or not apart)
    colour = {
        "field": "run" if several else "curve",
        "type": "nominal",
        "scale": {"domain": names, "range": list(SERIES[: len(names)])},
        "legend": {"title": None, "symbolOpacity": 1, "columnPadding": 40} if named else None,
    }
    top = max(LEAST_TOP, *(row["high"] for row in rows))
    few = len(rows) <= 2 * len(names)
    layers: list[dict[str, Any]] = [
        {"mark": {"type": "area", "opacity": 0.18}, "encoding": _height(plot, apart, "low", top)},
        {
            "mark": {"type": "line", "strokeWidth": 1.8, "point": few},
            "encoding": _height(plot, apart, "value", top),
        },
    ]
    step = {
        "field": "step",
        "type": "quantitative",
        "title": "optimizer steps",
        "scale": {"nice": False},
        "axis": {"tickMinStep": 1, "format": ",d"},
    }
    if plot.dashed and named and not several:
        dashes = {"domain": names, "range": DASHES[: len(names)]}
        layers[1]["encoding"]["strokeDash"] = {**colour, "scale": dashes}
    shared = {"x": step, "color": colour}
    inner = {"layer": layers, "encoding": shared, "height": 90 if apart else 170}
    data = {"values": rows}
    if not apart:
        return {"data": data, **inner}
    row = {"field": "curve", "type": "nominal", "title": None, "sort": list(labels)}
    return {
        "data": data,
        "facet": {"row": row},
        "spec": inner,
        "resolve": {"scale": {"y": "independent"}},
    }


def _height(plot: Plot, apart: bool, field: str, top: float) -> dict[str, Any]:
    """The vertical channels of a line (``value``) or of a band (from ``low`` to ``high``)."""
    y = {
        "field": field,
        "type": "quantitative",
        "title": None if apart else plot.title,
        "axis": {"format": "%"} if plot.share else {},
        "scale": {"domain": [0, top]} if plot.share and not apart else {"zero": plot.share},
    }
    return {"y": y, "y2": {"field": "high"}} if field == "low" else {"y": y}


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
