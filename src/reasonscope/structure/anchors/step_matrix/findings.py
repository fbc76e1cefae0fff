"""What is concluded of step matrices: how many pairs of steps hang together."""

from reasonscope.findings import Finding
from reasonscope.stats import Estimate, clustered_proportion
from reasonscope.traces.store import Study

NAME = "step_matrix"
SURE = 0.1
"""A pair hangs together with a q value up to this: at most a tenth of such pairs is chance."""


def conclude(study: Study) -> list[Finding]:
    """How many pairs hang together, and how many could be assessed; nothing without rows."""
    if not study.count(NAME):
        return []
    return [_connected(study), _assessed(study)]


def _connected(study: Study) -> Finding:
    return Finding.of(
        NAME,
        "connected_pair_share",
        _share(study, "q"),
        "{} of the pairs of steps hang together: the later one is said more often, or less, where "
        "the earlier one is kept",
        missing="no pair of steps has rollouts on both sides",
        control=_share(study, "q_shuffled"),
        control_meaning="the same test with the rollouts dealt out anew among both sides",
    )


def _share(study: Study, column: str) -> Estimate:
    """The share of pairs whose q value, a column of our own, is small; clustered by problem."""
    found = study.rows(
        f"select count(*) filter (where {column} <= ?), count(*) from step_matrix "
        "join (select distinct trace_id, problem_id from traces) using (trace_id) "
        f"where {column} is not null group by problem_id order by problem_id",
        [SURE],
    )
    return clustered_proportion([row[0] for row in found], [row[1] for row in found])


def _assessed(study: Study) -> Finding:
    """A pair without an entry: too few rollouts, or none of them says the later step again."""
    found = study.rows(
        "with pairs as (select trace_id, count(*) * (count(*) - 1) / 2 as n from steps "
        "where trace_id in (select trace_id from step_matrix) group by trace_id), "
        "entries as (select trace_id, count(*) as n from step_matrix group by trace_id) "
        "select sum(e.n), sum(p.n) from pairs p join entries e using (trace_id) "
        "join (select distinct trace_id, problem_id from traces) using (trace_id) "
        "group by problem_id order by problem_id"
    )
    return Finding.of(
        NAME,
        "assessed_pair_share",
        clustered_proportion([int(row[0]) for row in found], [int(row[1]) for row in found]),
        "{} of the pairs of steps could be assessed; of the others no rollout says the later step",
        missing="no pair of steps has rollouts on both sides",
    )
