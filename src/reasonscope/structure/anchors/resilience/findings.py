"""What is concluded of resilience: how often replaced steps come back."""

from reasonscope.findings import Finding
from reasonscope.shares import ratio_of, with_problem
from reasonscope.stats import Estimate
from reasonscope.traces.store import Study

NAME = "resilience"


def conclude(study: Study) -> list[Finding]:
    """How often replaced steps come back, and how many rollouts were cut; nothing without rows."""
    if not study.count(NAME):
        return []
    return [_returning(study), _cut(study)]


def _returning(study: Study) -> Finding:
    return Finding.of(
        NAME,
        "returning_share",
        _share(study, "returned", "returned + stayed_out"),
        "Where another step stands in its place, a step is said later all the same in {} of the "
        "rollouts",
        missing="no rollout that leaves a step out comes to its end",
        control=_share(study, "unrelated", "returned + stayed_out"),
        control_meaning="a step of another problem's trace, looked for in the same rollouts",
    )


def _cut(study: Study) -> Finding:
    return Finding.of(
        NAME,
        "cut_share",
        _share(study, "cut", "returned + stayed_out + cut"),
        "{} of these rollouts were cut at their limit; they are not among those counted above",
        missing="no rollout leaves a step out",
        better="lower",
    )


def _share(study: Study, part: str, whole: str) -> Estimate:
    """A share of rollouts; both are columns of our own."""
    return ratio_of(study, with_problem(NAME), part, whole, f"{part} is not null")
