"""Evidence between two windows of a run, for every pair of windows and every moment."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reasonscope.dynamics.alarm.series import Numbers, Series
from reasonscope.dynamics.alarm.thresholds import FROM_ANYWHERE, FROM_START

WINDOWS = (5, 8, 12, 18, 27, 40, 60, 90, 135, 200, 300)
"""Lengths in steps of the windows that are compared; both windows of a pair have one length."""
TOLERANCE = 0.02
"""Truth may fall (or fall short) by this share without being called to: runs wander."""
SHARE_OWED = 0.5
"""Truth is called flat if it rose by less than this share of what the proxy's rise promises."""
LAG_STEPS = 10
"""For the weaker warning the proxy is read this many steps before truth, which may come late."""
PRIOR_STEPS = 10
"""Steps of evidence with which the stated errors are believed, against what the jumps tell."""
BLOCK = 256
"""Moments that are looked at together, so that memory grows with the steps only."""

Places = NDArray[np.intp]
"""Places of recorded steps, from 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """By moment, the evidence as a share of what is needed: from 1 on there is an alarm.

    A moment is the step at which the later window ends.
    """

    hacked: Numbers
    """That both hold: proxy up, truth down beyond the tolerance."""
    outrun: Numbers
    """That both hold: proxy up, truth short of half of what that promises."""


@dataclass(frozen=True, slots=True)
class Track:
    """One of the two curves, ready for means of windows."""

    sums: Numbers
    """Sums of the values before each place."""
    variances: Numbers
    """Sums of their variances."""
    inflation: Numbers
    """By moment, see :func:`inflation`."""

    @classmethod
    def of(cls, values: Numbers, variance: Numbers) -> "Track":
        """The track of values with the variances of each."""
        full = completed(values, variance)
        sums = [np.concatenate([[0.0], np.cumsum(row)]) for row in (values, full)]
        return cls(sums[0], sums[1], inflation(values, full))

    def means(self, ends: Places, length: int) -> Numbers:
        """The means of the windows of this length that end before the given places."""
        return np.asarray((self.sums[ends] - self.sums[ends - length]) / length)

    def variance(self, ends: Places, length: int) -> Numbers:
        """The variances of these means, not inflated."""
        return np.asarray((self.variances[ends] - self.variances[ends - length]) / length**2)


def inflation(values: Numbers, variance: Numbers) -> Numbers:
    """By moment, by how much the values jump more than their variances say; at least 1.

    Half of the mean squared jump from step to step, against the mean variance, over the run so
    far; the stated variance counts as ten steps.
    """
    jumps = np.concatenate([[0.0], np.diff(values) ** 2 / 2])
    seen = np.arange(len(values))
    typical = np.cumsum(variance) / (seen + 1)
    told = (np.cumsum(jumps) + PRIOR_STEPS * typical) / (seen + PRIOR_STEPS)
    return np.maximum(told / np.where(typical > 0, typical, np.inf), 1.0)


def completed(values: Numbers, variance: Numbers) -> Numbers:
    """The variances; where none is known at all, half of the mean squared jump so far."""
    if (variance > 0).any():
        return variance
    jumps = np.concatenate([[0.0], np.diff(values) ** 2 / 2])
    return np.asarray(np.cumsum(jumps) / np.maximum(np.arange(len(values)), 1), dtype=np.float64)


def exchange(proxy: Track, truth: Track) -> Numbers:
    """By moment, how much truth one unit of proxy promises: the ratio of their errors so far.

    Both are means over the same completions. A reward that is truth on another scale (such as
    -1 and 1) has errors on that scale, so that the ratio is exact; one that adds to truth what
    has nothing to do with it promises less.
    """
    variances = proxy.variances[1:]
    known = np.where(variances > 0, variances, np.inf)
    return np.asarray(np.where(variances > 0, np.sqrt(truth.variances[1:] / known), 1.0))


def evidence(held: Series, since: int = 0) -> Evidence:
    """The strongest evidence at each moment from ``since`` on, over all pairs of windows.

    For each length the later window ends at the moment; the earlier one stands anywhere before
    it, in strides of half its length. Evidence for a claim of two parts is that of its weaker
    part. Time grows with the square of the steps. What is said of a moment depends on what came
    until then alone.
    """
    proxy = Track.of(held.proxy, held.proxy_variance)
    truth = Track.of(held.truth, held.truth_variance)
    rate = SHARE_OWED * exchange(proxy, truth)
    hacked, outrun = np.full(len(held), -np.inf), np.full(len(held), -np.inf)
    for length in WINDOWS:
        for ends in _blocks(max(2 * length, since + 1), len(held)):
            pairs = _Pairs.of(ends, length)
            down = pairs.strongest(_down(pairs, proxy, truth))
            np.maximum.at(hacked, ends - 1, down)
            short = pairs.strongest(_short(pairs, proxy, truth, rate))
            np.maximum.at(outrun, ends - 1, short)
    return Evidence(hacked=hacked[since:], outrun=outrun[since:])


def _blocks(first: int, last: int) -> Iterator[Places]:
    """Ends of later windows, in blocks."""
    for start in range(first, last + 1, BLOCK):
        yield np.arange(start, min(start + BLOCK, last + 1))


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Later windows in rows, earlier ones in columns, all of one length."""

    late: Places
    early: Places
    length: int

    @classmethod
    def of(cls, ends: Places, length: int) -> "_Pairs":
        """All pairs of one length whose later window ends at one of these places."""
        early = np.arange(length, int(ends[-1]) - length + 1, max(1, length // 2))
        return cls(ends, early, length)

    def lagged(self) -> Places:
        """Ends of the later windows, read early; never before the run's second window."""
        return np.maximum(self.late - LAG_STEPS, 2 * self.length)

    def strongest(self, standard_errors: Numbers) -> Numbers:
        """By later window, the strongest evidence as a share of what is needed."""
        apart = self.early[None, :] <= self.late[:, None] - self.length
        held = np.where(apart, standard_errors, -np.inf)
        moments = self.late.astype(np.float64)
        from_start = held[:, 0] / FROM_START.at(moments)
        from_anywhere = held.max(axis=1) / FROM_ANYWHERE.at(moments)
        return np.asarray(np.maximum(from_start, from_anywhere))


def _change(pairs: _Pairs, track: Track, late: Places) -> tuple[Numbers, Numbers]:
    """By pair, the later mean less the earlier one, and its variance."""
    length = pairs.length
    rise = track.means(late, length)[:, None] - track.means(pairs.early, length)
    variance = track.variance(late, length)[:, None] + track.variance(pairs.early, length)
    return rise, variance * track.inflation[pairs.late - 1][:, None]


def _down(pairs: _Pairs, proxy: Track, truth: Track) -> Numbers:
    """Standard errors by which proxy rose and truth fell, the fewer of both."""
    up, change = _change(pairs, proxy, pairs.late), _change(pairs, truth, pairs.late)
    return np.minimum(_z(*up), _z(-change[0] - TOLERANCE, change[1]))


def _short(pairs: _Pairs, proxy: Track, truth: Track, rate: Numbers) -> Numbers:
    """Standard errors by which proxy rose and truth fell short of it, the fewer of both."""
    up, change = _change(pairs, proxy, pairs.lagged()), _change(pairs, truth, pairs.late)
    owed = rate[pairs.late - 1][:, None]
    waited = (pairs.late >= 2 * pairs.length + LAG_STEPS)[:, None]
    missing = _z(owed * up[0] - change[0] - TOLERANCE, owed**2 * up[1] + change[1])
    return np.where(waited, np.minimum(_z(*up), missing), -np.inf)


def _z(value: Numbers, variance: Numbers) -> Numbers:
    """Standard errors; without any noise a rise is certain, and nothing is no evidence."""
    return np.asarray(value / np.sqrt(np.maximum(variance, 1e-18)))
