"""Findings of the mismatch instrument."""

from collections.abc import Mapping, Sequence

from reasonscope.failures.mismatch.sameness import same
from reasonscope.findings import Finding
from reasonscope.provenance import content_id
from reasonscope.stats import Estimate, clustered_proportion
from reasonscope.traces.schema import Problem
from reasonscope.traces.store import Study

CONTROL_TRACES = 300
"""Most traces whose thinking is compared with the final answer of another problem."""

FEWEST_CLAIMS = 10
"""Wrong claims below which no share of them is told: one of one says nothing."""

NONE_COMPARED = "no trace states an answer at the end of its thinking and another one after it"


def share(study: Study, success: str, among: str) -> Estimate:
    """A share of rows of ``mismatches``, clustered by problem; the conditions are our own SQL."""
    rows = study.rows(
        f"select count(*) filter (where {success}), count(*) from mismatches m "
        f"join traces t using (trace_id) where {among} group by problem_id order by problem_id"
    )
    return clustered_proportion([row[0] for row in rows], [row[1] for row in rows])


def repeated(study: Study, kind: str) -> Estimate:
    """The share of the reasoning's claims of one kind that the answer text says again."""
    rows = study.rows(
        f"select sum({kind}_repeated), sum({kind}_claims) from mismatches m "
        "join traces t using (trace_id) where trim(t.answer) <> '' "
        "group by problem_id order by problem_id"
    )
    return clustered_proportion([row[0] for row in rows], [row[1] for row in rows])


def conclude(study: Study) -> list[Finding]:
    """How often thinking and answer disagree, how many could be compared, and flaws repeated."""
    return [
        Finding.of(
            "mismatch",
            "mismatch_share",
            share(study, "not agrees", "agrees is not null"),
            "{} of the traces that end their thinking with an answer give another one after it",
            missing=NONE_COMPARED,
            control=exchanged(study),
            control_meaning="the same thinking beside the final answer of another problem of its "
            "set: what would be found if the two had nothing to do with each other",
            better="lower",
        ),
        Finding.of(
            "mismatch",
            "compared_share",
            share(study, "agrees is not null", "true"),
            "{} of the traces state an answer at the end of their thinking that could be compared "
            "with the final one",
            missing="there are no traces",
        ),
        Finding.of(
            "mismatch",
            "silent_thinking_share",
            share(study, "thought is null", "final is not null"),
            "{} of the traces with a final answer do not state one at the end of their thinking",
            missing="no trace states a final answer after its thinking",
        ),
        Finding.of(
            "mismatch",
            "thought_right_share",
            share(study, "thought_right", "not agrees and thought_right is not null"),
            "Where the two disagree, the thinking is right in {}",
            missing="no two answers that disagree have a reference",
        ),
        repeated_flaws(repeated(study, "wrong"), repeated(study, "right")),
    ]


def repeated_flaws(wrong: Estimate, right: Estimate) -> Finding:
    """The share of wrong claims said again, where there are enough of them to tell one.

    >>> few = Estimate(value=0.0, low=0.0, high=0.79, n=1)
    >>> repeated_flaws(few, few).sentence
    'This could not be assessed: fewer than 10 wrong claims that are not taken back (1 found)'
    """
    known = wrong.n >= FEWEST_CLAIMS
    return Finding.of(
        "mismatch",
        "repeated_flaw_share",
        wrong if known else Estimate(value=None, n=wrong.n, clusters=wrong.clusters),
        "{} of the wrong claims that the thinking does not take back are said again after it",
        missing=f"fewer than {FEWEST_CLAIMS} wrong claims that are not taken back "
        f"({wrong.n:,} found)",
        control=right if known else None,
        control_meaning="the right claims of the thinking that are said again" if known else "",
        better="lower",
    )


def exchanged(study: Study) -> Estimate | None:
    """How often the thinking's answer differs from the final answer of another problem."""
    rows = study.rows(
        "select t.problem_id, m.thought, m.final from mismatches m join traces t using (trace_id) "
        "where m.agrees is not null order by md5(trace_id) limit ?",
        [CONTROL_TRACES],
    )
    wanted = {row[0] for row in rows}
    problems = {p.problem_id: p for p in study.records("problems", Problem)
                if p.problem_id in wanted}  # fmt: skip
    return differing(rows, problems)


def differing(
    rows: Sequence[tuple[str, str, str]], problems: Mapping[str, Problem]
) -> Estimate | None:
    """The control from rows of problem, thought and final answer; None: nothing to compare."""
    groups: dict[tuple[str, str], list[tuple[str, str, str]]] = {}
    for row in sorted(rows, key=lambda row: content_id("exchange", *row)):
        problem = problems[row[0]]
        groups.setdefault((problem.family, problem.answer_kind), []).append(row)
    tallies: dict[str, list[bool]] = {}
    for group in groups.values():
        for one, other in zip(group, [*group[1:], group[0]], strict=True):
            if one[0] != other[0]:
                found = same(one[1], other[2], problems[one[0]]).correct
                if found is not None:
                    tallies.setdefault(one[0], []).append(not found)
    if not tallies:
        return None
    return clustered_proportion(
        [sum(held) for held in tallies.values()], [len(held) for held in tallies.values()]
    )
