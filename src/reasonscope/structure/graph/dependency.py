"""The graph of which step uses which: how deep, how branched, how convergent."""

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Arrow = tuple[int, int]
"""A step and an earlier one that it uses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    """The measures of one dependency graph; None: there are fewer than two steps."""

    depth: int | None
    """Edges of the longest chain of steps each of which uses the one before it in the chain."""
    branching_ratio: float | None
    """Share of the steps that several later ones use (out-degree above 1)."""
    convergence_ratio: float | None
    """Share of the steps that use several earlier ones (in-degree above 1)."""
    density: float | None
    """Edges over pairs of steps."""


def measure_dependencies(steps: int, arrows: Iterable[Arrow]) -> Dependencies:
    """The measures of a graph; an arrow points from a step to an earlier one.

    Source: Xiong 2505.13890 (SCIENCE M14). Departure: nodes are steps, not clusters of them.

    >>> measure_dependencies(4, [(1, 0), (2, 1), (3, 1), (3, 2)]).depth
    3
    """
    if steps < 2:
        return Dependencies(depth=None, branching_ratio=None, convergence_ratio=None, density=None)
    edges = sorted(set(arrows))
    depth = [0] * steps
    for j, i in edges:  # by step: what it uses is done already
        depth[j] = max(depth[j], depth[i] + 1)
    used, uses = Counter(i for _, i in edges), Counter(j for j, _ in edges)
    return Dependencies(
        depth=max(depth),
        branching_ratio=sum(n > 1 for n in used.values()) / steps,
        convergence_ratio=sum(n > 1 for n in uses.values()) / steps,
        density=2 * len(edges) / (steps * (steps - 1)),
    )


def rewired(arrows: Sequence[Arrow], seed: int) -> list[Arrow]:
    """As many edges from each step, each to an earlier one at random, no two to the same."""
    rng = random.Random(seed)
    uses = Counter(j for j, _ in set(arrows))
    return [(j, i) for j in sorted(uses) for i in rng.sample(range(j), uses[j])]
