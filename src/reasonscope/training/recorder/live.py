"""What is shown of a run while it goes on: the alarm, and the dynamics page, within a budget."""

import logging
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from reasonscope.dynamics.alarm.watching import State, watch
from reasonscope.dynamics.curves.page import write_page
from reasonscope.dynamics.recorded import TABLE, Recorded
from reasonscope.traces.schema import well_formed
from reasonscope.traces.store import Study

LIMIT = 0.05
"""The share of training time that the recorder may take."""
PAGE_LIMIT = 0.04
"""A page is written only while all recording, the page included, stays within this share."""
FIRST_COST = 3.0
"""Seconds that the first page with figures is taken to need, until one was written."""
WATCHED = ("reward", "truth_share")
"""What the alarm reads."""

_LOG = logging.getLogger("reasonscope.recorder")


class Live:
    """The alarm and the page of one run."""

    def __init__(self, study: Study, run: str, every: float) -> None:
        """What is shown of a run.

        Args:
            study: where the run is recorded.
            run: its name.
            every: least seconds between two pages while the run goes on.
        """
        self.study, self.run, self.every = study, run, every
        self.total: int | None = None
        self.state: State | None = None
        self._rows: list[Recorded] = []
        self._step: int | None = None
        self._cost = FIRST_COST
        self._written = -every

    def begin(self) -> Path:
        """Take up what was recorded before, and write the page once: the first costs most."""
        self.take_up()
        self._written = -self.every
        return self._write(running=True, failures=())

    def take_up(self) -> None:
        """Read what the study holds of the run."""
        query = f"select distinct step from {TABLE} where run = ? order by step"
        held = self.study.rows(query, [self.run])
        self._step = held[-1][0] if held else None
        self._rows = [
            Recorded(run=self.run, step=step, name=name, part=part, value=value, error=error, n=n)
            for step, name, part, value, error, n in self.study.rows(
                f"select step, name, part, value, error, n from {TABLE} "
                "where run = ? and list_contains(?, name) order by step",
                [self.run, list(WATCHED)],
            )
        ]
        self.state = None

    def heard(self, step: int, rows: Iterable[Recorded]) -> None:
        """Take in a step's rows, and ring if the reward is being gamed."""
        self._rows.extend(row for row in rows if row.name in WATCHED)
        self._step = step
        before = None if self.state is None else self.state.level
        self.state = watch(self._rows, run=self.run, before=self.state)
        if self.state.level in ("outrun", "hacked") and self.state.level != before:
            _LOG.warning("%s", self.state.sentence)

    def due(self, spent: float, training: float) -> bool:
        """Whether a page may be written now: not too soon, and within the budget.

        Args:
            spent: seconds that the recorder has taken so far.
            training: seconds of training so far, without the recorder's.
        """
        soon = time.monotonic() - self._written < self.every
        return not soon and spent + self._cost <= PAGE_LIMIT * training

    def write(self, *, running: bool, failures: Sequence[str], stopped: str = "") -> None:
        """Write the page, and remember what it took."""
        began = time.perf_counter()
        self._write(running=running, failures=failures, stopped=stopped)
        self._cost = time.perf_counter() - began
        self._written = time.monotonic()

    def _write(self, *, running: bool, failures: Sequence[str], stopped: str = "") -> Path:
        return write_page(
            self.study,
            running=running,
            stopped=well_formed(stopped[:1_000]),
            every=max(1, round(self.every)),
            standing=self._standing(),
            warnings=self._warnings(failures),
        )

    def _standing(self) -> str:
        whole = "" if self.total is None else f" of {self.total:,}"
        done = 0 if self._step is None else self._step + 1
        return f"Run {self.run}: {done:,}{whole} steps are recorded."

    def _warnings(self, failures: Sequence[str]) -> tuple[str, ...]:
        """The alarm, and what the recorder could not do."""
        found = []
        if self.state is not None and self.state.level in ("outrun", "hacked"):
            found.append(f"{self.state.sentence}.")
        if failures:
            last = well_formed(failures[-1][:300])
            found.append(f"The recorder failed {len(failures):,} times; last in {last}.")
        return tuple(found)
