"""The premises panel: lengths of both questions by model, refusals, and when a gap is noticed."""

from typing import Any

import altair as alt

from reasonscope.failures.premises.findings import length_ratio, share, told
from reasonscope.failures.premises.pairs import Attempt, Pair, paired, read
from reasonscope.report.panel import Figure, Panel, Table
from reasonscope.report.plots import SERIES, values
from reasonscope.stats import Estimate, mean_by_cluster
from reasonscope.traces.store import Study

MODELS = 8
"""Most models that are drawn."""
NAME_CHARACTERS = 40
"""A longer name is cut."""
WHOLE, LACKING = "all premises", "a premise missing"


def panel(study: Study) -> Panel:
    """How much longer, how often refused, and how late noticed, by model."""
    attempts = read(study)
    pairs = paired(attempts)
    models = sorted({one.model for one in attempts})[:MODELS]
    figures = (
        _lengths(pairs, models),
        _shares(attempts, models),
    )
    return Panel(
        name="premises",
        title=_title(attempts, pairs),
        lead="The same question with and without something it needs. A model that notices should "
        "say so, and be done sooner; one that goes on spends tokens on a question that has no "
        "answer.",
        figures=tuple(figure for figure in figures if figure),
        tables=tuple(table for table in (_table(attempts, pairs, models),) if table),
        misleads="Refusals and doubts are found by a list of wordings: other words are missed. A "
        "question that lacks a premise can still have an answer in symbols, and some of the "
        "source's questions have one. Without tags the last word is sought in the whole output's "
        "end.",
    )


def _title(attempts: list[Attempt], pairs: list[Pair]) -> str:
    if not any(one.missing for one in attempts):
        return "Missing premises: no problem here lacks a premise"
    ratio = length_ratio(pairs)
    if ratio.value is None:
        return "Missing premises: no question was answered both with and without its premise"
    models = {pair.model for pair in pairs}
    own = [length_ratio([p for p in pairs if p.model == model]).value or 1.0 for model in models]
    if len(own) > 1:
        return (
            f"A missing premise makes answers {min(own):.2g} to {max(own):.2g} times as long, "
            "by model"
        )
    return f"A missing premise makes answers {ratio.value:.2g} times as long"


def _short(model: str) -> str:
    return model if len(model) <= NAME_CHARACTERS else f"{model[:NAME_CHARACTERS]}…"


def _lengths(pairs: list[Pair], models: list[str]) -> Figure | None:
    rows: list[dict[str, Any]] = []
    for model in models:
        own = [pair for pair in pairs if pair.model == model]
        for at, name in enumerate((WHOLE, LACKING)):
            sides = [pair.means(lambda one: one.tokens)[at] for pair in own]
            mean = mean_by_cluster(sides, [pair.pair for pair in own])
            rows += _drawn(model, name, mean)
    if not rows:
        return None
    said = "; ".join(
        f"{_short(model)} {told(own)}"
        for model in models
        if (own := [pair for pair in pairs if pair.model == model])
    )
    return Figure(
        title=f"Tokens with a premise missing, as a multiple of the whole question's: {said}",
        chart=_chart(rows, "mean tokens", alt.Axis(tickCount=4)),
        alt=f"Mean tokens by model and question. Ratios: {said}.",
    )


def _shares(attempts: list[Attempt], models: list[str]) -> Figure | None:
    if not any(one.missing for one in attempts):
        return None
    rows: list[dict[str, Any]] = []
    for model in models:
        for missing, name in ((False, WHOLE), (True, LACKING)):
            own = [a for a in attempts if a.model == model and a.missing == missing]
            rows += _drawn(model, name, share(own, lambda one: one.abstains))
    if not rows:
        return None
    lacking = share([a for a in attempts if a.missing], lambda one: one.abstains)
    told_share = "unknown" if lacking.value is None else f"{lacking.value:.0%}"
    return Figure(
        title=f"Traces that end by saying that the question cannot be answered: {told_share} "
        "where a premise is missing",
        chart=_chart(rows, "traces that refuse", alt.Axis(format="%")),
        alt="; ".join(f"{row['model']}, {row['question']}: {row['value']:.0%}" for row in rows),
    )


def _drawn(model: str, question: str, estimate: Estimate) -> list[dict[str, Any]]:
    if estimate.value is None:
        return []
    low = estimate.value if estimate.low is None else max(estimate.low, 0.0)
    high = estimate.value if estimate.high is None else estimate.high
    return [
        {
            "model": _short(model),
            "question": question,
            "value": estimate.value,
            "low": low,
            "high": high,
        }
    ]


def _chart(rows: list[dict[str, Any]], title: str, axis: alt.Axis) -> Any:
    scale = alt.Scale(domain=[WHOLE, LACKING], range=[SERIES[0], SERIES[1]])
    base = alt.Chart(values(rows)).encode(
        y=alt.Y("model:N", title=None),
        yOffset=alt.YOffset("question:N", scale=alt.Scale(domain=[WHOLE, LACKING])),
        color=alt.Color("question:N", title=None, scale=scale),
    )
    bars = base.mark_errorbar(thickness=1.5).encode(
        x=alt.X("low:Q", title=title, axis=axis, scale=alt.Scale(zero=True)), x2="high:Q"
    )
    points = base.mark_point(filled=True, size=60, opacity=1).encode(x="value:Q")
    return (bars + points).properties(height=alt.Step(18))


def _table(attempts: list[Attempt], pairs: list[Pair], models: list[str]) -> Table | None:
    if not attempts:
        return None
    return Table(
        title="By model and question",
        columns=(
            "model",
            "question",
            "traces",
            "mean words",
            "mean tokens",
            "refuses",
            "suspects a gap",
            "first suspicion",
            "tokens after it",
            "said before",
        ),
        rows=tuple(
            _cells(model, name, [a for a in attempts if a.model == model and a.missing == missing])
            for model in models
            for missing, name in ((False, WHOLE), (True, LACKING))
            if any(a.model == model and a.missing == missing for a in attempts)
        ),
    )


def _cells(model: str, name: str, own: list[Attempt]) -> tuple[str | int | None, ...]:
    noticed = [a for a in own if a.before is not None and a.after is not None]
    places = [(a.before or 0) / max((a.before or 0) + (a.after or 0), 1) for a in noticed]
    repeated = [a.repeated for a in own if a.repeated is not None]
    return (
        _short(model),
        name,
        len(own),
        round(_mean([a.words for a in own]) or 0),
        round(_mean([a.tokens for a in own]) or 0),
        _percent(share(own, lambda one: one.abstains).value),
        _percent(share(own, lambda one: one.suspects).value),
        _percent(_mean(places)),
        None if not noticed else round(_mean([a.after or 0 for a in noticed]) or 0),
        _percent(_mean(repeated)),
    )


def _mean(values: list[Any]) -> float | None:
    return sum(values) / len(values) if values else None


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}".replace("%", " %")
