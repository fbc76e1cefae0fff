"""Planted commitment points: recovered within a step, with intervals, and a null without one."""

from dataclasses import dataclass
from random import Random

from reasonscope.instrument import Calibration
from reasonscope.planting import mean_error, rate
from reasonscope.provenance import seed_for
from reasonscope.structure.anchors.commitment.findings import NAME
from reasonscope.structure.anchors.commitment.reading import LEVEL, Commitment, read
from reasonscope.structure.anchors.planted_steps import FINAL, Reasoner
from reasonscope.structure.anchors.rollout import Request


@dataclass(frozen=True, slots=True)
class Plan:
    """A planted trace: its steps, forced answers after each number of them, and how sure they are.

    The commitment lies in the middle half of the steps.
    """

    steps: int
    samples: int
    guess: float
    """How often the planted model gives the trace's own answer before the commitment."""
    steady: float
    """And how often from there on."""


DENSE, SPARSE = Plan(12, 8, 0.2, 0.8), Plan(30, 3, 0.25, 0.75)
"""Rollouts enough to find the step, and so few that the interval has work to do."""


def calibrate(seed: int, n: int) -> list[Calibration]:
    """How often the planted step is found, a rise is seen where none is, and intervals hold it."""
    return [_calibration(plan, seed, n) for plan in (DENSE, SPARSE)]


def _calibration(plan: Plan, seed: int, n: int) -> Calibration:
    seeds = [seed_for("commitment", plan.steps, seed, index) for index in range(n)]
    found = [planted(plan, one) for one in seeds]
    empty = [rolled(plan, 0, one) for one in seeds]
    dense = plan is DENSE
    return Calibration(
        instrument=NAME,
        plant=f"an answer fixed at a step drawn at random, {plan.samples} forced answers at each "
        f"of {plan.steps + 1} prefixes; null: fixed from the start",
        power=rate([_near(row, at) if dense else _rises(row) for row, at in found]),
        false_positive=rate([_rises(row) for row in empty]),
        coverage=rate([holds(row, at) for row, at in found]),
        bias=mean_error([row.value - at for row, at in found if row.value is not None]),
        note="found: within one step, and a rise beyond chance" if dense else "found: a rise",
    )


def planted(plan: Plan, seed: int) -> tuple[Commitment, int]:
    """The row of a trace that commits itself at a random step, and that step."""
    at = Random(seed_for("commits", seed)).randint(plan.steps // 4, 3 * plan.steps // 4)
    return rolled(plan, at, seed), at


def rolled(plan: Plan, commits: int, seed: int) -> Commitment:
    """The row of a trace that commits itself at a step, through the reading of real rollouts."""
    model = Reasoner(commits=commits, steady=plan.steady, guess=plan.guess)
    asked = [
        Request(kept=k, index=index, arm="forced")
        for k in range(plan.steps + 1)
        for index in range(plan.samples)
    ]
    return read(str(seed), plan.steps, model.roll(asked, seed), FINAL)


def _rises(row: Commitment) -> bool:
    return row.p_rise is not None and row.p_rise < LEVEL


def _near(row: Commitment, at: int) -> bool:
    return _rises(row) and row.value is not None and abs(row.value - at) <= 1


def holds(row: Commitment, at: int) -> bool:
    """Whether the row's interval holds a step."""
    return row.low is not None and row.low <= at and (row.high is None or at <= row.high)
