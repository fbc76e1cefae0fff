"""Bisection over prefixes: look between two prefixes only where their accuracies differ."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from reasonscope.stats import newcombe
from reasonscope.structure.anchors.budget.allocation import Setting, Wanted
from reasonscope.structure.anchors.budget.tallies import Counts, Tallies


@dataclass(frozen=True, slots=True, kw_only=True)
class Bisection:
    """As many rollouts at each end of a stretch, then at its middle if the ends differ credibly.

    Down to single steps. Two jumps within a stretch that cancel are not seen: ``grid`` cuts the
    trace into stretches before anything is asked, which bounds how far apart such jumps may lie
    unseen, and costs as much wherever nothing happens. Source: pivotal token search (M9), which
    has no grid and a threshold of .2.
    """

    rollouts: int = 40
    """At each prefix that is looked at."""
    grid: int = 8
    """Steps of a stretch before any halving."""
    least: float = 0.1
    """A stretch whose ends differ by less is not looked into."""
    level: float = 0.8
    """Nor is one where the interval of the difference holds 0 at this coverage."""

    @property
    def name(self) -> str:
        """Always ``bisection``."""
        return "bisection"

    def wanted(self, setting: Setting, known: Tallies, coming: Tallies) -> Wanted:
        """What the prefixes now in question lack."""
        target = np.zeros_like(known.made)
        for prefix in self._questioned(setting, known):
            target[prefix] = self.rollouts
        missing = np.maximum(target - known.asked - coming.asked, 0)
        return Wanted(search=missing, fresh=np.zeros_like(missing))

    def _questioned(self, setting: Setting, known: Tallies) -> Iterator[int]:
        """Grid points, and middles of stretches whose ends differ."""
        points = sorted({*range(0, setting.steps, self.grid), setting.steps})
        yield from points
        stretches = list(pairwise(points))
        while stretches:
            low, high = stretches.pop()
            if high - low > 1 and self._differ(known.asked, known, low, high):
                middle = (low + high) // 2
                yield middle
                stretches += [(low, middle), (middle, high)]

    def _differ(self, asked: Counts, known: Tallies, low: int, high: int) -> bool:
        if min(asked[low], asked[high]) < self.rollouts:
            return False
        s, n = known.right, known.made
        found = newcombe(int(s[high]), int(n[high]), int(s[low]), int(n[low]), self.level)
        if found.value is None or found.low is None or found.high is None:
            return False
        return abs(found.value) >= self.least and not found.low <= 0 <= found.high
