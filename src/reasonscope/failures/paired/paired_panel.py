"""The paired panel: how often two questions that exclude each other get one answer."""

from collections import defaultdict
from collections.abc import Sequence

import altair as alt

from reasonscope.failures.paired.estimates import Asked, contradictory, exchanged, lean
from reasonscope.failures.paired.findings import NO_PAIRS, found_pairs
from reasonscope.findings import percent, spoken
from reasonscope.report.panel import Figure, Panel, Table
from reasonscope.report.plots import GOOD, SERIES, values
from reasonscope.traces.store import Study

MAX_MODELS, MAX_PAIRS = 12, 10
CHARACTERS = 80
"""A longer name is cut where it is listed."""
KINDS = {"one yes, one no": GOOD, "both yes": SERIES[1], "both no": SERIES[3]}


def panel(study: Study) -> Panel:
    """Contradictions by model, and the pairs with most of them."""
    found = found_pairs(study)
    return Panel(
        name="paired",
        title=_title(found),
        lead="Two questions that exclude each other, such as whether X is larger than Y and "
        "whether Y is larger than X, cannot both have the answer yes."
        if found
        else f"Nothing could be assessed: {NO_PAIRS}.",
        figures=(_figure(found),) if found else (),
        tables=(_by_model(found), _worst(found)) if found else (),
        misleads="Both no is right where the two are equal. A model that does not know and guesses "
        "contradicts itself half of the time without any bias: compare with the control, and look "
        "at the lean.",
    )


def _title(found: Sequence[Asked]) -> str:
    share = contradictory(found).value
    if share is None:
        return "Whether paired questions get answers that contradict each other"
    return (
        f"{percent(share)} of the answers to paired questions contradict each other; both yes is "
        f"more frequent than both no by {spoken(lean(found).value, 'points')}"
    )


def _counts(found: Sequence[Asked]) -> dict[str, list[int]]:
    """By model: one yes and one no, both yes, both no."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for one in found:
        for a, b in zip(one.first, one.second):
            counts[one.model][1 if a and b else 0 if a or b else 2] += 1
    largest = sorted(counts, key=lambda model: -sum(counts[model]))[:MAX_MODELS]
    return {model: counts[model] for model in largest}


def _figure(found: Sequence[Asked]) -> Figure:
    rows = [
        {"model": model[:CHARACTERS], "answers": kind, "times": times}
        for model, held in _counts(found).items()
        for kind, times in zip(KINDS, held, strict=True)
    ]
    scale = alt.Scale(domain=list(KINDS), range=list(KINDS.values()))
    chart = (
        alt.Chart(values(rows))
        .mark_bar()
        .encode(
            x=alt.X("times:Q", title="pairs of answers", stack="normalize",
                    axis=alt.Axis(format="%")),
            y=alt.Y("model:N", title=None),
            color=alt.Color("answers:N", title=None, scale=scale),
        )
    )  # fmt: skip
    said = "; ".join(f"{r['model']}, {r['answers']}: {r['times']}" for r in rows)
    return Figure(title="Answers to two questions that exclude each other", chart=chart, alt=said)


def _by_model(found: Sequence[Asked]) -> Table:
    rows: list[tuple[str | int, ...]] = []
    for model in _counts(found):
        own = [one for one in found if one.model == model]
        share, control = contradictory(own), exchanged(own)
        rows.append(
            (
                model[:CHARACTERS],
                len(own),
                share.n,
                *(percent(end) for end in (share.value, share.low, share.high)),
                "" if control is None else percent(control.value),
                spoken(lean(own).value, "points"),
            )
        )
    return Table(
        title="Contradictions by model, with 95 % intervals clustered by pair",
        columns=("model", "pairs", "answers", "contradictory", "low", "high",
                 "across pairs (control)", "both yes less both no"),
        rows=tuple(rows),
    )  # fmt: skip


def _worst(found: Sequence[Asked]) -> Table:
    def times(one: Asked) -> int:
        return sum(a == b for a, b in zip(one.first, one.second))

    worst = sorted(found, key=lambda one: (-times(one), one.pair))[:MAX_PAIRS]
    return Table(
        title=f"Pairs with most contradictions (at most {MAX_PAIRS})",
        columns=("pair", "model", "contradictory", "of", "yes to the one", "yes to the other"),
        rows=tuple(
            (
                one.pair[:CHARACTERS],
                one.model[:CHARACTERS],
                times(one),
                min(len(one.first), len(one.second)),
                percent(sum(one.first) / len(one.first)),
                percent(sum(one.second) / len(one.second)),
            )
            for one in worst
            if times(one)
        ),
    )
