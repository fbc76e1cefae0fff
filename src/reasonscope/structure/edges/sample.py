"""The control of the edges: a sample of traces, shuffled and with numbers exchanged."""

from dataclasses import dataclass

from reasonscope.structure.edges.finding import edges_of
from reasonscope.structure.edges.tallies import Tally, exchanged_tally, shuffled_tally, tally
from reasonscope.traces.store import Study

CONTROL_TRACES = 100
"""Most traces that are examined again for the controls."""
CONTROL_STEPS = 1_000
"""A trace of more steps is left out of the controls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Controls:
    """The sampled traces as they are, and twice made so that nothing should be found."""

    own: tuple[Tally, ...]
    shuffled: tuple[Tally, ...]
    """Steps in another order."""
    exchanged: tuple[Tally, ...]
    """Numbers exchanged between steps."""
    again: tuple[Tally, ...]
    """Numbers exchanged in another way."""


def controls(study: Study) -> Controls:
    """The controls of a study: traces drawn by their hashed id."""
    ids = [
        row[0]
        for row in study.rows(
            "select trace_id from steps where trace_id not in "
            "(select place from errors where source = 'instrument edges') "
            "group by all having count(*) between 2 and ? order by md5(trace_id) limit ?",
            [CONTROL_STEPS, CONTROL_TRACES],
        )
    ]
    own, mixed, once, again = [], [], [], []
    for case in study.cases_of(ids):
        texts, name = [step.text for step in case.steps], case.trace.trace_id
        problem = case.problem.problem_id
        own.append(tally(problem, len(texts), edges_of(case)))
        mixed.append(shuffled_tally(problem, texts, name))
        once.append(exchanged_tally(problem, texts, name, 1))
        again.append(exchanged_tally(problem, texts, name, 2))
    return Controls(
        own=tuple(own), shuffled=tuple(mixed), exchanged=tuple(once), again=tuple(again)
    )
