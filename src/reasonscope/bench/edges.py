"""How well our edges agree with what a labeller says each step depends on."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from reasonscope.provenance import seed_for
from reasonscope.stats import Estimate, cluster_bootstrap, ratio_by_cluster
from reasonscope.structure.edges.finding import DROPPED, edges_between, fold
from reasonscope.traces.formats import read
from reasonscope.traces.schema import Edge, ErrorRow, Reading
from reasonscope.traces.segment import steps_of

Arrow = tuple[int, int]
"""A step and an earlier one that it uses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """One trace: how many edges are labelled, found and right; all, and those that reach back."""

    problem_id: str
    labelled: int
    found: int
    right: int
    steps: int
    previous_right: int
    """Labelled edges to the step before."""
    far_labelled: int
    """Labelled edges to a step before that."""
    far_found: int
    """Edges of any weight to such a step."""
    far_right: int
    looked_back: int
    """Steps with a labelled edge to such a step and an edge of ours to one."""
    looked_right: int
    """Those of them whose strongest edge to such a step is labelled."""
    looked_chance: float
    """How many would be right if our edge pointed to any such step at random."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeScore:
    """Agreement of edges with labels; F1 is micro: over all edges of all traces."""

    traces: tuple[Scored, ...]
    unreadable: int
    """Records that could not be read, or that carry no labelled edge; not in any figure."""
    in_sample: bool
    """The weights were trained on these problems as well."""

    def f1(self) -> Estimate:
        """F1 of our edges of weight ``DROPPED`` or more."""
        return self._f1([t.right for t in self.traces], [t.found for t in self.traces])

    def f1_previous_step(self) -> Estimate:
        """F1 of saying that every step but the first depends on the one before alone."""
        return self._f1(
            [t.previous_right for t in self.traces], [max(0, t.steps - 1) for t in self.traces]
        )

    def _f1(self, right: Sequence[int], found: Sequence[int]) -> Estimate:
        sizes = [f + t.labelled for f, t in zip(found, self.traces, strict=True)]
        return ratio_by_cluster([2 * r for r in right], sizes, self.problems())

    def problems(self) -> list[str]:
        """The problem of each trace."""
        return [trace.problem_id for trace in self.traces]

    def difference(self) -> Estimate:
        """F1 minus that of the previous step; a bootstrap over problems."""

        def statistic(picked: "np.ndarray[Any, Any]") -> float:
            ours, simple = (_micro(self.traces, picked, mine) for mine in (True, False))
            return ours - simple

        places = list(range(len(self.traces)))
        seed = seed_for("bench edges", len(places))
        return cluster_bootstrap(places, self.problems(), statistic, seed=seed)

    def far(self) -> dict[str, Estimate]:
        """How edges of any weight do beyond the step before, where the previous step has F1 0."""
        traces, problems = self.traces, self.problems()
        looked = [t.looked_back for t in traces]
        sizes = [t.far_found + t.far_labelled for t in traces]
        return {
            "far_f1": ratio_by_cluster([2 * t.far_right for t in traces], sizes, problems),
            "far_hit": ratio_by_cluster([t.looked_right for t in traces], looked, problems),
            "far_hit_chance": ratio_by_cluster([t.looked_chance for t in traces], looked, problems),
        }

    def shares(self) -> dict[str, Estimate]:
        """Every figure by its name in the JSON output."""
        traces, problems = self.traces, self.problems()
        right = [t.right for t in traces]
        return {
            "f1": self.f1(),
            "f1_previous_step": self.f1_previous_step(),
            "difference": self.difference(),
            "precision": ratio_by_cluster(right, [t.found for t in traces], problems),
            "recall": ratio_by_cluster(right, [t.labelled for t in traces], problems),
            **self.far(),
        }

    def to_json(self) -> dict[str, Any]:
        """The score as a flat JSON object, with intervals and counts."""
        shares = self.shares()
        return {
            "n": len(self.traces),
            **{name: estimate.value for name, estimate in shares.items()},
            "difference_at_most": _left(shares["f1_previous_step"].value),
            "n_edges": sum(trace.labelled for trace in self.traces),
            "n_far_edges": sum(trace.far_labelled for trace in self.traces),
            "n_looked_back": sum(trace.looked_back for trace in self.traces),
            "n_problems": len(set(self.problems())),
            "intervals": {name: [e.low, e.high] for name, e in shares.items()},
            "unreadable": self.unreadable,
            "weights": "of all problems" if self.in_sample else "trained without the problem",
        }

    def summary(self) -> str:
        """The score for a person."""
        said = self.to_json()
        lines = [
            f"{said['n']} traces of {said['n_problems']} problems, {said['n_edges']:,} labelled "
            f"edges, {self.unreadable} unreadable; weights {said['weights']}"
        ]
        for name, estimate in self.shares().items():
            value = "unknown" if estimate.value is None else f"{estimate.value:.3f}"
            ends = "" if estimate.low is None else f" ({estimate.low:.3f} to {estimate.high:.3f})"
            lines.append(f"  {_MEANING[name]}: {value}{ends}")
        return "\n".join(lines)


_MEANING = {
    "f1": "micro F1 over all edges",
    "f1_previous_step": "the same of 'each step depends on the one before'",
    "difference": "difference",
    "precision": "precision",
    "recall": "recall",
    "far_f1": "micro F1 beyond the step before, edges of any weight (previous step: 0)",
    "far_hit": "where label and we both look further back: our first choice is labelled",
    "far_hit_chance": "the same for any earlier step at random",
}


def _left(f1: float | None) -> float | None:
    """How far a perfect F1 would lie above this one."""
    return None if f1 is None else 1 - f1


def _micro(traces: Sequence[Scored], picked: "np.ndarray[Any, Any]", ours: bool) -> float:
    held = [traces[int(place)] for place in picked]
    right = sum(t.right if ours else t.previous_right for t in held)
    found = sum(t.found if ours else max(0, t.steps - 1) for t in held)
    whole = found + sum(t.labelled for t in held)
    return 2 * right / whole if whole else float("nan")


def edges_bench(
    path: str | Path,
    format: str = "auto",
    *,
    in_sample: bool = False,
    progress: Callable[[], None] | None = None,
) -> EdgeScore:
    """The agreement of our edges with ``depends_on`` of labelled traces.

    On a problem that the weights were trained on, weights that were made without it are used.

    Args:
        path: a folder of thought-anchors.
        format: ``thought-anchors`` or ``auto``.
        in_sample: use the weights of all problems on every trace.
        progress: called after each trace.
    """
    scored: list[Scored] = []
    unreadable = 0
    for item in read(path, format=format):
        gold = set() if isinstance(item, ErrorRow) else labelled(item)
        if isinstance(item, ErrorRow) or not gold:
            unreadable += 1
        else:
            scored.append(_scored(item, gold, in_sample))
        if progress is not None:
            progress()
    return EdgeScore(traces=tuple(scored), unreadable=unreadable, in_sample=in_sample)


def labelled(reading: Reading) -> set[Arrow]:
    """The labelled edges of a trace whose chunks are its steps; none: no usable label.

    Entries that are no number of an earlier step are left out.
    """
    chunks = json.loads(reading.trace.extra).get("chunks")
    if reading.step_ends is None or not isinstance(chunks, list):
        return set()
    return {
        (j, int(said))
        for j, chunk in enumerate(chunks)
        for said in _depends(chunk)
        if said.isascii() and said.isdigit() and len(said) < 7 and int(said) < j
    }


def _depends(chunk: Any) -> list[str]:
    listed = chunk.get("depends_on") if isinstance(chunk, dict) else None
    return [str(one) for one in listed] if isinstance(listed, list) else []


def _scored(reading: Reading, gold: set[Arrow], in_sample: bool) -> Scored:
    texts = [step.text for step in steps_of(reading.trace, reading.step_ends)]
    key = "" if in_sample else fold(reading.problem.question)
    edges = edges_between(texts, reading.trace.trace_id, key)
    return score_one(edges, gold, len(texts), reading.problem.problem_id)


def score_one(edges: Sequence[Edge], gold: set[Arrow], steps: int, problem_id: str) -> Scored:
    """One trace's counts from its edges and the labelled ones."""
    likely = {(e.step_index, e.uses) for e in edges if e.weight >= DROPPED}
    far = [e for e in edges if e.uses < e.step_index - 1]
    first: dict[int, Edge] = {}
    for edge in far:
        if edge.step_index not in first or edge.weight > first[edge.step_index].weight:
            first[edge.step_index] = edge
    back: dict[int, int] = {}
    for j, i in gold:
        if i < j - 1:
            back[j] = back.get(j, 0) + 1
    both = [edge for j, edge in first.items() if j in back]
    return Scored(
        problem_id=problem_id,
        labelled=len(gold),
        found=len(likely),
        right=len(likely & gold),
        steps=steps,
        previous_right=sum(i == j - 1 for j, i in gold),
        far_labelled=sum(back.values()),
        far_found=len(far),
        far_right=sum((e.step_index, e.uses) in gold for e in far),
        looked_back=len(both),
        looked_right=sum((e.step_index, e.uses) in gold for e in both),
        looked_chance=sum(back[e.step_index] / (e.step_index - 1) for e in both),
    )
