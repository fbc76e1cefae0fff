"""The length panel: accuracy by length within and between problems, effort by difficulty."""

from typing import Any

import altair as alt
import numpy as np
from numpy.typing import NDArray

from reasonscope.failures.length import effort, within
from reasonscope.failures.length.attempts import Attempts, Read, centred, group_means, read
from reasonscope.failures.length.findings import hump_seen, vertex_ratio, why_not
from reasonscope.findings import spoken
from reasonscope.report.panel import Figure, Panel, Table
from reasonscope.report.plots import ACCENT, SERIES, values
from reasonscope.stats import Estimate, mean_by_cluster
from reasonscope.traces.store import Study

BINS = 5
"""Bins of length, with equally many attempts each."""
MODELS = 8
"""Most models that the table names, those with the most attempts first."""
NAME_CHARACTERS = 60
"""A longer name is cut."""
INSIDE = "within problems"
BETWEEN = "between: a warning"


def panel(study: Study) -> Panel:
    """What one sees of length: its curve within problems, the misleading one, and effort."""
    held = read(study)
    slope, hump = within.slope_points(held.attempts), within.inverted_u(held.attempts)
    figures = (_curves(held.attempts, slope), _effort(held))
    unassessed = f"; here {why_not(held.attempts)}" if slope.value is None else ""
    return Panel(
        name="length",
        title=_title(slope, vertex_ratio(hump)),
        lead="Attempts of one model at the same problem are compared with each other, so that a "
        f"hard problem cannot pass for the harm of long reasoning{unassessed}. "
        f"{held.cut:,} of {held.traces:,} traces were cut off by a limit and are left out. "
        f"Tokens are {held.tokens_known}.",
        figures=tuple(figure for figure in figures if figure),
        tables=tuple(table for table in (_models(held),) if table),
        misleads="Length is not set by anybody here: an attempt that goes astray also grows long, "
        "so a falling curve does not say that cutting it short would help. The curve between "
        "problems mixes in how hard they are. Attempts cut off at a limit are left out, which "
        "hides the longest ones.",
    )


def _title(slope: Estimate, top: Estimate) -> str:
    if slope.value is None:
        return "What length does to accuracy could not be assessed here"
    if slope.low is None or slope.high is None:
        return "Length and accuracy: one problem with several attempts says nothing"
    if top.value is not None:
        return (
            "On the same problem, accuracy first rises and then falls with length: it is highest "
            f"at {top.value:.2g} times the mean length"
        )
    if slope.low <= 0 <= slope.high:
        return "On the same problem, longer reasoning is right neither more nor less often"
    less = "less" if slope.value < 0 else "more"
    return f"On the same problem, longer reasoning is right {less} often"


def _curves(attempts: Attempts, slope: Estimate) -> Figure | None:
    """Both curves of accuracy over length, side by side, each with its band."""
    judged = attempts.judged()
    if not len(judged):
        return None
    rows = _inside(judged.repeated()) + _outside(judged)
    base = alt.Chart(values(rows)).encode(
        x=alt.X("length:Q", title="tokens against the mean (1 = mean)", scale=_doubling()),
        color=_series(),
    )
    band = base.mark_errorbar(thickness=1.5).encode(
        y=alt.Y("low:Q", title="final answers that are right", axis=alt.Axis(format="%")),
        y2="high:Q",
    )
    line = base.mark_line(point=True).encode(y="share:Q")
    each = "per doubling of the length"
    said = f"Within problems: {_said(slope)}" + (f" {each}" if slope.value is not None else "")
    between = f"between problems: {_said(within.between_slope_points(attempts))}"
    return Figure(
        title=f"{said}; {between}, which is no effect of length",
        chart=band + line,
        alt=f"Accuracy by length. {said}; {between}.",
    )


def _said(estimate: Estimate) -> str:
    if estimate.value is None:
        return "could not be assessed"
    ends = [None if end is None else 100 * end for end in (estimate.low, estimate.high)]
    known = f" [{ends[0]:+.2g} to {ends[1]:+.2g}]" if None not in ends else ""
    return spoken(estimate.value, "points") + known


def _cell(estimate: Estimate) -> str:
    return "–" if estimate.value is None else _said(estimate).replace(" points", "")


def _doubling() -> alt.Scale:
    return alt.Scale(type="log", base=2, nice=False)


def _series() -> alt.Color:
    scale = alt.Scale(domain=[INSIDE, BETWEEN], range=[SERIES[0], SERIES[4]])
    return alt.Color("curve:N", title=None, scale=scale)


def _inside(attempts: Attempts) -> list[dict[str, Any]]:
    """Accuracy by relative length, with what is due to the problems taken out."""
    if not len(attempts):
        return []
    adjusted = centred(attempts.right, attempts.groups) + attempts.right.mean()
    return _binned(attempts.relative(), adjusted, attempts.problems, INSIDE)


def _outside(attempts: Attempts) -> list[dict[str, Any]]:
    """Mean accuracy by mean length of the problems, within models."""
    _, first, groups = np.unique(attempts.groups, return_index=True, return_inverse=True)
    length = centred(group_means(np.log2(attempts.tokens), groups), attempts.models[first])
    right = group_means(attempts.right, groups)
    return _binned(length, right, attempts.problems[first], BETWEEN)


def _binned(
    x: NDArray[np.float64], y: NDArray[np.float64], clusters: NDArray[np.intp], curve: str
) -> list[dict[str, Any]]:
    """Means of y with intervals over bins of x that hold equally many."""
    order = np.argsort(x, kind="stable")
    rows = []
    for part in np.array_split(order, min(BINS, len(order))):
        mean = mean_by_cluster(y[part], clusters[part])
        low = mean.value if mean.low is None else max(mean.low, 0.0)
        high = mean.value if mean.high is None else min(mean.high, 1.0)
        length = 2.0 ** float(x[part].mean())
        rows.append(
            {"curve": curve, "length": length, "share": mean.value, "low": low, "high": high}
        )
    return rows


def _effort(held: Read) -> Figure | None:
    """Mean tokens of problems by how often they are failed, and by stated size where known."""
    failed, sized = effort.by_failure(held.attempts), effort.by_size(held)
    by_share = _by_failure(failed)
    by_size = _by_size(sized) if held.size_names else []
    if len(by_share) < 2 and len(by_size) < 2:
        return None
    rows = by_size if len(by_size) > 1 else by_share
    along = (
        f"stated {' or '.join(held.size_names)}"
        if rows is by_size
        else "the share of attempts that fail"
    )
    found = effort.effort_correlation(sized if rows is by_size else failed)
    told = "unknown" if found.value is None else f"{found.value:.2f}"
    base = alt.Chart(values(rows)).encode(
        y=alt.Y("hardness:N", title=None, sort=None), color=alt.value(ACCENT)
    )
    bars = base.mark_errorbar(thickness=1.5).encode(
        x=alt.X("low:Q", title="mean tokens of reasoning", scale=alt.Scale(zero=True)), x2="high:Q"
    )
    points = base.mark_point(filled=True, size=60, opacity=1).encode(x="tokens:Q")
    return Figure(
        title=f"Effort by difficulty, in rows by {along}: rank correlation {told}",
        chart=bars + points,
        alt="; ".join(f"{row['hardness']}: {row['tokens']:,.0f} tokens" for row in rows),
    )


def _by_failure(held: effort.Problems) -> list[dict[str, Any]]:
    edges = [0.0, 0.25, 0.5, 0.75, 1.0]
    names = ["none", "up to 25 %", "25 to 50 %", "50 to 75 %", "over 75 %"]
    bins = np.searchsorted(edges, held.hardness, "left")
    return [
        _effort_row(name, held, bins == number)
        for number, name in enumerate(names)
        if (bins == number).any()
    ]


def _by_size(held: effort.Problems) -> list[dict[str, Any]]:
    sizes = np.unique(held.hardness)
    if len(sizes) > 12:
        edges = np.unique(np.quantile(held.hardness, np.linspace(0, 1, 7)))
        bins = np.clip(np.searchsorted(edges, held.hardness, "right"), 1, len(edges) - 1)
        return [
            _effort_row(f"{edges[b - 1]:g} to {edges[b]:g}", held, bins == b)
            for b in np.unique(bins)
        ]
    return [_effort_row(f"{size:g}", held, held.hardness == size) for size in sizes]


def _effort_row(name: str, held: effort.Problems, own: NDArray[np.bool_]) -> dict[str, Any]:
    mean = mean_by_cluster(held.tokens[own], held.problems[own])
    low = mean.value if mean.low is None else max(mean.low, 0.0)
    high = mean.value if mean.high is None else mean.high
    return {"hardness": name, "tokens": mean.value, "low": low, "high": high}


def _models(held: Read) -> Table | None:
    """By model: slope within and between, the two ends of the quadratic, right against wrong."""
    sizes = np.bincount(held.attempts.models)
    if not len(sizes):
        return None
    largest = np.argsort(-sizes, kind="stable")[:MODELS]
    return Table(
        title="By model: points of accuracy per doubling of the length, with 95 % intervals",
        columns=(
            "model",
            "traces",
            "mean tokens",
            "within problems",
            "at the short end",
            "at the long end",
            "inverted U",
            "right : wrong length",
            "between problems (no effect)",
        ),
        rows=tuple(_model_row(held, int(model)) for model in largest),
    )


def _model_row(held: Read, model: int) -> tuple[str | int | float | None, ...]:
    own = held.attempts.picked(held.attempts.models == model)
    hump, ratio = within.inverted_u(own), within.right_to_wrong_ratio(own)
    p = hump.p_value
    seen = "–" if p is None else f"{'yes' if hump_seen(hump) else 'no'} (p = {p:.2g})"
    name = held.model_names[model]
    return (
        name if len(name) <= NAME_CHARACTERS else f"{name[:NAME_CHARACTERS]}…",
        len(own),
        round(float(own.tokens.mean())),
        _cell(within.slope_points(own)),
        _cell(hump.at_low),
        _cell(hump.at_high),
        seen,
        "–" if ratio.value is None else f"{ratio.value:.2f}",
        _cell(within.between_slope_points(own)),
    )
