"""What a study's returns amount to: findings with their intervals and controls."""

import random
from collections.abc import Sequence
from dataclasses import replace

from reasonscope.findings import Finding
from reasonscope.provenance import seed_for
from reasonscope.shares import share_of
from reasonscope.stats import Estimate, clustered_proportion, mean_by_cluster
from reasonscope.structure.backtracking.content import Index
from reasonscope.structure.backtracking.rates import (
    Counted,
    by_difficulty,
    by_outcome,
    rate,
)
from reasonscope.structure.backtracking.returns import returning
from reasonscope.structure.backtracking.targets import abouts, by_content
from reasonscope.traces.schema import Case
from reasonscope.traces.store import Study

NAME = "backtracking"
CONTROL_TRACES = 150
"""Most traces whose returns are looked for in another problem's trace."""
CONTROL_CHARACTERS = 100_000
"""A longer trace is left out of that control."""
LEAST_SAMPLES = 3
"""Compared traces that a problem needs before its share right says how hard it is."""

TRACES = """
select t.problem_id, t.trace_id, r.*, len(r.kinds) as returns, a.correct
from "returns" r join traces t on t.trace_id = r.trace_id
left join (select * from answers where final) a on a.trace_id = r.trace_id
where r.steps > 0
"""
"""Every assessed trace with its problem and whether its final answer is right."""

EACH = f"""
select problem_id, unnest(return_steps) as step, unnest(targets) as target,
  unnest(evidences) as evidence, unnest(kinds) as kind, unnest(repairs) as repairs,
  unnest(chance_targets) as chance_target, unnest(chance_repairs) as chance_repairs
from ({TRACES})
"""
"""Every return."""

UNTOLD = "('none', 'previous', 'question')"
"""Evidence that names no earlier step by what it says."""


def conclude(study: Study) -> list[Finding]:
    """Rates, their differences by outcome and difficulty, targets, repairs and loops."""
    traces = counted(study, "returns")
    return [
        _rate(study, traces),
        _checks(study),
        _outcome(traces),
        _difficulty(traces),
        _repaired(study),
        _told(study),
        _back(study),
        _loops(study),
    ]


def counted(study: Study, column: str) -> list[Counted]:
    """One record a trace, in a fixed order; the column is ours."""
    rows = study.rows(
        f"select problem_id, {column}, tokens, correct from ({TRACES}) "
        "order by problem_id, trace_id"
    )
    return [Counted(*row) for row in rows]


def _unassessed(study: Study) -> str:
    """How many traces could not be assessed, in words; empty: all could."""
    empty = study.rows('select count(*) from "returns" where steps = 0')[0][0]
    return f" ({empty:,} traces without reasoning could not be assessed)" if empty else ""


def _rate(study: Study, traces: Sequence[Counted]) -> Finding:
    control = [
        Counted(*row)
        for row in study.rows(
            f"select problem_id, answer_returns, answer_tokens from ({TRACES}) "
            "where answer_tokens > 0 order by problem_id, trace_id"
        )
    ]
    return Finding.of(
        NAME,
        "returns_per_1k_tokens",
        rate(traces),
        "The reasoning turns back {} times in a thousand tokens" + _unassessed(study),
        missing="no trace has any reasoning",
        unit="per 1k tokens",
        control=rate(control) if control else None,
        control_meaning="the same words looked for in the finished text after the reasoning",
    )


def _checks(study: Study) -> Finding:
    return Finding.of(
        NAME,
        "checks_per_1k_tokens",
        rate(counted(study, "checks")),
        "It stops {} times in a thousand tokens only to look again, and goes on",
        missing="no trace has any reasoning",
        unit="per 1k tokens",
    )


def shuffled(traces: Sequence[Counted], same_problem: bool) -> list[Counted]:
    """The traces with outcomes dealt anew: among those of a problem, or among all."""
    rng = random.Random(seed_for("returns", "shuffled outcomes", len(traces)))
    groups: dict[str, list[int]] = {}
    for place, one in enumerate(traces):
        if one.right is not None:
            groups.setdefault(one.problem if same_problem else "", []).append(place)
    dealt = list(traces)
    for places in groups.values():
        outcomes = [traces[place].right for place in places]
        rng.shuffle(outcomes)
        for place, right in zip(places, outcomes, strict=True):
            dealt[place] = replace(traces[place], right=right)
    return dealt


def _outcome(traces: Sequence[Counted]) -> Finding:
    estimate, same = by_outcome(traces)
    how = (
        "than right ones of the same problem"
        if same
        else "than right ones; these belong to other problems, which may be easier"
    )
    return Finding.of(
        NAME,
        "wrong_minus_right_per_1k_tokens",
        estimate,
        "Traces with a wrong answer turn back {} times more in a thousand tokens " + how,
        missing="it needs traces with right and with wrong answers",
        unit="per 1k tokens",
        control=by_outcome(shuffled(traces, same))[0],
        control_meaning="outcomes shuffled " + ("within problems" if same else "between problems"),
    )


def shares_right(traces: Sequence[Counted]) -> dict[str, float]:
    """Share right of each problem with enough compared traces."""
    known: dict[str, list[bool]] = {}
    for one in traces:
        if one.right is not None:
            known.setdefault(one.problem, []).append(one.right)
    return {name: sum(o) / len(o) for name, o in known.items() if len(o) >= LEAST_SAMPLES}


def _difficulty(traces: Sequence[Counted]) -> Finding:
    shares = shares_right(traces)
    names = sorted(shares)
    dealt = random.Random(seed_for("returns", "shuffled shares")).sample(names, len(names))
    others = {name: shares[other] for name, other in zip(names, dealt, strict=True)}
    return Finding.of(
        NAME,
        "hard_minus_easy_per_1k_tokens",
        by_difficulty(traces, shares),
        "On problems that are mostly failed it turns back {} times more in a thousand tokens than "
        "on those mostly solved",
        missing=f"it needs hard and easy problems with {LEAST_SAMPLES} compared traces each",
        unit="per 1k tokens",
        control=by_difficulty(traces, others),
        control_meaning="difficulties shuffled between problems",
    )


def _repaired(study: Study) -> Finding:
    told = share_of(study, EACH, "repairs is not null").value
    part = (
        ""
        if told is None
        else f" ({100 * told:.0f} % of the returns; of the rest it cannot be told)"
    )
    return Finding.of(
        NAME,
        "repaired_share",
        share_of(study, EACH, "repairs", "repairs is not null"),
        "{} of the returns that state again what was stated before give it another value" + part,
        missing="after no return is a value stated that was stated before",
        control=share_of(study, EACH, "chance_repairs", "chance_repairs is not null"),
        control_meaning="the same comparison at random places of the same traces",
    )


def _told(study: Study) -> Finding:
    return Finding.of(
        NAME,
        "target_told_share",
        share_of(study, EACH, f"evidence not in {UNTOLD}"),
        "{} of the returns say by their words or values to which earlier step they go back",
        missing="there are no returns",
        control=_elsewhere(study),
        control_meaning="the same returns looked for in the trace of another problem",
    )


def _elsewhere(study: Study) -> Estimate | None:
    """How often returns find a target in a trace of another problem."""
    names = study.rows(
        f"select trace_id from ({TRACES}) r join traces t using (trace_id) where returns > 0 and "
        "length(t.reasoning) <= ? order by md5(trace_id) limit ?",
        [CONTROL_CHARACTERS, CONTROL_TRACES],
    )
    cases = list(study.cases_of([row[0] for row in names]))
    tallies: dict[str, list[bool]] = {}
    for case, other in zip(cases, [*cases[1:], *cases[:1]], strict=True):
        if case.problem.problem_id != other.problem.problem_id:
            tallies.setdefault(case.problem.problem_id, []).extend(_matched(case, other))
    if not any(tallies.values()):
        return None
    return clustered_proportion(
        [sum(t) for t in tallies.values()], [len(t) for t in tallies.values()]
    )


def _matched(case: Case, other: Case) -> list[bool]:
    index = Index(other.steps)
    return [
        any(
            by_content(index, about, event.first, nearest=False) is not None
            for about in abouts(read, kind)
        )
        for event, read, kind in returning(case)[0]
    ]


def _back(study: Study) -> Finding:
    return Finding.of(
        NAME,
        "steps_back",
        _distance(study, "target"),
        "A return goes back {} steps on average, where its target can be told",
        missing="no return says where it goes back to",
        unit="steps",
        control=_distance(study, "chance_target"),
        control_meaning="targets drawn at random among the earlier steps",
    )


def _distance(study: Study, column: str) -> Estimate:
    rows = study.rows(
        f"select problem_id, step - {column} from ({EACH}) where evidence not in {UNTOLD} "
        "and target is not null order by all"
    )
    return mean_by_cluster([row[1] for row in rows], [row[0] for row in rows])


def _loops(study: Study) -> Finding:
    return Finding.of(
        NAME,
        "loop_trace_share",
        share_of(study, TRACES, "loops > 0"),
        "{} of the traces go back three times or more to the same step, or to steps that say the "
        "same",
        missing="no trace has any reasoning",
        control=share_of(study, TRACES, "chance_loops > 0"),
        control_meaning="each return sent to a random earlier step",
        better="lower",
    )
