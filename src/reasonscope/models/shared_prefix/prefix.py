"""The shared prefix: keys, values and last hidden states of prompt and trace, computed once."""

from dataclasses import dataclass, field
from typing import Any

import torch

from reasonscope.models.shared_prefix.attention import HIDDEN, part
from reasonscope.models.shared_prefix.body import Body

CHUNK = 256
"""Tokens read together; always at the same places, whatever is asked for."""


@dataclass(slots=True)
class Prefix:
    """The tokens that rollouts share, read as far as one has asked for."""

    body: Body
    tokens: torch.Tensor
    """``[1, token]``."""
    keys: list[torch.Tensor] = field(default_factory=list)
    """For each layer ``[kv_head, token, width]``."""
    values: list[torch.Tensor] = field(default_factory=list)
    hidden: torch.Tensor | None = None
    """What the vocabulary head reads, ``[token, width]``."""
    length: int = 0
    """Tokens read so far."""
    sound: int | None = None
    """Tokens before the first whose numbers are not finite; None: all are."""

    def reach(self, length: int) -> None:
        """Read on until at least ``length`` tokens have been read."""
        while self.length < min(length, self.tokens.shape[1]):
            start = self.length
            tokens = self.tokens[:, start : start + CHUNK]
            positions = torch.arange(start, start + tokens.shape[1], device=tokens.device)[None]
            hidden = self.body.hidden(tokens, positions, _Reading(self, start))[0]
            if self.hidden is None:
                self.hidden = hidden.new_zeros(self.tokens.shape[1], hidden.shape[-1])
            self.hidden[start : start + len(hidden)] = hidden
            self.length = start + len(hidden)
            finite = hidden.isfinite().all(dim=-1)
            if self.sound is None and not bool(finite.all()):
                self.sound = start + int(finite.long().argmin())

    def state(self, length: int) -> torch.Tensor:
        """The hidden state after so many tokens, all of which have been read: ``[width]``."""
        assert self.hidden is not None
        return self.hidden[length - 1]

    @property
    def bytes(self) -> int:
        """What it holds, in bytes; grows with the trace, never with the rollouts."""
        held = [*self.keys, *self.values, *([] if self.hidden is None else [self.hidden])]
        return sum(tensor.nbytes for tensor in held)


@dataclass(slots=True)
class _Reading:
    """One chunk of the prefix on its way through the model."""

    prefix: Prefix
    start: int

    def update(
        self, keys: torch.Tensor, values: torch.Tensor, layer: int, *_: Any, **__: Any
    ) -> tuple["_Reading", int]:
        """Keep ``[1, kv_head, token, width]`` and hand oneself on to the attention function."""
        whole = self.prefix.tokens.shape[1]
        if layer == len(self.prefix.keys):
            for held, fresh in ((self.prefix.keys, keys), (self.prefix.values, values)):
                held.append(fresh.new_zeros(fresh.shape[1], whole, fresh.shape[3]))
        stop = self.start + keys.shape[2]
        self.prefix.keys[layer][:, self.start : stop] = keys[0]
        self.prefix.values[layer][:, self.start : stop] = values[0]
        return self, layer

    def get_seq_length(self, layer: int = 0) -> int:
        """How many tokens stand before the chunk."""
        return self.start

    def attend(
        self, layer: int, query: torch.Tensor, softcap: float | None, window: int | None
    ) -> torch.Tensor:
        """Causal attention of the chunk over all that has been read."""
        heads, count, width = query.shape[1:]
        keys, values = (held[layer] for held in (self.prefix.keys, self.prefix.values))
        group, stop = heads // len(keys), self.start + count
        mask = self._mask(count, window, query.device).repeat(group, 1)
        grouped = query[0].reshape(len(keys), group * count, width)
        output = part(grouped, keys[:, :stop], values[:, :stop], mask, softcap).output
        return output.reshape(1, heads, count, -1).transpose(1, 2)

    def _mask(self, count: int, window: int | None, device: torch.device) -> torch.Tensor:
        key = torch.arange(self.start + count, device=device)
        query = key[self.start :, None]
        seen = key <= query
        if window is not None:
            seen &= key > query - window
        return torch.where(seen, 0.0, HIDDEN)
