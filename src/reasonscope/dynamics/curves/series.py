"""The curves of a study's runs, from table ``recorded``."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from reasonscope.dynamics.recorded import KNOWN
from reasonscope.traces.store import Study

Numbers = NDArray[np.float64]

NAMES = (
    "reward",
    "truth_share",
    "answered_share",
    "truncated_share",
    "unparsed_share",
    "constant_group_share",
    "length_tokens",
    "entropy_nats",
    "kl_nats",
    "clip_share",
    "valid_step_share",
    "label_share",
    "backtracks_per_1k_tokens",
    "checks_per_1k_tokens",
    "flip_share",
    "loss",
    "grad_norm",
    "step_seconds",
    "recorder_seconds",
    "recorder_share",
)
"""What is read of a run; logs may hold much more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One number over the steps of one run; steps at which it is unknown are left out."""

    run: str
    name: str
    part: str
    steps: Numbers
    """Optimizer steps done, rising."""
    values: Numbers
    errors: Numbers
    """Standard errors by problem; NaN: unknown."""

    def __len__(self) -> int:
        return len(self.steps)


Run = dict[tuple[str, str], Series]
"""The series of one run by name and part."""


def read(study: Study) -> dict[str, Run]:
    """The runs of a study, the one with the most steps first."""
    rows = study.rows(
        f"select run, name, part, step, value, error from ({KNOWN}) "
        "where list_contains(?, name) order by run, name, part, step",
        [list(NAMES)],
    )
    runs: dict[str, Run] = {}
    for series in _series(rows):
        runs.setdefault(series.run, {})[series.name, series.part] = series
    order = sorted(runs, key=lambda run: (-_length(runs[run]), run))
    return {run: runs[run] for run in order}


Row = tuple[str, str, str, int, float, float | None]


def _series(rows: Iterable[Row]) -> Iterator[Series]:
    for (run, name, part), group in groupby(rows, key=lambda row: row[:3]):
        held = list(group)
        errors = [np.nan if row[5] is None else row[5] for row in held]
        yield Series(
            run=run,
            name=name,
            part=part,
            steps=np.array([row[3] for row in held], dtype=np.float64),
            values=np.array([row[4] for row in held], dtype=np.float64),
            errors=np.array(errors, dtype=np.float64),
        )


def _length(run: Run) -> int:
    return max(len(series) for series in run.values())


@dataclass(frozen=True, slots=True)
class Point:
    """A mean over neighbouring steps, with its standard error where it is known."""

    step: float
    value: float
    error: float | None


def points(series: Series, most: int) -> list[Point]:
    """The curve in at most so many points, each a mean over as many neighbouring steps.

    A point's error is that of a mean of independent steps: how far the completions could have
    fallen otherwise, not how far the policy wanders.
    """
    size = -(-len(series) // most)
    made = []
    for part in np.split(np.arange(len(series)), range(size, len(series), size)):
        squares = series.errors[part] ** 2
        known = bool(np.isfinite(squares).all())
        error = float(np.sqrt(squares.sum())) / len(part) if known else None
        step, value = series.steps[part].mean(), series.values[part].mean()
        made.append(Point(float(step), float(value), error))
    return made
