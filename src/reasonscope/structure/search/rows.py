"""The row of one trace: the tree, the walk and the six measures; all unknown where no search is."""

from dataclasses import dataclass

from reasonscope.structure.search.measures import Measures, measures
from reasonscope.structure.search.puzzles import puzzle
from reasonscope.structure.search.walks import Category, Walk, walk_of
from reasonscope.traces.schema import Case

KEPT_ARROWS = 2_000
"""Most arrows of a walk that are stored; the measures are of all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """The search that one trace tells, or why there is none."""

    trace_id: str
    reason: str
    """Why there is no search here; empty: there is one."""
    target: int | None = None
    nodes: int | None = None
    """States of the tree, the given numbers among them."""
    arrows: int | None = None
    """Moves of the walk."""
    unread: int | None = None
    """Operations that fit no state."""
    solutions: int | None = None
    """Different leaves visited (#sol)."""
    visits: int | None = None
    """Visits of leaves."""
    jump_distance: float | None = None
    """Mean tree distance between successive visits, visits to check aside (filtered AJD)."""
    chance_distance: float | None = None
    """The same in random order."""
    success_share: float | None = None
    """Visits that reach the target."""
    verification_share: float | None = None
    """Arrows that verify."""
    overthinking_share: float | None = None
    """Visits after the first right one."""
    forgetting: bool | None = None
    """Something was computed twice."""
    parents: tuple[int, ...] = ()
    """For each node after the first, the node above it."""
    results: tuple[str, ...] = ()
    """For each node after the first, what it reached."""
    walk_ends: tuple[int, ...] = ()
    """For each arrow, the node it goes to; the first starts at node 0."""
    walk_categories: tuple[Category, ...] = ()
    walk_steps: tuple[int, ...] = ()
    """For each arrow, the step that makes it."""
    visit_results: tuple[str, ...] = ()
    """What each visited leaf reached, in order."""


def examine(case: Case) -> list[Search]:
    """The one row of a trace."""
    return [_row(case)]


def _row(case: Case) -> Search:
    held = puzzle(case.problem)
    if held is None:
        return Search(trace_id=case.trace.trace_id, reason="the problem is no search over numbers")
    walk = walk_of(held, case.steps)
    counted = measures(walk, held.target)
    if counted is None:
        reason = "no operation on the given numbers was found"
        return Search(trace_id=case.trace.trace_id, reason=reason, unread=walk.unread)
    return _full(case.trace.trace_id, held.target, walk, counted)


def _full(trace_id: str, target: int, walk: Walk, counted: Measures) -> Search:
    kept, leaves = walk.arrows[:KEPT_ARROWS], walk.leaves()
    visited = [walk.nodes[one.end].result for one in kept if one.end in leaves]
    return Search(
        trace_id=trace_id,
        reason="",
        target=target,
        nodes=len(walk.nodes),
        arrows=len(walk.arrows),
        unread=walk.unread,
        solutions=counted.solutions,
        visits=counted.visits,
        jump_distance=counted.jump_distance,
        chance_distance=counted.chance_distance,
        success_share=counted.success,
        verification_share=counted.verification,
        overthinking_share=counted.overthinking,
        forgetting=counted.forgetting,
        parents=tuple(node.parent or 0 for node in walk.nodes[1:]),
        results=tuple(str(node.result) for node in walk.nodes[1:]),
        walk_ends=tuple(one.end for one in kept),
        walk_categories=tuple(one.category for one in kept),
        walk_steps=tuple(one.step for one in kept),
        visit_results=tuple(map(str, visited)),
    )
