"""What the edges of one trace come to, and estimates from many; conclude and calibrate share it."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from reasonscope.provenance import seed_for
from reasonscope.stats import Estimate, mean_by_cluster, ratio_by_cluster
from reasonscope.structure.edges.finding import edges_between
from reasonscope.traces.schema import Edge

EVIDENT = "(evidence <> 'order' and (evidence <> 'reference' or uses < step_index - 1))"
"""SQL for :func:`evident`, over rows of table ``edges``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """One trace's edges, counted."""

    problem_id: str
    later: int
    """Steps after the first: those that can use another."""
    edges: int
    value_users: int
    """Steps that use a number of an earlier step."""
    far_users: int
    """Steps that use a step before the one before."""
    reach: int
    """Steps from a step to the one it uses, summed over edges known by evidence."""
    known: int
    """Edges known by evidence: see :func:`evident`."""
    unused: int
    """Steps but the last that no later one is known to use."""


def evident(edge: Edge) -> bool:
    """Whether an edge is known by what the two steps say, not by their order.

    A word such as "So", which points to the step before whatever it says, is order too.
    """
    follows = edge.uses == edge.step_index - 1
    return edge.evidence != "order" and not (edge.evidence == "reference" and follows)


def tally(problem_id: str, steps: int, edges: Sequence[Edge]) -> Tally:
    """The counts of one trace's edges."""
    known = [edge for edge in edges if evident(edge)]
    return Tally(
        problem_id=problem_id,
        later=max(0, steps - 1),
        edges=len(edges),
        value_users=len({e.step_index for e in edges if e.evidence == "value"}),
        far_users=len({e.step_index for e in known if e.uses < e.step_index - 1}),
        reach=sum(e.step_index - e.uses for e in known),
        known=len(known),
        unused=max(0, steps - 1) - len({e.uses for e in known}),
    )


def shuffled(texts: Sequence[str], *names: str | int) -> list[str]:
    """The same steps in another order, drawn by names."""
    order = list(texts)
    random.Random(seed_for("edges shuffled", *names)).shuffle(order)
    return order


def foreign_tally(problem_id: str, texts: Sequence[str], other: Sequence[str]) -> Tally:
    """The counts of a trace before whose steps another trace's stand, as often as is needed."""
    earlier = [other[place % len(other)] for place in range(len(texts))]
    return tally(problem_id, len(texts), edges_between(texts, earlier=earlier))


def shuffled_tally(problem_id: str, texts: Sequence[str], *names: str | int) -> Tally:
    """The counts of a trace whose steps are in another order."""
    return tally(problem_id, len(texts), edges_between(shuffled(texts, *names)))


def ratio(tallies: Sequence[Tally], top: str, bottom: str) -> Estimate:
    """One sum over another, such as unused steps over all that could be used."""
    return ratio_by_cluster(
        [getattr(one, top) for one in tallies],
        [getattr(one, bottom) for one in tallies],
        [one.problem_id for one in tallies],
    )


def value_excess(pairs: Sequence[tuple[Tally, Tally]]) -> Estimate:
    """By how much more steps use earlier numbers than those of another trace: mean of traces."""
    held = [(one, other) for one, other in pairs if one.later]
    differences = [(one.value_users - other.value_users) / one.later for one, other in held]
    return mean_by_cluster(differences, [one.problem_id for one, _ in held])
