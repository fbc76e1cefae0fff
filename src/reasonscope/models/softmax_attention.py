"""Attention as most families compute it: scaled, perhaps capped or windowed, softmax."""

from collections.abc import Mapping
from typing import Any

import torch

from reasonscope.errors import SetupError


def refuse_unknown(module: Any, settings: Mapping[str, Any]) -> None:
    """Raise where a layer asks for attention of a kind that is not computed here.

    Raises:
        SetupError: attention sinks or position biases.
    """
    asked = [name for name in ("s_aux", "position_bias") if settings.get(name) is not None]
    if asked:
        raise SetupError(
            f"{type(module).__name__} adds {' and '.join(asked)} to its attention, which cannot "
            "be computed here. Choose a model of another family."
        )


def visible(queries: torch.Tensor, keys: torch.Tensor, window: int | None) -> torch.Tensor:
    """What each query's position sees of the keys' positions: nothing later, nothing too old.

    >>> visible(torch.tensor([2]), torch.arange(4), 2).tolist()
    [[False, True, True, False]]
    """
    ahead = queries[:, None] - keys[None, :]
    return ahead >= 0 if window is None else (ahead >= 0) & (ahead < window)


def attention_weights(
    query: torch.Tensor, keys: torch.Tensor, mask: torch.Tensor, settings: Mapping[str, Any]
) -> torch.Tensor:
    """Shares of attention ``[example, head, query, key]`` in float32, each row adding up to 1."""
    scores = query @ _for_each_head(keys, query.shape[1]).transpose(-1, -2)
    scores = scores.float() * (settings.get("scaling") or query.shape[-1] ** -0.5)
    cap = settings.get("softcap")
    if cap is not None:
        scores = torch.tanh(scores / cap) * cap
    return scores.masked_fill_(~mask, float("-inf")).softmax(dim=-1)


def mixed(weights: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
    """Values ``[example, group, key, width]`` mixed by shares of attention."""
    return weights.to(values.dtype) @ _for_each_head(values, weights.shape[1])


def attended(
    query: torch.Tensor,
    keys: torch.Tensor,
    values: torch.Tensor,
    mask: torch.Tensor,
    settings: Mapping[str, Any],
) -> torch.Tensor:
    """The heads' outputs ``[example, head, query, width]`` under a mask of what is seen."""
    if settings.get("softcap") is not None:
        return mixed(attention_weights(query, keys, mask, settings), values)
    return torch.nn.functional.scaled_dot_product_attention(
        query,
        _for_each_head(keys, query.shape[1]),
        _for_each_head(values, query.shape[1]),
        attn_mask=mask,
        scale=settings.get("scaling"),
    )


def _for_each_head(keys: torch.Tensor, heads: int) -> torch.Tensor:
    """``[example, group, token, width]`` repeated to one for each query head."""
    times = heads // keys.shape[1]
    return keys if times == 1 else keys.repeat_interleave(times, dim=1)
