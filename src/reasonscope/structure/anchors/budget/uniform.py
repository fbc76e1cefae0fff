"""The published way: as many rollouts at every prefix."""

from dataclasses import dataclass

import numpy as np

from reasonscope.structure.anchors.budget.allocation import Setting, Wanted
from reasonscope.structure.anchors.budget.tallies import Tallies


@dataclass(frozen=True, slots=True)
class Uniform:
    """As many rollouts at every prefix, whatever comes of them."""

    rollouts: int = 100
    """At each prefix."""

    @property
    def name(self) -> str:
        """Such as ``uniform 100``."""
        return f"uniform {self.rollouts}"

    def wanted(self, setting: Setting, known: Tallies, coming: Tallies) -> Wanted:
        """What is missing of the rollouts, all at once."""
        missing = np.maximum(self.rollouts - known.asked - coming.asked, 0)
        return Wanted(search=missing, fresh=np.zeros_like(missing))
