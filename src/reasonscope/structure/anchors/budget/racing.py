"""Racing: rollouts go where they still tell something about which steps matter."""

from dataclasses import dataclass

import numpy as np

from reasonscope.provenance import seed_for
from reasonscope.structure.anchors.budget.allocation import Setting, Wanted
from reasonscope.structure.anchors.budget.confirming import fresh_wanted
from reasonscope.structure.anchors.budget.curves import Curves, drawn_curves
from reasonscope.structure.anchors.budget.spreading import handed_out
from reasonscope.structure.anchors.budget.tallies import Counts, Tallies

SWEEP = 3
"""Rollouts at every prefix before anything is decided: two jumps that cancel are seen by these."""
SHARE_OF_UNIFORM = 0.2
"""The budget, as a share of what 100 rollouts at every prefix take, where none is given."""
RESERVE = 0.2
"""Most of the budget that is kept for fresh rollouts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Racing:
    """A few rollouts everywhere, then where they tell most, then fresh ones for the candidates.

    First every prefix gets a few rollouts. Then curves of accuracy are drawn from what the
    rollouts leave possible (:mod:`.curves`), and each piece of the next wave goes to the prefix
    where it takes away most of the variance of the steps' importances per token. Where a jump is
    known to lie between two prefixes this halves the stretch between them, as a bisection does;
    where two jumps may cancel it looks inside. It ends when nearly every step is decided, or when
    the rest of the budget is what confirming the candidates takes. Rollouts that confirm are
    fresh: no result of theirs had a part in the choice (:mod:`.confirming`).
    """

    least: float = 0.1
    """An importance below this, up or down, need not be found."""
    budget: float | None = None
    """Tokens; None: a fifth of what 100 rollouts at every prefix take."""
    undecided: float = 0.05
    """The search ends when the steps' chances of mattering, c, leave sum(c (1 - c)) below this."""
    waves: int = 24
    """In how many waves the searching budget is spent at most, after the sweep."""
    pieces: int = 12
    """In how many pieces of about equal cost a wave is handed out."""
    draws: int = 128
    """Curves drawn for each wave."""
    seed: int = 0

    @property
    def name(self) -> str:
        """Always ``racing``."""
        return "racing"

    def tokens(self, setting: Setting) -> float:
        """The budget of this trace, in tokens."""
        if self.budget is not None:
            return self.budget
        return setting.uniform_tokens() * SHARE_OF_UNIFORM

    def wanted(self, setting: Setting, known: Tallies, coming: Tallies) -> Wanted:
        """The sweep, then a wave of the search, then what confirms."""
        none = np.zeros_like(known.made)
        asked = known.asked + coming.asked
        sweep = self._sweep(setting)
        for rounds in (sweep - 1, sweep):
            if (asked < rounds).any():
                return Wanted(search=np.maximum(rounds - asked, 0), fresh=none)
        if not known.asked.any():
            return Wanted(search=none, fresh=none)
        if not (known.fresh_asked + coming.fresh_asked).any():
            search = self._searching(setting, known, coming)
            if search is None or search.any():
                return Wanted(search=none if search is None else search, fresh=none)
        left = self.tokens(setting) - setting.tokens(asked)
        plan = fresh_wanted(self._curves(known), setting, self.least, left)
        return Wanted(
            search=none, fresh=np.maximum(plan - known.fresh_asked - coming.fresh_asked, 0)
        )

    def _sweep(self, setting: Setting) -> int:
        """Rollouts of the sweep: fewer where half the budget does not pay for them."""
        return max(1, min(SWEEP, int(self.tokens(setting) / 2 / sum(setting.costs))))

    def _searching(self, setting: Setting, known: Tallies, coming: Tallies) -> Counts | None:
        """The next wave of the search; nothing: it is over; None: wait for what is coming."""
        curves = self._curves(known)
        chances = curves.chance_beyond(self.least)
        budget = self.tokens(setting)
        left = budget - setting.tokens(known.asked + coming.asked)
        wave = (
            budget - setting.tokens(np.full_like(known.asked, self._sweep(setting)))
        ) / self.waves
        confirming = setting.tokens(fresh_wanted(curves, setting, self.least, budget * RESERVE))
        over = float((chances * (1 - chances)).sum()) < self.undecided
        if over or left - wave / 2 < confirming:
            return None if coming.asked.any() else np.zeros_like(known.made)
        return handed_out(curves, setting, coming.asked, min(wave, left), self.pieces)

    def _curves(self, known: Tallies) -> Curves:
        seed = seed_for("racing", self.seed, int(known.made.sum()), int(known.right.sum()))
        return drawn_curves(known.made, known.right, self.draws, seed)
