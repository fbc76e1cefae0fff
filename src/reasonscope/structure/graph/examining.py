"""Both graphs of one trace, each measured beside its control."""

import random
from collections.abc import Iterable, Sequence
from typing import Any

from reasonscope.provenance import seed_for
from reasonscope.structure.graph.dependency import Arrow, measure_dependencies, rewired
from reasonscope.structure.graph.kinds import kinds_of
from reasonscope.structure.graph.record import Graph
from reasonscope.structure.graph.walk import Walk, measure_walk
from reasonscope.traces.schema import Case, Edge

SHUFFLES = 4
"""Shuffled orders, and rewired graphs, behind each control."""

MEASURES = (
    "revisit_share",
    "cycle",
    "loop_count",
    "diameter",
    "clustering",
    "path_length",
    "small_world",
)
"""Measures of a walk that stand beside their mean over shuffles."""


def examine(case: Case) -> list[Graph]:
    """The graphs of one trace: one row."""
    arrows = [(edge.step_index, edge.uses) for edge in case.rows("edges", Edge) if _evident(edge)]
    return [graph_of(case.trace.trace_id, [step.text for step in case.steps], arrows)]


def _evident(edge: Edge) -> bool:
    """Known by what the steps say: neither order alone nor a "So" after the step before."""
    follows = edge.uses == edge.step_index - 1
    return edge.evidence != "order" and not (edge.evidence == "reference" and follows)


def graph_of(trace_id: str, texts: Sequence[str], arrows: Sequence[Arrow]) -> Graph:
    """The graphs of a trace from its steps' texts and its edges."""
    kinds = kinds_of(texts)
    found = measure_walk(kinds)
    known = measure_dependencies(len(texts), arrows)
    drawn = [
        measure_dependencies(len(texts), rewired(arrows, seed_for("rewired", trace_id, index)))
        for index in range(SHUFFLES)
    ]
    return Graph(
        trace_id=trace_id,
        steps=len(texts),
        walked=len(kinds),
        edges=len(set(arrows)),
        depth=known.depth,
        branching_ratio=known.branching_ratio,
        convergence_ratio=known.convergence_ratio,
        density=known.density,
        rewired_depth=mean(one.depth for one in drawn),
        rewired_branching_ratio=mean(one.branching_ratio for one in drawn),
        nodes=found.nodes,
        visits=found.visits,
        **{name: getattr(found, name) for name in MEASURES},
        **_beside(shuffled_walks(kinds, trace_id)),
    )


def shuffled_walks(kinds: Sequence[int], trace_id: str) -> list[Walk]:
    """The walks over the same steps in other orders, drawn by the trace's id."""
    walks = []
    for index in range(SHUFFLES):
        order = list(kinds)
        random.Random(seed_for("walk", trace_id, index)).shuffle(order)
        walks.append(measure_walk(order))
    return walks


def _beside(walks: Sequence[Walk]) -> dict[str, Any]:
    return {f"shuffled_{name}": mean(getattr(walk, name) for walk in walks) for name in MEASURES}


def mean(numbers: Iterable[float | None]) -> float | None:
    """The mean of those that are known; None: none is."""
    known = [float(number) for number in numbers if number is not None]
    return sum(known) / len(known) if known else None
