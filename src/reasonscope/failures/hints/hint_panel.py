"""The hints panel: use and admission by condition, and the two crossed."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import altair as alt

from reasonscope.failures.hints.audit import corrected
from reasonscope.failures.hints.estimates import admission, share, use
from reasonscope.failures.hints.findings import shown
from reasonscope.failures.hints.pairs import Pair, pairs
from reasonscope.findings import percent, spoken
from reasonscope.report.panel import Figure, Panel, Table
from reasonscope.report.plots import SERIES, values
from reasonscope.stats import Estimate
from reasonscope.traces.store import Study

MAX_ROWS = 12
"""Most conditions that are drawn and listed, the largest first."""
NAME_CHARACTERS, KIND_CHARACTERS = 40, 80
BOTH = (True, False)

USE, SAID = "follows the hint", "says that it was given"


def panel(study: Study) -> Panel:
    """Use and admission by condition beside the unhinted traces of the same problems."""
    found = pairs(shown(study))
    sizes = Counter(pair.condition for pair in found).most_common(MAX_ROWS)
    groups = [(name, [p for p in found if p.condition == name]) for name, _ in sizes]
    return Panel(
        name="hints",
        title=_title(found),
        lead=_lead(found),
        figures=(_figure(groups),) if groups else (),
        tables=(_rates(groups, _kinds(study)), _said(groups), _crossed(groups)) if groups else (),
        misleads="A hint that is used shows only where the unhinted answer differs: a model that "
        "is right without help leaves little room. The rule that tells a mention was written for "
        "these kinds of hints; a mention of another kind looks like silence. Saying that a hint "
        "was given is not saying that it decided.",
    )


def _title(found: Sequence[Pair]) -> str:
    changed, said = use(found).value, share(found, lambda p: p.says).value
    if changed is None or said is None:
        return "Whether a hint is used, and whether the reasoning says so"
    return (
        f"Hinting at an option changes how often it is the answer by {spoken(changed, 'points')}; "
        f"{percent(said)} of the hinted reasonings say that a hint was given"
    )


def _kinds(study: Study) -> dict[str, str]:
    """By condition, what the hint is, in the source's words."""
    return dict(study.rows("select condition, min(kind) from hints where hinted group by 1"))


def _lead(found: Sequence[Pair]) -> str:
    if not found:
        return "No trace here was given a hint, so nothing could be assessed."
    return (
        "Each hinted trace stands beside the unhinted traces of the same problem: how much more "
        "often the hinted option is answered, and how much more often the reasoning says that "
        "somebody gave it an answer."
    )


def _figure(groups: Sequence[tuple[str, list[Pair]]]) -> Figure:
    rows = [
        row
        for name, own in groups
        for what, estimate in ((USE, use(own)), (SAID, admission(own)))
        if (row := _point(name, what, estimate))
    ]
    base = alt.Chart(values(rows)).encode(y=alt.Y("condition:N", title=None))
    colour = alt.Color(
        "what:N", title=None, scale=alt.Scale(domain=[USE, SAID], range=list(SERIES[:2]))
    )
    axis = alt.Axis(format="+.0f")
    whiskers = base.mark_rule(strokeWidth=2).encode(
        x=alt.X("low:Q", title="points more than without a hint", axis=axis),
        x2="high:Q",
        color=colour,
        yOffset="what:N",
    )
    dots = base.mark_point(filled=True, size=60, opacity=1).encode(
        x="value:Q", color=colour, yOffset="what:N"
    )
    said = "; ".join(f"{r['condition']}, {r['what']}: {r['value']:+.1f} points" for r in rows)
    zero = alt.Chart(values([{"zero": 0}])).mark_rule(strokeDash=[3, 3]).encode(x="zero:Q")
    return Figure(
        title="What a hint changes, in points beside the same problems without it",
        chart=alt.layer(zero, whiskers, dots),
        alt=f"Dots with 95 % intervals by condition. {said}.",
    )


def _point(name: str, what: str, estimate: Estimate) -> dict[str, Any] | None:
    if estimate.value is None:
        return None
    low = estimate.value if estimate.low is None else estimate.low
    high = estimate.value if estimate.high is None else estimate.high
    return {
        "condition": name[:NAME_CHARACTERS],
        "what": what,
        "value": 100 * estimate.value,
        "low": 100 * low,
        "high": 100 * high,
    }


def _rates(groups: Sequence[tuple[str, list[Pair]]], kinds: dict[str, str]) -> Table:
    rows = []
    for name, own in groups:
        changed, wrong = use(own), [p for p in own if p.option_right is False]
        follow = share(own, lambda p: p.follows)
        before = [p.before for p in own if p.before is not None]
        rows.append(
            (
                name[:NAME_CHARACTERS],
                kinds.get(name, "")[:KIND_CHARACTERS],
                len(own),
                percent(follow.value),
                percent(sum(before) / len(before) if before else None),
                *_points(changed),
                _points(use(wrong))[0],
            )
        )
    return Table(
        title="Use: how often the hinted option is the answer (changes in points, 95 % interval)",
        columns=("condition", "the hint", "traces", "with hint", "without", "change", "low", "high",
                 "change where the hint is wrong"),
        rows=tuple(rows),
    )  # fmt: skip


def _said(groups: Sequence[tuple[str, list[Pair]]]) -> Table:
    rows = []
    for name, own in groups:
        said = share(own, lambda p: p.says)
        rows.append(
            (
                name[:NAME_CHARACTERS],
                percent(said.value),
                percent(sum(p.unhinted_says for p in own) / len(own)),
                *_points(admission(own)),
                percent(corrected(said).value),
                _points(admission(own, "says_wide"))[0],
                _points(admission(own, "answer_says"))[0],
            )
        )
    return Table(
        title="Admission: how often the reasoning says that a hint was given (changes in points)",
        columns=("condition", "with hint", "without", "change", "low", "high",
                 "share, corrected for the rule's errors", "change by bare keywords",
                 "change in the answer text"),
        rows=tuple(rows),
    )  # fmt: skip


def _crossed(groups: Sequence[tuple[str, list[Pair]]]) -> Table:
    rows: list[tuple[str | int, ...]] = []
    for name, own in groups:
        known = [(bool(p.switched), p.says) for p in own if p.switched is not None]
        cells = tuple(known.count((switched, says)) for switched in BOTH for says in BOTH)
        rows.append((name[:NAME_CHARACTERS], *cells, len(own) - len(known)))
    return Table(
        title="Traces that switched to the hint, and those that say it was given",
        columns=("condition", "switched, says so", "switched, silent", "not switched, says so",
                 "not switched, silent", "not assessed"),
        rows=tuple(rows),
    )  # fmt: skip


def _points(estimate: Estimate) -> tuple[float | None, float | None, float | None]:
    ends = (estimate.value, estimate.low, estimate.high)
    value, low, high = (None if end is None else round(100 * end, 1) for end in ends)
    return value, low, high
