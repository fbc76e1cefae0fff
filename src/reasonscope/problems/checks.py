"""Which problems have a check of their own: those with more than one right answer."""

from reasonscope.problems.answers.comparison import Comparison
from reasonscope.traces.schema import Problem


def own_check(given: str, problem: Problem) -> Comparison | None:
    """The verdict of the problem's own family, or None where a comparison suffices."""
    return None
