"""What the accuracy over prefixes may be, given the rollouts so far: curves drawn at random.

The accuracy after each prefix is taken as flat but for jumps at some steps. Neighbouring prefixes
between two jumps share one accuracy, so a few rollouts at each tell it together; where a jump lies,
and whether there is one, stays open as far as the rollouts leave it open.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from reasonscope.structure.anchors.budget.tallies import Counts

Reals = NDArray[np.float64]

HAZARDS = (0.01, 0.05, 0.25)
"""Shares of steps that are jumps, each taken as likely as the next before any rollout."""

GATHERED = (0.0, 60.0)
"""How close the accuracies of segments lie to their common mean: not at all (Beta(1/2, 1/2)), or as
Beta with this sum of parameters, a standard deviation of about .06. Without the second, small jumps
would be dismissed for being unlike large ones."""

_GATHERED_CHANCES = (0.8, 0.2)


@dataclass(frozen=True, slots=True)
class Curves:
    """Accuracies over the prefixes, drawn from what the rollouts leave possible."""

    levels: Reals
    """Shape (draw, prefix): the accuracy after each prefix."""

    @property
    def importance(self) -> Reals:
        """Shape (draw, step): how much keeping the step changes the accuracy."""
        drawn: Reals = np.diff(self.levels, axis=1)
        return drawn

    def chance_beyond(self, least: float) -> Reals:
        """Shape (step,): how often the importance is at least this, up or down."""
        shares: Reals = (np.abs(self.importance) >= least).mean(axis=0)
        return shares


def drawn_curves(made: Counts, right: Counts, draws: int, seed: int) -> Curves:
    """Accuracies over the prefixes given the rollouts, drawn exactly and independently.

    Each step is a jump with one of the chances of :data:`HAZARDS`; each segment between jumps has
    an accuracy from one of the distributions of :data:`GATHERED`. All ways to cut the prefixes into
    segments are summed by dynamic programming, O(prefixes^2), and cut backwards at random. Which
    rollouts were asked for may depend on earlier results: the likelihood is the same.

    Args:
        made: Rollouts with an outcome, by prefix.
        right: Those of them that are right.
        draws: How many curves.
        seed: Seed of the draws.

    Source: product partition models, Barry and Hartigan 1992; exact sampling, Fearnhead 2006.
    Departure: the common mean is taken from all rollouts together.
    """
    rng = np.random.default_rng(seed)
    priors = _priors(made, right)
    starts, chances = _starts(_marginals(made, right, priors))
    models = rng.choice(len(chances), size=draws, p=chances)
    begins = _segments(starts, models, rng)
    return Curves(_levels(begins, made, right, priors[models // len(HAZARDS)], rng))


def _priors(made: Counts, right: Counts) -> Reals:
    """Shape (gathered, 2): the parameters of the Beta of a segment's accuracy."""
    mean = (right.sum() + 0.5) / (made.sum() + 1.0)
    return np.array(
        [(0.5, 0.5) if not sum_ else (sum_ * mean, sum_ * (1 - mean)) for sum_ in GATHERED]
    )


def _marginals(made: Counts, right: Counts, priors: Reals) -> Reals:
    """Entry (gathered, last, first): log-likelihood of one accuracy for prefixes first to last."""
    all_made, all_right = (np.concatenate([[0], np.cumsum(counts)]) for counts in (made, right))
    whole = np.arange(all_made[-1] + 1, dtype=np.float64)
    below = np.tri(len(made), dtype=bool)
    n = np.where(below, all_made[1:, None] - all_made[None, :-1], 0)
    s = np.where(below, all_right[1:, None] - all_right[None, :-1], 0)
    found = np.empty((len(priors), *n.shape))
    for number, (a, b) in enumerate(priors):
        tops, rests, sums = gammaln(whole + a), gammaln(whole + b), gammaln(whole + a + b)
        found[number] = (tops - tops[0])[s] + (rests - rests[0])[n - s] - (sums - sums[0])[n]
    found[:, ~below] = -np.inf
    return found


def _starts(marginals: Reals) -> tuple[Reals, Reals]:
    """Where the segment that ends at each prefix starts, as cumulative shares; the models' chances.

    A model is a prior and a hazard. The first has shape (model, last, first).
    """
    size, hazards = marginals.shape[1], np.asarray(HAZARDS)[:, None, None]
    lengths = np.arange(size)[:, None] - np.arange(size)
    base = marginals[:, None] + (np.log(hazards) + lengths * np.log1p(-hazards))
    base = base.reshape(-1, size, size)
    before = np.full((len(base), size + 1), -np.inf)
    before[:, 0] = np.tile(-np.log(HAZARDS), len(marginals))
    for last in range(size):
        row = before[:, : last + 1] + base[:, last, : last + 1]
        peak = row.max(axis=1)
        before[:, last + 1] = peak + np.log(np.exp(row - peak[:, None]).sum(axis=1))
    shares = np.exp(before[:, None, :-1] + base - before[:, 1:, None])
    evidence = np.exp(before[:, -1] - before[:, -1].max())
    evidence *= np.repeat(_GATHERED_CHANCES, len(HAZARDS))
    return np.cumsum(shares, axis=2), evidence / evidence.sum()


def _segments(starts: Reals, models: NDArray[np.int64], rng: np.random.Generator) -> NDArray[Any]:
    """Shape (draw, prefix): whether a segment starts there."""
    draws, size = len(models), starts.shape[1]
    begins = np.zeros((draws, size), dtype=bool)
    ends, live = np.full(draws, size - 1), np.arange(draws)
    while len(live):
        dice = rng.random(len(live))
        first = (starts[models[live], ends[live]] < dice[:, None]).sum(axis=1)
        first = np.minimum(first, ends[live])
        begins[live, first] = True
        ends[live] = first - 1
        live = live[first > 0]
    return begins


def _levels(
    begins: NDArray[Any], made: Counts, right: Counts, priors: Reals, rng: np.random.Generator
) -> Reals:
    """Shape (draw, prefix): an accuracy for each segment, the same for all its prefixes.

    The priors have one row for each draw.
    """
    draws, size = begins.shape
    number = np.cumsum(begins.ravel()) - 1
    n = np.bincount(number, weights=np.tile(made, draws))
    s = np.bincount(number, weights=np.tile(right, draws))
    a, b = np.repeat(priors, begins.sum(axis=1), axis=0).T
    levels: Reals = rng.beta(s + a, n - s + b)[number].reshape(draws, size)
    return levels
