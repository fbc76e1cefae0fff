"""Many changed suffixes of one text in a single row, each seeing the text's unchanged past."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import DynamicCache

from reasonscope.errors import SetupError
from reasonscope.models.loading import LoadedModel
from reasonscope.models.softmax_attention import attended, refuse_unknown, visible

_SCORES = 1 << 24
"""Scores of one head that exist at the same time."""


@dataclass(frozen=True, slots=True)
class FirstPass:
    """A text as the model reads it: what all suffixes share."""

    ids: torch.Tensor
    """``[token]``."""
    keys: tuple[torch.Tensor, ...]
    """For each layer ``[1, group, token, width]``, rotated."""
    values: tuple[torch.Tensor, ...]
    states: torch.Tensor
    """Last hidden states ``[token, width]``, after the last norm."""

    @classmethod
    def of(cls, loaded: LoadedModel, ids: torch.Tensor) -> "FirstPass":
        """One ordinary pass, with the model's own attention and no vocabulary head.

        Raises:
            SetupError: the layers do not keep keys and values of every token, or the states are
                not finite.
        """
        cache = DynamicCache()  # without a config no layer forgets what left its window
        with torch.inference_mode():
            out = loaded.model.base_model(
                input_ids=ids[None], past_key_values=cache, use_cache=True
            )
        layers = loaded.model.config.get_text_config().num_hidden_layers
        kept = [getattr(layer, "keys", None) for layer in cache.layers]
        if len(kept) != layers or any(k is None or k.shape[-2] != len(ids) for k in kept):
            raise SetupError(
                f"{type(loaded.model).__name__} does not keep keys and values of every token in "
                "every layer, so that tokens cannot be hidden. Choose a model of another family."
            )
        states = out.last_hidden_state[0]
        if not torch.isfinite(states).all():
            place = int((~torch.isfinite(states).all(dim=-1)).nonzero()[0, 0])
            raise SetupError(f"the model's states are not finite from token {place} on")
        return cls(ids, tuple(kept), tuple(layer.values for layer in cache.layers), states)


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """Suppressions with one border, side by side."""

    border: int
    end: int
    """The first position that is not computed."""
    indices: tuple[int, ...]
    """Which suppressions, in the caller's numbers."""
    hidden: tuple[tuple[int, ...], ...]
    """What each hides."""

    @property
    def tokens(self) -> int:
        """Tokens of all its suffixes."""
        return len(self.indices) * (self.end - self.border)

    def mask(self, rows: slice, window: int | None, device: torch.device) -> torch.Tensor:
        """``[example, 1, query, key]``: what the queries of some rows see."""
        keys = torch.arange(self.end, device=device)
        queries = keys[self.border :][rows]
        hidden = torch.zeros(len(self.hidden), self.end, dtype=torch.bool, device=device)
        for row, positions in enumerate(self.hidden):
            hidden[row, [at for at in positions if at < self.end]] = True
        sees = visible(queries, keys, window)
        blind = hidden[:, None, :] & ~hidden[:, queries][..., None]
        return (sees & ~blind)[:, None]


class Suffixes:
    """A row of suffixes, and the attention function that keeps them apart."""

    def __init__(self, first: FirstPass, groups: Sequence[Together]) -> None:
        self.first, self.groups = first, groups
        everywhere = torch.arange(len(first.ids), device=first.ids.device)
        self.positions = torch.cat(
            [everywhere[g.border : g.end].repeat(len(g.indices)) for g in groups]
        )
        self._starts = list(accumulate((g.tokens for g in groups), initial=0))
        self._masks: dict[tuple[int, int | None], torch.Tensor] = {}

    def states(self, model: Any) -> torch.Tensor:
        """Last hidden states ``[token, width]``; runs inside ``attending(model, self)``."""
        out = model.base_model(
            input_ids=self.first.ids[self.positions][None],
            position_ids=self.positions[None],
            use_cache=False,
        )
        return out.last_hidden_state[0]

    def told_apart(self, values: torch.Tensor) -> Iterator[tuple[int, int, NDArray[np.float64]]]:
        """For each suppression its number, its border, and its part of ``values[token]``."""
        listed = values.double().cpu().numpy()
        for group, start in zip(self.groups, self._starts, strict=False):
            parts = listed[start : start + group.tokens].reshape(len(group.indices), -1)
            for index, part in zip(group.indices, parts, strict=True):
                yield index, group.border, part

    def __call__(
        self,
        module: Any,
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        attention_mask: torch.Tensor | None,
        **settings: Any,
    ) -> tuple[torch.Tensor, None]:
        """Each suffix's attention to the text before its border and to itself."""
        refuse_unknown(module, settings)
        layer = module.layer_idx
        parts = []
        for number, group in enumerate(self.groups):
            here = slice(self._starts[number], self._starts[number + 1])
            own = [_side_by_side(t[:, :, here], len(group.indices)) for t in (query, key, value)]
            past = [t[layer][:, :, : group.border] for t in (self.first.keys, self.first.values)]
            past = [t.expand(len(group.indices), -1, -1, -1) for t in past]
            keys, values = (torch.cat(two, dim=2) for two in zip(past, own[1:], strict=True))
            heads = self._heads(number, own[0], keys, values, settings)
            parts.append(heads.transpose(1, 2).flatten(0, 1))
        return torch.cat(parts)[None], None

    def _heads(
        self,
        number: int,
        query: torch.Tensor,
        keys: torch.Tensor,
        values: torch.Tensor,
        settings: dict[str, Any],
    ) -> torch.Tensor:
        """``[example, head, query, width]``, a bounded number of queries at a time."""
        rows = max(1, _SCORES // (len(query) * keys.shape[2]))
        whole = rows >= query.shape[2]
        parts = []
        for start in range(0, query.shape[2], rows):
            some = slice(start, start + rows)
            mask = self._mask(number, some, settings.get("sliding_window"), keep=whole)
            parts.append(attended(query[:, :, some], keys, values, mask, settings))
        return parts[0] if whole else torch.cat(parts, dim=2)

    def _mask(self, number: int, rows: slice, window: int | None, keep: bool) -> torch.Tensor:
        if (number, window) in self._masks:
            return self._masks[number, window]
        mask = self.groups[number].mask(rows, window, self.positions.device)
        if keep:
            self._masks[number, window] = mask
        return mask


def _side_by_side(tensor: torch.Tensor, count: int) -> torch.Tensor:
    """``[1, head, count * token, width]`` as ``[count, head, token, width]``."""
    return tensor[0].unflatten(1, (count, -1)).transpose(0, 1)
