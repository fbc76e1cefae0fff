"""The edges of a trace: by evidence to any earlier step, by order to the one before."""

from collections.abc import Sequence

from reasonscope.provenance import content_id
from reasonscope.structure.edges import cues
from reasonscope.structure.edges.evidence import Clue, clues
from reasonscope.structure.edges.previous import features, probability
from reasonscope.structure.edges.weights import FAR
from reasonscope.traces.schema import Case, Edge

DROPPED = 0.5
"""An edge to the step before that is less likely than this is left out, unless evidence holds."""


def edges_of(case: Case) -> list[Edge]:
    """Which earlier steps each step of a trace uses, in the order of the steps.

    An edge to the step before weighs what :func:`probability` says; any other weighs what share
    of its kind a labeller named, where that labeller named an earlier step at all.
    """
    return edges_between(
        [step.text for step in case.steps], case.trace.trace_id, fold(case.problem.question)
    )


def fold(question: str) -> str:
    """The key of weights that were trained without a problem: a hash of its question."""
    return content_id("edges", " ".join(question.split()))


def edges_between(
    texts: Sequence[str],
    trace_id: str = "",
    fold: str = "",
    earlier: Sequence[str] | None = None,
) -> list[Edge]:
    """The same from the steps' texts; ``earlier`` as in :func:`clues`.

    >>> found = edges_between(["12 * 4 = 148.", "Now the tax.", "Then 148 + 5 = 153."])
    >>> [(edge.step_index, edge.uses, edge.reason) for edge in found if edge.uses == 0]
    [(2, 0, 'uses 148, which step 1 computes')]
    """
    found: list[Edge] = []
    before = texts if earlier is None else earlier
    for j, told in enumerate(clues(texts, earlier)):
        if j == 0:
            continue
        chance = probability(features(j, before[j - 1], texts[j], told), fold)
        near = next((clue for clue in told if clue.uses == j - 1), None)
        if near is not None or chance >= DROPPED:
            found.append(_near(trace_id, j, texts[j], near, chance))
        found += [_edge(trace_id, j, clue, FAR[clue.evidence]) for clue in told if clue is not near]
    return found


def _near(trace_id: str, j: int, text: str, clue: Clue | None, chance: float) -> Edge:
    if clue is None:
        link = cues.link(text)
        reason = f'begins with "{link}", which points to step {{}}' if link else "follows step {}"
        clue = Clue(j - 1, "reference" if link else "order", 0.0, reason)
    return _edge(trace_id, j, clue, chance)


def _edge(trace_id: str, j: int, clue: Clue, weight: float) -> Edge:
    return Edge(
        trace_id=trace_id,
        step_index=j,
        uses=clue.uses,
        evidence=clue.evidence,
        weight=round(weight, 4),
        reason=clue.reason.replace("{}", str(clue.uses + 1), 1),
    )
