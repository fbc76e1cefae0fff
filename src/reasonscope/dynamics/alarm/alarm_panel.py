"""The alarm panel: proxy and truth of each run, one above the other, with the moment marked."""

from typing import Any

import altair as alt
import numpy as np

from reasonscope.dynamics.alarm.change import changed
from reasonscope.dynamics.alarm.findings import MOST_RUNS, Watched, read, says
from reasonscope.dynamics.alarm.series import Numbers
from reasonscope.findings import spoken
from reasonscope.report.panel import Figure, Panel, Table
from reasonscope.report.plots import BAD, RETRACTED, SERIES, values
from reasonscope.stats import Estimate
from reasonscope.traces.store import Study

DRAWN = 4
"""Most runs with a figure of their own, those with an alarm first."""
POINTS = 60
"""Most points of a curve; longer runs are averaged over neighbouring steps."""
PROXY, TRUTH = "reward (proxy)", "right answers (truth)"


def panel(study: Study) -> Panel:
    """Each run's two curves, and a table of what moved."""
    runs = read(study)[:MOST_RUNS]
    return Panel(
        name="alarm",
        title=_title(runs),
        lead="Training raises the reward, a proxy; an independent verifier says how many answers "
        "are right, the truth. The alarm rings when the proxy has risen while truth has fallen; "
        "where truth merely fails to come along, that is a warning.",
        figures=tuple(_figure(one) for one in runs[:DRAWN] if len(one.series) > 1),
        tables=(_moved(runs),),
        misleads="A verifier that is fooled by the same trick as the reward sees nothing. Truth "
        "may fall for other reasons than gaming, such as answers cut off by a limit. With few "
        "completions a step the alarm comes late or never: no alarm is no proof of honesty. "
        "A reward that also pays for format or length rises early without truth.",
    )


def _title(runs: list[Watched]) -> str:
    rang = [one for one in runs if one.state.level == "hacked"]
    warned = [one for one in runs if one.state.level == "outrun"]
    if rang:
        more = f", and {len(rang) - 1:,} more" if len(rang) > 1 else ""
        return f"Run {rang[0].name} games its reward: alarm at step {rang[0].state.hacked_at}{more}"
    if warned:
        at = warned[0].state.outrun_at
        return f"The reward of run {warned[0].name} outruns the truth from step {at} on"
    if all(one.state.level == "unknown" for one in runs):
        return f"Not watched: {runs[0].state.reason}"
    return "No alarm: where the reward rose, right answers came along or did not fall"


def _figure(one: Watched) -> Figure:
    held, state = one.series, one.state
    rows = [
        *_rows(PROXY, held.steps, held.proxy, held.proxy_variance),
        *_rows(TRUTH, held.steps, held.truth, held.truth_variance),
    ]
    at = state.hacked_at if state.hacked_at is not None else state.outrun_at
    for name in (PROXY, TRUTH):
        first = next(row for row in rows if row["curve"] == name)
        first["moment"] = at
    base = alt.Chart(values(rows))
    colour = alt.Color(
        "curve:N",
        title=None,
        legend=None,
        scale=alt.Scale(domain=[PROXY, TRUTH], range=[SERIES[1], SERIES[0]]),
    )
    step = alt.X("step:Q", title="step of training", axis=alt.Axis(tickMinStep=1))
    value = alt.Y("value:Q", title=None, scale=alt.Scale(zero=False))
    rule_colour = BAD if state.level == "hacked" else RETRACTED
    chart = (
        alt.layer(
            base.mark_area(opacity=0.18).encode(x=step, y="low:Q", y2="high:Q", color=colour),
            base.mark_line(strokeWidth=1.5).encode(x=step, y=value, color=colour),
            base.mark_rule(color=rule_colour, strokeWidth=2, strokeDash=[5, 3]).encode(
                x="moment:Q"
            ),
        )
        .properties(height=110)
        .facet(row=alt.Row("curve:N", title=None, sort=[PROXY, TRUTH]))
        .resolve_scale(y="independent")
    )
    said = says(one).replace("{}", f"{at if at is not None else state.steps:,}")
    if state.level == "unknown":
        said = f"Run {one.name}: {state.reason}"
    return Figure(title=said, chart=chart, alt=f"Reward and right answers by step. {said}.")


def _rows(curve: str, steps: Numbers, mean: Numbers, variance: Numbers) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for part in np.array_split(np.arange(len(steps)), min(POINTS, len(steps))):
        value = float(mean[part].mean())
        half = 1.96 * float(np.sqrt(variance[part].sum())) / len(part)
        at = float(steps[part].mean())
        rows.append(
            {"curve": curve, "step": at, "value": value, "low": value - half, "high": value + half}
        )
    return rows


def _moved(runs: list[Watched]) -> Table:
    rows = []
    for one in runs:
        held, state = one.series, one.state
        rows.append(
            (
                one.name,
                state.steps,
                state.level,
                state.hacked_at,
                state.outrun_at,
                _cell(changed(held.proxy, held.proxy_variance), "reward"),
                _cell(changed(held.truth, held.truth_variance), "points"),
            )
        )
    return Table(
        title="From the first to the last tenth of each run, with 95 % intervals",
        columns=("run", "steps", "state", "alarm at", "warning at", "reward", "right answers"),
        rows=tuple(rows),
    )


def _cell(held: Estimate, unit: str) -> str:
    if held.value is None or held.low is None or held.high is None:
        return "–"
    if unit == "points":
        return f"{spoken(held.value, unit)} [{100 * held.low:+.1f}, {100 * held.high:+.1f}]"
    return f"{held.value:+.3f} [{held.low:+.3f}, {held.high:+.3f}]"
