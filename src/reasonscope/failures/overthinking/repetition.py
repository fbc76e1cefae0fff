"""Words that repeat earlier words of the same trace verbatim, found in linear time.

A run of ``RUN`` words that stood before, in the same order, counts as repeated, wherever the
steps are cut. Case, punctuation and spacing do not matter; numbers do.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

RUN = 8
"""Words in a row that must have stood before."""
MAX_WORDS = 200_000
"""Words of one trace that are looked at."""
LOOP_WORDS = 48
"""Words of a repeated end below which it is no loop."""
LOOP_ROUNDS = 3
"""How often the same words must come round for a repeated end to be a loop."""
NEARLY_ALL = 0.9
"""Share of a step's words from which it counts as repeated."""
MAX_STEPS = 500
"""Repeated steps that are kept."""

_WORD = re.compile(r"[^\W_]{1,40}(?:[.,'’][^\W_]{1,40}){0,4}")


@dataclass(frozen=True, slots=True)
class Repetition:
    """What of a trace repeats what stood before in it."""

    words: int
    repeated: int
    loop: int
    """Words of the loop at its end."""
    steps: tuple[int, ...]
    """Steps of which nearly all words are repeated."""
    capped: bool


def words_of(text: str) -> list[str]:
    """The words of a text, without case and punctuation.

    >>> words_of("So 3.5 * 2 = 7. Let's see: $1,000?")
    ['so', '3.5', '2', '7', "let's", 'see', '1,000']
    """
    return _WORD.findall(text.lower())


def repetition(steps: Sequence[str]) -> Repetition:
    """How many words of the steps stood before, in runs of ``RUN``.

    >>> twice = "one two three four five six seven eight "
    >>> found = repetition([twice, twice])
    >>> found.words, found.repeated, found.steps
    (16, 8, (1,))
    """
    words: list[str] = []
    ends: list[int] = []
    for text in steps:
        words += words_of(text)
        if len(words) > MAX_WORDS:
            break
        ends.append(len(words))
    capped = len(ends) < len(steps)
    del words[MAX_WORDS:]
    covered, before = _covered(words)
    return Repetition(
        words=len(words),
        repeated=sum(covered),
        loop=_loop(covered, before),
        steps=_repeated_steps(covered, ends),
        capped=capped,
    )


def _covered(words: Sequence[str]) -> tuple[bytearray, list[int]]:
    """For each word whether it is repeated, and for each run where it stood last; -1: nowhere."""
    covered = bytearray(len(words))
    before: list[int] = []
    last: dict[str, int] = {}
    first: dict[str, int] = {}
    for start in range(len(words) - RUN + 1):
        run = " ".join(words[start : start + RUN])
        before.append(last.get(run, -1))
        last[run] = start
        if first.setdefault(run, start) <= start - RUN:
            covered[start : start + RUN] = b"\1" * RUN
    return covered, before


def _loop(covered: bytearray, before: Sequence[int]) -> int:
    """Words of the repeated end, if the same words come round often enough in it."""
    length = len(covered) - (covered.rfind(b"\0") + 1)
    if length < LOOP_WORDS:
        return 0
    period = len(before) - 1 - before[-1]
    return length if length >= (LOOP_ROUNDS - 1) * period else 0


def _repeated_steps(covered: bytearray, ends: Sequence[int]) -> tuple[int, ...]:
    found: list[int] = []
    start = 0
    for index, end in enumerate(ends):
        size = end - start
        if size and sum(covered[start:end]) >= NEARLY_ALL * size:
            found.append(index)
            if len(found) == MAX_STEPS:
                break
        start = end
    return tuple(found)
