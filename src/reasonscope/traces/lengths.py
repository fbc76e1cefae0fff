"""How many tokens a stretch of reasoning has: counted where ids are known, else estimated."""

import re
from collections.abc import Sequence
from itertools import accumulate

from reasonscope.traces.schema import Step

_PIECE = re.compile(r"[^\W\d_]{1,7}|\d|[^\S\n]{2,}|\n+|[^\w\s]|_|[^\S\n]")


def estimated_tokens(text: str) -> int:
    """About how many tokens a reasoning model's tokenizer makes of a text.

    Pieces of words of up to seven letters, single digits, signs and line breaks; a single space
    belongs to the word after it. Beside SmolLM2's tokenizer the count is .965 of it on R1's GSM8K
    traces and 1.03 on R1-Distill's (``benchmarks/token_estimate.py``); the share of a trace that a
    half of its text makes is off by .006 at the median and .025 at 95 %.

    >>> estimated_tokens("So 12 + 3 = 15.")
    9
    """
    pieces = _PIECE.findall(text)
    return len(pieces) - pieces.count(" ")


def step_tokens(steps: Sequence[Step]) -> list[int]:
    """Tokens of each step: counted where all ranges are known, else estimated."""
    known = [(step.token_start, step.token_end) for step in steps]
    if known and all(start is not None and end is not None for start, end in known):
        return [end - start for start, end in known]  # type: ignore[operator]
    return [estimated_tokens(step.text) for step in steps]


def tokens_before(steps: Sequence[Step]) -> list[int]:
    """Tokens before each step, and last those of all: one entry more than steps."""
    return list(accumulate(step_tokens(steps), initial=0))


def tokens_counted(steps: Sequence[Step]) -> bool:
    """Whether the steps' tokens are counted rather than estimated."""
    return bool(steps) and all(step.token_end is not None for step in steps)
