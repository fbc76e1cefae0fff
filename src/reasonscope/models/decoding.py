"""Sampling from a model on this machine: batched, and each sample with its own dice.

Tokens are drawn here, not by ``model.generate``: one uniform number per token and sample, from
a generator seeded with the attempt's own seed. So an attempt gets the same numbers whatever
shares its batch, and the tokens' log-probabilities are at hand.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import numpy as np
import torch

from reasonscope.models.generation import Attempt, Drawn, Generated, Sampling, unheard
from reasonscope.models.loading import LoadedModel
from reasonscope.models.prompts import instruction, plain_prompt
from reasonscope.models.token_text import decode, token_ends
from reasonscope.traces.schema import ErrorRow, Reading, well_formed
from reasonscope.traces.segment import split_output

_SOURCE = "models.decoding"
_LIKELIEST = 512
"""Tokens sorted to find the nucleus; all of them where these do not hold its share."""


@dataclass(frozen=True, slots=True)
class TorchEngine:
    """The engine that samples from a loaded transformers model.

    Decision: log-probabilities are those of the model at the temperature of sampling, over the
    whole vocabulary, before ``top_p`` cuts it; at temperature 0 those at temperature 1.

    An attempt has the same dice alone and in any batch, but matrix products round by their
    shapes: in float32 that hardly ever changes a token, in bfloat16 long traces part. Batches are
    the same in every run with the same settings (:func:`sample_traces`), so runs repeat.
    """

    loaded: LoadedModel
    batch_size: int = 32
    """Attempts computed together."""

    @property
    def name(self) -> str:
        """The model's name."""
        return self.loaded.name

    def generate(
        self, attempts: Iterable[Attempt], sampling: Sampling, drawn: Drawn = unheard
    ) -> Iterator[Reading | ErrorRow]:
        """One row for each attempt, batch by batch; what cannot be computed is an error row."""
        remaining = iter(attempts)
        while batch := list(islice(remaining, self.batch_size)):
            rows: list[_Row] = []
            for attempt in batch:
                row = self._row(attempt, sampling)
                if isinstance(row, ErrorRow):
                    yield row
                else:
                    rows.append(row)
            try:
                _draw(self.loaded, rows, sampling, drawn)
            except RuntimeError as error:  # torch's own, out of memory among them
                yield from (row.attempt.failed(_SOURCE, f"{error}") for row in rows)
                continue
            yield from (self._result(row, sampling) for row in rows)

    def _row(self, attempt: Attempt, sampling: Sampling) -> "_Row | ErrorRow":
        try:
            prompt, ids = encode_prompt(self.loaded.tokenizer, instruction(attempt.problem))
        except Exception as error:  # a chat template is a program and may raise anything
            return attempt.failed(_SOURCE, f"the prompt cannot be built: {error}")
        room = self.loaded.context - len(ids)
        if room < 1:
            message = f"the prompt has {len(ids)} tokens, the model holds {self.loaded.context}"
            return attempt.failed(_SOURCE, message, prompt)
        limit = min(sampling.max_tokens, room)
        dice = np.random.default_rng(attempt.seed).random(limit)
        return _Row(attempt, prompt, ids, limit, dice)

    def _result(self, row: "_Row", sampling: Sampling) -> Reading | ErrorRow:
        if row.broken:
            message = f"the model's logits are not finite at token {len(row.tokens)}"
            return row.attempt.failed(_SOURCE, message)
        spoken = row.tokens[:-1] if row.stopped else row.tokens
        text = decode(self.loaded.tokenizer, spoken)
        clean = well_formed(text)
        ends = token_ends(self.loaded.tokenizer, spoken, text) if clean == text else None
        if ends is not None and row.stopped:
            ends = (*ends, len(text))
        generated = Generated(
            prompt=row.prompt,
            parts=split_output(clean, row.prompt),
            finish_reason="stop" if row.stopped else "length",
            token_ids=tuple(row.tokens),
            token_ends=ends,
            token_logprobs=tuple(row.logprobs),
            extra={"engine": "transformers", **self.loaded.identity},
        )
        return generated.reading(row.attempt, self.name, sampling)


@dataclass(slots=True)
class _Row:
    """An attempt while it is drawn."""

    attempt: Attempt
    prompt: str
    prompt_ids: list[int]
    limit: int
    """Most tokens that may be drawn."""
    dice: "np.ndarray[Any, np.dtype[np.float64]]"
    """One uniform number in [0, 1) for each token."""
    tokens: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    stopped: bool = False
    """The last token ended the output."""
    broken: bool = False
    """The model gave NaN or infinity."""

    def take(self, token: int, logprob: float, ends: frozenset[int]) -> bool:
        """Add a token; True if more may follow."""
        if not np.isfinite(logprob):
            self.broken = True
            return False
        self.tokens.append(token)
        self.logprobs.append(logprob)
        self.stopped = token in ends
        return not self.stopped and len(self.tokens) < self.limit


def encode_prompt(tokenizer: Any, text: str) -> tuple[str, list[int]]:
    """The prompt as sent and its tokens: in the tokenizer's chat template where it has one."""
    if getattr(tokenizer, "chat_template", None):
        message = [{"role": "user", "content": text}]
        prompt = str(
            tokenizer.apply_chat_template(message, tokenize=False, add_generation_prompt=True)
        )
        return prompt, list(tokenizer.encode(prompt, add_special_tokens=False))
    prompt = plain_prompt(text)
    return prompt, list(tokenizer.encode(prompt, add_special_tokens=True))


def _draw(
    loaded: LoadedModel, rows: Sequence[_Row], sampling: Sampling, drawn: Drawn = unheard
) -> None:
    """Fill the rows with tokens until each has stopped or reached its limit.

    Prompts are padded on the left; a row that has ended leaves the batch and its cache.
    """
    live = list(rows)
    if not live:
        return
    ids, mask = _left_padded([row.prompt_ids for row in live], loaded)
    positions = (mask.cumsum(-1) - 1).clamp(min=0)
    cache: Any = None
    ends, last_only = loaded.ends, loaded.last_only
    with torch.inference_mode():
        while True:
            out = loaded.model(
                input_ids=ids,
                attention_mask=mask,
                position_ids=positions,
                past_key_values=cache,
                use_cache=True,
                **last_only,
            )
            cache = out.past_key_values
            dice = [float(row.dice[len(row.tokens)]) for row in live]
            tokens, logprobs = choose(out.logits[:, -1], sampling, dice)
            taken = zip(live, tokens.tolist(), logprobs.tolist(), strict=True)
            going = [row.take(token, logprob, ends) for row, token, logprob in taken]
            drawn(len(live))
            if not any(going):
                return
            if not all(going):
                keep = torch.tensor([i for i, on in enumerate(going) if on], device=mask.device)
                live = [row for row, on in zip(live, going, strict=True) if on]
                cache.batch_select_indices(keep)
                tokens, mask, positions = tokens[keep], mask[keep], positions[keep]
            ids = tokens[:, None]
            mask = torch.cat([mask, mask.new_ones(len(live), 1)], dim=1)
            positions = positions[:, -1:] + 1


def choose(
    logits: torch.Tensor, sampling: Sampling, dice: Sequence[float]
) -> tuple[torch.Tensor, torch.Tensor]:
    """One token for each row of ``logits[example, vocab]``, and its log-probability in nats.

    A uniform number picks the token whose stretch of the cumulated probabilities, in order of
    token id, holds it (inverse transform sampling), among those that ``top_p`` leaves. Tokens
    as likely as the least likely one kept are kept too, so ties do not depend on sorting.
    """
    if sampling.greedy:
        logprobs = torch.log_softmax(logits.float(), dim=-1)
        tokens = logprobs.argmax(dim=-1)
    else:
        logprobs = torch.log_softmax(logits.float() / sampling.temperature, dim=-1)
        weights = logprobs.exp()
        if sampling.top_p < 1:
            least = _least_kept(weights, sampling.top_p)
            weights = torch.where(weights >= least, weights, 0.0)
        heights = weights.double().cumsum(dim=-1)
        total = heights[:, -1:].contiguous()
        wanted = torch.tensor(dice, dtype=torch.float64, device=logits.device)[:, None] * total
        drawn = torch.searchsorted(heights, wanted, right=True)
        last = torch.searchsorted(heights, total)  # rounding may lift a draw past the end
        tokens = torch.minimum(drawn, last).squeeze(-1).clamp(max=logits.shape[-1] - 1)
    return tokens, logprobs.gather(-1, tokens[:, None]).squeeze(-1)


def _least_kept(weights: torch.Tensor, share: float) -> torch.Tensor:
    """The least probability in each row's smallest set of likeliest tokens that holds ``share``."""
    count = min(_LIKELIEST, weights.shape[-1])
    likeliest = weights.topk(count, dim=-1).values
    if count < weights.shape[-1] and bool((likeliest.sum(dim=-1) < share).any()):
        likeliest = weights.sort(dim=-1, descending=True).values
    before = likeliest.cumsum(dim=-1) - likeliest
    kept = (before < share).sum(dim=-1, keepdim=True).clamp(min=1)
    return likeliest.gather(-1, kept - 1)


def _left_padded(
    prompts: Sequence[Sequence[int]], loaded: LoadedModel
) -> tuple[torch.Tensor, torch.Tensor]:
    width = max(len(prompt) for prompt in prompts)
    ids = torch.full((len(prompts), width), loaded.padding, dtype=torch.long)
    mask = torch.zeros_like(ids)
    for index, prompt in enumerate(prompts):
        ids[index, width - len(prompt) :] = torch.tensor(prompt, dtype=torch.long)
        mask[index, width - len(prompt) :] = 1
    return ids.to(loaded.device), mask.to(loaded.device)
