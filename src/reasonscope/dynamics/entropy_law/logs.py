"""The runs of a study with their entropy and their truth at the same steps."""

from collections.abc import Sequence

import numpy as np

from reasonscope.dynamics.entropy_law.law import FEWEST_POINTS, Log
from reasonscope.dynamics.recorded import KNOWN
from reasonscope.traces.store import Study

SERIES = f"""
select run, name, part, step, value from ({KNOWN})
where (name = 'entropy_nats' and part = '')
   or (name = 'truth_share' and part in ('', 'held_out'))
order by all
"""

PREFERRED = ("held_out", "")
"""Where truth is read: on held-out problems, or else on the training completions."""


def read(study: Study) -> list[Log]:
    """The log of each run that recorded entropy and truth, the longest first.

    Held-out truth goes first where it was measured often enough for a fit. Entropy is that of
    the same step.
    """
    held: dict[str, dict[tuple[str, str], dict[int, float]]] = {}
    for run, name, part, step, value in study.rows(SERIES):
        held.setdefault(run, {}).setdefault((name, part), {})[step] = value
    logs = [_log(run, found) for run, found in held.items()]
    return sorted((log for log in logs if len(log)), key=lambda log: (-len(log), log.run))


def _log(run: str, found: dict[tuple[str, str], dict[int, float]]) -> Log:
    """The run's log with the first kind of truth that is long enough, or the longest."""
    entropy = found.get(("entropy_nats", ""), {})
    logs = [log_of(run, entropy, found.get(("truth_share", p), {}), p) for p in PREFERRED]
    enough = [log for log in logs if len(log) >= FEWEST_POINTS]
    return enough[0] if enough else max(logs, key=len)


def log_of(run: str, entropy: dict[int, float], truth: dict[int, float], part: str = "") -> Log:
    """Entropy and truth at the steps where both are known."""
    steps: Sequence[int] = sorted(entropy.keys() & truth.keys())
    return Log(
        run=run,
        steps=np.array(steps, dtype=np.float64),
        entropy=np.array([entropy[step] for step in steps], dtype=np.float64),
        truth=np.array([truth[step] for step in steps], dtype=np.float64),
        part=part,
    )
