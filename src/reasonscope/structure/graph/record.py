"""The row of table ``graphs``: one trace's two graphs, each measure beside its control."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """The graphs of one trace; None: too small to be measured, or undefined."""

    trace_id: str
    steps: int
    walked: int
    """Steps of the walk: fewer than all where the trace is longer than the limit."""
    edges: int
    """Edges known by evidence; order alone is left out of the dependency graph."""
    depth: int | None
    branching_ratio: float | None
    convergence_ratio: float | None
    density: float | None
    rewired_depth: float | None
    """Mean over graphs with as many edges from each step, to earlier ones at random."""
    rewired_branching_ratio: float | None
    nodes: int
    """Kinds of steps."""
    visits: int
    revisit_share: float | None
    cycle: bool | None
    loop_count: int | None
    diameter: int | None
    clustering: float | None
    path_length: float | None
    small_world: float | None
    shuffled_revisit_share: float | None
    """Each measure's mean over shuffles of the same steps."""
    shuffled_cycle: float | None
    shuffled_loop_count: float | None
    shuffled_diameter: float | None
    shuffled_clustering: float | None
    shuffled_path_length: float | None
    shuffled_small_world: float | None
