"""The six measures of a search (SCIENCE M16), from its tree and walk."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from reasonscope.structure.search.walks import Arrow, Walk

MOST_PAIRS = 300
"""With more leaf visits than this, the chance distance is that of the first of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """What M16 counts; visits are arrivals at leaves."""

    solutions: int
    """Different leaves visited."""
    visits: int
    jump_distance: float
    """Mean tree distance between successive visits, visits to check aside; 0 with fewer than 2."""
    chance_distance: float
    """The same visits in every order, on average."""
    success: float | None
    """Share of visits that reach the target; None: no leaf was visited."""
    verification: float
    """Share of arrows that verify."""
    overthinking: float | None
    """Share of visits after the first right one; 0 where none is right; None: no visit."""
    forgetting: bool
    """As many calculations as nodes, or more: something was computed twice."""


def measures(walk: Walk, target: int) -> Measures | None:
    """The measures of a walk; None: it has no arrow."""
    if not walk.arrows:
        return None
    leaves = walk.leaves()
    at = [place for place, arrow in enumerate(walk.arrows) if arrow.end in leaves]
    ends = [walk.arrows[place].end for place in at]
    right = [walk.nodes[end].result == target for end in ends]
    kept = [ends[0], *_filtered(walk.arrows, at)] if ends else []
    count = len(walk.arrows)
    return Measures(
        solutions=len(set(ends)),
        visits=len(ends),
        jump_distance=_mean([_distance(walk, a, b) for a, b in pairwise(kept)]),
        chance_distance=_mean(
            [_distance(walk, a, b) for a, b in combinations(kept[:MOST_PAIRS], 2)]
        ),
        success=sum(right) / len(right) if right else None,
        verification=sum(one.category == "verification" for one in walk.arrows) / count,
        overthinking=_after(right),
        forgetting=sum(one.category == "calculation" for one in walk.arrows) >= len(walk.nodes),
    )


def _filtered(arrows: Sequence[Arrow], at: Sequence[int]) -> list[int]:
    """Leaves of the visits after the first; not those reached again by verification alone."""
    kept, seen = [], {arrows[at[0]].end}
    for before, place in pairwise(at):
        end = arrows[place].end
        checked = all(one.category == "verification" for one in arrows[before + 1 : place + 1])
        if not (end in seen and checked):
            kept.append(end)
        seen.add(end)
    return kept


def _after(right: Sequence[bool]) -> float | None:
    if not right:
        return None
    return (len(right) - 1 - right.index(True)) / len(right) if any(right) else 0.0


def _mean(values: Sequence[int]) -> float:
    return sum(values) / len(values) if values else 0.0


def _distance(walk: Walk, one: int, other: int) -> int:
    """Steps between two nodes along the tree."""
    first, second = _up(walk, one), _up(walk, other)
    shared = len(set(first) & set(second))
    return len(first) + len(second) - 2 * shared


def _up(walk: Walk, place: int) -> list[int]:
    found = []
    step: int | None = place
    while step is not None:
        found.append(step)
        step = walk.nodes[step].parent
    return found
