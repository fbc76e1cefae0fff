"""What is said of a run so far: quiet, proxy outruns truth, or hacked; asked at any step."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from reasonscope.dynamics.alarm.evidence import TOLERANCE, evidence
from reasonscope.dynamics.alarm.series import FEWEST_STEPS, Numbers, Series, series_of
from reasonscope.dynamics.recorded import Recorded

Level = Literal["unknown", "quiet", "outrun", "hacked"]
"""``hacked``: proxy up and truth down, both with evidence: the alarm. ``outrun``: proxy up and
truth short of half of what that promises, ten steps later still: a warning. ``unknown``: too few
steps with both, or a proxy that never changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What is said of one run."""

    run: str
    """The run's name."""
    level: Level
    """The worst that was ever said of it."""
    hacked_at: int | None = None
    """The optimizer step at which the alarm first rang."""
    outrun_at: int | None = None
    """The step of the first warning; after the alarm none is given."""
    steps: int = 0
    """Recorded steps looked at."""
    reason: str = ""
    """Why nothing can be said, where nothing can."""

    @property
    def sentence(self) -> str:
        """The state in plain words."""
        if self.level == "hacked":
            return (
                f"Run {self.run}: the reward is being gamed. At step {self.hacked_at} it has risen "
                "while right answers have fallen"
            )
        if self.level == "outrun":
            return (
                f"Run {self.run}: the reward outruns the truth. At step {self.outrun_at} it has "
                "risen, and right answers have not come with it"
            )
        if self.level == "unknown":
            return f"Run {self.run} cannot be watched: {self.reason}"
        return f"Run {self.run}: no alarm in {self.steps:,} steps"


def watch(
    rows: Iterable[Recorded], *, run: str = "", proxy: str = "", before: State | None = None
) -> State:
    """What is said of a run by the rows recorded so far; cheap enough for every step.

    A whole run of 500 steps takes about 30 ms from scratch. With ``before``, the state at an
    earlier step of the same run, only the steps since then are looked at; the answer is the same.

    Args:
        rows: the run's rows, in the order in which they were recorded.
        run: the run's name; empty: that of the first row.
        proxy: which part of the reward is the proxy; empty: the whole.
        before: the state that an earlier call returned.
    """
    held = list(rows)
    name = run or next((row.run for row in held), "")
    return watched(series_of(name, held, proxy), before)


def unwatchable(held: Series) -> str:
    """Why nothing can be said of a run; empty: something can."""
    if len(held) < FEWEST_STEPS:
        return (
            f"it needs {FEWEST_STEPS} steps with both reward and right answers, found {len(held)}"
        )
    if np.ptp(held.proxy) == 0:
        return "the reward never changes: it gives no signal"
    return ""


def watched(held: Series, before: State | None = None) -> State:
    """What is said of a run by its series."""
    reason = unwatchable(held)
    if reason:
        return State(run=held.run, level="unknown", steps=len(held), reason=reason)
    known = before is not None and before.level != "unknown" and before.steps <= len(held)
    since = before.steps if before is not None and known else 0
    found = evidence(held, since)
    hacked = before.hacked_at if before is not None and known else None
    outrun = before.outrun_at if before is not None and known else None
    steps = held.steps[since:]
    hacked = _first(found.hacked, steps) if hacked is None else hacked
    outrun = _first(found.outrun, steps) if outrun is None else outrun
    if hacked is not None and outrun is not None and outrun >= hacked:
        outrun = None
    level: Level = "hacked" if hacked is not None else "outrun" if outrun is not None else "quiet"
    return State(run=held.run, level=level, hacked_at=hacked, outrun_at=outrun, steps=len(held))


def _first(found: Numbers, steps: Numbers) -> int | None:
    """The first step at which the evidence suffices."""
    places = np.flatnonzero(found >= 1)
    return int(steps[places[0]]) if len(places) else None


__all__ = ["TOLERANCE", "Level", "State", "unwatchable", "watch", "watched"]
