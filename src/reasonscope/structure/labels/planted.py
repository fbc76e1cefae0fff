"""Planted labels: chains with known shares and known runs, seen through a known confusion."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from reasonscope.instrument import Calibration
from reasonscope.planting import effect
from reasonscope.provenance import seed_for
from reasonscope.stats import Estimate
from reasonscope.structure.labels.conclude import runs
from reasonscope.structure.labels.labeller import shipped
from reasonscope.structure.labels.shares import corrected_share, rates
from reasonscope.traces.schema import LABELS

PROBLEMS, STEPS = 60, 60
"""Size of a planted study: problems with one trace each, and steps of a trace."""
ANNOTATED = 300
"""Steps of each problem on which the planted labeller's confusion is measured."""
ANNOTATED_PROBLEMS = 10
OWN = 30.0
"""Concentration of a problem's own shares around the planted ones."""

CHECK = LABELS.index("self_checking")
USUAL, MORE = 0.07, 0.25
"""Planted share of checking steps: the null one, and the planted one."""
KEEP = 0.3
"""Planted chance that a step keeps the label of the one before, beyond a fresh draw."""


def calibrate(seed: int, n: int) -> list[Calibration]:
    """The corrected share of a label, and runs of labels, on planted chains."""
    return [
        effect(
            "labels",
            "25 % checking steps seen through the labeller's confusion; null: 7 %",
            lambda one: planted_share(one, MORE),
            lambda one: planted_share(one, USUAL),
            truth=MORE,
            nothing=USUAL,
            seed=seed,
            n=n,
            note="on traces of another kind the labeller may err otherwise than measured",
        ),
        effect(
            "labels",
            "steps that keep their label with chance .3; null: each step on its own",
            lambda one: runs(planted_chains(one, KEEP)),
            lambda one: runs(planted_chains(one, 0.0)),
            truth=expected_runs(),
            seed=seed,
            n=n,
            note="labels pass through the confusion; that the labeller looks at neighbours is what "
            "its control measures",
        ),
    ]


@cache
def channel() -> "NDArray[np.float64]":
    """How the shipped labeller errs: true label × label."""
    return rates(shipped().confusion)


def shares(checking: float) -> "NDArray[np.float64]":
    """Shares of the eight labels with a given share of checking; the others as annotated."""
    usual = shipped().confusion.sum(axis=(0, 2))
    usual[CHECK] = 0.0
    found: NDArray[np.float64] = usual / usual.sum() * (1 - checking)
    found[CHECK] = checking
    return found


def planted_share(seed: int, checking: float) -> Estimate:
    """The instrument's corrected share on one planted study, with a freshly measured confusion."""
    rng = np.random.default_rng(seed)
    own = rng.dirichlet(OWN * shares(checking), PROBLEMS)
    observed = rng.multinomial(STEPS, own @ channel()).astype(float)
    truth = rng.multinomial(ANNOTATED, shares(USUAL), ANNOTATED_PROBLEMS)
    measured = np.array(
        [[rng.multinomial(k, row) for k, row in zip(one, channel(), strict=True)] for one in truth]
    )
    return corrected_share(observed, measured.astype(float), CHECK)


def planted_chains(seed: int, keep: float, problems: int = PROBLEMS) -> list[tuple[str, list[int]]]:
    """Chains of labels, each seen through the confusion."""
    rng = np.random.default_rng(seed)
    drawn = rng.choice(len(LABELS), size=(problems, STEPS), p=shares(USUAL))
    stays = rng.random((problems, STEPS)) < keep
    for step in range(1, STEPS):
        drawn[:, step] = np.where(stays[:, step], drawn[:, step - 1], drawn[:, step])
    cut = channel().cumsum(axis=1)[drawn]
    seen = np.minimum((rng.random((*drawn.shape, 1)) > cut).sum(axis=2), len(LABELS) - 1)
    return [(str(index), row) for index, row in enumerate(seen.tolist())]


@cache
def expected_runs() -> float:
    """The mean of the estimate over 20,000 planted chains: its true value in such studies."""
    found = runs(planted_chains(seed_for("labels", "expected runs"), KEEP, 20_000))
    assert found.value is not None, "planted chains have steps"
    return found.value
