"""Which of a trace's steps its rollouts say again, compared once for all that is read from it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from reasonscope.structure.anchors.agreement import by_place
from reasonscope.structure.anchors.rollout import Rollout
from reasonscope.traces.segment import split_output, step_ends

Similar = Callable[[Sequence[str], Sequence[str]], NDArray[np.bool_]]
"""Which texts of two lists say the same: rows the first, columns the second."""
Split = Callable[[str], Sequence[str]]
"""A text's steps."""

BLOCK = 4096
"""Texts compared with a trace's steps at a time, so that memory stays bounded."""
MOST_ROLLOUT_STEPS = 2_000
"""Steps of one rollout that are looked at; the rest is passed over."""
NEVER = -1
"""Stands for the place of a step that is not said again."""


def split(text: str) -> list[str]:
    """The steps of a rollout's reasoning, found as those of a trace.

    >>> split("We add three to it. So there are seven.</think>Answer: 7")
    ['We add three to it. ', 'So there are seven.']
    """
    reasoning = split_output(text).reasoning
    ends = step_ends(reasoning)
    return [reasoning[a:b] for a, b in zip((0, *ends), ends, strict=False)]


@dataclass(frozen=True, slots=True)
class Said:
    """Where the rollouts of one prefix say the trace's steps again."""

    first: NDArray[np.intp]
    """``[rollout, step]``: which of the rollout's steps is the first that says it, or NEVER."""
    kept: int
    """Steps of the trace before the rollouts begin."""
    ended: NDArray[np.bool_]
    """``[rollout]``: it came to its end; False: it was cut."""
    failed: int = 0
    """Rollouts of which nothing came back; they are not among the others."""

    @property
    def said(self) -> NDArray[np.bool_]:
        """``[rollout, step]``: it says the step again somewhere."""
        return np.asarray(self.first != NEVER)

    @property
    def left(self) -> NDArray[np.bool_]:
        """``[rollout]``: its first step is another than the trace's at that place."""
        if self.kept >= self.first.shape[1]:
            return np.ones(len(self.first), dtype=np.bool_)
        return np.asarray(self.first[:, self.kept] != 0)

    def of(self, steps: slice) -> "Said":
        """The same of some of the steps only."""
        return replace(self, first=self.first[:, steps])


def said_again(
    steps: Sequence[str], rollouts: Iterable[Rollout], similar: Similar, split: Split = split
) -> dict[int, Said]:
    """For each prefix where its rollouts say the trace's steps again.

    Equal texts are compared once, so the cost is that of the distinct texts times the steps.

    Args:
        steps: The trace's steps.
        rollouts: Of that trace; those that do not resample a step are passed over.
        similar: Tells which texts say the same.
        split: How a rollout's text falls into steps.
    """
    places = by_place(rollouts, "resample")
    told = {
        kept: [list(split(row.text))[:MOST_ROLLOUT_STEPS] for row in rows if not row.error]
        for kept, rows in places.items()
        if kept <= len(steps)
    }
    texts = dict.fromkeys(text for held in told.values() for one in held for text in one)
    number = {text: at for at, text in enumerate(texts)}
    like = _likeness(list(texts), steps, similar)
    return {
        kept: Said(
            first=_first(held, number, like),
            kept=kept,
            ended=np.array([row.ended for row in places[kept] if not row.error], dtype=np.bool_),
            failed=sum(bool(row.error) for row in places[kept]),
        )
        for kept, held in told.items()
    }


def _likeness(texts: Sequence[str], steps: Sequence[str], similar: Similar) -> NDArray[np.bool_]:
    blocks = [
        np.asarray(similar(texts[at : at + BLOCK], steps), dtype=np.bool_)
        for at in range(0, len(texts), BLOCK)
    ]
    return np.concatenate(blocks) if blocks else np.zeros((0, len(steps)), dtype=np.bool_)


def _first(
    told: Sequence[Sequence[str]], number: dict[str, int], like: NDArray[np.bool_]
) -> NDArray[np.intp]:
    first = np.full((len(told), like.shape[1]), NEVER, dtype=np.intp)
    for row, texts in enumerate(told):
        rows = like[[number[text] for text in texts]]
        if len(rows):
            first[row] = np.where(rows.any(axis=0), rows.argmax(axis=0), NEVER)
    return first
