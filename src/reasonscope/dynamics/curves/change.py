"""How much a curve changed from the first to the last tenth of its steps, with an interval.

Method. The value is the mean of the last tenth less that of the first. Its interval is made from
the scatter of the steps: beside the levels of these two tenths the curve may take any course of
fourth order in between; what is left is noise, part fresh at each step (completions are sampled)
and part with memory (the policy wanders). What its memory is gets averaged over instead of guessed,
each kind of noise weighing as much as the scatter speaks for it (``entropy_law/line.py``), and
each gives the difference of two means an error of its own. Wandering that is slower than a tenth
of the run cannot be told from change.

With fewer than :data:`FEWEST` steps the scatter says too little; then the steps' own standard
errors make the interval, and the policy's wandering is left out of it.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

from reasonscope.dynamics.curves.series import Numbers, Series
from reasonscope.dynamics.entropy_law.line import Fit, fit
from reasonscope.dynamics.entropy_law.noise import correlation, whitening
from reasonscope.provenance import seed_for
from reasonscope.stats import Estimate
from reasonscope.stats.estimate import normal_quantile, student_quantile

Flags = NDArray[np.bool_]
FEWEST = 20
"""Steps from which the interval is made of the scatter of the steps."""
MOST_POINTS = 100
"""Longer curves are averaged over neighbouring steps to this many points."""
ORDER = 4
"""Of the course between the tenths: with a quadratic one, what it cannot follow passes for noise
(coverage .99 where a rise saturates); with this order coverage is .95 (``planted.py``)."""
HALVINGS = 40
"""Steps of the search for an interval's end."""
SCATTER = "last less first tenth of the steps, scatter of the steps with memory"
ERRORS = "last less first tenth of the steps, standard errors of the steps"


def change(series: Series) -> Estimate:
    """The last tenth's level less the first's; n is the number of steps.

    >>> rising = np.linspace(0, 1, 10)
    >>> held = Series(run="r", name="reward", part="", steps=np.arange(10.0), values=rising,
    ...               errors=np.full(10, 0.01))
    >>> round(change(held).value, 3)
    1.0
    """
    if len(series) < 2:
        return Estimate(value=None, n=len(series), method="fewer than two steps")
    if len(series) < FEWEST:
        return _by_errors(series)
    return _by_scatter(series.steps, series.values)


def shuffled(series: Series) -> Estimate:
    """The same with the steps in shuffled order: what is found where nothing changes."""
    order = np.random.default_rng(seed_for("curves", series.run, series.name, series.part))
    places = order.permutation(len(series))
    return change(
        Series(
            run=series.run,
            name=series.name,
            part=series.part,
            steps=series.steps,
            values=series.values[places],
            errors=series.errors[places],
        )
    )


def _by_errors(series: Series) -> Estimate:
    size = max(1, len(series) // 10)
    first, last = series.values[:size].mean(), series.values[-size:].mean()
    ends = np.concatenate([series.errors[:size], series.errors[-size:]])
    value = float(last - first)
    if not np.isfinite(ends).all() or (ends == 0).any():
        return Estimate(value=value, n=len(series), method=f"{ERRORS}: not known")
    half = normal_quantile(0.95) * float(np.sqrt((ends**2).sum())) / size
    return Estimate(value=value, low=value - half, high=value + half, n=len(series), method=ERRORS)


def _by_scatter(steps: Numbers, values: Numbers) -> Estimate:
    width = -(-len(values) // MOST_POINTS)
    parts = np.split(np.arange(len(values)), range(width, len(values), width))
    level = np.array([values[part].mean() for part in parts])
    size = float(np.ptp(level))
    if size == 0:
        return Estimate(value=0.0, n=len(values), method=f"{SCATTER}: it never changes")
    times = np.array([steps[part].mean() for part in parts])
    spacing = float(np.median(np.diff(times)))
    places = np.round((times - times[0]) / spacing, 3)
    tenth = np.array([part.mean() for part in parts]) * 10 // len(values)
    first, last = tenth == 0, tenth == 9
    held = fit(tuple(map(float, places)), _columns(first, last), level / size)
    weights = last / last.sum() - first / first.sum()
    value = float(weights @ level)
    half = size * _half(held, places, weights)
    return Estimate(value=value, low=value - half, high=value + half, n=len(values), method=SCATTER)


def _half(held: Fit, places: Numbers, weights: Numbers) -> float:
    """Half the 95 % interval of a weighted sum of points: Student's law, mixed over noises."""
    spread = _correlations(tuple(map(float, places))) @ weights @ weights
    errors = held.scales * np.sqrt(np.maximum(spread, 1e-30))
    quantile = student_quantile(0.95, held.freedom)
    low, high = quantile * float(errors.min()), quantile * float(errors.max())
    for _ in range(HALVINGS):
        half = (low + high) / 2
        below = float(stdtr(held.freedom, half / errors) @ held.weights) < 0.975
        low, high = (half, high) if below else (low, half)
    return high


@lru_cache(maxsize=16)
def _correlations(places: tuple[float, ...]) -> Numbers:
    """The correlations of the points under each kind of noise, shape (kind, point, point)."""
    at = np.array(places)
    distance = np.abs(at[:, None] - at[None, :])
    noise = whitening(places)
    kinds = zip(noise.memory, noise.fresh, strict=True)
    return np.array([correlation(distance, *kind) for kind in kinds])


def _columns(first: Flags, last: Flags) -> Numbers:
    """The first tenth's level, the last's, and a course of fourth order between them."""
    between = ~(first | last)
    time = np.linspace(-1, 1, len(first))
    course = [between * time**power for power in range(ORDER + 1)]
    return np.column_stack([first, last, *course]).astype(np.float64)
