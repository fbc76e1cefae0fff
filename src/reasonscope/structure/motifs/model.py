"""A simple model of right and wrong: logistic regression with an L2 penalty, problems left out.

Own Newton steps rather than scikit-learn's solver: a fit of forty columns takes a fraction of a
millisecond, so that calibration can run thousands of whole studies; a test holds it to
scikit-learn's coefficients.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from reasonscope.provenance import seed_for

Floats = NDArray[np.float64]

FOLDS = 6
"""Parts into which the problems are dealt."""
FIRST = 2
"""The first part that is tried; those before it are learnt from alone."""
PENALTY = 10.0
"""Half of this times the squared coefficients (of columns with variance 1) is added to the loss:
scikit-learn's C = 0.1."""
_STEPS = 12


def fit(columns: Floats, truth: NDArray[np.bool_], penalty: float = PENALTY) -> Floats:
    """Intercept and coefficients; the intercept is not penalised."""
    design = np.column_stack([np.ones(len(columns)), columns])
    ridge = np.full(design.shape[1], penalty)
    ridge[0] = 1e-6
    weights = np.zeros(design.shape[1])
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(design @ weights, -30, 30)))
        slope = design.T @ (truth - chance) - ridge * weights
        bend = (design * (chance * (1 - chance))[:, None]).T @ design + np.diag(ridge)
        step = np.linalg.solve(bend, slope)
        weights = weights + step
        if float(np.abs(step).max()) < 1e-6:
            break
    return weights


@lru_cache(maxsize=50_000)
def fold_of(problem: str) -> int:
    """The fold of a problem: by its name, so that it does not depend on the others.

    >>> fold_of("a") == fold_of("a")
    True
    """
    return seed_for("motif folds", problem) % FOLDS


@dataclass(frozen=True, slots=True)
class Learnt:
    """A fitted model; its columns are put to mean 0 and variance 1 by the traces learnt from."""

    mean: Floats
    spread: Floats
    weights: Floats

    def scores(self, columns: Floats) -> Floats:
        """How likely each trace is wrong, on the log-odds scale."""
        scores: Floats = (columns - self.mean) / self.spread @ self.weights[1:]
        return scores


def learn(columns: Floats, truth: NDArray[np.bool_]) -> Learnt:
    """A model of the traces given."""
    mean, spread = columns.mean(0), columns.std(0)
    spread = np.where(spread > 1e-12, spread, 1.0)
    return Learnt(mean, spread, fit((columns - mean) / spread, truth))


def forward(
    columns: Floats, truth: NDArray[np.bool_], folds: Sequence[int]
) -> dict[int, Learnt] | None:
    """For each fold from :data:`FIRST` on, a model of those before it; None: a class is missing.

    In cross-validation each pair of folds counts twice, once each way, and an interval that takes
    the folds for independent is too narrow by up to the root of two: on empty data it found
    something in .11 of the studies. Models of earlier folds alone make the folds' errors a
    martingale, and the interval right.
    """
    own = np.asarray(folds)
    models = {}
    for fold in range(FIRST, FOLDS):
        seen = own < fold
        if truth[seen].all() or not truth[seen].any():
            return None
        models[fold] = learn(columns[seen], truth[seen])
    return models


def tried(models: dict[int, Learnt], columns: Floats, folds: Sequence[int]) -> Floats:
    """The score of each trace by the model of its fold; those learnt from alone have 0."""
    own, scores = np.asarray(folds), np.zeros(len(columns))
    for fold, model in models.items():
        scores[own == fold] = model.scores(columns[own == fold])
    return scores
