"""Problems in, traces out: the one interface that every engine keeps, and its records.

An engine turns an :class:`Attempt` into a ``Reading`` or, where that failed, an ``ErrorRow``.
:func:`sample_traces` decides which attempts are due; it knows nothing of models. No torch here.
"""

import math
import time
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sized
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any, Protocol

from reasonscope.errors import SetupError
from reasonscope.provenance import seed_for
from reasonscope.traces.schema import ErrorRow, Problem, Reading, Trace, well_formed
from reasonscope.traces.segment import Output

Key = tuple[str, int]
"""What names an attempt within a run: problem_id and sample."""
Drawn = Callable[[int], None]
"""Told how many tokens have just been drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How tokens are drawn. All wrong settings are reported at once.

    >>> Sampling(temperature=0).greedy
    True
    >>> Sampling(top_p=0, max_tokens=0)
    Traceback (most recent call last):
        ...
    reasonscope.errors.SetupError: sampling cannot work with these settings
      - top_p must be above 0 and at most 1, found 0
      - max_tokens must be a whole number of at least 1, found 0
    """

    temperature: float = 0.7
    """Divides the logits; 0 takes the likeliest token (greedy)."""
    top_p: float = 0.95
    """Draw from the smallest set of likeliest tokens that holds this share; 1: from all."""
    max_tokens: int = 1024
    """At most this many tokens in one output."""
    seed: int = 0
    """The run's seed; each attempt's own is derived from it by hashing."""

    def __post_init__(self) -> None:
        wrong = []
        if not (math.isfinite(self.temperature) and self.temperature >= 0):
            wrong.append(f"temperature must be at least 0, found {self.temperature}")
        if not 0 < self.top_p <= 1:
            wrong.append(f"top_p must be above 0 and at most 1, found {self.top_p}")
        if not (isinstance(self.max_tokens, int) and self.max_tokens >= 1):
            wrong.append(
                f"max_tokens must be a whole number of at least 1, found {self.max_tokens}"
            )
        if wrong:
            raise SetupError("sampling cannot work with these settings", wrong)

    @property
    def greedy(self) -> bool:
        """True where the likeliest token is taken and nothing is drawn."""
        return self.temperature == 0


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt that is due: a problem, which sample of it, and its own seed."""

    problem: Problem
    sample: int
    """Which of several attempts at the same problem, from 0."""
    seed: int
    """In [0, 2**63); the same for the same run seed, problem and sample, whatever else runs."""

    @classmethod
    def of(cls, problem: Problem, sample: int, sampling: Sampling) -> "Attempt":
        """The attempt with its derived seed."""
        return cls(problem, sample, seed_for("sample", sampling.seed, problem.problem_id, sample))

    @property
    def key(self) -> Key:
        """What ``done`` holds of an attempt that needs no repeating."""
        return (self.problem.problem_id, self.sample)

    def failed(self, source: str, error: str, excerpt: str = "") -> ErrorRow:
        """The counted row of an attempt that gave no trace."""
        return ErrorRow(
            source=source,
            place=f"{self.problem.problem_id}/{self.sample}",
            error=well_formed(error[:500]),
            excerpt=well_formed(excerpt[:200]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Generated:
    """What a model wrote in one attempt, told apart into reasoning and answer."""

    prompt: str
    """What was sent, verbatim."""
    parts: Output
    """The output, told apart."""
    finish_reason: str | None
    """``stop``, ``length`` or what the server said; None: it did not say."""
    token_ids: tuple[int, ...] | None = None
    token_ends: tuple[int, ...] | None = None
    token_logprobs: tuple[float, ...] | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    """What else was set, kept in ``trace.sampling``."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """What else is known of it, kept in ``trace.extra``."""

    def reading(self, attempt: Attempt, model: str, sampling: Sampling) -> Reading:
        """The output as the trace of an attempt; sampling and the attempt's seed stay with it."""
        trace = Trace.make(
            attempt.problem,
            self.parts.reasoning,
            model=model,
            prompt=self.prompt,
            opening=self.parts.opening,
            closing=self.parts.closing,
            answer=self.parts.answer,
            form=self.parts.form,
            sample=attempt.sample,
            finish_reason=self.finish_reason,
            token_ids=self.token_ids,
            token_ends=self.token_ends,
            token_logprobs=self.token_logprobs,
            sampling={**asdict(sampling), "attempt_seed": attempt.seed, **self.settings},
            extra=self.extra,
        )
        return Reading(problem=attempt.problem, trace=trace)


def unheard(tokens: int) -> None:
    """Listen to an engine's tokens and do nothing."""


class Engine(Protocol):
    """Something that answers attempts: a model on this machine, or a server."""

    @property
    def name(self) -> str:
        """The model's name, as kept in ``trace.model``."""

    @property
    def batch_size(self) -> int | None:
        """Attempts computed together, whose last digits depend on their company.

        None: every attempt stands alone.
        """

    def generate(
        self, attempts: Iterable[Attempt], sampling: Sampling, drawn: Drawn = unheard
    ) -> Iterator[Reading | ErrorRow]:
        """One row for each attempt, in any order; a failure is a row, never an exception."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a run is."""

    done: int
    """Attempts finished in this run, failures included."""
    failed: int
    total: int | None
    """Attempts due, those skipped included; None: the problems have no length."""
    skipped: int
    """Attempts that were done before."""
    tokens: int
    """Tokens drawn so far."""
    seconds: float

    @property
    def tokens_per_second(self) -> float:
        """The rate since the run began; 0 before the first token."""
        return self.tokens / self.seconds if self.seconds > 0 else 0.0


def sample_traces(
    engine: Engine,
    problems: Iterable[Problem],
    samples: int,
    sampling: Sampling,
    done: Container[Key] = frozenset(),
    progress: Callable[[Progress], None] | None = None,
) -> Iterator[Reading | ErrorRow]:
    """The traces of ``samples`` attempts at each problem, as they come; failures are rows.

    Attempts in ``done`` are skipped, so a run that was broken off goes on where it was. An
    engine with a ``batch_size`` always gets the batches that a whole run would make: where a
    batch is partly done, all of it is computed and only the missing rows come out, because
    the last digits of a row depend on its batch. So the traces do not depend on where a run was
    broken off.

    Args:
        engine: What answers.
        problems: What is asked; a problem that occurs twice is asked once.
        samples: Attempts at each problem, at least 1.
        sampling: How tokens are drawn.
        done: (problem_id, sample) of attempts that need no repeating.
        progress: Told after every row and, where the engine says so, after every token.

    Yields:
        Reading | ErrorRow: One row for each attempt that was due.
    """
    if samples < 1:
        raise SetupError(f"samples must be at least 1, found {samples}")
    meter = _Meter(samples * len(problems) if isinstance(problems, Sized) else None, progress)
    attempts = _attempts(problems, samples, sampling)
    if engine.batch_size is None:
        batches: Iterable[Iterable[Attempt]] = [_due(attempts, done, meter)]
    else:
        batches = _whole_batches(attempts, engine.batch_size, done, meter)
    for batch in batches:
        for row in engine.generate(batch, sampling, meter.drew):
            if attempt_key(row) not in done:
                meter.finished(row)
                yield row


def attempt_key(row: Reading | ErrorRow) -> Key:
    """Which attempt a row answers, as ``done`` holds it.

    >>> attempt_key(ErrorRow(source="models.decoding", place="a3f9/2", error="out of memory"))
    ('a3f9', 2)
    """
    if isinstance(row, Reading):
        return (row.problem.problem_id, row.trace.sample)
    problem_id, _, sample = row.place.rpartition("/")
    return (problem_id, int(sample))


def _attempts(problems: Iterable[Problem], samples: int, sampling: Sampling) -> Iterator[Attempt]:
    seen: set[str] = set()
    for problem in problems:
        if problem.problem_id not in seen:
            seen.add(problem.problem_id)
            yield from (Attempt.of(problem, sample, sampling) for sample in range(samples))


def _due(attempts: Iterable[Attempt], done: Container[Key], meter: "_Meter") -> Iterator[Attempt]:
    for attempt in attempts:
        if attempt.key in done:
            meter.skipped += 1
        else:
            yield attempt


def _whole_batches(
    attempts: Iterable[Attempt], size: int, done: Container[Key], meter: "_Meter"
) -> Iterator[list[Attempt]]:
    remaining = iter(attempts)
    while batch := list(islice(remaining, size)):
        if list(_due(batch, done, meter)):
            yield batch


class _Meter:
    """Counts what a run does and tells whoever asked."""

    def __init__(self, total: int | None, tell: Callable[[Progress], None] | None) -> None:
        self.total, self.tell = total, tell
        self.done = self.failed = self.skipped = self.tokens = 0
        self.began = time.monotonic()

    def drew(self, tokens: int) -> None:
        """Count tokens."""
        self.tokens += tokens
        self._report()

    def finished(self, row: Reading | ErrorRow) -> None:
        """Count a row."""
        self.done += 1
        self.failed += isinstance(row, ErrorRow)
        self._report()

    def _report(self) -> None:
        if self.tell is not None:
            self.tell(
                Progress(
                    done=self.done,
                    failed=self.failed,
                    total=self.total,
                    skipped=self.skipped,
                    tokens=self.tokens,
                    seconds=time.monotonic() - self.began,
                )
            )
