"""The rollouts of one trace in its study: written as they come, and gone on with."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from reasonscope import __version__
from reasonscope.errors import SetupError
from reasonscope.provenance import Provenance, settings_pairs
from reasonscope.structure.anchors.rollout import Rollout
from reasonscope.traces.store import Study, declare

FLUSH = 30.0
"""Seconds of rollouts that a kill may lose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutRun:
    """How the rollouts of one trace were made: a row of table ``rollout_runs``.

    All rollouts of a trace share it; others would not be comparable.
    """

    trace_id: str
    model: str
    """What went on; the trace may be another model's."""
    identity: str
    """Its weights and engine, as far as they are known."""
    prompt: str
    """Of the prompt, as a digest: a chat template's text and a plain one are two prompts."""
    temperature: float
    top_p: float
    limit: int
    """Most tokens of a rollout."""
    seed: int
    """Another one gives other rollouts of the same requests."""

    def require_same(self, before: "RolloutRun") -> None:
        """Raise unless the rollouts that are there were made in the same way.

        Raises:
            SetupError: a setting differs; the message names each.
        """
        ours, theirs = asdict(self), asdict(before)
        wrong = [
            f"{name} was {theirs[name]}, now it is {ours[name]}"
            for name in ours
            if ours[name] != theirs[name]
        ]
        if wrong:
            raise SetupError(
                "this trace has rollouts that were made otherwise: take their settings, or --again "
                "to remove them",
                wrong,
            )


declare("rollouts", Rollout)
declare("rollout_runs", RolloutRun)

CONCLUDED = ("anchors", "necessity", "commitment", "step_matrix", "resilience")
"""Instruments, and their tables, with a part for each trace that is made from its rollouts."""


class RolloutStore:
    """The stored rollouts of one trace; the caller holds the study's lock."""

    def __init__(self, study: Study, run: RolloutRun, *, again: bool = False) -> None:
        """Compare the settings with those of the rollouts that are there, or remove these.

        Raises:
            SetupError: rollouts of this trace were made with other settings.
        """
        self.study, self.run = study, run
        self.provenance = Provenance("anchors", __version__, settings_pairs(**asdict(run)))
        self._new: list[Rollout] = []
        self._flushed = time.monotonic()
        if again:
            self._remove()
        if self._keys():  # of a call that failed before its first rollout nothing stands
            for before in study.part_records("rollout_runs", run.trace_id):
                run.require_same(before)
        study.write_part("rollout_runs", run.trace_id, [run], self.provenance)
        self._forget_failures()

    def rows(self) -> list[Rollout]:
        """All that are stored."""
        return [row for key in self._keys() for row in self.study.part_records("rollouts", key)]

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Write what is new at the end, whatever breaks off the block."""
        try:
            yield
        finally:
            self._flush()

    def add(self, row: Rollout) -> None:
        """Keep a rollout; now and then they are written."""
        self._new.append(row)
        if time.monotonic() - self._flushed > FLUSH:
            self._flush()

    def conclude(self, table: str, rows: Iterable[Any]) -> None:
        """Write what the rollouts come to."""
        self.study.write_part(table, self.run.trace_id, rows, self.provenance)

    def _flush(self) -> None:
        if self._new:
            key = f"{self.run.trace_id}-{len(self._keys()):05d}"
            self.study.write_part("rollouts", key, self._new, self.provenance)
        self._new, self._flushed = [], time.monotonic()

    def _keys(self) -> list[str]:
        keys = self.study.part_keys("rollouts")
        return [key for key in keys if key.partition("-")[0] == self.run.trace_id]

    def _remove(self) -> None:
        for key in self._keys():
            self.study.remove_part("rollouts", key)
        for table in ("rollout_runs", *CONCLUDED):
            self.study.remove_part(table, self.run.trace_id)

    def _forget_failures(self) -> None:
        """What failed before may succeed now: it is asked for again."""
        for key in self._keys():
            rows = list(self.study.part_records("rollouts", key))
            if any(row.error for row in rows):
                good = [row for row in rows if not row.error]
                self.study.write_part("rollouts", key, good, self.provenance)
