"""Which problems have a check of their own: those with more than one right answer."""

from reasonscope.problems.answers.comparison import Comparison
from reasonscope.problems.gym import PREFIX, check_gym
from reasonscope.problems.procedural import FAMILIES
from reasonscope.traces.schema import Problem


def own_check(given: str, problem: Problem) -> Comparison | None:
    """The verdict of the problem's own family, or None where a comparison suffices."""
    if problem.family.startswith(PREFIX):
        return check_gym(problem, given)
    family = FAMILIES.get(problem.family)
    return family.check(problem, given) if family is not None and family.many_answers else None
