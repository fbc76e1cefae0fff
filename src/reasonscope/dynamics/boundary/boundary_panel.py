"""The boundary panel: curves of pass@k with bands, and the table of solvable sets."""

from typing import Any

import altair as alt

from reasonscope.dynamics.boundary.counts import Sampled
from reasonscope.dynamics.boundary.crossing import crossing
from reasonscope.dynamics.boundary.curves import Numbers, band, drawn, gain_at
from reasonscope.dynamics.boundary.findings import Compared, compared, short
from reasonscope.dynamics.boundary.solvable import by_chance, half_of, only_first, sets
from reasonscope.findings import percent
from reasonscope.planting import excludes
from reasonscope.report.panel import Figure, Panel, Table
from reasonscope.report.plots import SERIES, values
from reasonscope.traces.store import Study

POINTS = 24
"""Most values of k that are drawn, spaced evenly on the logarithmic scale."""


def panel(study: Study) -> Panel:
    """Curves of each pair of models, and what only one of them solves."""
    models, found, more = compared(study)
    return Panel(
        name="boundary",
        title=_title(found[0]),
        lead="Pass@k is the chance that at least one of k attempts at a problem is right. "
        "Training that only sharpens lifts the left end and lowers the right one: what one "
        "attempt gains, many attempts lose." + _order(found, more),
        figures=tuple(_figure(one) for one in found[:3]),
        tables=(_solvable(found), _attempts(models)),
        misleads="Attempts without a final answer solve nothing here, so a limit on tokens that "
        "cuts off one model more than the other moves its curve. Right answers from wrong "
        "reasoning count as solved: with enough attempts guessing solves what has few possible "
        "answers. Both models need the same prompt and temperature.",
    )


def _title(one: Compared) -> str:
    found, (base, other) = crossing(one.curves), one.names
    gains = [gain_at(one.curves, k) for k in (1, one.held.most)]
    if not any(excludes(gain) for gain in gains):
        return f"{base} and {other} cannot be told apart at 1 nor at {one.held.most:,} attempts"
    if found.at is None:
        ahead, behind = (other, base) if one.curves.gains.sum() > 0 else (base, other)
        return f"{ahead} stays ahead of {behind} up to {one.held.most:,} attempts"
    first, second = (other, base) if found.overtaken > 0 else (base, other)
    sure = "" if found.clear else ", though this is not sure"
    return f"{first} solves more at once; {second} overtakes it at {found.at:.3g} attempts{sure}"


def _order(found: list[Compared], more: int) -> str:
    how = sorted({one.pair.known_by for one in found} - {""})
    said = f" Which model is the base is known by: {'; '.join(how)}." if how else ""
    if any(not one.pair.known_by for one in found):
        said += " Where nothing tells which model is the base, the order is that of names."
    return said + (f" {more:,} more pairs are not shown." if more else "")


def _figure(one: Compared) -> Figure:
    rows = _curve_rows(one)
    names = list(one.names)
    colour = alt.Color(
        "model:N", title=None, sort=names, scale=alt.Scale(domain=names, range=list(SERIES[:2]))
    )
    x = alt.X("k:Q", title="attempts a problem (k)", scale=alt.Scale(type="log", base=2))
    plot = alt.Chart(values(rows))
    share = alt.Axis(format="%")
    chart = plot.mark_area(opacity=0.18).encode(
        x=x, y=alt.Y("low:Q", title="problems solved", axis=share), y2="high:Q", color=colour
    ) + plot.mark_line(point=True).encode(x=x, y=alt.Y("solved:Q"), color=colour)
    base, other = (_shares(one.curves.base), _shares(one.curves.other))
    said = (
        f"{names[0]} solves {percent(base[0])} with one attempt and {percent(base[-1])} with "
        f"{one.held.most}, {names[1]} {percent(other[0])} and {percent(other[-1])}"
    )
    return Figure(
        title=f"{said}; bands: 95 % over {len(one.held.problems):,} problems",
        chart=chart,
        alt=f"Curves of pass@k: {said}.",
    )


def _shares(by_problem: Numbers) -> list[float]:
    return [round(float(share), 6) for share in by_problem.mean(axis=0)]


def _curve_rows(one: Compared) -> list[dict[str, Any]]:
    places = _places(one.held.most)
    both = zip(one.names, (one.curves.base, one.curves.other), drawn(one.curves, one.seed))
    rows = []
    for name, curve, draws in both:
        mean, (low, high) = curve.mean(axis=0), band(draws)
        rows += [
            {"model": name, "k": p + 1, "solved": mean[p], "low": low[p], "high": high[p]}
            for p in places
        ]
    return [{key: _plain(held) for key, held in row.items()} for row in rows]


def _plain(held: Any) -> Any:
    return held if isinstance(held, str) else float(held)


def _places(most: int) -> list[int]:
    """Places of the values of k to draw, from 1 to the most."""
    steps = max(POINTS - 1, 1)
    return sorted({round(most ** (i / steps)) - 1 for i in range(steps + 1)})


def _solvable(found: list[Compared]) -> Table:
    rows = []
    for one in found:
        half = half_of(one.held)
        for first in (0, 1):
            solver, misser = one.names if first == 0 else one.names[::-1]
            counted = sets(one.held)
            rows.append(
                (
                    f"{solver}, not {misser}",
                    counted[0 if first == 0 else 2],
                    counted[1],
                    half,
                    float(only_first(one.held, first).mean()),
                    float(by_chance(one.held.n[first], one.held.c[first], half).mean()),
                )
            )
    return Table(
        title="Problems that one model solves at least once and the other never; the last column "
        "is what two halves of the first model's own attempts give",
        columns=("solved by", "problems", "both solve", "at attempts", "share", "by chance"),
        rows=tuple(rows),
    )


def _attempts(models: list[Sampled]) -> Table:
    return Table(
        title="Attempts at problems whose answers can be checked",
        columns=("model", "problems", "attempts", "without an answer", "not comparable, left out"),
        rows=tuple(
            (short(m.model), len(m.attempts), m.total, m.unanswered, m.left_out)
            for m in models[:20]
        ),
    )
