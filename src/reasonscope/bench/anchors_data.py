"""The published accuracies of thought-anchors, as truths to replay."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reasonscope.structure.anchors.budget.allocation import Setting, expected_costs
from reasonscope.structure.anchors.budget.curves import drawn_curves
from reasonscope.traces.formats import read
from reasonscope.traces.lengths import estimated_tokens, step_tokens
from reasonscope.traces.schema import Reading
from reasonscope.traces.segment import steps_of

ANSWERS = 100
"""Answers behind each published accuracy, at most; taken as all where the curve is denoised."""
FORCED_TOKENS = 20.0
"""Tokens of a forced answer: assumed, since none are published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """One trace with what is published of its prefixes."""

    trace_id: str
    problem_id: str
    accuracies: NDArray[np.float64]
    """By prefix, from none kept to all but the last step: one entry more than importances."""
    forced: NDArray[np.float64]
    """Accuracies of answers forced after each prefix, summed up from published differences."""
    setting: Setting
    """Costs by prefix, of what remains of the trace."""

    def forced_setting(self) -> Setting:
        """What forced answers cost."""
        return Setting((FORCED_TOKENS,) * len(self.accuracies))

    def denoised(self) -> NDArray[np.float64]:
        """The accuracies, flat but for jumps that the published answers show.

        A step is a jump where the chance of an importance of .05 or more is at least a half, given
        100 answers a prefix; between jumps the published shares are averaged.
        """
        made = np.full(len(self.accuracies), ANSWERS, dtype=np.int64)
        right = np.rint(self.accuracies * ANSWERS).astype(np.int64)
        jumps = drawn_curves(made, right, 1000, 0).chance_beyond(0.05) >= 0.5
        number = np.concatenate([[0], np.cumsum(jumps)])
        means = np.bincount(number, weights=self.accuracies) / np.bincount(number)
        return np.asarray(means[number], dtype=np.float64)


def published_traces(folder: str | Path) -> tuple[tuple[Published, ...], int]:
    """The traces of a folder whose steps carry accuracies, and how many could not be read."""
    found, unreadable = [], 0
    for item in read(folder, format="thought-anchors"):
        trace = _published(item) if isinstance(item, Reading) else None
        if trace is None:
            unreadable += 1
        else:
            found.append(trace)
    return tuple(found), unreadable


def _published(item: Reading) -> Published | None:
    chunks = json.loads(item.trace.extra).get("chunks")
    accuracies = _column(chunks, "accuracy")
    if accuracies is None or len(accuracies) < 2 or item.step_ends is None:
        return None
    forced = _column(chunks, "forced_importance_accuracy")
    tokens = step_tokens(list(steps_of(item.trace, item.step_ends)))
    last = len(accuracies) - 1
    after = sum(tokens[last:]) + estimated_tokens(item.trace.closing + item.trace.answer)
    return Published(
        trace_id=item.trace.trace_id,
        problem_id=item.problem.problem_id,
        accuracies=accuracies,
        forced=_levels(np.zeros(last + 1) if forced is None else forced)[: last + 1],
        setting=Setting(expected_costs(tokens[:last], after)),
    )


def _column(chunks: Any, name: str) -> NDArray[np.float64] | None:
    if not isinstance(chunks, list):
        return None
    values = [chunk.get(name) if isinstance(chunk, dict) else None for chunk in chunks]
    if any(not isinstance(value, (int, float)) for value in values):
        return None
    return np.asarray(values, dtype=np.float64)


def _levels(differences: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shares whose differences these are; the lowest is set to 0, as no level is published."""
    levels = np.concatenate([[0.0], np.cumsum(differences)])
    clipped: NDArray[np.float64] = np.clip(levels - levels.min(), 0.0, 1.0)
    return clipped
