"""How much a curve changed from the first to the last tenth of its steps, with an interval.

Method. The value is the difference between the levels of the last and the first tenth. Beside
these two levels the curve may take any quadratic course in between; what is left is noise, part
fresh at each step (completions are sampled) and part with memory (the policy wanders), and
its memory is averaged over instead of guessed (``entropy_law/line.py``: generalised least squares,
mixed over kinds of noise). So the interval is made from the scatter of the steps. Wandering that is
slower than a tenth of the run cannot be told from change.

With fewer than :data:`FEWEST` steps the scatter says too little; then the steps' own standard
errors make the interval, and the policy's wandering is left out of it.
"""

import numpy as np

from reasonscope.dynamics.curves.series import Numbers, Series
from reasonscope.dynamics.entropy_law.line import combined, fit
from reasonscope.provenance import seed_for
from reasonscope.stats import Estimate
from reasonscope.stats.estimate import normal_quantile

FEWEST = 20
"""Steps from which the interval is made of the scatter of the steps."""
MOST_POINTS = 100
"""Longer curves are averaged over neighbouring steps to this many points."""
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
    parts = np.array_split(np.arange(len(values)), min(MOST_POINTS, len(values)))
    level = np.array([values[part].mean() for part in parts])
    size = float(np.ptp(level))
    if size == 0:
        return Estimate(value=0.0, n=len(values), method=f"{SCATTER}: it never changes")
    times = np.array([steps[part].mean() for part in parts])
    spacing = float(np.median(np.diff(times)))
    places = np.round((times - times[0]) / spacing, 3)
    held = fit(tuple(places), _columns(len(parts)), level / size)
    found = combined(held, (-1.0, 1.0, 0.0, 0.0, 0.0))
    value, low, high = (
        size * end for end in (found.value, found.low, found.high) if end is not None
    )
    return Estimate(
        value=value,
        low=low,
        high=high,
        n=len(values),
        method=SCATTER,
    )


def _columns(points: int) -> Numbers:
    """The first tenth's level, the last's, and a quadratic course between them."""
    tenth = np.arange(points) * 10 // points
    first, last = (tenth == 0).astype(float), (tenth == 9).astype(float)
    between = 1 - first - last
    time = np.linspace(-1, 1, points) * between
    return np.column_stack([first, last, between, time, time**2])
