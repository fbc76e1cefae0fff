"""Which rollout sits in which slot: who waits, who shares a start, who moves up."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import torch

from reasonscope.models.shared_prefix.rollout import Origin, Rollout
from reasonscope.models.shared_prefix.slots import Slots
from reasonscope.models.shared_prefix.step import Step

Ready = tuple[Rollout, torch.Tensor]
"""A rollout about to draw, and the hidden state that it draws from."""
HiddenOf = Callable[[list[int], Step], torch.Tensor]
"""Lets the model read one token of each slot: hidden states ``[slot, width]``."""


@dataclass(slots=True)
class Table:
    """The rollouts in the slots; the one at place ``i`` has slot ``i``, without gaps."""

    slots: Slots
    seated: list[Rollout] = field(default_factory=list)
    waiting: list[Rollout] = field(default_factory=list)
    """Taken in, but with nothing of their own in a slot yet."""
    _origins: dict[Origin, Ready] = field(default_factory=dict)
    """A seated rollout that has read all of an origin, and the hidden state after it."""

    def __len__(self) -> int:
        return len(self.seated) + len(self.waiting)

    def fits(self, rollout: Rollout) -> bool:
        """A slot is free and has room enough."""
        return len(self) < self.slots.count and rollout.room <= self.slots.room

    def read(self, hidden_of: HiddenOf) -> list[Ready]:
        """Let the model read one token of each rollout that has one; the rollouts ready to draw."""
        self._seat_leaders()
        stepping = list(self.seated)
        ready: list[Ready] = []
        if stepping:
            step = Step(self.slots, [r.start for r in stepping], [r.fed for r in stepping])
            hidden = hidden_of([r.next_token for r in stepping], step)
            for place, rollout in enumerate(stepping):
                rollout.fed += 1
                if rollout.drawing:
                    ready.append((rollout, hidden[place]))
                if rollout.fed == len(rollout.forced):
                    self._origins[rollout.origin] = rollout, hidden[place].clone()
        ready.extend(self._seat_followers())
        return ready

    def _seat_leaders(self) -> None:
        """Of those that must write the same first, one writes and the others wait for it."""
        led = {rollout.origin for rollout in self.seated if not rollout.drawing}
        led.update(self._origins)
        for rollout in self.waiting:
            if rollout.forced and rollout.origin not in led:
                led.add(rollout.origin)
                self.seated.append(rollout)
        seated = set(self.seated)
        self.waiting = [rollout for rollout in self.waiting if rollout not in seated]

    def _seat_followers(self) -> Iterator[Ready]:
        """Those whose start is read by now, by the prefix or by another rollout."""
        still = []
        for rollout in self.waiting:
            if not rollout.forced:
                hidden = self.slots.prefix.state(rollout.start)
            elif rollout.origin in self._origins:
                leader, hidden = self._origins[rollout.origin]
                rollout.fed = len(rollout.forced)
                self.slots.move(self.seated.index(leader), len(self.seated), rollout.fed)
            else:
                still.append(rollout)
                continue
            self.seated.append(rollout)
            yield rollout, hidden
        self.waiting = still

    def leave(self, rollout: Rollout, clean: bool = False) -> None:
        """Give up a slot; the rollout in the last one moves into it."""
        place = self.seated.index(rollout)
        if clean:
            self.slots.clean(place)
        last = self.seated.pop()
        if last is not rollout:
            self.slots.move(len(self.seated), place, last.fed)
            self.seated[place] = last
        if self._origins.get(rollout.origin, (None,))[0] is rollout:
            del self._origins[rollout.origin]
