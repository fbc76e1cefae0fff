"""Does effort follow difficulty? Mean tokens of a problem against how often it is failed (M23)."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from reasonscope.failures.length.attempts import Attempts, Read, centred, group_means
from reasonscope.stats import Estimate

FEWEST_PROBLEMS = 10
"""Fewer problems say nothing of a rank correlation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problems:
    """Problems as columns, one row for each group of attempts."""

    problems: NDArray[np.intp]
    """The problem, as a number: the cluster."""
    models: NDArray[np.intp]
    """The model."""
    tokens: NDArray[np.float64]
    """Mean tokens of the attempts."""
    hardness: NDArray[np.float64]
    """Share of judged attempts that are wrong, or the stated size."""


def by_failure(attempts: Attempts) -> Problems:
    """Each problem's mean length with the share of its attempts that are wrong."""
    judged = attempts.judged()
    return _problems(judged, 1 - judged.right)


def by_size(read: Read) -> Problems:
    """Each problem's mean length with its stated size, where its source states one."""
    known = ~np.isnan(read.sizes)
    return _problems(read.attempts.picked(known), read.sizes[known])


def _problems(attempts: Attempts, hardness: NDArray[np.float64]) -> Problems:
    _, first, groups = np.unique(attempts.groups, return_index=True, return_inverse=True)
    return Problems(
        problems=attempts.problems[first],
        models=attempts.models[first],
        tokens=group_means(attempts.tokens, groups),
        hardness=group_means(hardness, groups),
    )


def effort_correlation(held: Problems) -> Estimate:
    """Rank correlation of mean tokens with difficulty over problems, within models.

    Ranks are taken within each model. The interval is Fisher's, with Bonett and Wright's (2000)
    variance for ranks, at the number of distinct problems: for several models at the same
    problems it is wide rather than narrow.
    """
    n, k = len(held.tokens), len(np.unique(held.problems))
    x, y = _ranks(held.tokens, held.models), _ranks(held.hardness, held.models)
    spread = math.sqrt(float(x @ x) * float(y @ y))
    if k < FEWEST_PROBLEMS or spread < 1e-9:
        why = f"needs {FEWEST_PROBLEMS} problems that differ in difficulty"
        return Estimate(value=None, n=n, clusters=k, method=why)
    value = float(x @ y) / spread
    bounded = min(max(value, -0.9999), 0.9999)
    half = 1.959964 * math.sqrt((1 + bounded**2 / 2) / (k - 3))
    low, high = (math.tanh(math.atanh(bounded) + side * half) for side in (-1, 1))
    return Estimate(value=value, low=low, high=high, n=n, clusters=k, method="Fisher, ranks")


def _ranks(values: NDArray[np.float64], models: NDArray[np.intp]) -> NDArray[np.float64]:
    """Ranks within each model as shares of its problems, centred."""
    ranks = np.zeros(len(values))
    for model in np.unique(models):
        own = models == model
        ranks[own] = rankdata(values[own]) / own.sum()
    return centred(ranks, models)


def shuffled(held: Problems, seed: int) -> Problems:
    """The same problems with their difficulties dealt out anew within each model: the control."""
    rng = np.random.default_rng(seed)
    hardness = held.hardness.copy()
    for model in np.unique(held.models):
        own = np.flatnonzero(held.models == model)
        hardness[own] = held.hardness[rng.permutation(own)]
    return Problems(
        problems=held.problems, models=held.models, tokens=held.tokens, hardness=hardness
    )
