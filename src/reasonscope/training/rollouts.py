"""Completions of many prompts at once: one cache, ended rows leave it, waiting ones enter.

Rows stand right-aligned in one cache of keys and values: a row that ends gives its slot to the
last one, and free slots are filled with waiting prompts. Each row has dice of its own, so what it
draws does not depend on its company (up to rounding in the matrix products).
"""

import inspect
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from transformers import Cache, DynamicCache
from transformers.cache_utils import DynamicLayer

from reasonscope.errors import SetupError
from reasonscope.models.decoding import choose
from reasonscope.models.generation import Sampling
from reasonscope.provenance import seed_for

SLOTS = 256
"""Rows computed together."""
_SLACK = 64
"""Columns beyond the longest row, so that rows are moved at most once in so many tokens."""
_REFILL = 4
"""Waiting prompts enter when one slot in so many is free."""


class BrokenModel(SetupError):
    """A model gave NaN or infinity instead of logits."""


@dataclass(frozen=True, slots=True)
class Sampled:
    """What a model wrote after one prompt."""

    token_ids: tuple[int, ...]
    """The tokens, with the end token where there is one."""
    logprobs: tuple[float, ...]
    """Natural log of each token's probability at the temperature of sampling (1 if greedy)."""
    stopped: bool
    """The last token ends the output; else it was cut at the limit."""


def sample(
    model: Any,
    tokenizer: Any,
    prompts: Sequence[Sequence[int]],
    max_tokens: int,
    temperature: float = 1.0,
    seed: int | Sequence[int] = 0,
    slots: int = SLOTS,
) -> list[Sampled]:
    """A completion for each prompt, in the order of the prompts.

    Prompts that occur several times are read once for each time they enter. The same seeds give
    the same completions, whatever else is sampled beside them, up to rounding.

    Args:
        model: A transformers causal language model whose layers keep all keys and values.
        tokenizer: Its tokenizer; its end token and those of the model end a completion.
        prompts: Token ids of each prompt, none empty.
        max_tokens: Most tokens of one completion.
        temperature: Divides the logits; 0 takes the likeliest token.
        seed: One seed, from which each row's is derived by hashing, or one for each row.
        slots: Rows computed together.

    Returns:
        One Sampled for each prompt.

    Raises:
        SetupError: A setting is wrong, or the model keeps its past in another way.
        BrokenModel: Its logits are not finite.
    """
    sampling = Sampling(temperature=temperature, top_p=1.0, max_tokens=max_tokens)
    if not prompts:
        return []
    if any(not len(prompt) for prompt in prompts):
        raise SetupError("a prompt without a token cannot be continued")
    seeds = (
        [seed_for("rollout", seed, row) for row in range(len(prompts))]
        if isinstance(seed, int)
        else list(seed)
    )
    _check_past(model)
    training = model.training
    model.eval()
    try:
        with torch.inference_mode():
            return _Sampler(model, tokenizer, prompts, seeds, sampling, slots).run()
    finally:
        model.train(training)


def end_tokens(model: Any, tokenizer: Any) -> list[int]:
    """Tokens that end an output, by the model's settings and the tokenizer's."""
    said = getattr(getattr(model, "generation_config", None), "eos_token_id", None)
    ids = list(said) if isinstance(said, list | tuple) else [said]
    return sorted({int(i) for i in [*ids, tokenizer.eos_token_id] if i is not None})


class _Layer(DynamicLayer):  # type: ignore[misc]
    """One layer's keys and values in a buffer that is made once."""

    def __init__(self, rows: int, columns: int) -> None:
        super().__init__()
        self.rows, self.columns, self.filled = rows, columns, 0

    def lazy_initialization(self, key_states: Any, value_states: Any) -> None:
        """Make the buffers, of the shape that the first keys and values ask for."""
        self.dtype, self.device = key_states.dtype, key_states.device
        self.keys, self.values = (
            held.new_zeros(self.rows, held.shape[1], self.columns, held.shape[3])
            for held in (key_states, value_states)
        )
        self.is_initialized = True

    def update(self, key_states: Any, value_states: Any, *args: Any, **kwargs: Any) -> Any:
        """Write the new columns and return views of all that is held."""
        rows, end = key_states.shape[0], self.filled + key_states.shape[-2]
        self.keys[:rows, :, self.filled : end] = key_states
        self.values[:rows, :, self.filled : end] = value_states
        self.filled = end
        return self.keys[:rows, :, :end], self.values[:rows, :, :end]

    def get_seq_length(self) -> int:
        """Columns in use."""
        return self.filled


class _Sampler:
    """The rows in flight, and those that wait."""

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        prompts: Sequence[Sequence[int]],
        seeds: Sequence[int],
        sampling: Sampling,
        slots: int,
    ) -> None:
        self.model, self.prompts, self.seeds, self.sampling = model, prompts, seeds, sampling
        self.last_only = _last_only(model)
        self.padding = int(tokenizer.pad_token_id or 0)
        device, limit, count = model.device, sampling.max_tokens, len(prompts)
        self.ends = torch.tensor(end_tokens(model, tokenizer), dtype=torch.long, device=device)
        self.waiting = deque(range(count))
        self.slots = min(slots, count)
        self.columns = max(len(prompt) for prompt in prompts) + limit + _SLACK
        self.layers: list[_Layer] = []
        self.live = 0
        """Slots in use, the first of all."""
        self.filled = 0
        """Columns in use; every row ends at the last."""
        whole = {"dtype": torch.long, "device": device}
        self.mask = torch.zeros(self.slots, self.columns, **whole)
        self.row = torch.zeros(self.slots, **whole)
        """Which prompt a slot answers."""
        self.drawn = torch.zeros(self.slots, **whole)
        """Tokens drawn for it."""
        self.pending = torch.zeros(self.slots, **whole)
        """The last token drawn, which the cache does not hold yet."""
        self.position = torch.zeros(self.slots, **whole)
        """Where that token stands, from 0: what the cache holds of the row."""
        self.dice = np.zeros((self.slots, limit))
        self.token_ids = torch.zeros(count, limit, **whole)
        self.logprobs = torch.zeros(count, limit, device=device)
        self.length = torch.zeros(count, **whole)
        self.stopped = torch.zeros(count, dtype=torch.bool, device=device)

    def run(self) -> list[Sampled]:
        """Every prompt's completion."""
        while self.waiting or self.live:
            if self.waiting and self.slots - self.live >= max(1, self.slots // _REFILL):
                self._admit()
            elif self.live:
                self._step()
        return list(self._results())

    def _admit(self) -> None:
        """Read as many waiting prompts as there are free slots, and draw their first token."""
        rows = [self.waiting.popleft() for _ in range(min(len(self.waiting), self._free))]
        distinct = {tuple(self.prompts[row]): None for row in rows}
        places = {prompt: place for place, prompt in enumerate(distinct)}
        prompts = list(distinct)
        width = max(len(prompt) for prompt in prompts)
        ids, mask = _left_padded(prompts, width, self.padding, self.mask.device)
        positions = (mask.cumsum(-1) - 1).clamp(min=0)
        read = self._read(ids, mask, positions, DynamicCache())
        self._make_room(width)
        start, end = self.live, self.live + len(rows)
        new = slice(start, end)
        chosen = torch.tensor([places[tuple(self.prompts[row])] for row in rows])
        chosen = chosen.to(self.mask.device)
        if not self.layers:
            self._allocate(read.past_key_values)
        columns = slice(self.filled - width, self.filled)
        for layer, held in zip(self.layers, read.past_key_values.layers, strict=True):
            layer.keys[new, :, columns] = held.keys[chosen]
            layer.values[new, :, columns] = held.values[chosen]
        self.mask[new] = 0
        self.mask[new, columns] = mask[chosen]
        self.row[new] = torch.tensor(rows, device=self.row.device)
        self.drawn[new] = 0
        self.position[new] = mask[chosen].sum(-1) - 1
        for slot, row in zip(range(start, end), rows, strict=True):
            self.dice[slot] = np.random.default_rng(self.seeds[row]).random(self.dice.shape[1])
        self.live = end
        self._draw(read.logits[:, -1][chosen], new)

    @property
    def _free(self) -> int:
        return self.slots - self.live

    def _step(self) -> None:
        """One more token for every live row."""
        if self.filled == self.columns:
            self._make_room(0)
        live = slice(0, self.live)
        self.mask[live, self.filled] = 1
        self.filled += 1
        out = self._read(
            self.pending[live, None],
            self.mask[live, : self.filled],
            self.position[live, None],
            Cache(layers=self.layers),
        )
        self._draw(out.logits[:, -1], live)

    def _read(self, ids: Any, mask: Any, positions: Any, cache: Any) -> Any:
        return self.model(
            input_ids=ids,
            attention_mask=mask,
            position_ids=positions,
            past_key_values=cache,
            use_cache=True,
            **self.last_only,
        )

    def _draw(self, logits: torch.Tensor, slots: slice) -> None:
        """Draw a token for each of the slots, note it, and let those that end go."""
        drawn = self.drawn[slots]
        dice = self.dice[np.arange(self.slots)[slots], drawn.cpu().numpy()]
        tokens, logprobs = choose(logits, self.sampling, dice.tolist())
        if not bool(torch.isfinite(logprobs).all()):
            raise BrokenModel("the model's logits are not finite: its weights are broken")
        rows = self.row[slots]
        self.token_ids[rows, drawn] = tokens
        self.logprobs[rows, drawn] = logprobs.to(self.logprobs.dtype)
        self.pending[slots] = tokens
        self.drawn[slots] += 1
        self.position[slots] += 1
        self.length[rows] = self.drawn[slots]
        ended = torch.isin(tokens, self.ends)
        self.stopped[rows] = ended
        over = ended | (self.drawn[slots] >= self.sampling.max_tokens)
        if bool(over.any()):
            self._release([slots.start + place for place in over.nonzero()[:, 0].tolist()])

    def _release(self, dead: list[int]) -> None:
        """Move the last live rows into the slots that have become free."""
        gone = set(dead)
        staying = self.live - len(dead)
        into = [slot for slot in dead if slot < staying]
        of = [slot for slot in range(staying, self.live) if slot not in gone]
        self.live = staying
        if not into:
            return
        to, source = (torch.tensor(held, device=self.mask.device) for held in (into, of))
        for held in (self.mask, self.row, self.drawn, self.pending, self.position):
            held[to] = held[source]
        self.dice[into] = self.dice[of]
        for layer in self.layers:
            for stored in (layer.keys, layer.values):
                stored[to, :, : self.filled] = stored[source, :, : self.filled]

    def _make_room(self, width: int) -> None:
        """Move the live rows so that they end as early as they and ``width`` columns allow."""
        longest = int(self.position[: self.live].max()) if self.live else 0
        end = max(longest, width)
        if self.live and end != self.filled:
            live, old = slice(0, self.live), slice(self.filled - longest, self.filled)
            new = slice(end - longest, end)
            held = self.mask[live, old].clone()
            self.mask[live] = 0
            self.mask[live, new] = held
            for layer in self.layers:
                for stored in (layer.keys, layer.values):
                    stored[live, :, new] = stored[live, :, old].clone()
        self.mask[:, end:] = 0
        self.filled = end
        for layer in self.layers:
            layer.filled = end

    def _allocate(self, read: Any) -> None:
        """One buffer for each layer, of the shapes that the first prompts have shown."""
        for held in read.layers:
            layer = _Layer(self.slots, self.columns)
            layer.lazy_initialization(held.keys, held.values)
            layer.filled = self.filled
            self.layers.append(layer)

    def _results(self) -> Iterator[Sampled]:
        lengths, stopped = self.length.tolist(), self.stopped.tolist()
        token_ids, logprobs = self.token_ids.tolist(), self.logprobs.tolist()
        for row, length in enumerate(lengths):
            yield Sampled(
                tuple(token_ids[row][:length]), tuple(logprobs[row][:length]), stopped[row]
            )


def _left_padded(
    prompts: Sequence[Sequence[int]], width: int, padding: int, device: Any
) -> tuple[torch.Tensor, torch.Tensor]:
    ids = torch.full((len(prompts), width), padding, dtype=torch.long)
    mask = torch.zeros_like(ids)
    for index, prompt in enumerate(prompts):
        ids[index, width - len(prompt) :] = torch.tensor(prompt, dtype=torch.long)
        mask[index, width - len(prompt) :] = 1
    return ids.to(device), mask.to(device)


def _check_past(model: Any) -> None:
    """Rows can be moved about only where a layer's past is keys and values, token by token."""
    kinds = set(getattr(model.config.get_text_config(), "layer_types", None) or ())
    others = sorted(kinds - {"full_attention", "sliding_attention"})
    if others or getattr(model, "_is_stateful", False):
        name = type(model).__name__
        raise SetupError(
            f"cannot sample from {name} here: it keeps its past as "
            f"{', '.join(others) or 'a state'}, not as keys and values of tokens"
        )


def _last_only(model: Any) -> dict[str, int]:
    """The argument that asks a model for the last position's logits alone, if it has one."""
    inner = model.get_base_model() if hasattr(model, "get_base_model") else model
    known = inspect.signature(type(inner).forward).parameters
    return {"logits_to_keep": 1} if "logits_to_keep" in known else {}
