"""What rollouts have shown so far: right ones and all, for each prefix of a trace."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reasonscope.structure.anchors.rollout import Rollout

FRESH = 1_000_000
"""Rollouts whose index is this or more were made after the candidates were chosen, and had no part
in choosing them: the interval of a reported anchor rests on these alone."""

Counts = NDArray[np.int64]
"""Shape (prefix,): prefix ``k`` keeps the first ``k`` steps, ``k`` = 0 to the number of steps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tallies:
    """Counts by prefix, of the rollouts that searched and of those that confirm."""

    made: Counts
    """Searching rollouts with an outcome, and those of the prefix before whose first step came out
    as the trace has it: they go on from here too."""
    right: Counts
    """Those of them whose answer is right."""
    fresh_made: Counts
    """Confirming rollouts with an outcome."""
    fresh_right: Counts
    """Those of them whose answer is right."""
    asked: Counts
    """Searching rollouts asked for, whatever came of them: cut and failed ones too."""
    fresh_asked: Counts
    """Confirming rollouts asked for, whatever came of them."""

    @classmethod
    def empty(cls, steps: int) -> "Tallies":
        """No rollouts yet."""
        return cls(
            made=_none(steps),
            right=_none(steps),
            fresh_made=_none(steps),
            fresh_right=_none(steps),
            asked=_none(steps),
            fresh_asked=_none(steps),
        )

    @classmethod
    def of(cls, rows: Iterable[Rollout], steps: int, own: Sequence[str] = ()) -> "Tallies":
        """The counts of these rows; other arms than ``resample`` are passed over.

        A rollout without an outcome (cut, unparsable, failed) is counted as asked for only.

        Args:
            rows: rollouts of one trace.
            steps: how many steps the trace has.
            own: the trace's own steps; without them no rollout counts for the next prefix.
        """
        counted = cls.empty(steps)
        for row in rows:
            if row.arm == "resample" and not row.inserted and 0 <= row.kept <= steps:
                counted.add(row, own)
        return counted

    @property
    def steps(self) -> int:
        """How many steps the trace has."""
        return len(self.made) - 1

    def add(self, row: Rollout, own: Sequence[str] = ()) -> None:
        """Count one more rollout, in place."""
        kept, known, right = row.kept, row.correct is not None, row.correct is True
        if row.index >= FRESH:
            self.fresh_asked[kept] += 1
            self.fresh_made[kept] += known
            self.fresh_right[kept] += right
            return
        self.asked[kept] += 1
        same = kept < len(own) and row.step.strip() == own[kept].strip() != ""
        for prefix in (kept, kept + 1) if same else (kept,):
            self.made[prefix] += known
            self.right[prefix] += right


def _none(steps: int) -> Counts:
    return np.zeros(steps + 1, dtype=np.int64)
