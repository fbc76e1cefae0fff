"""The controls of the edges: a sample of traces, shuffled, and behind another problem's steps."""

from dataclasses import dataclass

from reasonscope.structure.edges.finding import edges_of
from reasonscope.structure.edges.tallies import Tally, foreign_tally, shuffled_tally, tally
from reasonscope.traces.schema import Case
from reasonscope.traces.store import Study

CONTROL_TRACES = 100
"""Most traces that are examined again for the controls."""
CONTROL_STEPS = 1_000
"""A trace of more steps is left out of the controls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Controls:
    """The sampled traces as they are, and twice made so that less or nothing should be found."""

    shuffled: tuple[Tally, ...]
    """Steps in another order."""
    paired: tuple[tuple[Tally, Tally], ...]
    """Each trace as it is, and with the steps of another problem's trace before its own."""

    @property
    def foreign(self) -> tuple[Tally, ...]:
        """The second of each pair."""
        return tuple(other for _, other in self.paired)


def controls(study: Study) -> Controls:
    """The controls of a study: traces drawn by their hashed id."""
    ids = [
        row[0]
        for row in study.rows(
            "select trace_id from steps where trace_id not in "
            "(select place from errors where source = 'instrument edges') "
            "group by trace_id having count(*) between 2 and ? order by md5(trace_id) limit ?",
            [CONTROL_STEPS, CONTROL_TRACES],
        )
    ]
    cases = sorted(study.cases_of(ids), key=lambda case: ids.index(case.trace.trace_id))
    mixed, paired = [], []
    for place, case in enumerate(cases):
        texts, problem = _texts(case), case.problem.problem_id
        mixed.append(shuffled_tally(problem, texts, case.trace.trace_id))
        other = _other([*cases[place + 1 :], *cases[:place]], problem)
        if other is not None:
            own = tally(problem, len(texts), edges_of(case))
            paired.append((own, foreign_tally(problem, texts, _texts(other))))
    return Controls(shuffled=tuple(mixed), paired=tuple(paired))


def _texts(case: Case) -> list[str]:
    return [step.text for step in case.steps]


def _other(cases: list[Case], problem: str) -> Case | None:
    """The next trace of another problem; None: there is none."""
    return next((case for case in cases if case.problem.problem_id != problem), None)
