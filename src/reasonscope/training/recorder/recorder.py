"""The flight recorder: what a training run does to behaviour, step by step, as study tables."""

import functools
import logging
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self, TypeVar, cast

from filelock import FileLock, Timeout

from reasonscope import __version__
from reasonscope.dynamics.logs.names import trl_name
from reasonscope.dynamics.recorded import TABLE, Recorded
from reasonscope.errors import SetupError
from reasonscope.provenance import Provenance, content_id, settings_pairs
from reasonscope.structure.labels.labeller import shipped
from reasonscope.traces.schema import Step, Trace
from reasonscope.traces.store import Study
from reasonscope.training.judged import Judged
from reasonscope.training.recorder.closely import sampled, stored
from reasonscope.training.recorder.completion import Completion, completions_of
from reasonscope.training.recorder.live import LIMIT, Live
from reasonscope.training.recorder.rows import held_out, trained

SETTLED = 5
"""Steps before the recorder's share is judged: the first one loads what is loaded once."""

_LOG = logging.getLogger("reasonscope.recorder")
_Method = TypeVar("_Method", bound=Callable[..., None])


def _unfailing(method: _Method) -> _Method:
    """Time a method of the recorder, and keep its failure from ending the training."""

    @functools.wraps(method)
    def timed(self: "Recorder", *given: Any, **named: Any) -> None:
        with self.timed(method.__name__):
            method(self, *given, **named)

    return cast(_Method, timed)


@dataclass(slots=True)
class _Pending:
    """What is known of a step that is not written yet."""

    completions: list[Completion] = field(default_factory=list)
    held_out: list[Completion] = field(default_factory=list)
    logged: dict[tuple[str, str], float | None] = field(default_factory=dict)
    entropies: dict[tuple[int, ...], Sequence[float]] = field(default_factory=dict)


class Recorder:
    """Listens to a training run and writes table ``recorded``, one part a step.

    Whatever fails in it is listed in :attr:`failures` and logged; it never ends the training.
    ``step`` is always the number of optimizer steps done when something was measured. The parts
    of a step are keyed by run and step: a resumed run writes them again in place and goes on.

    Costs: what is cheap is measured on every completion; step validity on those whose verdicts
    are there already, else on ``verified`` of them; labels, returns and flips on ``closely`` of
    them, which are stored as traces of the model ``RUN@STEP``. The recorder times itself:
    ``recorder_seconds`` stands beside ``step_seconds``, and it says when it takes more than 5 %.
    """

    def __init__(
        self,
        study: str | Path,
        run: str,
        tokenizer: Any = None,
        *,
        weights: Mapping[str, float] | None = None,
        unread: float | None = None,
        closely: int = 8,
        verified: int = 32,
        page_every: float | None = 30.0,
    ) -> None:
        """A recorder of one run.

        Args:
            study: the study's folder, made if it is not there; several runs may share one.
            run: the run's name.
            tokenizer: needed only by :meth:`watching`.
            weights: of the rewards in the total; not named: 1.
            unread: what an unknown reward counts as in the total, as in training; None: the total
                is unknown.
            closely: completions of a step that are measured closely and stored.
            verified: completions of a step whose steps are verified if nobody has done so.
            page_every: least seconds between two versions of ``dynamics.html``; None: no page.
        """
        if not run:
            raise SetupError("a recorder needs the run's name")
        self.study = Study.create(study, name=run)
        self.run = run
        self.tokenizer = tokenizer
        self.weights, self.unread, self.lone = dict(weights or {}), unread, True
        self.closely, self.verified = closely, verified
        self.failures: list[str] = []
        self.live = None if page_every is None else Live(self.study, run, page_every)
        self._pending: dict[int, _Pending] = {}
        self._seconds = self._told_seconds = self._before = self._training = 0.0
        self._steps = 0
        self._warned = self._begun = False
        self._mark = time.perf_counter()

    # -- what a trainer says -------------------------------------------------------------

    def __enter__(self) -> Self:
        """The recorder; what is left is written at the end of the block."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, *_: object) -> None:
        self.close(stopped="" if kind is None else str(error) or kind.__name__)

    def begin(self, step: int = 0) -> None:
        """Start, or go on after ``step`` steps: what the run has of later steps is removed.

        The first :meth:`completions` do this where nobody did. What is loaded once is loaded
        now, and its seconds are not set against the steps.
        """
        self._begun = True
        self._begin(step)
        self._before = self._told_seconds = self._seconds
        self._mark = time.perf_counter()

    @_unfailing
    def _begin(self, step: int) -> None:
        with self.study.writing():
            for later in self.steps():
                if later >= step:
                    self._remove(later)
            self.study.remember_command(f"train {self.run}")
        self._pending.clear()
        shipped()
        if self.live is not None:
            self.live.begin()

    @_unfailing
    def completions(
        self,
        step: int,
        judged: Sequence[Judged],
        rewards: Mapping[str, Sequence[float | None]],
        entropies: Sequence[Sequence[float] | None] | None = None,
    ) -> None:
        """The completions of a step; those of earlier steps are written.

        Args:
            step: optimizer steps done.
            judged: the completions; those of one problem form a group.
            rewards: by reward, one number for each completion; None: unknown.
            entropies: of each completion, nats at each of its tokens.
        """
        if not self._begun:
            self.begin(step)
        self.flush(step - 1)
        found = self._completions(judged, rewards)
        if entropies is not None:
            found = [replace(c, entropies=e) for c, e in zip(found, entropies, strict=True)]
        self._at(step).completions.extend(found)

    @_unfailing
    def held_out(
        self,
        step: int,
        judged: Sequence[Judged],
        rewards: Mapping[str, Sequence[float | None]] | None = None,
    ) -> None:
        """Completions of problems that are not trained on: the same names, part ``held_out``."""
        if not self._begun:
            self.begin(step)
        self._at(step).held_out.extend(self._completions(judged, rewards or {}))

    @_unfailing
    def entropies(
        self, step: int, token_ids: Sequence[Sequence[int]], values: Sequence[Sequence[float]]
    ) -> None:
        """Entropies that come later than their completions, found again by their tokens."""
        held = self._at(step).entropies
        held.update({tuple(ids): own for ids, own in zip(token_ids, values, strict=True)})

    @_unfailing
    def metrics(self, step: int, values: Mapping[str, Any]) -> None:
        """Numbers of a step as a whole, by TRL's names or ours; no finite number is unknown.

        What was measured on completions here stands before what a trainer says of the same. A
        step whose completions are known is written at once; more of it may still come.
        """
        for name, value in values.items():
            if isinstance(value, int | float) and not isinstance(value, bool):
                number = float(value) if math.isfinite(value) else None
                self._at(step).logged[trl_name(name)] = number
        if step in self._pending and self._pending[step].completions:
            self.flush(step)

    @_unfailing
    def flush(self, step: int) -> None:
        """Write what is known of all steps up to this one."""
        due = sorted(held for held in self._pending if held <= step)
        with self._locked() as free:
            if not free:  # someone measures the study right now: the rows wait for the next step
                return
            for held in due:  # a step that cannot be written is given up, and must not stop others
                with self.timed(f"writing step {held}"):
                    self._write(held, self._pending.pop(held))
        if due and self.live is not None:
            own = self._told_seconds - self._before
            if self.live.due(own, self._training - own):
                self.live.write(running=True, failures=self.failures)

    def close(self, wait: float = 60.0, stopped: str = "") -> None:
        """Write all that is left, and the page as that of a run that is done, or was stopped.

        Args:
            wait: where someone measures the study, so many seconds are waited for them.
            stopped: why the run ended before its last step; empty: it did not.
        """
        until = time.monotonic() + wait
        self.flush(max(self._pending, default=0))
        while self._pending and time.monotonic() < until:
            time.sleep(0.2)
            self.flush(max(self._pending, default=0))
        if self._pending:
            self._failed(f"close: {len(self._pending)} steps could not be written")
        if self._begun or not stopped:  # what was refused at once leaves an older page as it is
            self._finish(stopped)

    @_unfailing
    def _finish(self, stopped: str) -> None:
        if self.live is not None:
            if not self._begun:
                self.live.take_up()
            self.live.write(running=False, failures=self.failures, stopped=stopped)

    # -- what it knows -------------------------------------------------------------------

    def steps(self) -> list[int]:
        """The steps that the study holds of this run, in order."""
        query = f"select distinct step from {TABLE} where run = ? order by step"
        return [row[0] for row in self.study.rows(query, [self.run])]

    @property
    def share(self) -> float | None:
        """The recorder's time over the training's without it, so far; None: not known yet."""
        own = self._told_seconds - self._before
        without = self._training - own
        return own / without if self._steps and without > 0 else None

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        """Work on the recorder's account: timed, and its failure listed instead of raised."""
        began, before = time.perf_counter(), self._seconds
        try:
            yield
        except Exception as error:  # hours of training weigh more than a row of numbers
            self._failed(f"{what}: {type(error).__name__}: {error}")
        finally:  # what was timed inside counts once
            self._seconds = before + time.perf_counter() - began

    # -- inside --------------------------------------------------------------------------

    def _at(self, step: int) -> _Pending:
        return self._pending.setdefault(step, _Pending())

    def _completions(
        self, judged: Sequence[Judged], rewards: Mapping[str, Sequence[float | None]]
    ) -> list[Completion]:
        return completions_of(judged, rewards, self.weights, self.unread, lone=self.lone)

    def _failed(self, message: str) -> None:
        if message not in self.failures:
            _LOG.warning("the recorder of run '%s' failed in %s", self.run, message)
        self.failures.append(message)

    @contextmanager
    def _locked(self) -> Iterator[bool]:
        """The study's lock, if it is free; its unfinished parts are removed by :meth:`begin`."""
        lock = FileLock(str(self.study.path / ".lock"))
        try:
            lock.acquire(timeout=0)
        except Timeout:
            yield False
            return
        try:
            yield True
        finally:
            lock.release()

    def _key(self, step: int) -> str:
        return content_id(TABLE, self.run, step)

    def _remove(self, step: int) -> None:
        """Remove a step's parts, and what instruments wrote on its traces."""
        for table in self.study.tables():
            self.study.remove_part(table, self._key(step))

    def _write(self, step: int, pending: _Pending) -> None:
        began = time.perf_counter()
        key = self._key(step)
        settings = settings_pairs(run=self.run, step=step)
        provenance = Provenance("train", __version__, settings)
        old = {(row.name, row.part): row for row in self.study.part_records(TABLE, key)}
        if pending.completions:
            sample = sampled(pending.completions, self.closely, self.run, step)
            self._write_traces(key, step, sample, provenance)
            completions = _with_entropies(pending)
            new = trained(completions, sample, self.verified, self.run, step)
        else:
            new = {}
        if pending.held_out:
            new |= held_out(pending.held_out, self.verified, self.run, step)
        logged = {
            place: Recorded(run=self.run, step=step, name=place[0], part=place[1], value=value)
            for place, value in pending.logged.items()
            if place not in new and (place not in old or old[place].n is None)
        }
        rows = old | logged | new
        if pending.completions:
            rows |= self._times(step, rows, began)
        self.study.write_part(TABLE, key, rows.values(), provenance)
        if self.live is not None:
            self.live.heard(step, rows.values())

    def _write_traces(
        self, key: str, step: int, sample: Sequence[Completion], provenance: Provenance
    ) -> None:
        """Problems and steps first: a part of ``traces`` says that its companions are there."""
        self._remove(step)
        traces: list[Trace] = []
        steps: list[Step] = []
        for one in sample:
            trace, own = stored(one, self.run, step)
            traces.append(trace)
            steps.extend(own)
        problems = {one.problem: one.judged.case.problem for one in sample}
        self.study.write_part("problems", key, problems.values(), provenance)
        self.study.write_part("steps", key, steps, provenance)
        self.study.write_part("traces", key, traces, provenance)

    def _times(
        self, step: int, rows: Mapping[tuple[str, str], Recorded], began: float
    ) -> dict[tuple[str, str], Recorded]:
        """The step's seconds, the recorder's own, and its share so far."""
        now = time.perf_counter()
        own = self._seconds + (now - began) - self._told_seconds
        said = rows.get(("step_seconds", ""))
        whole = said.value if said is not None and said.value is not None else now - self._mark
        self._mark = now
        self._told_seconds += own
        self._training += whole
        self._steps += 1
        self._warn()
        found = {"recorder_seconds": own, "step_seconds": whole, "recorder_share": self.share}
        return {
            (name, ""): Recorded(run=self.run, step=step, name=name, value=value)
            for name, value in found.items()
        }

    def _warn(self) -> None:
        share = self.share
        if share is not None and share > LIMIT and self._steps >= SETTLED and not self._warned:
            self._warned = True
            _LOG.warning(
                "the recorder takes %.1f %% of the training's time, more than %.0f %%: on steps as "
                "short as these it weighs more (from Python, Recorder(closely=…, verified=…) "
                "measures less)",
                100 * share,
                100 * LIMIT,
            )


def _with_entropies(pending: _Pending) -> list[Completion]:
    """The completions with entropies that came later, where their tokens are known."""
    if not pending.entropies:
        return pending.completions
    return [
        replace(one, entropies=pending.entropies.get(one.judged.case.trace.token_ids or ()))
        if one.entropies is None
        else one
        for one in pending.completions
    ]
