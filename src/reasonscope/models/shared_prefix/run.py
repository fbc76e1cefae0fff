"""A run: rollouts are let in while there is room, read and drawn token by token, and let out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import torch

from reasonscope.models.continuing import Continuation, Continued, Uncontinued
from reasonscope.models.generation import Drawn, Sampling
from reasonscope.models.loading import LoadedModel
from reasonscope.models.shared_prefix.drawing import draw
from reasonscope.models.shared_prefix.prefix import Prefix
from reasonscope.models.shared_prefix.rollout import Rollout, opened
from reasonscope.models.shared_prefix.slots import Slots, bytes_per_token
from reasonscope.models.shared_prefix.spelling import Spelling
from reasonscope.models.shared_prefix.step import Step
from reasonscope.models.shared_prefix.table import Ready, Table

_ROOM = 32
"""Slots have room for a multiple of this many tokens."""


@dataclass(slots=True)
class Run:
    """Rollouts from one prefix."""

    loaded: LoadedModel
    prefix: Prefix
    spelling: Spelling
    sampling: Sampling
    drawn: Drawn
    most: int
    """Most slots."""
    budget: int
    """Most bytes in slots."""
    _table: Table | None = field(default=None, init=False)
    _next: Rollout | None = field(default=None, init=False)
    """Taken from what is asked, but it needs more room than the slots have."""

    @property
    def cache_bytes(self) -> int:
        """Bytes of keys and values."""
        return self.prefix.bytes + (0 if self._table is None else self._table.slots.bytes)

    def rows(self, asked: Iterator[Continuation]) -> Iterator[Continued | Uncontinued]:
        """One row for each continuation, in the order in which they end."""
        while True:
            yield from self._let_in(asked)
            if self._table is None or not len(self._table):
                return
            yield from self._go_on(self._table)

    # -- in --------------------------------------------------------------------------------

    def _let_in(self, asked: Iterator[Continuation]) -> Iterator[Uncontinued]:
        while self._table is None or len(self._table) < self._table.slots.count:
            if self._next is None:
                one = next(asked, None)
                if one is None:
                    return
                found = self._opened(one)
                if isinstance(found, Uncontinued):
                    yield found
                    continue
                self._next = found
            table = self._table_for(self._next)
            if table is None:
                return
            table.waiting.append(self._next)
            self._next = None

    def _opened(self, asked: Continuation) -> Rollout | Uncontinued:
        found = opened(asked, self.spelling, self.loaded.context)
        if isinstance(found, Uncontinued):
            return found
        with torch.inference_mode():
            self.prefix.reach(found.start)
        if self.prefix.sound is not None and found.start > self.prefix.sound:
            why = f"the model's numbers are not finite at token {self.prefix.sound} of the trace"
            return Uncontinued(asked=asked, why=why)
        return found

    def _table_for(self, rollout: Rollout) -> Table | None:
        """Slots long enough; longer ones are made once the old are empty, until then None."""
        table = self._table
        if table is not None and rollout.room <= table.slots.room:
            return table
        if table is not None and len(table):
            return None
        room = -(-rollout.room // _ROOM) * _ROOM
        count = self.budget // (room * bytes_per_token(self.prefix))
        self._table = table = None  # the old slots go before the new ones come
        with torch.inference_mode():
            slots = Slots(self.prefix, max(1, min(self.most, count)), room)
        self._table = Table(slots)
        return self._table

    # -- on and out ------------------------------------------------------------------------

    def _go_on(self, table: Table) -> Iterator[Continued | Uncontinued]:
        try:
            with torch.inference_mode():
                ready = table.read(self._hidden)
                rows = self._let_out(table, ready, self._draw(ready))
        except RuntimeError as error:  # torch's own, out of memory among them
            self._table = None
            for rollout in (*table.seated, *table.waiting):
                yield Uncontinued(asked=rollout.asked, why=str(error)[:500])
            return
        self.drawn(len(ready))
        yield from rows

    def _let_out(
        self, table: Table, ready: Sequence[Ready], tokens: Sequence[int | None]
    ) -> list[Continued | Uncontinued]:
        """The rows of those that end with this token; their slots are free then."""
        ends, rows = self.loaded.ends, list[Continued | Uncontinued]()
        for (rollout, _), token in zip(ready, tokens, strict=True):
            if token is None:
                why = f"the model's logits are not finite at token {len(rollout.tokens)}"
                rows.append(Uncontinued(asked=rollout.asked, why=why))
                table.leave(rollout, clean=True)
            elif not rollout.take(token, ends):
                rows.append(rollout.result(self.spelling))
                table.leave(rollout)
        return rows

    def _hidden(self, tokens: Sequence[int], step: Step) -> torch.Tensor:
        body = self.prefix.body
        fed = torch.tensor(tokens, device=body.device)[:, None]
        return body.hidden(fed, step.positions, step)[:, 0]

    def _draw(self, ready: Sequence[Ready]) -> list[int | None]:
        """One token for each; those that stand at the same start share its logits."""
        if not ready:
            return []
        places: dict[object, int] = {}
        states, which = list[torch.Tensor](), list[int]()
        for rollout, hidden in ready:
            key = rollout if rollout.tokens else rollout.origin
            if key not in places:
                places[key] = len(states)
                states.append(hidden)
            which.append(places[key])
        logits = self.prefix.body.logits(torch.stack(states))
        if len(states) < len(ready):
            logits = logits[which]
        return draw(logits, self.sampling, [rollout.die for rollout, _ in ready])
