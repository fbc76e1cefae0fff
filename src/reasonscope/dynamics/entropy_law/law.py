"""The entropy law R = b - a exp(H): its fit, its ceiling, its forecast, and when it fails (T3)."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from reasonscope.dynamics.entropy_law.line import Fit, combined, fit, predicted, zero_p_value
from reasonscope.dynamics.entropy_law.noise import Numbers
from reasonscope.stats import Estimate

MOST_POINTS = 50
"""Longer logs are averaged over neighbouring steps to this many points."""
FEWEST_POINTS = 12
"""Shorter logs are not fitted."""
EARLY = 0.15
"""The share of the steps from which the rest is forecast."""
LAST = 0.1
"""The share of the steps whose mean is the outcome to be forecast."""
FEWEST_EARLY = 8
"""Fewer early steps forecast nothing."""
LEAST_MOVE_NATS = 0.1
"""Entropy that moves less says nothing of the law."""
MOST_NATS = 20.0
"""No vocabulary has a larger entropy: that of 500 million words."""
FARTHEST = 3.0
"""The ceiling lies at exp(H) = 1: if that is farther from the lowest exp(H) seen than this many
times the range seen, it is not extrapolated."""
LEVEL = 0.05
"""Level of the test that the law fails."""

Standing = Literal["follows", "fails", "unrelated", "unidentified"]
"""What is said of a log: it follows the law; it does not; truth does not fall as entropy rises;
or entropy moved too little to tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """Entropy and truth of one run, step by step."""

    run: str
    """The run's name."""
    steps: Numbers
    """Optimizer steps, rising."""
    entropy: Numbers
    """Mean entropy of the policy in nats."""
    truth: Numbers
    """Share of right answers by the independent verifier."""
    part: str = ""
    """Where truth was measured: ``held_out``, or empty for the training completions."""

    def __len__(self) -> int:
        return len(self.steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """What a log says of the law."""

    standing: Standing
    """In one word."""
    price: Estimate
    """a: what one unit of exp(H) costs in truth."""
    intercept: Estimate
    """b: truth at exp(H) = 0, which is not reached."""
    ceiling: Estimate
    """b - a: truth when the entropy is used up."""
    misfit_p_value: float
    """Of curvature in exp(H) and of a trend in time beside it being zero."""
    moved_nats: float
    """Range of the entropy, its 5th to 95th percentile."""
    reach: float
    """How far exp(H) = 1 lies below the lowest seen, in ranges of what was seen."""


def unpassable(log: Log) -> str:
    """Why nothing can be fitted; empty: it can."""
    if len(log) < FEWEST_POINTS:
        return f"it needs {FEWEST_POINTS} steps with entropy and truth, found {len(log)}"
    if np.ptp(log.truth) == 0:
        return "truth never changes"
    if np.ptp(log.entropy) == 0:
        return "entropy never changes"
    if log.entropy.min() < 0 or log.entropy.max() > MOST_NATS:
        return f"its entropies lie outside 0 to {MOST_NATS:.0f} nats: they are something else"
    return ""


def binned(log: Log, most: int = MOST_POINTS) -> tuple[Numbers, Numbers, Numbers]:
    """Times in points, exp(H) and truth, averaged over neighbouring steps to at most so many.

    The law is linear in exp(H), so that averages follow it as single steps do.
    """
    parts = np.array_split(np.arange(len(log)), min(most, len(log)))
    x, y = np.exp(log.entropy), log.truth
    times = np.array([log.steps[part].mean() for part in parts])
    spacing = float(np.median(np.diff(times)))
    return (
        np.round((times - times[0]) / spacing, 3),
        np.array([x[part].mean() for part in parts]),
        np.array([y[part].mean() for part in parts]),
    )


def line_of(times: Numbers, x: Numbers, y: Numbers) -> Fit:
    """The line of truth over exp(H)."""
    return fit(tuple(times), np.column_stack([np.ones_like(x), x]), y)


def law(log: Log) -> Law:
    """The law fitted to a log that can be fitted (:func:`unpassable` is empty)."""
    times, x, y = binned(log)
    line = line_of(times, x, y)
    price = combined(line, (0.0, -1.0))
    low, high = np.quantile(log.entropy, [0.05, 0.95])
    reach = float((x.min() - 1) / max(np.ptp(x), 1e-12))
    p = misfit_p_value(times, x, y)
    moved = float(high - low)
    return Law(
        standing=_standing(price, p, moved, reach),
        price=price,
        intercept=combined(line, (1.0, 0.0)),
        ceiling=combined(line, (1.0, 1.0)),
        misfit_p_value=p,
        moved_nats=moved,
        reach=reach,
    )


def _standing(price: Estimate, p: float, moved: float, reach: float) -> Standing:
    if moved < LEAST_MOVE_NATS or reach > FARTHEST:
        return "unidentified"
    if p <= LEVEL:
        return "fails"
    return "follows" if price.low is not None and price.low > 0 else "unrelated"


def misfit_p_value(times: Numbers, x: Numbers, y: Numbers) -> float:
    """The p value of the law: under it neither the square of exp(H) nor time adds anything.

    One F test of both, under the noises that are likely once both are let in.
    """
    scaled = (x - x.mean()) / max(float(x.std()), 1e-12)
    time = (times - times.mean()) / max(float(times.std()), 1e-12)
    columns = np.column_stack([np.ones_like(x), scaled, scaled**2, time])
    if np.linalg.cond(columns) > 1e6:
        return 1.0
    return zero_p_value(fit(tuple(times), columns, y), (2, 3))


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """The outcome as the first steps forecast it, and as it came."""

    expected: Estimate
    """Mean truth over the last tenth of the steps, with its prediction interval."""
    came: float
    """What it was."""
    early: int
    """How many steps the forecast rests on."""

    @property
    def miss(self) -> Estimate:
        """What came less what was forecast; an interval without 0: the forecast failed."""
        e = self.expected
        assert e.value is not None
        assert e.low is not None
        assert e.high is not None
        return Estimate(
            value=self.came - e.value,
            low=self.came - e.high,
            high=self.came - e.low,
            n=e.n,
            method=f"prediction; {e.method}",
        )


def forecast(log: Log) -> Forecast | None:
    """The last tenth of a run from its first 15 %, given the entropy then; None: too short.

    What is forecast is truth at the entropy that came, as in Cui et al.: the law says how much a
    given loss of entropy buys, not when the entropy is lost.
    """
    early = int(len(log) * EARLY)
    last = max(int(len(log) * LAST), 1)
    if early < FEWEST_EARLY or np.ptp(log.entropy[:early]) == 0:
        return None
    start = Log(
        run=log.run, steps=log.steps[:early], entropy=log.entropy[:early], truth=log.truth[:early]
    )
    times, x, y = binned(start)
    spacing = float(np.median(np.diff(log.steps))) * max(1.0, early / len(times))
    places = (log.steps[-last:] - log.steps[0]) / spacing
    x_late = float(np.exp(log.entropy[-last:]).mean())
    return Forecast(
        expected=predicted(line_of(times, x, y), (1.0, x_late), places),
        came=float(log.truth[-last:].mean()),
        early=early,
    )


def shuffled(log: Log, seed: int) -> Log:
    """The same log with the entropies shuffled over the steps: the control."""
    rng = np.random.default_rng(seed)
    return Log(
        run=log.run,
        steps=log.steps,
        entropy=rng.permutation(log.entropy),
        truth=log.truth,
        part=log.part,
    )
