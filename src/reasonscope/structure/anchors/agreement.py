"""How often rollouts end with the trace's own answer, and weighted sums of such shares."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from reasonscope.problems.answers import final_answer
from reasonscope.stats import Estimate
from reasonscope.structure.anchors.forms import normal_form
from reasonscope.structure.anchors.intervals import jeffreys
from reasonscope.structure.anchors.rollout import Arm, Rollout
from reasonscope.traces.schema import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """The rollouts of one arm and prefix, by their answer."""

    same: int = 0
    """Rollouts with the trace's own answer."""
    other: int = 0
    """With another answer."""
    unanswered: int = 0
    """Cut at the limit or unparsable: they did not give the trace's answer, and count so."""
    failed: int = 0
    """Nothing came back: they say nothing, and are not among :attr:`n`."""

    @property
    def n(self) -> int:
        """Rollouts that came back."""
        return self.same + self.other + self.unanswered

    @property
    def share(self) -> float:
        """Share with the trace's own answer.

        >>> Agreement(same=3, other=1).share
        0.75
        """
        return self.same / self.n

    @property
    def most(self) -> float:
        """The same share if every rollout without an answer had given the trace's own."""
        return (self.same + self.unanswered) / self.n

    def __add__(self, other: "Agreement") -> "Agreement":
        """Both together."""
        return Agreement(
            same=self.same + other.same,
            other=self.other + other.other,
            unanswered=self.unanswered + other.unanswered,
            failed=self.failed + other.failed,
        )


def agreement(rollouts: Iterable[Rollout], final: str) -> Agreement:
    """The rollouts counted against the trace's own final answer, in its normal form."""
    counted = Counter(_outcome(row, final) for row in rollouts)
    return Agreement(**counted)


def _outcome(row: Rollout, final: str) -> str:
    if row.error:
        return "failed"
    if row.answer is None:
        return "unanswered"
    return "same" if row.answer == final else "other"


def own_answer(case: Case) -> str | None:
    r"""The trace's own final answer in the normal form that rollouts have; None: it has none.

    >>> from reasonscope.traces.schema import Problem, Trace
    >>> problem = Problem.make("1 + 1 = ?", answer="2", answer_kind="number")
    >>> own_answer(Case(problem, Trace.make(problem, "So the answer is \\boxed{2.0}.")))
    '2'
    """
    found = final_answer(case.problem, case.trace)
    return None if found is None else normal_form(found.text, case.problem, found.correct)


def by_place(rollouts: Iterable[Rollout], arm: Arm) -> dict[int, list[Rollout]]:
    """The rollouts of one arm by how many steps they keep, in rising order.

    Resamples after which text was put do not go on from the trace and are passed over.
    """
    held: dict[int, list[Rollout]] = {}
    for row in rollouts:
        if row.arm == arm and not (arm == "resample" and row.inserted):
            held.setdefault(row.kept, []).append(row)
    return dict(sorted(held.items()))


Part = tuple[float, Agreement]
"""A weight and the share that it weighs."""


def weighted(parts: Sequence[Part]) -> Estimate:
    """A weighted sum of independent shares, with an interval.

    The ends are those of each share's Jeffreys interval, recovered and added as variances
    (MOVER), so that shares of 0 and 1 do not make it collapse. Sources: Donner and Zou 2012;
    for the choice of Jeffreys see :mod:`reasonscope.structure.anchors.intervals`. A part without
    rollouts: no value.
    """
    n = sum(part.n for _, part in parts)
    if not parts or any(part.n == 0 for _, part in parts):
        return Estimate(value=None, n=n, method="mover: a part has no rollouts")
    value = sum(weight * part.share for weight, part in parts)
    below = above = 0.0
    for weight, part in parts:
        low, high = _reach(part.same, part.n)
        down, up = (low, high) if weight > 0 else (high, low)
        below += (weight * down) ** 2
        above += (weight * up) ** 2
    return Estimate(
        value=value,
        low=value - math.sqrt(below),
        high=value + math.sqrt(above),
        n=n,
        method="mover of jeffreys",
    )


@cache
def _reach(same: int, n: int) -> tuple[float, float]:
    """How far the ends of its interval lie below and above the share."""
    low, high = jeffreys(same, n - same)
    return same / n - low, high - same / n


def bounds(parts: Sequence[Part]) -> tuple[float, float]:
    """The sum at worst and at best, whatever the rollouts without an answer would have given.

    >>> bounds([(1.0, Agreement(same=1, unanswered=1)), (-1.0, Agreement(same=1, other=1))])
    (0.0, 0.5)
    """
    low = sum(w * (part.share if w > 0 else part.most) for w, part in parts)
    high = sum(w * (part.most if w > 0 else part.share) for w, part in parts)
    return low, high
