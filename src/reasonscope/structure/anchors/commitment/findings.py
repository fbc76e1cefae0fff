"""What is concluded of commitment: how far into its reasoning a trace's answer is fixed."""

from reasonscope.findings import Finding
from reasonscope.shares import share_of, with_problem
from reasonscope.stats import mean_by_cluster
from reasonscope.stats.possible import possible
from reasonscope.structure.anchors.commitment.reading import LEVEL, State
from reasonscope.traces.store import Study

NAME = "commitment"

KNOWN = f"{with_problem(NAME)} where state <> 'unknown'"
"""The traces that could be assessed, with their problem."""


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
    return Finding.of(
        NAME,
        "decided_on_the_way_share",
        share_of(study, KNOWN, f"p_rise < {LEVEL}"),
        "In {} of the traces the forced answer comes to be the final one along the reasoning "
        f"(more than chance does in {100 * LEVEL:.0f} % of cases)",
        missing="no trace has forced answers at two prefixes",
        control=share_of(study, KNOWN, f"p_rise_shuffled < {LEVEL}"),
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
        possible(mean_by_cluster([row[1] for row in found], [row[0] for row in found]), most=1.0),
        "Where an answer is fixed at all, it is so after {} of the steps on average",
        missing="no trace is committed anywhere",
    )


def _state(study: Study, state: State, says: str) -> Finding:
    return Finding.of(
        NAME,
        f"{state.replace(' ', '_')}_share",
        share_of(study, KNOWN, f"state = '{state}'"),
        says,
        missing="no trace has forced answers at two prefixes",
    )
