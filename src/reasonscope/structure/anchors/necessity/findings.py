"""What is concluded of necessity: each test's mean over traces, beside what chance changes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from reasonscope.findings import Finding
from reasonscope.shares import ratio_of, with_problem
from reasonscope.stats import Estimate, mean_by_cluster, ratio_by_cluster
from reasonscope.stats.possible import possible
from reasonscope.structure.anchors.necessity.reading import TESTS, Test
from reasonscope.traces.store import Study

NAME = "necessity"

_SAYS: dict[Test, str] = {
    "early": "An answer forced before the reasoning is done is less often the trace's own than "
    "one after all of it: a difference of {}",
    "mistake": "After a wrong number in a step the trace's own answer comes less often than "
    "after the step as it stood: a difference of {}",
    "filler": "After filler in the place of the reasoning the trace's own answer comes less often "
    "than after the reasoning: a difference of {}",
    "paraphrase": "After the reasoning in other words the trace's own answer comes less often "
    "than after the reasoning as it stood: a difference of {}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What a conclusion takes of a trace's row."""

    problem_id: str
    value: float
    low: float
    high: float
    control: float | None
    by_itself: float


def conclude(study: Study) -> list[Finding]:
    """The four necessities, the noise floor, and how many rollouts gave no answer."""
    held = {test: rows(study, test) for test in TESTS}
    return [
        *(_finding(study, test, held[test]) for test in TESTS),
        *(_lost(study, test, held[test]) for test in _LOST),
        _by_itself(held["mistake"] or held["early"]),
        _unanswered(study),
    ]


def rows(study: Study, test: Test) -> list[Row]:
    """The assessed traces of one test."""
    found = study.rows(
        "select t.problem_id, n.value, n.low, n.high, n.control, n.by_itself "
        "from necessity n join (select distinct trace_id, problem_id from traces) t "
        "using (trace_id) where n.test = ? and n.value is not null order by all",
        [test],
    )
    names = ("problem_id", "value", "low", "high", "control", "by_itself")
    return [Row(**dict(zip(names, one, strict=True))) for one in found]


def mean(held: Sequence[Row]) -> Estimate:
    """The mean over traces, clustered by problem; of one trace its own value and interval."""
    if len(held) == 1:
        one = held[0]
        method = "mover of jeffreys: one trace, over its rollouts"
        return Estimate(value=one.value, low=one.low, high=one.high, n=1, clusters=1, method=method)
    values = mean_by_cluster([one.value for one in held], [one.problem_id for one in held])
    return possible(values, least=-1.0, most=1.0)


def control(held: Sequence[Row]) -> Estimate | None:
    """The same between halves of the rollouts in which nothing was changed."""
    known = [one for one in held if one.control is not None]
    if not known:
        return None
    return mean_by_cluster(
        [one.control for one in known if one.control is not None], [one.problem_id for one in known]
    )


def _missing(study: Study, test: Test) -> str:
    """Why no trace could be assessed: the most frequent reason."""
    found = study.rows(
        "select reason from necessity where test = ? and value is null "
        "group by all order by count(*) desc, reason limit 1",
        [test],
    )
    return found[0][0] if found else "no trace was tested"


def _finding(study: Study, test: Test, held: Sequence[Row]) -> Finding:
    one = " (one trace: the interval speaks of its rollouts alone)" if len(held) == 1 else ""
    return Finding.of(
        NAME,
        f"{test}_necessity_points",
        mean(held),
        _SAYS[test] + one,
        missing=_missing(study, test),
        unit="points",
        control=control(held),
        control_meaning="the same between two halves of the rollouts in which nothing is changed",
    )


_LOST: dict[Test, str] = {
    "early": "Of the answers that come by themselves {} are lost where they are forced on the way",
    "mistake": "Of the answers that come by themselves {} are lost where a number is made wrong",
}


def lost(held: Sequence[Row]) -> Estimate:
    """The necessity as a share of what there was to lose, so that noisy models can be compared."""
    found = ratio_by_cluster(
        [one.value for one in held],
        [1 - one.by_itself for one in held],
        [one.problem_id for one in held],
    )
    return possible(found, least=-math.inf, most=1.0)


def _lost(study: Study, test: Test, held: Sequence[Row]) -> Finding:
    return Finding.of(
        NAME,
        f"{test}_lost_share",
        lost(held),
        _LOST[test],
        missing=_missing(study, test),
        control=_lost_control(held),
        control_meaning="the same between two halves of the rollouts in which nothing is changed",
    )


def _lost_control(held: Sequence[Row]) -> Estimate | None:
    known = [replace(one, value=one.control) for one in held if one.control is not None]
    return lost(known) if known else None


def _by_itself(held: Sequence[Row]) -> Finding:
    found = mean_by_cluster([one.by_itself for one in held], [one.problem_id for one in held])
    return Finding.of(
        NAME,
        "changed_by_itself_share",
        possible(found, most=1.0),
        "{} of the rollouts in which nothing is changed do not end with the trace's own answer: "
        "what sampling alone does, and is no necessity",
        missing="no trace has rollouts in which nothing is changed",
    )


def _unanswered(study: Study) -> Finding:
    estimate = ratio_of(study, with_problem(NAME), "unanswered", "rollouts", "value is not null")
    return Finding.of(
        NAME,
        "unanswered_rollout_share",
        estimate,
        "{} of the rollouts end without an answer; they count as not the trace's own",
        missing="there are no rollouts",
        better="lower",
    )
