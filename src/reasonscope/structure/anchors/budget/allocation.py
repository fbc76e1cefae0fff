"""Which rollouts to make next, asked for one by one while earlier ones are still on their way.

A policy plans in waves. A wave is planned from the results of all waves but the last, whose results
may still be on their way: so there is always something to do, and what is asked for depends on the
results alone, never on the order in which they came. Killed and started again from the rows that
were made, an allocator goes on as if nothing had happened.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from reasonscope.structure.anchors.budget.tallies import FRESH, Counts, Tallies
from reasonscope.structure.anchors.rollout import Request, Rollout

UNIFORM = 100
"""Rollouts a step of the published way, against which savings are told."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What is known of a trace before any rollout."""

    costs: tuple[float, ...]
    """Tokens that a rollout is expected to take, by prefix: one entry more than steps."""
    own: tuple[str, ...] = ()
    """The texts of the trace's steps: a rollout that begins with the next of them informs the
    prefix after it too. Empty: none does."""

    @property
    def steps(self) -> int:
        """How many steps the trace has."""
        return len(self.costs) - 1

    def tokens(self, wanted: Counts) -> float:
        """What these rollouts are expected to take."""
        return float(np.asarray(self.costs) @ wanted)

    def uniform_tokens(self, rollouts: int = UNIFORM) -> float:
        """What as many rollouts at every prefix are expected to take."""
        return float(sum(self.costs)) * rollouts


def expected_costs(step_tokens: Sequence[int], after: int) -> tuple[float, ...]:
    """Tokens a rollout takes, by prefix: what remained of the trace, and what follows it.

    Args:
        step_tokens: Tokens of each step of the trace.
        after: Tokens after the last step: closing, answer and end.

    >>> expected_costs([10, 20], after=5)
    (35.0, 25.0, 5.0)
    """
    remaining = np.concatenate([np.cumsum(step_tokens[::-1])[::-1], [0]]) + float(after)
    return tuple(float(tokens) for tokens in remaining)


@dataclass(frozen=True, slots=True)
class Wanted:
    """How many rollouts a wave asks for, by prefix."""

    search: Counts
    """Of those that look for candidates."""
    fresh: Counts
    """Of those that confirm them."""


class Policy(Protocol):
    """A way to spend rollouts on a trace."""

    @property
    def name(self) -> str:
        """How it is called, such as ``racing``."""
        ...

    def wanted(self, setting: Setting, known: Tallies, coming: Tallies) -> Wanted:
        """What to ask for next.

        A pure function. Nothing wanted while something is coming: wait for it. Nothing wanted and
        nothing coming: the work is done.

        Args:
            setting: The trace.
            known: What is back.
            coming: What was asked for and is not back; only ``asked`` and ``fresh_asked`` are set.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What was spent, and what the published way would have been."""

    rollouts: int
    tokens: int
    """Tokens sampled."""
    uniform_rollouts: int
    """100 at every prefix."""
    uniform_tokens: float
    """What they would have taken, at the mean length of a rollout expected at each prefix."""

    @property
    def saved(self) -> float | None:
        """How many times fewer tokens than the published way; None: nothing was spent."""
        return self.uniform_tokens / self.tokens if self.tokens else None


@dataclass(slots=True)
class _Wave:
    requests: tuple[Request, ...]
    open: set[tuple[int, int]]


class Allocator:
    """Asks for rollouts as its policy wants them, and is told what came of them.

    Rows that exist already are given at the start, or told in any order at any time: what is there
    is not asked for again.

    >>> from reasonscope.structure.anchors.budget.uniform import Uniform
    >>> allocator = Allocator(Uniform(2), Setting((30.0, 20.0)))
    >>> [(request.kept, request.index) for request in allocator.asked()]
    [(0, 0), (0, 1), (1, 0), (1, 1)]
    """

    def __init__(self, policy: Policy, setting: Setting, rows: Iterable[Rollout] = ()) -> None:
        """An allocator that has asked for nothing yet."""
        self.policy, self.setting = policy, setting
        self._rows: dict[tuple[int, int], Rollout] = {}
        self._known = Tallies.empty(setting.steps)
        self._waves: list[_Wave] = []
        self._queue: deque[Request] = deque()
        for row in rows:
            self.tell(row)

    def tell(self, row: Rollout) -> None:
        """Take what came of a rollout; rows of other arms and repeated rows change nothing."""
        key = (row.kept, row.index)
        if row.arm != "resample" or row.inserted or key in self._rows:
            return
        self._rows[key] = row
        for wave in self._waves[-2:]:
            wave.open.discard(key)

    def ask(self) -> Request | None:
        """The next rollout to make; None: nothing until more results are told, or all is done."""
        while True:
            while self._queue:
                request = self._queue.popleft()
                if (request.kept, request.index) not in self._rows:
                    return request
            if not self._planned():
                return None

    def asked(self) -> Iterator[Request]:
        """Requests until results must be awaited or all is done."""
        while (request := self.ask()) is not None:
            yield request

    @property
    def finished(self) -> bool:
        """Whether nothing more will be asked for and nothing is awaited."""
        while not self._queue and self._planned():
            pass
        return not self._queue and self._done()

    @property
    def rows(self) -> tuple[Rollout, ...]:
        """What was told, by prefix and index."""
        return tuple(self._rows[key] for key in sorted(self._rows))

    def tally(self) -> Tallies:
        """The counts of all that was told."""
        return Tallies.of(self._rows.values(), self.setting.steps, self.setting.own)

    def spent(self) -> Spent:
        """What the rollouts told so far have taken."""
        return Spent(
            rollouts=len(self._rows),
            tokens=sum(row.tokens for row in self._rows.values()),
            uniform_rollouts=UNIFORM * (self.setting.steps + 1),
            uniform_tokens=self.setting.uniform_tokens(),
        )

    def _done(self) -> bool:
        return len(self._waves) >= 2 and not any(w.requests or w.open for w in self._waves[-2:])

    def _planned(self) -> bool:
        """Plan one more wave; False: its results must be awaited first, or all is done."""
        if self._done() or (len(self._waves) >= 2 and self._waves[-2].open):
            return False
        if len(self._waves) >= 2:
            self._count(self._waves[-2])
        coming = self._asked(self._waves[-1:])
        wanted = self.policy.wanted(self.setting, self._known, coming)
        requests = tuple(self._requests(wanted, coming))
        keys = {(request.kept, request.index) for request in requests}
        self._waves.append(_Wave(requests, keys - self._rows.keys()))
        self._queue.extend(requests)
        return True

    def _count(self, wave: _Wave) -> None:
        for request in wave.requests:
            row = self._rows[request.kept, request.index]
            self._known.add(row, self.setting.own)

    def _asked(self, waves: Sequence[_Wave]) -> Tallies:
        coming = Tallies.empty(self.setting.steps)
        for wave in waves:
            for request in wave.requests:
                counts = coming.fresh_asked if request.index >= FRESH else coming.asked
                counts[request.kept] += 1
        return coming

    def _requests(self, wanted: Wanted, coming: Tallies) -> Iterator[Request]:
        """One request for each rollout wanted: early prefixes, the longest, first."""
        for kept in range(self.setting.steps + 1):
            begin = int(self._known.asked[kept] + coming.asked[kept])
            for index in range(begin, begin + int(wanted.search[kept])):
                yield Request(kept=kept, index=index)
            begin = FRESH + int(self._known.fresh_asked[kept] + coming.fresh_asked[kept])
            for index in range(begin, begin + int(wanted.fresh[kept])):
                yield Request(kept=kept, index=index)
