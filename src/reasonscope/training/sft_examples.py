"""What a model is shown in supervised fine-tuning: examples as token ids, cut into batches."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from reasonscope.errors import SetupError
from reasonscope.provenance import seed_for

Part = str | Sequence[int]
"""A text, or token ids."""

IGNORED = -100
"""The label of a token without loss: of the prompt and of padding."""

POOL = 50
"""Batches whose examples are sorted by length together."""
ORDERED_POOL = 4
"""The same where the order of the examples is to be kept: none moves further than this."""

Plan = list[list[int]]
"""The examples of each batch, by index."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples:
    """Examples as token ids in two flat arrays: a million of them fit in memory."""

    ids: "np.ndarray[Any, np.dtype[np.int32]]"
    """Token ids of all examples, one after the other."""
    starts: "np.ndarray[Any, np.dtype[np.int64]]"
    """Where each example begins, and last where all end."""
    prompts: "np.ndarray[Any, np.dtype[np.int64]]"
    """Tokens of each example's prompt, which have no loss."""
    dropped: int = 0
    """Examples left out because they are longer than the limit, or say nothing."""

    def __len__(self) -> int:
        return len(self.prompts)

    @property
    def lengths(self) -> "np.ndarray[Any, np.dtype[np.int64]]":
        """Tokens of each example."""
        return np.diff(self.starts)

    def example(self, index: int) -> "np.ndarray[Any, np.dtype[np.int32]]":
        """The token ids of one example."""
        return self.ids[self.starts[index] : self.starts[index + 1]]

    @property
    def digest(self) -> str:
        """A hash of all tokens: the same examples in the same order have the same."""
        held = hashlib.blake2b(digest_size=8)
        for array in (self.ids, self.starts, self.prompts):
            held.update(array.tobytes())
        return held.hexdigest()


def encode_examples(
    tokenizer: Any, pairs: Iterable[tuple[Part, Part]], max_length: int | None = None
) -> Examples:
    """Prompts and completions as token ids, ready for :func:`train_sft`.

    Texts are encoded here: the prompt with the tokenizer's special tokens, the completion without,
    followed by its end token. Token ids are taken as they are. An example longer than
    ``max_length`` is left out and counted: cut short, it would teach a model never to end.
    """
    ids: list[np.ndarray[Any, Any]] = []
    prompts: list[int] = []
    dropped = 0
    for prompt, completion in pairs:
        head = _ids(tokenizer, prompt, special=True)
        tail = _ids(tokenizer, completion, special=False)
        if isinstance(completion, str):
            tail.append(_end(tokenizer))
        if not tail or (max_length is not None and len(head) + len(tail) > max_length):
            dropped += 1
            continue
        prompts.append(len(head))
        ids.append(np.array(head + tail, dtype=np.int32))
    lengths = [len(example) for example in ids]
    return Examples(
        ids=np.concatenate(ids) if ids else np.zeros(0, dtype=np.int32),
        starts=np.cumsum([0, *lengths], dtype=np.int64),
        prompts=np.array(prompts, dtype=np.int64),
        dropped=dropped,
    )


def _ids(tokenizer: Any, part: Part, special: bool) -> list[int]:
    if isinstance(part, str):
        return list(tokenizer.encode(part, add_special_tokens=special))
    return list(part)


def _end(tokenizer: Any) -> int:
    if tokenizer.eos_token_id is None:
        raise SetupError(
            "the tokenizer has no end token, so the model would never learn to stop: set its "
            "eos_token and save it again"
        )
    return int(tokenizer.eos_token_id)


def plan_batches(
    lengths: Sequence[int] | Any,
    *,
    tokens: int | None,
    examples: int | None,
    seed: int,
    epoch: int,
    keep_order: bool = False,
) -> Plan:
    """The batches of one epoch: the same for the same seed and epoch, on any number of devices.

    A batch holds as many examples as fit in ``tokens`` after padding (rows times the longest), or
    a fixed number of ``examples``. Examples are shuffled, then sorted by length within pools of
    50 batches, so that little is padding; the batches of a pool come in a shuffled order. With
    ``keep_order`` nothing is shuffled, and examples are sorted only within four batches.

    >>> plan_batches([3, 3, 9, 3], tokens=9, examples=None, seed=0, epoch=0, keep_order=True)
    [[0, 1, 3], [2]]
    """
    dice = np.random.default_rng(seed_for("sft", seed, epoch))
    count = len(lengths)
    order = np.arange(count) if keep_order else dice.permutation(count)
    plan: Plan = []
    for pool in _pools(order, lengths, tokens, examples, ORDERED_POOL if keep_order else POOL):
        by_length = sorted(pool, key=lambda index: lengths[index])
        batches = list(_cut(by_length, lengths, tokens, examples))
        turns = range(len(batches)) if keep_order else dice.permutation(len(batches))
        plan += [batches[turn] for turn in turns]
    return plan


def _pools(
    order: Any, lengths: Any, tokens: int | None, examples: int | None, batches: int
) -> Iterator[list[int]]:
    """Runs of examples that make about so many batches."""
    limit = batches * (tokens or examples or 1)
    pool: list[int] = []
    size = 0
    for index in order:
        pool.append(int(index))
        size += int(lengths[index]) if tokens else 1
        if size >= limit:
            yield pool
            pool, size = [], 0
    if pool:
        yield pool


def _cut(
    pool: Sequence[int], lengths: Any, tokens: int | None, examples: int | None
) -> Iterator[list[int]]:
    """The pool cut into batches; an example longer than a batch has one of its own."""
    batch: list[int] = []
    longest = 0
    for index in pool:
        longest = max(longest, int(lengths[index]))
        full = len(batch) == examples if tokens is None else (len(batch) + 1) * longest > tokens
        if batch and full:
            yield batch
            batch, longest = [], int(lengths[index])
        batch.append(index)
    if batch:
        yield batch


def padding_share(plan: Plan, lengths: Any) -> float:
    """Which share of what is computed is padding.

    >>> padding_share([[0, 1]], [4, 2])
    0.25
    """
    whole = sum(len(batch) * max(int(lengths[i]) for i in batch) for batch in plan)
    return 1 - sum(int(lengths[i]) for batch in plan for i in batch) / whole
