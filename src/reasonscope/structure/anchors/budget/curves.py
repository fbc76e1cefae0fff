"""What the accuracy over prefixes may be, given the rollouts so far: curves drawn at random.

The accuracy after each prefix is taken as flat but for jumps at some steps. Neighbouring prefixes
between two jumps share one accuracy, so a few rollouts at each tell it together; where a jump lies,
and whether there is one, stays open as far as the rollouts leave it open.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from reasonscope.structure.anchors.budget.tally import Counts

Reals = NDArray[np.float64]

HAZARDS = (0.004, 0.02, 0.08, 0.3)
"""Shares of steps that are jumps, each taken as likely as the next before any rollout."""


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

    Each segment between jumps has an accuracy of Beta(1/2, 1/2) before any rollout; each step is a
    jump with one of the chances of :data:`HAZARDS`. All ways to cut the prefixes into segments are
    summed by dynamic programming, O(prefixes^2), and cut backwards at random. Which rollouts were
    asked for may depend on earlier results: the likelihood is the same.

    Args:
        made: Rollouts with an outcome, by prefix.
        right: Those of them that are right.
        draws: How many curves.
        seed: Seed of the draws.

    Source: product partition models, Barry and Hartigan 1992; exact sampling, Fearnhead 2006.
    """
    rng = np.random.default_rng(seed)
    starts, hazard_chances = _starts(_marginals(made, right))
    hazards = rng.choice(len(HAZARDS), size=draws, p=hazard_chances)
    return Curves(_levels(_segments(starts, hazards, rng), made, right, rng))


@lru_cache(maxsize=4)
def _log_gammas(size: int) -> tuple[Reals, Reals]:
    """Log gamma at n + 1/2 and at n + 1, for n below the size."""
    whole = np.arange(size, dtype=np.float64)
    return gammaln(whole + 0.5), gammaln(whole + 1.0)


def _marginals(made: Counts, right: Counts) -> Reals:
    """Entry (last, first): log-likelihood of one accuracy for the prefixes first to last."""
    all_made, all_right = (np.concatenate([[0], np.cumsum(counts)]) for counts in (made, right))
    halves, wholes = _log_gammas(1 << int(all_made[-1] + 1).bit_length())
    n = all_made[1:, None] - all_made[None, :-1]
    s = all_right[1:, None] - all_right[None, :-1]
    below = np.tril(np.ones_like(n, dtype=bool))
    n, s = np.where(below, n, 0), np.where(below, s, 0)
    return np.where(below, halves[s] + halves[n - s] - wholes[n] - np.log(np.pi), -np.inf)


def _starts(marginals: Reals) -> tuple[Reals, Reals]:
    """Where the segment that ends at each prefix starts, as cumulative shares; and the hazards'.

    The first has shape (hazard, last, first).
    """
    size, hazards = len(marginals), np.asarray(HAZARDS)[:, None, None]
    lengths = np.arange(size)[:, None] - np.arange(size)
    base = marginals + np.log(hazards) + lengths * np.log1p(-hazards)
    before = np.full((len(HAZARDS), size + 1), -np.inf)
    before[:, 0] = -np.log(HAZARDS)
    for last in range(size):
        row = before[:, : last + 1] + base[:, last, : last + 1]
        peak = row.max(axis=1)
        before[:, last + 1] = peak + np.log(np.exp(row - peak[:, None]).sum(axis=1))
    shares = np.exp(before[:, None, :-1] + base - before[:, 1:, None])
    evidence = np.exp(before[:, -1] - before[:, -1].max())
    return np.cumsum(shares, axis=2), evidence / evidence.sum()


def _segments(starts: Reals, hazards: NDArray[np.int64], rng: np.random.Generator) -> NDArray[Any]:
    """Shape (draw, prefix): whether a segment starts there."""
    draws, size = len(hazards), starts.shape[1]
    begins = np.zeros((draws, size), dtype=bool)
    ends, live = np.full(draws, size - 1), np.arange(draws)
    while len(live):
        dice = rng.random(len(live))
        first = (starts[hazards[live], ends[live]] < dice[:, None]).sum(axis=1)
        first = np.minimum(first, ends[live])
        begins[live, first] = True
        ends[live] = first - 1
        live = live[first > 0]
    return begins


def _levels(begins: NDArray[Any], made: Counts, right: Counts, rng: np.random.Generator) -> Reals:
    """Shape (draw, prefix): an accuracy for each segment, the same for all its prefixes."""
    draws, size = begins.shape
    number = np.cumsum(begins.ravel()) - 1
    n = np.bincount(number, weights=np.tile(made, draws))
    s = np.bincount(number, weights=np.tile(right, draws))
    levels: Reals = rng.beta(s + 0.5, n - s + 0.5)[number].reshape(draws, size)
    return levels
