"""Estimates over lines; ``conclude``, the panel and ``calibrate`` use the same ones.

A line is one trace. What cannot be said of a trace leaves it out of that estimate, never zero.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

import numpy as np

from reasonscope.provenance import seed_for
from reasonscope.stats import (
    Estimate,
    clustered_proportion,
    mean_by_cluster,
    ratio_by_cluster,
)
from reasonscope.stats.possible import possible
from reasonscope.traces.store import Study

BLOCK = 20
"""Traces of about the same length among which outcomes are shuffled."""
SHUFFLES = 200


@dataclass(frozen=True, slots=True)
class Line:
    """What the estimates need of one trace."""

    trace_id: str
    problem_id: str
    tokens: int
    final_correct: bool | None
    reaches_right: bool | None
    outcome_efficiency: float | None
    solutions: int
    distinct: int
    process_efficiency: float | None
    first_tokens: int
    own_tokens: int
    solution_tokens: int
    thoughts: int
    right_tokens: int | None
    underthinking: float | None
    words: int
    repeated_words: int
    repetition_share: float | None
    loop_words: int


def lines(study: Study) -> list[Line]:
    """The lines of all traces that were examined."""
    names = [f"t.{f.name}" if f.name == "problem_id" else f"o.{f.name}" for f in fields(Line)]
    rows = study.rows(
        f"select {', '.join(names)} from overthinking o join traces t using (trace_id) "
        "order by o.trace_id"
    )
    return [Line(*row) for row in rows]


def mean(held: Sequence[Line], value: Callable[[Line], float | None]) -> Estimate:
    """The mean over traces of which the value is known, clustered by problem."""
    known = [(found, line.problem_id) for line in held if (found := value(line)) is not None]
    return mean_by_cluster([found for found, _ in known], [name for _, name in known])


def ratio(
    held: Sequence[Line], top: Callable[[Line], float], bottom: Callable[[Line], float]
) -> Estimate:
    """A ratio of sums over traces, clustered by problem."""
    return ratio_by_cluster(
        [top(line) for line in held],
        [bottom(line) for line in held],
        [line.problem_id for line in held],
    )


def share(held: Sequence[Line], success: Callable[[Line], bool]) -> Estimate:
    """The share of traces, clustered by problem."""
    hits: dict[str, int] = {}
    sizes: dict[str, int] = {}
    for line in held:
        hits[line.problem_id] = hits.get(line.problem_id, 0) + success(line)
        sizes[line.problem_id] = sizes.get(line.problem_id, 0) + 1
    names = sorted(sizes)
    return clustered_proportion([hits[name] for name in names], [sizes[name] for name in names])


def outcome_efficiency(held: Sequence[Line]) -> Estimate:
    """The mean of the share of tokens up to the first right answer (Chen 2412.21187)."""
    return possible(mean(held, lambda line: line.outcome_efficiency), most=1.0)


def uniform(held: Sequence[Line]) -> Estimate:
    """The same with the first right answer at a place drawn uniformly, once for each trace."""
    draw = random.Random(seed_for("overthinking uniform", len(held)))
    known = [line for line in held if line.outcome_efficiency is not None]
    places = [bool(line.reaches_right) * draw.random() for line in known]
    return possible(mean_by_cluster(places, [line.problem_id for line in known]), most=1.0)


def process_efficiency(held: Sequence[Line]) -> Estimate:
    """The mean share of tokens in solutions that go a way of their own (Chen 2412.21187)."""
    return possible(mean(held, lambda line: line.process_efficiency), most=1.0)


def wrong(held: Sequence[Line]) -> list[Line]:
    """The lines with a wrong final answer."""
    return [line for line in held if line.final_correct is False and line.tokens]


def underthinking(held: Sequence[Line]) -> Estimate:
    """Mean share of tokens after the first right thought, of wrong traces (Wang 2501.18585)."""
    return possible(mean(held, lambda line: line.underthinking), most=1.0)


def repetition(held: Sequence[Line]) -> Estimate:
    """The share of words that stood before."""
    return possible(
        ratio(held, lambda line: line.repeated_words, lambda line: line.words), most=1.0
    )


def repetition_gap(held: Sequence[Line]) -> Estimate:
    """Mean repetition of wrong traces minus that of right ones, with a cluster-robust t interval.

    Every trace adds its distance from the mean of its own outcome, so that a problem with traces
    of both outcomes counts as one.
    """
    known = [line for line in held if line.final_correct is not None and line.words]
    values = {
        good: [line.repetition_share or 0.0 for line in known if line.final_correct is good]
        for good in (True, False)
    }
    if not all(values.values()):
        return Estimate(value=None, n=len(known), method="one outcome only")
    means = {good: sum(own) / len(own) for good, own in values.items()}
    gap = means[False] - means[True]
    pulls = [
        (-1 if line.final_correct else 1)
        * ((line.repetition_share or 0.0) - means[bool(line.final_correct)])
        / len(values[bool(line.final_correct)])
        for line in known
    ]
    return ratio_by_cluster(
        [gap / len(known) + pull for pull in pulls],
        [1 / len(known)] * len(known),
        [line.problem_id for line in known],
    )


def length_matched_gap(held: Sequence[Line]) -> Estimate:
    """The gap with outcomes shuffled among traces of about the same length: what length alone does.

    Its interval holds 95 % of the shuffles.
    """
    known = sorted(
        (line for line in held if line.final_correct is not None and line.words),
        key=lambda line: (line.tokens, line.trace_id),
    )
    right = np.array([bool(line.final_correct) for line in known])
    if len(set(right.tolist())) < 2:
        return Estimate(value=None, n=len(known), method="one outcome only")
    values = np.array([line.repetition_share or 0.0 for line in known])
    rng = np.random.default_rng(seed_for("overthinking gap", len(known)))
    blocks = np.arange(len(known)) // BLOCK
    gaps = np.empty(SHUFFLES)
    for place in range(SHUFFLES):
        drawn = right[np.argsort(blocks + rng.random(len(known)))]
        gaps[place] = values[~drawn].mean() - values[drawn].mean()
    low, high = np.quantile(gaps, [0.025, 0.975])
    return Estimate(
        value=float(gaps.mean()),
        low=float(low),
        high=float(high),
        n=len(known),
        method=f"{SHUFFLES} shuffles within {BLOCK} traces of neighbouring length",
    )
