"""Attention over keys that lie in two places, and its place among transformers' own.

A softmax over two sets of keys is the mean of the softmaxes over each, weighted by their sums
of exponentials. So the shared keys and a slot's own keys need never lie in one tensor.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, Protocol

import torch
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

NAME = "reasonscope_shared_prefix"
HIDDEN = -1e30
"""Added to the score of a key that may not be seen: its exponential is 0, and no NaN arises
where a query sees no key at all."""


class Part(NamedTuple):
    """Attention over some of the keys, before the division by the sum of exponentials."""

    mixed: torch.Tensor
    """Values weighted by exp(score - peak): ``[..., query, width]``."""
    peak: torch.Tensor
    """The greatest score of each query: ``[..., query, 1]``."""
    total: torch.Tensor
    """The sum of exp(score - peak): ``[..., query, 1]``."""

    @property
    def output(self) -> torch.Tensor:
        """The attention's output, where there are no other keys."""
        return self.mixed / self.total


def part(
    query: torch.Tensor,
    keys: torch.Tensor,
    values: torch.Tensor,
    mask: torch.Tensor | None = None,
    softcap: float | None = None,
) -> Part:
    """Attention of ``query[batch, query, width]`` over ``keys[batch, key, width]``.

    Scores and sums are in float32 whatever the format of the keys, as in transformers.

    Args:
        query: Scaled already.
        keys: One set for each of the batch.
        values: Of the same shape.
        mask: Added to the scores; 0 or :data:`HIDDEN`.
        softcap: Scores are bent to stay within it (Gemma 2): ``softcap * tanh(score / softcap)``.
    """
    scores = torch.bmm(query, keys.transpose(1, 2)).float()
    if softcap is not None:
        scores = scores.div_(softcap).tanh_().mul_(softcap)
    if mask is not None:
        scores += mask
    peak = scores.amax(dim=-1, keepdim=True)
    weights = scores.sub_(peak).exp_()
    total = weights.sum(dim=-1, keepdim=True)
    return Part(torch.bmm(weights.to(values.dtype), values).float(), peak, total)


def merged(one: Part, other: Part) -> torch.Tensor:
    """The attention's output over the keys of both parts.

    >>> keys, query = torch.eye(3)[None], torch.ones(1, 1, 3)
    >>> halves = part(query, keys[:, :1], keys[:, :1]), part(query, keys[:, 1:], keys[:, 1:])
    >>> bool(torch.allclose(merged(*halves), part(query, keys, keys).output))
    True
    """
    peak = torch.maximum(one.peak, other.peak)
    first, second = (one.peak - peak).exp_(), (other.peak - peak).exp_()
    total = one.total * first + other.total * second
    return (one.mixed * (first / total)).addcmul_(other.mixed, second / total)


class Place(Protocol):
    """What stands for a transformers cache during one forward: it stores, and it attends."""

    def attend(
        self, layer: int, query: torch.Tensor, softcap: float | None, window: int | None
    ) -> torch.Tensor:
        """Attention of scaled queries ``[row, head, token, width]``: ``[row, token, head, width]``.

        Args:
            layer: Counted from 0.
            query: Times the scaling.
            softcap: See :func:`part`.
            window: A query sees the keys less than this far behind it; None: all before it.
        """
        ...


def _attention(
    module: Any,
    query: torch.Tensor,
    key: Place,
    value: int,
    attention_mask: None,
    scaling: float | None = None,
    softcap: float | None = None,
    sliding_window: int | None = None,
    **unused: Any,
) -> tuple[torch.Tensor, None]:
    """The attention function: ``key`` and ``value`` are what the cache's ``update`` returned.

    That is the cache itself and the layer's number; keys and values stay where they are.
    """
    scale = query.shape[-1] ** -0.5 if scaling is None else scaling
    output = key.attend(value, query * scale, softcap, sliding_window)
    return output.to(query.dtype), None


ALL_ATTENTION_FUNCTIONS.register(NAME, _attention)
# No mask function goes with it: for a name without one, transformers makes no masks.


@contextmanager
def attending(config: Any) -> Iterator[None]:
    """A model of this configuration computes attention our way; its own comes back afterwards."""
    before = config._attn_implementation
    config._attn_implementation = NAME
    try:
        yield
    finally:
        config._attn_implementation = before
