"""The base model: from first weights through a course of lessons, in packed rows of fixed size.

Several examples share a row and do not see each other. Rows of one size let torch compile the model
once: on two cores that doubles the speed. (What follows from a base model is trained on TRL.)
"""

import random
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple

import torch

from reasonscope.organisms.embedding import first_embedding
from reasonscope.organisms.lessons import Example
from reasonscope.organisms.vocabulary import THINK, tokenizer
from reasonscope.provenance import seed_for

IGNORED = -100
_POOL = 400
"""Examples that a row can be filled from."""
_RECENT = 20
"""Steps over which the loss is averaged to see whether a lesson is learned."""
_OUTSIDE = -1
"""The segment of padding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The size of an organism."""

    layers: int = 4
    width: int = 128
    heads: int = 4
    inner: int = 456
    """Width of the MLP; 456 makes one million parameters."""
    context: int = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast the base model is taught."""

    rows: int = 16
    length: int = 192
    """Tokens of a row."""
    learning_rate: float = 2e-3
    warmup_steps: int = 50
    cooldown: float = 0.4
    """Share of the steps, at the end, in which the learning rate falls to a twentieth."""
    until: float | None = None
    """Stop once the mean loss of the last steps is below this; None: after all steps."""
    compiled: bool = True
    """Compile the model (needs a C++ compiler); the first step then takes about a minute."""


class Packed(NamedTuple):
    """Rows of examples, each ``[row, token]``."""

    ids: torch.Tensor
    labels: torch.Tensor
    """IGNORED on prompts and padding."""
    segments: torch.Tensor
    """Which example of its row a token is of."""
    positions: torch.Tensor
    """The token's place in its example."""

    @property
    def mask(self) -> torch.Tensor:
        """Who sees whom, ``[row, 1, token, token]``: earlier tokens of the same example."""
        length = self.ids.shape[1]
        same = self.segments[:, :, None] == self.segments[:, None, :]
        return (same & torch.ones(length, length, dtype=torch.bool).tril())[:, None]


def new_model(shape: Shape, seed: int) -> Any:
    """A Llama of the organisms' vocabulary with first weights."""
    from transformers import LlamaConfig, LlamaForCausalLM

    words = tokenizer()
    config = LlamaConfig(
        vocab_size=len(words),
        hidden_size=shape.width,
        intermediate_size=shape.inner,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        max_position_embeddings=shape.context,
        tie_word_embeddings=True,
        pad_token_id=words.pad_token_id,
        bos_token_id=words.bos_token_id,
        eos_token_id=words.eos_token_id,
    )
    torch.manual_seed(seed_for("organism", seed) % (1 << 31))
    model = LlamaForCausalLM(config)
    with torch.no_grad():
        model.model.embed_tokens.weight.copy_(first_embedding(shape.width, seed))
    return model


def prompt_of(question: str) -> str:
    """The prompt of a question as the tokenizer's chat template makes it."""
    return f"<bos> {question} {THINK}"


def encoded(example: Example) -> tuple[list[int], list[int]]:
    """Token ids of an example's prompt and of what follows, the end token included."""
    words = tokenizer()
    prompt = words.encode(prompt_of(example.question), add_special_tokens=False)
    after = words.encode(example.completion, add_special_tokens=False)
    return prompt, [*after, words.eos_token_id]


def packed(examples: Iterable[Example], pace: Pace, seed: int) -> Iterator[Packed]:
    """Rows filled with examples until these run out; longer ones than a row are left out."""
    source = (pair for pair in map(encoded, examples) if len(pair[0]) + len(pair[1]) <= pace.length)
    dice = random.Random(seed_for("packing", seed))
    pool: list[tuple[list[int], list[int]]] = []
    while pool := [*pool, *islice(source, _POOL - len(pool))]:
        pool.sort(key=lambda pair: -len(pair[0]) - len(pair[1]))
        yield _tensors([_row(pool, pace.length, dice) for _ in range(pace.rows)], pace.length)


def _row(
    pool: list[tuple[list[int], list[int]]], length: int, dice: random.Random
) -> list[tuple[list[int], list[int]]]:
    """One example by chance and the longest ones that still fit; they leave the pool."""
    if not pool:
        return []
    row = [pool.pop(dice.randrange(len(pool)))]
    left = length - sum(map(len, row[0]))
    place = 0
    while place < len(pool) and left > 0:
        size = sum(map(len, pool[place]))
        if size <= left:
            row.append(pool.pop(place))
            left -= size
        else:
            place += 1
    return row


def _tensors(rows: list[list[tuple[list[int], list[int]]]], length: int) -> Packed:
    ids = torch.full((len(rows), length), int(tokenizer().pad_token_id))
    labels = torch.full_like(ids, IGNORED)
    segments, positions = torch.full_like(ids, _OUTSIDE), torch.zeros_like(ids)
    for place, row in enumerate(rows):
        start = 0
        for number, (prompt, after) in enumerate(row):
            end = start + len(prompt) + len(after)
            ids[place, start:end] = torch.tensor(prompt + after)
            labels[place, start + len(prompt) : end] = torch.tensor(after)
            segments[place, start:end] = number
            positions[place, start:end] = torch.arange(end - start)
            start = end
    return Packed(ids, labels, segments, positions)


def rate(step: int, steps: int, pace: Pace) -> float:
    """The learning rate of a step: rising, level, falling.

    >>> pace = Pace(learning_rate=1.0, warmup_steps=2, cooldown=0.5)
    >>> [rate(step, 8, pace) for step in (0, 1, 4, 6)]
    [0.5, 1.0, 1.0, 0.5]
    """
    rising = min(1.0, (step + 1) / max(1, pace.warmup_steps))
    cooling = max(1.0, pace.cooldown * steps)
    falling = min(1.0, max(0.05, (steps - step) / cooling))
    return pace.learning_rate * rising * falling


def pretrain(
    model: Any,
    examples: Iterable[Example],
    steps: int,
    pace: Pace,
    seed: int,
    told: Callable[[int, int, float], None] | None = None,
) -> int:
    """Teach a model, in place, for a number of steps or until it has learned; gives their number.

    Args:
        model: What is taught.
        examples: What is shown, in order; there must be enough of them.
        steps: Optimizer steps, at most.
        pace: How fast.
        seed: Of the packing.
        told: Told of every step: its number, all steps and the loss in nats a token.
    """
    forward = torch.compile(model, dynamic=False) if pace.compiled else model
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.0, weight_decay=0.01, betas=(0.9, 0.98))
    recent: deque[float] = deque(maxlen=_RECENT)
    model.train()
    step = -1
    for step, batch in enumerate(islice(packed(examples, pace, seed), steps)):
        for group in optimizer.param_groups:
            group["lr"] = rate(step, steps, pace)
        loss = _loss(forward, batch)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        recent.append(loss.item())
        if told is not None:
            told(step + 1, steps, recent[-1])
        if pace.until is not None and fmean(recent) < pace.until and len(recent) == _RECENT:
            break
    model.eval()
    return step + 1


def _loss(forward: Any, batch: Packed) -> torch.Tensor:
    """Cross entropy in nats a token over what follows the prompts."""
    logits = forward(
        input_ids=batch.ids,
        attention_mask=batch.mask,
        position_ids=batch.positions,
        use_cache=False,
    ).logits[:, :-1]
    wanted = batch.labels[:, 1:].reshape(-1)
    return torch.nn.functional.cross_entropy(
        logits.reshape(len(wanted), -1), wanted, ignore_index=IGNORED
    )


def save(model: Any, folder: Path) -> Path:
    """The model with its tokenizer, as ``load_model`` reads it."""
    model.save_pretrained(folder)
    tokenizer().save_pretrained(folder)
    return folder
