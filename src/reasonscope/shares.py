"""Shares of a study's rows, with intervals that know which rows belong to one problem (level 3)."""

from reasonscope.stats import Estimate, clustered_proportion
from reasonscope.traces.store import Study


def with_problem(table: str) -> str:
    """A table's rows with their ``problem_id``, as SQL.

    Args:
        table: The table's name; it has a column ``trace_id``.
    """
    return (
        f"select problem_id, t.* from {table} t "
        "join (select distinct trace_id, problem_id from traces) using (trace_id)"
    )


def share_of(study: Study, rows: str, success: str, among: str = "true") -> Estimate:
    """The share of rows of which something holds, clustered by problem.

    All arguments are SQL of our own, never text of a trace.

    Args:
        study: The study.
        rows: A query whose rows have a ``problem_id``.
        success: What is to hold of a row.
        among: Which rows are looked at.
    """
    return ratio_of(study, rows, f"({success})::int", "1", among)


def ratio_of(study: Study, rows: str, part: str, whole: str, among: str = "true") -> Estimate:
    """The sum of one count over the sum of another that holds it, clustered by problem.

    Args:
        study: The study.
        rows: A query whose rows have a ``problem_id``.
        part: A count of each row.
        whole: Another, at least as large.
        among: Which rows are looked at.
    """
    found = study.rows(
        f"select coalesce(sum({part}), 0)::bigint, sum({whole})::bigint from ({rows}) "
        f"where {among} group by problem_id order by problem_id"
    )
    return clustered_proportion([row[0] for row in found], [row[1] for row in found])
