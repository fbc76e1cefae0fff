"""What is concluded of commitment: how far into its reasoning a trace's answer is fixed."""

from collections.abc import Sequence

from reasonscope.findings import Finding
from reasonscope.stats import Estimate, clustered_proportion, mean_by_cluster
from reasonscope.structure.anchors.commitment.reading import LEVEL
from reasonscope.traces.store import Study

NAME = "commitment"

KNOWN = """
select t.problem_id, c.* from commitment c
join (select distinct trace_id, problem_id from traces) t using (trace_id)
where c.state <> 'unknown'
"""


def conclude(study: Study) -> list[Finding]:
    """Where answers are fixed, and how often before any step, on the way, and never."""
    return [
        _rising(study),
        _position(study),
        _state(study, "from the start", "{} of the traces have their answer before any step"),
        _state(
            study,
            "never",
            "{} of the traces do not get their own answer again even after all of the reasoning",
        ),
    ]


def _rising(study: Study) -> Finding:
    found = study.rows(
        "select count(*) filter (where p_rise < ?), count(*) filter (where p_rise_shuffled < ?), "
        f"count(*) from ({KNOWN}) group by problem_id order by problem_id",
        [LEVEL, LEVEL],
    )
    return Finding.of(
        NAME,
        "decided_on_the_way_share",
        share([row[0] for row in found], [row[2] for row in found]),
        "In {} of the traces the forced answer comes to be the final one along the reasoning "
        f"(more than chance does in {100 * LEVEL:.0f} % of cases)",
        missing="no trace has forced answers at two prefixes",
        control=share([row[1] for row in found], [row[2] for row in found]),
        control_meaning="the same with the forced answers shuffled among the prefixes",
    )


def _position(study: Study) -> Finding:
    found = study.rows(
        f"select problem_id, value / greatest(steps, 1) from ({KNOWN}) where value is not null "
        "order by all"
    )
    return Finding.of(
        NAME,
        "committed_after_share",
        mean_by_cluster([row[1] for row in found], [row[0] for row in found]),
        "Where an answer is fixed at all, it is so after {} of the steps on average",
        missing="no trace is committed anywhere",
    )


def _state(study: Study, state: str, says: str) -> Finding:
    found = study.rows(
        "select count(*) filter (where state = ?), count(*) "
        f"from ({KNOWN}) group by problem_id order by problem_id",
        [state],
    )
    return Finding.of(
        NAME,
        f"{state.replace(' ', '_')}_share",
        share([row[0] for row in found], [row[1] for row in found]),
        says,
        missing="no trace has forced answers at two prefixes",
    )


def share(hits: Sequence[int], sizes: Sequence[int]) -> Estimate:
    """A share of traces, clustered by problem."""
    return clustered_proportion(hits, sizes)
