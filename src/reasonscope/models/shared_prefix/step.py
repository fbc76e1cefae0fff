"""One token of every slot at once: what is stored, and what each token attends to."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import torch

from reasonscope.models.shared_prefix.attention import HIDDEN, Part, merged, part
from reasonscope.models.shared_prefix.slots import Slots

_TOGETHER = 16
"""Slots that attend to the prefix in one matrix product, neighbours by how much they see."""


class _Run(NamedTuple):
    """Slots, in order of what they see of the prefix, that attend to it together."""

    first: int
    last: int
    seen: int
    """Tokens of the prefix that the one which sees most sees."""
    mask: torch.Tensor | None
    """For each slot and token ``[slot, 1, token]``; None: all see the same."""


class Step:
    """The next token of the first slots on its way through the model; stands for its cache."""

    def __init__(self, slots: Slots, starts: Sequence[int], lengths: Sequence[int]) -> None:
        """Token ``lengths[i]`` of slot ``i``, which sees ``starts[i]`` tokens of the prefix."""
        self._slots = slots
        self._prefix = slots.prefix
        self._device = slots.keys[0].device
        self._starts = torch.tensor(starts, device=self._device)
        self._lengths = torch.tensor(lengths, device=self._device)
        self._longest = max(lengths) + 1
        self._even = min(lengths) + 1 == self._longest
        order = sorted(range(len(starts)), key=lambda row: starts[row])
        self._order = torch.tensor(order, device=self._device)
        self._back = self._order.argsort()
        self._sorted = [starts[row] for row in order]
        self._places: dict[int, torch.Tensor] = {}
        self._own_masks: dict[int | None, torch.Tensor | None] = {}
        self._runs: dict[int | None, list[_Run]] = {}

    @property
    def positions(self) -> torch.Tensor:
        """Where the tokens stand in their sequences, ``[row, 1]``."""
        return (self._starts + self._lengths)[:, None]

    def get_seq_length(self, layer: int = 0) -> int:
        """Asked by models that are told no positions; they are."""
        return 0

    def update(
        self, keys: torch.Tensor, values: torch.Tensor, layer: int, *_: Any, **__: Any
    ) -> tuple["Step", int]:
        """Store ``[row, kv_head, 1, width]`` and hand oneself on to the attention function."""
        for held, fresh in (
            (self._slots.keys[layer], keys),
            (self._slots.values[layer], values),
        ):
            width = held.shape[-1]
            held.view(-1, width).index_copy_(0, self._rows(held.shape[1]), fresh.reshape(-1, width))
        return self, layer

    def _rows(self, heads: int) -> torch.Tensor:
        """Where the fresh keys go among all rows of a layer's keys."""
        if heads not in self._places:
            slot = torch.arange(len(self._lengths), device=self._device)[:, None]
            head = torch.arange(heads, device=self._device)
            found = (slot * heads + head) * self._slots.room + self._lengths[:, None]
            self._places[heads] = found.flatten()
        return self._places[heads]

    def attend(
        self, layer: int, query: torch.Tensor, softcap: float | None, window: int | None
    ) -> torch.Tensor:
        """Attention of each slot over its part of the prefix and over its own tokens."""
        rows, heads, _, width = query.shape
        kv_heads = self._slots.keys[layer].shape[1]
        grouped = query.reshape(rows, kv_heads, heads // kv_heads, width)
        shared = self._shared(layer, grouped, softcap, window)
        own = self._own(layer, grouped, softcap, window)
        return merged(shared, own).reshape(rows, 1, heads, -1)

    # -- a slot's own tokens ---------------------------------------------------------------

    def _own(
        self, layer: int, query: torch.Tensor, softcap: float | None, window: int | None
    ) -> Part:
        rows = len(query)
        keys, values = (
            held[layer][:rows, :, : self._longest].flatten(0, 1)
            for held in (self._slots.keys, self._slots.values)
        )
        mask = self._own_mask(window)
        if mask is not None:
            mask = mask.repeat_interleave(query.shape[1], dim=0)[:, None]
        found = part(query.flatten(0, 1), keys, values, mask, softcap)
        return Part(*(each.view(*query.shape[:3], -1) for each in found))

    def _own_mask(self, window: int | None) -> torch.Tensor | None:
        """What each slot sees of its own, ``[row, token]``; None: all of it."""
        if window not in self._own_masks:
            token = torch.arange(self._longest, device=self._device)
            seen = token <= self._lengths[:, None]
            if window is not None:
                seen &= token > self._lengths[:, None] - window
            all_seen = self._even and (window is None or self._longest <= window)
            self._own_masks[window] = None if all_seen else torch.where(seen, 0.0, HIDDEN)
        return self._own_masks[window]

    # -- the prefix ------------------------------------------------------------------------

    def _shared(
        self, layer: int, query: torch.Tensor, softcap: float | None, window: int | None
    ) -> Part:
        keys, values = self._prefix.keys[layer], self._prefix.values[layer]
        rows, heads, group, width = query.shape
        lined = query.index_select(0, self._order).transpose(0, 1)
        lined = lined.reshape(heads, rows * group, width)
        parts = []
        for run in self._seen(window):
            mask = run.mask
            if mask is not None:
                mask = mask.expand(-1, group, -1).reshape(-1, run.seen)
            asking = lined[:, run.first * group : run.last * group]
            parts.append(part(asking, keys[:, : run.seen], values[:, : run.seen], mask, softcap))
        return Part(*(self._unlined(pieces, group) for pieces in zip(*parts, strict=True)))

    def _unlined(self, pieces: Sequence[torch.Tensor], group: int) -> torch.Tensor:
        """``[kv_head, slot and head in group, x]`` of all runs as ``[slot, kv_head, head, x]``."""
        whole = torch.cat(list(pieces), dim=1)
        heads, width = whole.shape[0], whole.shape[2]
        whole = whole.view(heads, -1, group, width).index_select(1, self._back)
        return whole.transpose(0, 1)

    def _seen(self, window: int | None) -> list[_Run]:
        if window not in self._runs:
            count = len(self._sorted)
            edges = [*range(0, count, _TOGETHER), count]
            self._runs[window] = [self._run(first, last, window) for first, last in pairwise(edges)]
        return self._runs[window]

    def _run(self, first: int, last: int, window: int | None) -> _Run:
        starts, seen = self._sorted[first:last], self._sorted[last - 1]
        if starts[0] == seen and window is None:
            return _Run(first, last, seen, None)
        token = torch.arange(seen, device=self._device)
        rows = self._order[first:last]
        visible = token < self._starts[rows][:, None]
        if window is not None:
            visible &= token > self.positions[rows] - window
        return _Run(first, last, seen, torch.where(visible, 0.0, HIDDEN)[:, None])
