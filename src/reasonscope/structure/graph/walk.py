"""A walk over kinds of steps, measured: returns, loops, and the shape of the graph it draws.

Consecutive steps of one kind are one visit (self-loops dropped); an edge joins kinds that were
visited one after the other, whichever way. Source: Minegishi 2506.05744 (SCIENCE M13).
Departures: kinds come from the text, not from hidden states; paths are counted in edges, not in
Euclidean length.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np

NODES = 5
"""A graph of fewer nodes has no shape worth measuring."""
SMALL_WORLD_NODES = 10
"""A graph of fewer nodes has no small-world index."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """The measures of one walk; None: too small, or undefined."""

    nodes: int
    """Kinds visited."""
    visits: int
    """Visits: runs of steps of one kind."""
    revisit_share: float | None = None
    """Visits to a kind that was visited before, over all visits but the first."""
    cycle: bool | None = None
    """Whether a kind is visited again after others."""
    loop_count: int | None = None
    """How often the first kind that is visited again is visited again."""
    diameter: int | None = None
    """Edges between the two kinds that are farthest apart."""
    clustering: float | None = None
    """Mean share of a kind's neighbours that are neighbours, over kinds with two or more."""
    path_length: float | None = None
    """Mean edges between two kinds."""
    small_world: float | None = None
    """(C / C_rand) / (L / L_rand): C_rand = k / (N - 1), L_rand = ln N / ln k, k mean degree."""


def measure_walk(kinds: Sequence[int]) -> Walk:
    """The measures of a walk, from the kind of each step.

    >>> measure_walk([0, 0, 1, 2, 3, 4, 0, 1, 2, 3]).revisit_share
    0.5
    """
    visits = [kind for kind, _ in groupby(kinds)]
    nodes = len(set(visits))
    if nodes < NODES:
        return Walk(nodes=nodes, visits=len(visits))
    again = _again(visits)
    joined = adjacency(visits)
    distances = shortest(joined)
    pairs = nodes * (nodes - 1)
    clustering = _clustering(joined)
    length = float(distances.sum()) / pairs
    return Walk(
        nodes=nodes,
        visits=len(visits),
        revisit_share=(len(visits) - nodes) / (len(visits) - 1),
        cycle=again > 0,
        loop_count=again,
        diameter=int(distances.max()),
        clustering=clustering,
        path_length=length,
        small_world=small_world(clustering, length, nodes, float(joined.sum()) / nodes),
    )


def _again(visits: Sequence[int]) -> int:
    """How often the first kind that is visited again is visited again."""
    seen: set[int] = set()
    for kind in visits:
        if kind in seen:
            return sum(other == kind for other in visits) - 1
        seen.add(kind)
    return 0


def adjacency(visits: Sequence[int]) -> "np.ndarray[Any, np.dtype[np.bool_]]":
    """Which kinds follow each other, either way; kinds in order of their first visit."""
    place = {kind: at for at, kind in enumerate(dict.fromkeys(visits))}
    path = np.array([place[kind] for kind in visits])
    joined = np.zeros((len(place), len(place)), dtype=bool)
    joined[path[:-1], path[1:]] = True
    joined |= joined.T
    np.fill_diagonal(joined, False)
    return joined


def shortest(joined: "np.ndarray[Any, np.dtype[np.bool_]]") -> "np.ndarray[Any, Any]":
    """Edges on the shortest way between any two nodes of a connected graph.

    All nodes go outwards at once, one edge a round: as many rounds as the diameter.
    """
    steps = joined.astype(np.float32)
    reached = np.eye(len(joined), dtype=bool)
    edge = reached
    distances = np.zeros(joined.shape, dtype=np.int32)
    for far in range(1, len(joined)):
        edge = (edge.astype(np.float32) @ steps > 0) & ~reached
        if not edge.any():
            break
        distances[edge] = far
        reached |= edge
    return distances


def _clustering(joined: "np.ndarray[Any, np.dtype[np.bool_]]") -> float | None:
    """Mean clustering of nodes with two neighbours or more; None: there are none."""
    steps = joined.astype(np.float32)
    degree = steps.sum(axis=1)
    triangles = ((steps @ steps) * steps).sum(axis=1)
    able = degree >= 2
    if not able.any():
        return None
    return float((triangles[able] / (degree[able] * (degree[able] - 1))).mean())


def small_world(
    clustering: float | None, path_length: float, nodes: int, degree: float
) -> float | None:
    """The small-world index against a random graph of as many nodes and edges; None: undefined.

    Args:
        clustering: mean clustering coefficient.
        path_length: mean shortest path.
        nodes: N; the index is undefined for fewer than ``SMALL_WORLD_NODES``.
        degree: mean degree; 1 or less has no random path length.

    >>> round(small_world(0.5, 3.0, 20, 4.0), 3)
    1.711
    """
    if clustering is None or nodes < SMALL_WORLD_NODES or degree <= 1:
        return None
    random_clustering = degree / (nodes - 1)
    random_length = math.log(nodes) / math.log(degree)
    return (clustering / random_clustering) / (path_length / random_length)
