"""Completions that a trainer dumped: traces of the model ``RUN@STEP``, and means of rewards.

TRL writes ``completions_00010.parquet`` after ten updates, verl ``10.jsonl`` likewise: what they
hold was written by the model one update before.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from reasonscope.dynamics.recorded import Recorded
from reasonscope.stats import Estimate, mean_by_cluster
from reasonscope.stats.estimate import student_quantile
from reasonscope.traces.schema import ErrorRow, Reading


@dataclass(frozen=True, slots=True)
class Dumped:
    """One dumped completion: its step, and what it was paid."""

    reading: Reading
    step: int
    """Updates done when it was sampled."""
    rewards: Mapping[str, float]
    """By our parts of ``reward``; the empty part is the total."""


def dumped(rows: Iterable[Reading | ErrorRow], run: str) -> Iterator[Dumped | ErrorRow]:
    """The readings with their steps, as traces of the model ``RUN@STEP``; no step: an error row."""
    seen: dict[tuple[int, str], int] = {}
    for row in rows:
        if isinstance(row, ErrorRow):
            yield row
            continue
        extra = json.loads(row.trace.extra)
        step = extra.get("step")
        if not isinstance(step, int) or isinstance(step, bool) or step < 0:
            yield ErrorRow(source=run, place=row.trace.trace_id, error="expected a step")
            continue
        before = max(step - 1, 0)
        place = (before, row.problem.problem_id)
        sample = seen.get(place, -1) + 1
        seen[place] = sample
        trace = replace(row.trace, model=f"{run}@{before}").numbered(sample)
        yield Dumped(replace(row, trace=trace), before, _rewards(extra))


def _rewards(extra: Mapping[str, Any]) -> dict[str, float]:
    """TRL's rewards by name, or verl's score as the total."""
    held = extra.get("rewards")
    if isinstance(held, dict):
        return {str(name): float(value) for name, value in held.items() if _known(value)}
    return {"": float(extra["score"])} if _known(extra.get("score")) else {}


def _known(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


Paid = tuple[str, Mapping[str, float]]
"""The problem of a completion, and its rewards by part."""


def means(run: str, step: int, found: Sequence[Paid]) -> Iterator[Recorded]:
    """The means of a step's rewards, with standard errors by problem."""
    for part in dict.fromkeys(name for _, rewards in found for name in rewards):
        known = [(problem, rewards[part]) for problem, rewards in found if part in rewards]
        mean = mean_by_cluster([value for _, value in known], [problem for problem, _ in known])
        yield Recorded(
            run=run,
            step=step,
            name="reward",
            part=part,
            value=mean.value,
            error=standard_error(mean),
            n=len(known),
            missing=len(found) - len(known),
        )


def standard_error(estimate: Estimate) -> float | None:
    """The standard error behind a cluster-robust t interval; None: it has no interval."""
    if estimate.value is None or estimate.high is None or not estimate.clusters:
        return None
    half = estimate.high - estimate.value
    return half / student_quantile(estimate.level, estimate.clusters - 1)
