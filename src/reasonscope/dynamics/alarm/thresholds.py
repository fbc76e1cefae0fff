"""How much evidence an alarm needs, so that over a whole run few honest ones ever raise it.

Every step of a run is a new look at pairs of windows, so that evidence of 1.96 standard errors
comes up in nearly every honest run. The thresholds were set on 6,000 simulated runs of 2,560 steps
of flat truth with fresh normal noise: in 5 % of them the largest evidence of a fall anywhere in the
run is above :data:`FROM_START`, in 5 % above :data:`FROM_ANYWHERE`. An alarm needs more than that
(a risen proxy, a fall beyond the tolerance, errors that are never taken as too small), so that the
rate of false alarms is measured anew, on whole planted runs (``planted.py``). They grow with
the logarithm of the step, about as the number of windows that do not overlap does.
"""

from dataclasses import dataclass

import numpy as np

from reasonscope.dynamics.alarm.series import Numbers

FIRST_LOOK = 10
"""The step from which evidence is looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """The square of the evidence needed: a constant and a slope for each doubling of the step."""

    square: float
    """At the tenth step."""
    per_doubling: float
    """What each doubling of the step adds."""

    def at(self, moments: Numbers) -> Numbers:
        """Standard errors needed at the n-th recorded step (from 1)."""
        doublings = np.log2(np.maximum(moments, FIRST_LOOK) / FIRST_LOOK)
        return np.asarray(np.sqrt(self.square + self.per_doubling * doublings))


FROM_START = Threshold(square=9.4, per_doubling=1.2)
"""For the run's first window against any later one."""
FROM_ANYWHERE = Threshold(square=10.0, per_doubling=3.0)
"""For any window against any later one: many more pairs."""
