"""The overthinking panel: what the tokens went into, repetition, and a table by outcome."""

from collections.abc import Callable, Sequence

import altair as alt

from reasonscope.failures.overthinking import shares
from reasonscope.failures.overthinking.shares import Line
from reasonscope.findings import percent
from reasonscope.report.panel import Figure, Panel, Table
from reasonscope.report.plots import NONE, SERIES, values
from reasonscope.stats import Estimate
from reasonscope.traces.store import Study

OUTCOMES: dict[str, bool | None] = {"right": True, "wrong": False, "not known": None}

SPENT: dict[str, tuple[str, Callable[[Line], int]]] = {
    "up to the first answer": (SERIES[0], lambda one: one.first_tokens),
    "by another way": (SERIES[2], lambda one: one.own_tokens - one.first_tokens),
    "by the same way again": (SERIES[1], lambda one: one.solution_tokens - one.own_tokens),
    "after the last answer": (NONE, lambda one: one.tokens - one.solution_tokens),
}
"""What a trace's tokens went into, with its colour."""

ENDINGS = [f"answer {name}" for name in OUTCOMES]
BINS = 20


def panel(study: Study) -> Panel:
    """What the tokens went into, how much repeats, and figures by outcome."""
    held = shares.lines(study)
    figures = (_spent(held), _repetition(held))
    return Panel(
        name="overthinking",
        title=_title(held),
        lead=_lead(held),
        figures=tuple(figure for figure in figures if figure is not None),
        tables=(_by_outcome(held),),
        misleads="Whether a solution goes a new way is told from its numbers: by reading, half of "
        "those called new were, and nine in ten of those called the same. A second way is not "
        "waste if it finds an error. Short traces cannot repeat much; long ones belong to hard "
        "problems, so compare the gap with its length-matched control.",
    )


def _title(held: Sequence[Line]) -> str:
    again = _share_of(held, SPENT["by the same way again"][1])
    if again is None:
        return "What the tokens went into; no trace comes to an answer"
    return f"{percent(again)} of the tokens come to an answer again by the same way"


def _share_of(held: Sequence[Line], part: Callable[[Line], int]) -> float | None:
    solving = [line for line in held if line.solutions]
    whole = sum(line.tokens for line in solving)
    return sum(part(line) for line in solving) / whole if whole else None


def _lead(held: Sequence[Line]) -> str:
    repeated, score = shares.repetition(held).value, shares.underthinking(held).value
    loops = sum(line.loop_words > 0 for line in held)
    parts = ["Overthinking is going on after the answer; underthinking is dropping a right one."]
    if repeated is not None:
        parts.append(f"{percent(repeated)} of all words repeat a run that stood before.")
    parts.append(f"{loops:,} of {len(held):,} traces end in a loop.")
    if score is not None:
        count = len(shares.wrong(held))
        parts.append(
            f"{count:,} traces with a wrong answer spend {percent(score)} of their tokens, on "
            "average, after the right answer had come out."
        )
    return " ".join(parts)


def _spent(held: Sequence[Line]) -> Figure | None:
    """What the tokens of traces with an answer went into, by outcome."""
    rows = []
    for name, final in OUTCOMES.items():
        own = [line for line in held if line.final_correct is final and line.solutions]
        whole = sum(line.tokens for line in own)
        for place, (part, (_, tokens)) in enumerate(SPENT.items()):
            if whole:
                share = sum(tokens(line) for line in own) / whole
                ending = f"answer {name} ({len(own):,})"
                rows.append({"ending": ending, "part": part, "place": place, "share": share})
    if not rows:
        return None
    scale = alt.Scale(domain=list(SPENT), range=[colour for colour, _ in SPENT.values()])
    chart = (
        alt.Chart(values(rows))
        .mark_bar()
        .encode(
            x=alt.X("sum(share):Q", title="share of the tokens", axis=alt.Axis(format="%")),
            y=alt.Y("ending:N", title=None, sort=None),
            color=alt.Color("part:N", title=None, scale=scale, legend=alt.Legend(columns=2)),
            order=alt.Order("place:Q"),
        )
        .properties(height=90)
    )
    first = _share_of(held, SPENT["up to the first answer"][1])
    said = f"What the tokens went into: {percent(first)} come before the first answer is reached"
    told = "; ".join(f"{row['ending']}, {row['part']}: {row['share']:.0%}" for row in rows)
    return Figure(title=said, chart=chart, alt=told)


def _repetition(held: Sequence[Line]) -> Figure | None:
    counts: dict[tuple[str, int], int] = {}
    for line in held:
        if line.repetition_share is not None:
            name = next(name for name, final in OUTCOMES.items() if final is line.final_correct)
            place = min(int(BINS * line.repetition_share), BINS - 1)
            counts[name, place] = counts.get((name, place), 0) + 1
    if not counts:
        return None
    rows = [
        {"ending": f"answer {name}", "share": place / BINS, "end": (place + 1) / BINS, "traces": n}
        for (name, place), n in sorted(counts.items())
    ]
    chart = (
        alt.Chart(values(rows))
        .mark_bar()
        .encode(
            x=alt.X(
                "share:Q",
                bin="binned",
                title="share of a trace's words that stood before",
                axis=alt.Axis(format="%"),
                scale=alt.Scale(domain=[0, 1]),
            ),
            x2="end:Q",
            y=alt.Y("traces:Q", title="traces", axis=alt.Axis(tickMinStep=1)),
            row=alt.Row("ending:N", title=None, sort=ENDINGS),
        )
        .properties(height=60)
        .resolve_scale(y="independent")
    )
    many = sum(n for (_, place), n in counts.items() if place >= BINS // 4)
    total = sum(counts.values())
    said = f"{many:,} of {total:,} traces repeat a quarter of their words or more"
    return Figure(title=said, chart=chart, alt=f"Histograms by final answer: {said}.")


def _by_outcome(held: Sequence[Line]) -> Table:
    rows = []
    for name, final in OUTCOMES.items():
        own = [line for line in held if line.final_correct is final]
        if own:
            found = [_per_trace(own, part) for part in (*MEANS.values(),)]
            loops = sum(line.loop_words > 0 for line in own)
            rows.append((name, len(own), *(_value(one) for one in found), loops))
    return Table(
        title="Means by the final answer",
        columns=("final answer", "traces", *MEANS, "end in a loop"),
        rows=tuple(rows),
    )


MEANS: dict[str, Callable[[Line], float | None]] = {
    "tokens": lambda one: one.tokens,
    "solutions": lambda one: one.solutions,
    "ways": lambda one: one.distinct,
    "thoughts": lambda one: one.thoughts,
    "outcome efficiency": lambda one: one.outcome_efficiency,
    "process efficiency": lambda one: one.process_efficiency,
    "repeated words": lambda one: one.repetition_share,
}


def _per_trace(own: Sequence[Line], part: Callable[[Line], float | None]) -> Estimate:
    return shares.mean(own, part)


def _value(estimate: Estimate) -> float | None:
    value = estimate.value
    if value is None:
        return None
    return round(value) if value >= 100 else round(value, 3)
