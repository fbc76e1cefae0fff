"""How the matrix and resilience do on planted truth."""

import numpy as np

from reasonscope.instrument import Calibration
from reasonscope.planting import effect, excludes, mean_error, rate
from reasonscope.provenance import seed_for
from reasonscope.stats import Estimate
from reasonscope.structure.anchors.matrix import (
    Said,
    StepEffect,
    edge_auc,
    said_again,
    step_effects,
)
from reasonscope.structure.anchors.planted_steps import (
    Dependence,
    Returning,
    resamples,
    same_words,
    steps_in,
)
from reasonscope.structure.anchors.resilience import Resilience, resilience
from reasonscope.structure.anchors.rollout import Request

PLANT = Dependence(uses=(None, 0, 1, None, 3, 2), steady=0.75, leak=0.15)
"""Two chains of steps, one of which goes on after the other began."""
ROLLOUTS = 40
"""Rollouts of each prefix."""
ENTRY, NOTHING = (0, 1), (0, 3)
"""A step with one that uses it, and with one that does not."""
AGAIN, RARE, TRIALS = 0.6, 1 / 3, 60
"""How often the planted idea returns, how often it does in the null case, and rollouts."""


def calibrate_matrix(seed: int, n: int) -> list[Calibration]:
    """Intervals of an entry, and what the area under the curve and the correction do."""
    exact = PLANT.importance()
    return [
        effect(
            "step_matrix",
            f"an entry of a step that another uses (exactly {exact[ENTRY]:.2f}); null: one that "
            "does not use it",
            lambda one: _entry(one, ENTRY),
            lambda one: _entry(one, NOTHING),
            truth=float(exact[ENTRY]),
            seed=seed,
            n=n,
            note=f"{ROLLOUTS} rollouts of each prefix",
        ),
        _whole(seed, n),
    ]


def _whole(seed: int, n: int) -> Calibration:
    """Whole matrices: edges told from other pairs, and entries called that are none."""
    seeds = [seed_for("matrix", seed, index) for index in range(max(1, n // 10))]
    edges = {("t", int(i), int(j)) for i, j in np.argwhere(PLANT.edges())}
    matrices = [effects(one) for one in seeds]
    areas = [edge_auc(rows, edges) for rows in matrices]
    null = [step_effects("t", _places(one), shuffled=one) for one in seeds]
    return Calibration(
        instrument="step_matrix",
        plant="whole matrices of two chains; null: rollouts shuffled between the two sides",
        power=rate([excludes(area, 0.5) for area in areas]),
        false_positive=rate([any(row.q < 0.05 for row in rows) for rows in null]),
        bias=mean_error([row.value - _exact(row) for rows in matrices for row in rows]),
        note="found: the area for telling edges from other pairs lies above .5; false positive: "
        f"any entry with q < .05; the mean area is {np.mean([a.value or 0 for a in areas]):.3f}; "
        "a tenth as many cases",
    )


def effects(seed: int) -> list[StepEffect]:
    """The matrix of one planted trace."""
    return step_effects("t", _places(seed))


def _places(seed: int, kept: range = range(len(PLANT.uses) + 1)) -> dict[int, Said]:
    rows = PLANT.roll(resamples(kept, ROLLOUTS), seed)
    return said_again(PLANT.steps, rows, same_words, steps_in)


def _exact(row: StepEffect) -> float:
    return float(PLANT.importance()[row.step_index, row.target])


def _entry(seed: int, at: tuple[int, int]) -> Estimate:
    for row in step_effects("t", _places(seed, range(at[0], at[0] + 2))):
        if (row.step_index, row.target) == at:
            return Estimate(value=row.value, low=row.low, high=row.high, n=row.kept)
    return Estimate(value=None)


def calibrate_resilience(seed: int, n: int) -> list[Calibration]:
    """Intervals of the expected number of returns."""
    return [
        effect(
            "resilience",
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


def returned(seed: int, again: float) -> Resilience:
    """The row of one planted step."""
    model = Returning(again=again, length=3)
    asked = [Request(kept=0, index=index) for index in range(TRIALS)]
    return resilience("t", 0, model.step, model.roll(asked, seed), same_words, steps_in)


def _times(seed: int, again: float) -> Estimate:
    row = returned(seed, again)
    high = np.inf if row.reinsertions_high is None else row.reinsertions_high
    return Estimate(value=row.reinsertions, low=row.reinsertions_low, high=high, n=TRIALS)
