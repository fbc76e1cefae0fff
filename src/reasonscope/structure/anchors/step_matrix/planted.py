"""Planted chains of steps whose matrix is known in closed form, and how the matrix does on them."""

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

import numpy as np
from numpy.typing import NDArray

from reasonscope.instrument import Calibration
from reasonscope.planting import effect, excludes, mean_error, rate
from reasonscope.provenance import seed_for
from reasonscope.stats import Estimate
from reasonscope.structure.anchors.planted_steps import (
    FINAL,
    made,
    resamples,
    same_words,
    steps_in,
)
from reasonscope.structure.anchors.rollout import Request, Rollout
from reasonscope.structure.anchors.step_matrix.findings import NAME
from reasonscope.structure.anchors.step_matrix.reading import StepEffect, edge_auc, step_effects
from reasonscope.structure.anchors.step_matrix.said import Said, said_again


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependence:
    """Steps each of which is said again only where the step that it uses was said."""

    uses: tuple[int | None, ...]
    """For each step the earlier one that it uses; None: none."""
    steady: float = 0.8
    """How often a step is said again where what it uses stands."""
    leak: float = 0.0
    """How often it is said where what it uses does not stand."""

    @property
    def steps(self) -> tuple[str, ...]:
        """The trace's own steps."""
        return tuple(f"x{place} is {place + 10}; " for place in range(len(self.uses)))

    def importance(self) -> NDArray[np.float64]:
        """The exact matrix: how much more often step j is said where step i is kept.

        ``[i, j]``, 0 where j does not depend on i, directly or not. By recursion: the chance of
        a step is ``leak + (steady - leak) * chance of what it uses``.
        """
        size = len(self.uses)
        exact = np.zeros((size, size))
        for i in range(size):
            kept, changed = self._chances(i, 1.0), self._chances(i, 0.0)
            exact[i, i + 1 :] = kept[i + 1 :] - changed[i + 1 :]
        return exact

    def _chances(self, at: int, stands: float) -> NDArray[np.float64]:
        """The chance of each step, where those before ``at`` stand and ``at`` does so or not."""
        chance = np.ones(len(self.uses))
        chance[at] = stands
        for j in range(at + 1, len(self.uses)):
            before = self.uses[j]
            source = 1.0 if before is None else chance[before]
            chance[j] = self.leak + (self.steady - self.leak) * source
        return chance

    def edges(self) -> NDArray[np.bool_]:
        """Which steps depend on which, directly or not."""
        return np.asarray(self.importance() > 1e-12, dtype=np.bool_)

    def roll(self, requests: Iterable[Request], seed: int, trace_id: str = "t") -> list[Rollout]:
        """Rollouts of resampled prefixes."""
        dice = Random(seed_for("dependence", seed, trace_id))
        return [made(one, trace_id, self._text(one.kept, dice), answer=FINAL) for one in requests]

    def _text(self, kept: int, dice: Random) -> str:
        stands = [True] * kept
        said = []
        for place in range(kept, len(self.uses)):
            before = self.uses[place]
            source = before is None or stands[before]
            stands.append(dice.random() < (self.steady if source else self.leak))
            other = f"y{place} is {dice.randrange(100, 999)}; "
            said.append(self.steps[place] if stands[place] else other)
        return "".join(said)


PLANT = Dependence(uses=(None, 0, 1, None, 3, 2), steady=0.75, leak=0.15)
"""Two chains of steps, one of which goes on after the other began."""
ROLLOUTS = 40
"""Rollouts of each prefix."""
ENTRY, NOTHING = (0, 1), (0, 3)
"""A step with one that uses it, and with one that does not."""


def calibrate(seed: int, n: int) -> list[Calibration]:
    """Intervals of an entry, and what the area under the curve and the correction do."""
    exact = PLANT.importance()
    return [
        effect(
            NAME,
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
        instrument=NAME,
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
