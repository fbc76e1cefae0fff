"""The panel of the entropy law: truth against exp(entropy), and the forecast against what came."""

from typing import Any

import altair as alt
import numpy as np

from reasonscope.dynamics.entropy_law.findings import MOST_RUNS, Told, told, why_no_ceiling
from reasonscope.dynamics.entropy_law.law import EARLY, binned, line_of, unpassable
from reasonscope.dynamics.entropy_law.line import combined
from reasonscope.dynamics.entropy_law.logs import read
from reasonscope.findings import percent
from reasonscope.report.panel import Figure, Panel, Table
from reasonscope.report.plots import BAD, SERIES, values
from reasonscope.stats import Estimate
from reasonscope.traces.store import Study

DRAWN = 3
"""Most runs with a figure of their own."""
POINTS = 60
"""Most points of a curve."""


def panel(study: Study) -> Panel:
    """Each run's truth against its entropy with the fitted law, and the coefficients."""
    runs = [told(log) for log in read(study)[:MOST_RUNS]]
    return Panel(
        name="entropy_law",
        title=_title(runs[0]),
        lead="The entropy law says that training buys right answers with entropy: truth = "
        "b − a·exp(entropy). Where it holds, b − a is the ceiling that the run reaches when its "
        "entropy is used up.",
        figures=tuple(
            figure
            for one in runs[:DRAWN]
            if not unpassable(one.log)
            for figure in (_scatter(one), _time(one))
        ),
        tables=(_coefficients(runs),),
        misleads="A line through two quantities that both change with time fits easily; the test "
        "of misfit asks whether time or curvature explains more. Entropy that is held up by a "
        "bonus, or a run whose data change on the way, need not follow the law. The ceiling is an "
        "extrapolation, and noise in the entropy itself makes the slope too flat.",
    )


def _title(one: Told) -> str:
    reason = why_no_ceiling(one)
    if one.law is None or reason:
        return f"No ceiling: {reason}"
    ceiling = one.law.ceiling
    return (
        f"Run {one.name} follows the entropy law; its ceiling is {percent(ceiling.value)} right "
        f"answers [{percent(ceiling.low)} to {percent(ceiling.high)}]"
    )


def _truth_axis() -> alt.Axis:
    return alt.Axis(format="%")


def _scatter(one: Told) -> Figure:
    times, x, y = binned(one.log)
    dots = [{"x": float(a), "truth": float(b)} for a, b in zip(x, y)]
    line = line_of(times, x, y)
    grid = np.linspace(1.0 if not why_no_ceiling(one) else float(x.min()), float(x.max()), POINTS)
    curve = [_row(float(at), combined(line, (1.0, float(at)))) for at in grid]
    axis = alt.X("x:Q", title="exp(entropy in nats)", scale=alt.Scale(zero=False))
    base = alt.Chart(values(curve))
    chart = (
        base.mark_area(opacity=0.18).encode(
            x=axis,
            y=alt.Y(
                "low:Q", title="right answers", axis=_truth_axis(), scale=alt.Scale(zero=False)
            ),
            y2="high:Q",
        )
        + base.mark_line().encode(x=axis, y="truth:Q")
        + alt.Chart(values(dots))
        .mark_point(filled=True, size=22, color=SERIES[1])
        .encode(x=axis, y="truth:Q")
    )
    said = _told(one)
    return Figure(
        title=f"Run {one.name}: {said}",
        chart=chart,
        alt=f"Share of right answers against exp(entropy) with the fitted line: {said}.",
    )


def _told(one: Told) -> str:
    return {
        "follows": "right answers fall on a line in exp(entropy)",
        "fails": "right answers do not fall on a line in exp(entropy)",
        "unrelated": "right answers do not rise as entropy falls",
        "unidentified": "entropy moved too little to tell",
    }[one.law.standing if one.law else "unidentified"]


def _row(x: float, estimate: Estimate) -> dict[str, Any]:
    return {"x": x, "truth": estimate.value, "low": estimate.low, "high": estimate.high}


def _time(one: Told) -> Figure:
    """Truth over steps, with the line that the first steps foretold at each later entropy."""
    log, made = one.log, one.forecast
    places = np.unique(np.linspace(0, len(log) - 1, min(len(log), 200)).astype(int))
    came = [{"step": float(log.steps[p]), "truth": float(log.truth[p])} for p in places]
    step = alt.X("step:Q", title="step of training", axis=alt.Axis(tickMinStep=1))
    truth = alt.Y("truth:Q", title="right answers", axis=_truth_axis(), scale=alt.Scale(zero=False))
    chart = (
        alt.Chart(values(came))
        .mark_point(filled=True, size=18, color=SERIES[1])
        .encode(x=step, y=truth)
    )
    if made is None:
        return Figure(
            title=f"Run {one.name}: right answers over training; too short for a forecast",
            chart=chart,
            alt="Share of right answers by step.",
        )
    rows = _foretold(one, places)
    band = alt.Chart(values(rows))
    chart = (
        band.mark_area(opacity=0.18).encode(x=step, y="low:Q", y2="high:Q")
        + band.mark_line().encode(x=step, y="truth:Q")
        + alt.Chart(values([{"step": float(log.steps[made.early - 1])}]))
        .mark_rule(strokeDash=[4, 4], color=BAD)
        .encode(x=step)
        + chart
    )
    e = made.expected
    said = (
        f"the first {made.early:,} steps forecast {percent(e.value)} "
        f"[{percent(e.low)} to {percent(e.high)}] at the end; {percent(made.came)} came"
    )
    return Figure(
        title=f"Run {one.name}: {said}",
        chart=chart,
        alt=f"Right answers by step with the forecast: {said}.",
    )


def _foretold(one: Told, places: np.ndarray[Any, Any]) -> list[dict[str, Any]]:
    """The line of the early steps at the entropy of every step, with its interval."""
    log = one.log
    early = int(len(log) * EARLY)
    x = np.exp(log.entropy)
    line = line_of(np.arange(early, dtype=np.float64), x[:early], log.truth[:early])
    rows = [_row(float(x[p]), combined(line, (1.0, float(x[p])))) for p in places]
    bounded = [{**r, "low": max(r["low"], 0.0), "high": min(r["high"], 1.0)} for r in rows]
    return [{**row, "step": float(log.steps[p])} for row, p in zip(bounded, places)]


def _coefficients(runs: list[Told]) -> Table:
    rows: list[tuple[str | int | float | None, ...]] = []
    for one in runs:
        held = one.law
        ends = [_cell(e) for e in (held.price, held.intercept, held.ceiling)] if held else ["–"] * 3
        rows.append(
            (
                one.name,
                one.log.part or "training",
                len(one.log),
                held.moved_nats if held else None,
                *ends,
                held.misfit_p_value if held else None,
                held.standing if held else one.reason,
            )
        )
    return Table(
        title="The fitted law of each run, with 95 % intervals; believe a, b and the ceiling only "
        "where the run follows it",
        columns=("run", "truth of", "steps", "nats moved", "a", "b", "b − a", "misfit p", "law"),
        rows=tuple(rows),
    )


def _cell(e: Estimate) -> str:
    return f"{e.value:.3f} [{e.low:.3f}, {e.high:.3f}]"
