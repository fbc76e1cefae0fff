"""What a study's searches amount to: the six measures of M16 with intervals and controls."""

from dataclasses import dataclass

from reasonscope.findings import Finding
from reasonscope.provenance import content_id
from reasonscope.shares import share_of, with_problem
from reasonscope.stats import Estimate, mean_by_cluster
from reasonscope.traces.store import Study

NAME = "search"
MISSING = "there is no search here: no trace works on a problem of numbers and a target"

SEARCHES = """
select t.problem_id, s.* from searches s join traces t on t.trace_id = s.trace_id
where s.reason = ''
"""
"""Every search with its problem."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One measure that becomes a finding."""

    name: str
    column: str
    says: str
    unit: str
    control: str = ""
    """The column of its control; empty: none."""
    meaning: str = ""


ASKED = (
    Asked("solutions", "solutions", "A search tries {} different solutions on average", "count"),
    Asked(
        "jump_distance",
        "jump_distance",
        "From one tried solution to the next it goes {} steps through the tree of states",
        "steps",
        "chance_distance",
        "the same solutions in random order",
    ),
    Asked(
        "success_share",
        "success_share",
        "{} of a search's tried solutions reach the target, on average",
        "share",
    ),
    Asked("verification_share", "verification_share", "{} of its moves verify", "share"),
    Asked(
        "overthinking_share",
        "overthinking_share",
        "{} of a search's tried solutions come after the first right one, on average",
        "share",
    ),
)


def conclude(study: Study) -> list[Finding]:
    """How many traces tell a search, the six measures, and whether near solutions come next."""
    return [_found(study), *(_mean(study, one) for one in ASKED), _forgetting(study), _near(study)]


def _found(study: Study) -> Finding:
    estimate = share_of(study, with_problem("searches"), "reason = ''")
    return Finding.of(
        NAME,
        "search_trace_share",
        estimate,
        "{} of the traces tell a search over numbers that can be followed; others count nowhere",
        missing="there are no traces",
    )


def _mean(study: Study, asked: Asked) -> Finding:
    control = other_targets(study) if asked.name == "success_share" else None
    meaning = "the target of another problem" if control is not None else asked.meaning
    if asked.control:
        control = mean_of(study, asked.control)
    return Finding.of(
        NAME,
        asked.name,
        mean_of(study, asked.column),
        asked.says,
        missing=MISSING,
        unit=asked.unit,
        control=control,
        control_meaning=meaning,
    )


def mean_of(study: Study, column: str) -> Estimate:
    """The mean of a column over searches, clustered by problem; the column is ours."""
    rows = study.rows(
        f"select {column}, problem_id from ({SEARCHES}) where {column} is not null order by all"
    )
    return mean_by_cluster([float(row[0]) for row in rows], [row[1] for row in rows])


def other_targets(study: Study) -> Estimate | None:
    """Share of tried solutions that reach the target of another problem, the next by name."""
    rows = study.rows(
        f"select problem_id, target, visit_results from ({SEARCHES}) where len(visit_results) > 0 "
        "order by all"
    )
    targets = {row[0]: str(row[1]) for row in rows}
    names = sorted(targets, key=lambda name: content_id("shuffle", name))
    if len(names) < 2:
        return None
    other = dict(zip(names, [*names[1:], names[0]], strict=True))
    shares = [results.count(targets[other[name]]) / len(results) for name, _, results in rows]
    return mean_by_cluster(shares, [row[0] for row in rows])


def _forgetting(study: Study) -> Finding:
    return Finding.of(
        NAME,
        "forgetting_share",
        share_of(study, SEARCHES, "forgetting"),
        "{} of the searches compute something again that they had computed",
        missing=MISSING,
        better="lower",
    )


def _near(study: Study) -> Finding:
    return Finding.of(
        NAME,
        "jump_minus_chance",
        mean_of(study, "case when visits > 2 then jump_distance - chance_distance end"),
        "The next solution that is tried lies {} steps farther than one at random (less than 0: "
        "neighbours are tried one after another)",
        missing=f"{MISSING}, or none tries three solutions",
        unit="steps",
        control=Estimate(value=0.0, method="by definition"),
        control_meaning="solutions tried in random order",
    )
