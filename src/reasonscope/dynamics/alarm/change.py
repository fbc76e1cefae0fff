"""How much a curve moved over a run, whatever the alarm says: its ends are not chosen by it."""

import numpy as np

from reasonscope.dynamics.alarm.evidence import Track
from reasonscope.dynamics.alarm.series import Numbers
from reasonscope.stats import Estimate

TENTH, FEWEST = 10, 5
"""The change of a run is that from its first to its last tenth, of at least five steps."""


def changed(values: Numbers, variance: Numbers) -> Estimate:
    """The mean of the last tenth of a run less that of the first, with a normal interval.

    At least five steps stand for a tenth. The variances are the steps' own, raised where the
    values jump more than these say. Needs ten steps.
    """
    points = len(values)
    if points < 2 * FEWEST:
        return Estimate(value=None, n=points, method=f"needs {2 * FEWEST} steps")
    length = max(FEWEST, points // TENTH)
    track = Track.of(values, variance)
    ends = np.array([length, points])
    first, last = track.means(ends, length)
    error = float(np.sqrt(track.variance(ends, length).sum() * track.inflation[-1]))
    change = float(last - first)
    return Estimate(
        value=change,
        low=change - 1.96 * error,
        high=change + 1.96 * error,
        n=points,
        method=f"means of {length} steps each, errors by step",
    )
