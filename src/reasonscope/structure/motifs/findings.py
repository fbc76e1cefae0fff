"""What motifs tell: findings with their intervals and controls."""

import random
from collections.abc import Sequence
from dataclasses import replace

from reasonscope.findings import Finding
from reasonscope.provenance import seed_for
from reasonscope.stats import Estimate
from reasonscope.structure.motifs.counts import patterns
from reasonscope.structure.motifs.moves import named
from reasonscope.structure.motifs.telling import Attempt, Telling, telling, why_not
from reasonscope.traces.store import Study

NAME = "motifs"
MOST_TRACES = 4_000
"""Most traces that the model learns from, in hashed order; the sentence says so where it cuts."""
LEVEL = 0.05
"""Share of false motifs that is accepted among those named."""

TRACES = """
select t.problem_id, m.steps, m.tokens, not a.correct as wrong, m.moves, t.model
from motifs m join traces t on t.trace_id = m.trace_id
join (select * from answers where final and correct is not null) a on a.trace_id = m.trace_id
where m.steps > 0
"""
"""Every trace with moves and a known outcome."""


def attempts(study: Study) -> list[Attempt]:
    """The traces that the model may learn from."""
    rows = study.rows(f"{TRACES} order by md5(m.trace_id), m.trace_id limit {MOST_TRACES}")
    return [
        Attempt(problem, steps, tokens, wrong, patterns(moves), model)
        for problem, steps, tokens, wrong, moves, model in rows
    ]


def conclude(study: Study) -> list[Finding]:
    """How well motifs and length tell wrong from right, what motifs add, and which."""
    held = attempts(study)
    found, missing = telling(held), why_not(held) or "a fold holds every trace of one outcome"
    dealt = telling(shuffled(held))
    return [
        _area(found, dealt, missing, _cut(study)),
        _length(found, dealt, missing),
        _gain(found, dealt, missing),
        _named(found, dealt, missing),
        _top(found, missing),
    ]


def _cut(study: Study) -> str:
    known = study.rows(f"select count(*) from ({TRACES})")[0][0]
    left = study.rows("select count(*) from motifs where steps > 0")[0][0] - known
    words = f"; {left:,} traces without a known outcome are left out" if left else ""
    return words + (f"; {MOST_TRACES:,} of {known:,} traces drawn" if known > MOST_TRACES else "")


def shuffled(held: Sequence[Attempt]) -> list[Attempt]:
    """The traces with outcomes dealt anew: within problems where some have both, else among all."""
    rng = random.Random(seed_for("motifs", "shuffled outcomes", len(held)))
    groups: dict[str, list[int]] = {}
    for place, one in enumerate(held):
        groups.setdefault(one.problem, []).append(place)
    mixed = sum(len({held[place].wrong for place in places}) == 2 for places in groups.values())
    if mixed < len(groups) / 4:
        groups = {"": list(range(len(held)))}
    dealt = list(held)
    for places in groups.values():
        outcomes = [held[place].wrong for place in places]
        rng.shuffle(outcomes)
        for place, wrong in zip(places, outcomes, strict=True):
            dealt[place] = replace(held[place], wrong=wrong)
    return dealt


_DEALT = "outcomes shuffled, the model learnt anew"


def _area(found: Telling | None, dealt: Telling | None, missing: str, cut: str) -> Finding:
    return Finding.of(
        NAME,
        "motifs_auroc",
        found.motifs if found else Estimate(value=None),
        "By motifs and length, a wrong trace of a problem never seen is ranked above a right one "
        "of the same model with chance {}" + cut,
        missing=missing,
        unit="chance",
        control=dealt.motifs if dealt else None,
        control_meaning=_DEALT,
        better="higher",
    )


def _length(found: Telling | None, dealt: Telling | None, missing: str) -> Finding:
    return Finding.of(
        NAME,
        "length_auroc",
        found.length if found else Estimate(value=None),
        "By length alone this chance is {}",
        missing=missing,
        unit="chance",
        control=dealt.length if dealt else None,
        control_meaning=_DEALT,
        better="higher",
    )


def _gain(found: Telling | None, dealt: Telling | None, missing: str) -> Finding:
    return Finding.of(
        NAME,
        "auroc_gain",
        found.gain if found else Estimate(value=None),
        "Motifs change it by {} beyond length" + _verdict(found),
        missing=missing,
        unit="points",
        control=dealt.gain if dealt else None,
        control_meaning=_DEALT,
        better="higher",
    )


def _verdict(found: Telling | None) -> str:
    """Whether the interval is clear of nothing, in words."""
    if found is None or found.gain.low is None or found.gain.high is None:
        return ""
    if found.gain.low > 0:
        return ": they tell more than length does"
    if found.gain.high < 0:
        return ": they add only noise here"
    return ": whether they tell anything is not clear"


def sure(found: Telling | None) -> int:
    """How many motifs differ surely, allowing for their number."""
    return sum(one.q_value < LEVEL for one in found.by_motif) if found else 0


def _named(found: Telling | None, dealt: Telling | None, missing: str) -> Finding:
    tested = len(found.by_motif) if found else 0
    return Finding.of(
        NAME,
        "telling_motif_count",
        _count(found),
        f"{{}} of {tested} motifs differ between wrong and right traces of the same length",
        missing=missing,
        unit="count",
        control=_count(dealt) if dealt else None,
        control_meaning="outcomes shuffled",
    )


def _count(found: Telling | None) -> Estimate:
    if found is None or not found.by_motif:
        return Estimate(value=None)
    how = f"score tests by problem, Benjamini-Hochberg below {LEVEL}"
    return Estimate(value=float(sure(found)), n=len(found.by_motif), method=how)


def _top(found: Telling | None, missing: str) -> Finding:
    first = found.by_motif[0] if found and found.by_motif else None
    says = ""
    if first is not None:
        more = "more" if first.wrong > first.right else "less"
        says = (
            f"'{named(first.motif)}' differs most surely: {first.wrong:.3g} in a hundred steps of "
            f"wrong traces and {first.right:.3g} of right ones, {more} often in wrong ones; chance "
            "gives as much with probability {}"
        )
    return Finding.of(
        NAME,
        "surest_motif_q",
        Estimate(value=None)
        if first is None
        else Estimate(
            value=first.q_value,
            n=len(found.by_motif) if found else 0,
            method="score test by problem, Benjamini-Hochberg",
        ),
        says,
        missing=missing,
        unit="probability",
    )
