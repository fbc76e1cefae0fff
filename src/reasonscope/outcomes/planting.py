"""How often the interval of a clustered share holds a planted one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from reasonscope.planting import mean_error, rate
from reasonscope.provenance import seed_for
from reasonscope.stats import Estimate, clustered_proportion

STUDIES = 1000
"""Simulated studies behind a coverage figure: its standard error is .007 at .95."""
PROBLEMS, SAMPLES = 60, 3
"""Size of a simulated study: problems, and traces of each."""
SPREAD = 4.0
"""Concentration of the Beta law of the problems' own rates: 4 gives a correlation of .2
between traces of one problem."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How intervals did on simulated studies with a known rate."""

    coverage: Estimate
    """Share of intervals that hold the planted rate."""
    bias: Estimate
    """Mean of estimate minus planted rate."""


def coverage(
    planted: Sequence[bool], null: Sequence[bool], share: float, *names: str | int
) -> Coverage:
    """How often the interval of a clustered share holds the planted one.

    Each simulated study draws cases that were really examined: ``planted`` and ``null`` say for
    each examined case whether the instrument reported the event. A case is a planted one with
    its problem's own probability, which varies between problems around ``share``. ``names`` make
    the seed.
    """
    rng = np.random.default_rng(seed_for("coverage", share, *names))
    estimates = [_study(planted, null, share, rng) for _ in range(STUDIES)]
    held = [
        e.low is not None and e.high is not None and e.low <= share <= e.high for e in estimates
    ]
    errors = [e.value - share for e in estimates if e.value is not None]
    return Coverage(coverage=rate(held), bias=mean_error(errors))


def _study(
    planted: Sequence[bool], null: Sequence[bool], share: float, rng: np.random.Generator
) -> Estimate:
    own = rng.beta(SPREAD * share, SPREAD * (1 - share), PROBLEMS)
    is_planted = rng.random((PROBLEMS, SAMPLES)) < own[:, None]
    picked = np.where(
        is_planted,
        rng.choice(np.asarray(planted), (PROBLEMS, SAMPLES)),
        rng.choice(np.asarray(null), (PROBLEMS, SAMPLES)),
    )
    return clustered_proportion([int(row.sum()) for row in picked], [SAMPLES] * PROBLEMS)
