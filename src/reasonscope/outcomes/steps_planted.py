"""Planted errors for the steps instrument: every verifier, wrong steps and clean ones."""

from collections.abc import Callable
from dataclasses import dataclass

from reasonscope.instrument import Calibration
from reasonscope.outcomes.planting import coverage
from reasonscope.planting import rate
from reasonscope.provenance import seed_for
from reasonscope.traces.schema import Case
from reasonscope.verify.judge import first_error, judge
from reasonscope.verify.logic.planted import Planted, planted_order, planted_rules
from reasonscope.verify.planted import planted_equations
from reasonscope.verify.simulators.planted import planted as planted_task

FALSE_SHARE = 0.3
"""Planted share of traces with a wrong step in the simulated studies."""


@dataclass(frozen=True, slots=True)
class Plant:
    """A kind of planted case: what it is, and how one is made."""

    name: str
    make: Callable[[int, bool], tuple[Case, int | None]]
    """From a seed and whether to plant an error: the case and its first wrong step."""


def _equations(seed: int, error: bool) -> tuple[Case, int | None]:
    made = planted_equations(seed, wrong=int(error), retracted=1)
    return made.case, min(made.wrong_steps - made.retracted_steps, default=None)


def _task(kind: str) -> Callable[[int, bool], tuple[Case, int | None]]:
    def make(seed: int, error: bool) -> tuple[Case, int | None]:
        made = planted_task(kind, seed, error)
        return made.case, made.wrong_step

    return make


def _logic(
    planted: Callable[[int, int], Planted],
) -> Callable[[int, bool], tuple[Case, int | None]]:
    def make(seed: int, error: bool) -> tuple[Case, int | None]:
        made = planted(seed, 0)
        return (made.corrupted, made.wrong_step) if error else (made.clean, None)

    return make


PLANTS = (
    Plant("a false equation, beside one that is taken back; null: only the latter", _equations),
    Plant("a slip in a sum worked in parts", _task("arithmetic")),
    Plant("a wrong stack of brackets", _task("brackets")),
    Plant("a wrong state after a swap", _task("swaps")),
    Plant("a wrong rank or order in sorting", _task("sorting")),
    Plant("an order that the premises do not allow", _logic(planted_order)),
    Plant("a proof step that does not follow", _logic(planted_rules)),
)
"""Every kind of planted error."""


def calibrate(seed: int, n: int) -> list[Calibration]:
    """Power to locate the planted step, flags on clean traces, and coverage of the share."""
    return [_row(plant, seed, n) for plant in PLANTS] + [_retractions(seed, n)]


def _row(plant: Plant, seed: int, n: int) -> Calibration:
    wrong = [_flagged(plant, seed, index, error=True) for index in range(n)]
    clean = [_flagged(plant, seed, index, error=False) for index in range(n)]
    flags = [at is not None for at, _ in clean]
    simulated = coverage([at is not None for at, _ in wrong], flags, FALSE_SHARE, plant.name, seed)
    return Calibration(
        instrument="steps",
        plant=plant.name,
        power=rate([at == planted for at, planted in wrong]),
        false_positive=rate(flags),
        coverage=simulated.coverage,
        bias=simulated.bias,
        note="found: the first flagged step is the planted one",
    )


def _flagged(plant: Plant, seed: int, index: int, error: bool) -> tuple[int | None, int | None]:
    """Where we see the first error, and where it was planted."""
    case, planted = plant.make(seed_for("calibrate", plant.name, seed, index), error)
    return first_error(judge(case)), planted


def _retractions(seed: int, n: int) -> Calibration:
    taken_back, kept = [], []
    for index in range(n):
        made = planted_equations(seed_for("retractions", seed, index), wrong=1, retracted=1)
        wrong = [v for v in judge(made.case) if v.correct is False]
        taken_back.append(
            all(any(v.retracted and v.step_index == s for v in wrong) for s in made.retracted_steps)
        )
        left = made.wrong_steps - made.retracted_steps
        kept.append(any(v.retracted and v.step_index in left for v in wrong))
    return Calibration(
        instrument="steps",
        plant="a false equation that the trace takes back; null: one that it leaves",
        power=rate(taken_back),
        false_positive=rate(kept),
        note="found: marked as taken back",
    )
