"""What suppression comes to: the share of pairs that hang together, beside what chance finds."""

from dataclasses import replace

from reasonscope.findings import Finding
from reasonscope.stats import Estimate, clustered_proportion
from reasonscope.structure.suppression.matrix import FEWEST, LEVEL
from reasonscope.traces.store import Study

NAME = "suppression"

PAIRS = (
    "(select s.*, t.problem_id, p.steps from suppressions s "
    "join (select distinct trace_id, problem_id from traces) t using (trace_id) "
    "join (select trace_id, count(*) as steps from steps group by trace_id) p using (trace_id) "
    "where s.target < p.steps)"
)
"""Pairs of steps with their problem; what follows the reasoning is no step."""


def conclude(study: Study) -> list[Finding]:
    """The share of pairs that hang together, and of those not assessed; nothing without rows."""
    if not study.count("suppressions"):
        return []
    return [_looked_back(study), _unassessed(study)]


def _looked_back(study: Study) -> Finding:
    one = " (one problem: the interval speaks of its steps alone)" if _problems(study) == 1 else ""
    return Finding.of(
        NAME,
        "looked_back_pair_share",
        share(study, f"p_value <= {LEVEL}"),
        "In {} of the pairs of steps that could be assessed the later step looks back to the "
        f"earlier one more than stretches of text as far apart do (p up to {LEVEL:g}){one}",
        missing=f"no two steps are so near that {FEWEST} other stretches are as far apart; "
        "more draws may help (--draws)",
        control=share(study, f"p_control <= {LEVEL}"),
        control_meaning="the same test with a stretch drawn at random in the earlier step's place",
    )


def _unassessed(study: Study) -> Finding:
    return Finding.of(
        NAME,
        "unassessed_pair_share",
        share(study, f"draws < {FEWEST}", "true"),
        "{} of the pairs of steps could not be assessed: fewer than "
        f"{FEWEST} of the stretches that were drawn are as far apart",
        missing="there are no pairs of steps",
        better="lower",
    )


def share(study: Study, success: str, among: str = f"draws >= {FEWEST}") -> Estimate:
    """A share of pairs, clustered by problem; by earlier step where there is one problem only.

    Both conditions are SQL of our own.
    """
    one = _problems(study) == 1
    cluster = "trace_id, source" if one else "problem_id"
    found = study.rows(
        f"select count(*) filter (where {success}), count(*) from {PAIRS} where {among} "
        f"group by {cluster} order by {cluster}"
    )
    estimate = clustered_proportion([row[0] for row in found], [row[1] for row in found])
    return replace(estimate, clusters=1) if one else estimate


def _problems(study: Study) -> int:
    return int(study.rows(f"select count(distinct problem_id) from {PAIRS}")[0][0])
