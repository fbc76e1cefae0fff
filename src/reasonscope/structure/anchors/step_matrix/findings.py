"""What is concluded of step matrices: how many pairs of steps hang together."""

from reasonscope.findings import Finding
from reasonscope.shares import ratio_of, share_of, with_problem
from reasonscope.stats import Estimate
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
        _sure(study, "q"),
        "{} of the pairs of steps hang together: the later one is said more often, or less, where "
        "the earlier one is kept",
        missing="no pair of steps has rollouts on both sides",
        control=_sure(study, "q_shuffled"),
        control_meaning="the same test with the rollouts dealt out anew among both sides",
    )


def _sure(study: Study, column: str) -> Estimate:
    """The share of pairs with a small q value, which is a column of our own."""
    return share_of(study, with_problem(NAME), f"{column} <= {SURE}", f"{column} is not null")


def _assessed(study: Study) -> Finding:
    """A pair without an entry: too few rollouts, or none of them says the later step again.

    Every trace that was read has a row of ``resilience``, also where no pair has an entry.
    """
    each = (
        f"select trace_id, problem_id, coalesce(entries, 0) as entries, n * (n - 1) // 2 as pairs "
        f"from (select distinct trace_id, problem_id from ({with_problem('resilience')})) "
        "join (select trace_id, count(*) as n from steps group by all) using (trace_id) left join "
        f"(select trace_id, count(*) as entries from {NAME} group by all) using (trace_id)"
    )
    return Finding.of(
        NAME,
        "assessed_pair_share",
        ratio_of(study, each, "entries", "pairs"),
        "{} of the pairs of steps could be assessed; for the others no rollout replaces the "
        "earlier step, or none says the later one",
        missing="no pair of steps has rollouts on both sides",
    )
