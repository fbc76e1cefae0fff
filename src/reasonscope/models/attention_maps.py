"""Attention of every head, pooled to stretches of tokens as it is computed."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from reasonscope.errors import SetupError
from reasonscope.models.attention_swap import attending
from reasonscope.models.loading import LoadedModel
from reasonscope.models.softmax_attention import (
    attention_weights,
    mixed,
    refuse_unknown,
    visible,
)
from reasonscope.models.trace_tokens import Span

Array = NDArray[np.float64]
Score = Callable[[Array, Array], Array]
"""From the attention of each head ``[head, stretch, stretch]`` and what even attention would give
``[stretch, stretch]`` to ``[head, stretch]``."""
_WEIGHTS = 1 << 24
"""Weights of one layer that exist at the same time."""
_OFF = {torch.float32: 1e-3, torch.bfloat16: 0.1, torch.float16: 0.02}
"""How far the last states may be from the model's own, as a share of their size."""


def pooled_attention(
    loaded: LoadedModel,
    token_ids: Sequence[int],
    tilings: Sequence[Sequence[Span]],
    score: Score,
) -> list[Array]:
    """``score`` of every head, for each way to cut the text: ``[layer, head, stretch]``.

    A head's attention from stretch i to stretch j is the share of attention that tokens of i give
    to all tokens of j, on average over the tokens of i. Even attention gives each visible token
    the same. Each layer is pooled and scored before the next is computed, a bounded number of
    queries at a time: no pattern of the whole text exists.

    Args:
        loaded: any decoder of transformers whose attention goes through its interface.
        token_ids: prompt and output.
        tilings: ways to cut the text into stretches; tokens in none are seen and not counted.
        score: what is kept of each layer.

    Raises:
        SetupError: the text is longer than the context, or attention computed here does not give
            the model's own states.
    """
    if not 0 < len(token_ids) <= loaded.context:
        raise SetupError(
            f"the text has {len(token_ids):,} tokens, {loaded.name} holds {loaded.context:,}"
        )
    ids = torch.tensor([list(token_ids)], device=loaded.device)
    pooling = _Pooling([_members(tiling, ids) for tiling in tilings], score)
    with torch.inference_mode():
        own = loaded.model.base_model(input_ids=ids, use_cache=False).last_hidden_state
        with attending(loaded.model, pooling):
            ours = loaded.model.base_model(input_ids=ids, use_cache=False).last_hidden_state
    off = float((own - ours).float().norm() / own.float().norm())
    if not off <= _OFF.get(loaded.model.dtype, 1e-3):
        raise SetupError(
            f"attention computed here moves the states of {loaded.name} by {off:.2g} of their "
            "size: it is of another kind. Choose a model of another family."
        )
    return [np.stack(layers) for layers in pooling.scores]


def _members(tiling: Sequence[Span], ids: torch.Tensor) -> torch.Tensor:
    """``[token, stretch]``: 1 where the token belongs to the stretch."""
    members = torch.zeros(ids.shape[1], len(tiling), device=ids.device)
    for index, span in enumerate(tiling):
        members[span.start : span.end, index] = 1.0
    return members


class _Pooling:
    """An attention function that keeps sums over stretches."""

    def __init__(self, members: Sequence[torch.Tensor], score: Score) -> None:
        self.members, self.score = members, score
        self.scores: list[list[Array]] = [[] for _ in members]

    def __call__(
        self,
        module: Any,
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        attention_mask: torch.Tensor | None,
        **settings: Any,
    ) -> tuple[torch.Tensor, None]:
        """The layer's output; its attention is pooled on the way."""
        refuse_unknown(module, settings)
        heads, count = query.shape[1], query.shape[2]
        at = torch.arange(count, device=query.device)
        sums = [query.new_zeros(heads + 1, m.shape[1], m.shape[1]).float() for m in self.members]
        parts = []
        for some in at.split(max(1, _WEIGHTS // (heads * count))):
            sees = visible(some, at, settings.get("sliding_window"))
            weights = attention_weights(query[:, :, some], key, sees, settings)
            parts.append(mixed(weights, value))
            even = (sees / sees.sum(dim=-1, keepdim=True))[None]
            for total, members in zip(sums, self.members, strict=True):
                total += members[some].T @ (torch.cat([weights[0], even]) @ members)
        self._keep(sums)
        return torch.cat(parts, dim=2).transpose(1, 2), None

    def _keep(self, sums: Sequence[torch.Tensor]) -> None:
        for kept, total, members in zip(self.scores, sums, self.members, strict=True):
            sizes = members.sum(dim=0).clamp(min=1)[:, None]
            means = (total / sizes).double().cpu().numpy()
            kept.append(self.score(means[:-1], means[-1]))
