"""What rollouts have shown so far: right ones and all, for each prefix of a trace."""

from collections.abc import Iterable
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
class Tally:
    """Counts by prefix, of the rollouts that searched and of those that confirm."""

    made: Counts
    """Searching rollouts with an outcome."""
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
    def empty(cls, steps: int) -> "Tally":
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
    def of(cls, rows: Iterable[Rollout], steps: int) -> "Tally":
        """The counts of these rows; other arms than ``resample`` are passed over.

        A rollout without an outcome (cut, unparsable, failed) is counted as asked for only.
        """
        counted = cls.empty(steps)
        for row in rows:
            if row.arm == "resample" and 0 <= row.kept <= steps:
                counted.add(row.kept, row.index >= FRESH, row.correct)
        return counted

    @property
    def steps(self) -> int:
        """How many steps the trace has."""
        return len(self.made) - 1

    def add(self, kept: int, fresh: bool, correct: bool | None) -> None:
        """Count one more rollout, in place."""
        asked, made, right = (
            (self.fresh_asked, self.fresh_made, self.fresh_right)
            if fresh
            else (self.asked, self.made, self.right)
        )
        asked[kept] += 1
        made[kept] += correct is not None
        right[kept] += correct is True


def _none(steps: int) -> Counts:
    return np.zeros(steps + 1, dtype=np.int64)
