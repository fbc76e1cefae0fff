"""A planted model that says an idea again with a known chance, and how resilience does on it."""

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

import numpy as np

from reasonscope.instrument import Calibration
from reasonscope.planting import effect
from reasonscope.provenance import seed_for
from reasonscope.stats import Estimate
from reasonscope.structure.anchors.planted_steps import FINAL, made, same_words, steps_in
from reasonscope.structure.anchors.resilience.findings import NAME
from reasonscope.structure.anchors.resilience.reading import Resilience, read
from reasonscope.structure.anchors.rollout import Request, Rollout
from reasonscope.structure.anchors.step_matrix.said import said_again

IDEA = "the idea; "
AGAIN, RARE, TRIALS = 0.6, 1 / 3, 60
"""How often the planted idea returns, how often it does in the null case, and rollouts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Returning:
    """A model that says a step again with probability ``again`` when it is replaced."""

    again: float
    length: int = 6
    """Steps of a rollout."""
    cut: float = 0.0
    """How often a rollout is cut before it ends."""

    def roll(self, requests: Iterable[Request], seed: int, trace_id: str = "t") -> list[Rollout]:
        """Its rollouts; where the step comes back, it does so after the first step."""
        dice = Random(seed_for("returning", seed, trace_id))
        return [self._one(one, trace_id, dice) for one in requests]

    def _one(self, request: Request, trace_id: str, dice: Random) -> Rollout:
        said = [f"word {dice.randrange(10_000)}; " for _ in range(self.length)]
        if dice.random() < self.again:
            said[dice.randrange(1, self.length)] = IDEA
        ended = dice.random() >= self.cut
        return made(request, trace_id, "".join(said), answer=FINAL, ended=ended)


def calibrate(seed: int, n: int) -> list[Calibration]:
    """Intervals of the expected number of returns."""
    return [
        effect(
            NAME,
            f"an idea that returns {AGAIN:.0%} of the time; null: one that does so in a third, "
            "told from it",
            lambda one: _times(one, AGAIN),
            lambda one: _times(one, RARE),
            truth=AGAIN / (1 - AGAIN),
            nothing=RARE / (1 - RARE),
            seed=seed,
            n=n,
            note=f"{TRIALS} rollouts without the idea at its place",
        )
    ]


def read_idea(rollouts: Iterable[Rollout]) -> Resilience:
    """The row of a trace whose one step is the idea."""
    [row] = read("t", said_again([IDEA], rollouts, same_words, steps_in))
    return row


def _times(seed: int, again: float) -> Estimate:
    model = Returning(again=again, length=3)
    row = read_idea(model.roll([Request(kept=0, index=index) for index in range(TRIALS)], seed))
    high = np.inf if row.reinsertions_high is None else row.reinsertions_high
    return Estimate(value=row.reinsertions, low=row.reinsertions_low, high=high, n=TRIALS)
