"""Solutions: stretches that end in a candidate answer, and which of them go the same way.

Two solutions with the same answer go the same way unless the later one brings values of its own:
at least ``NEW_VALUES`` numbers that no solution on that way has, which are at least ``NEW_SHARE``
of its numbers, and fewer than half of its pairs of neighbouring numbers known ("16 - 3 = 13"
holds (16, 3) and (3, 13)). A recalculation brings none, another method others. Where the first
solution has hardly a number, words are compared instead of numbers.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from reasonscope.failures.overthinking.repetition import words_of

SAME = 0.5
"""Share of a solution's pairs that are known, from which it goes a known way."""
NEW_VALUES, NEW_SHARE = 3, 0.3
"""Fewer values of its own than this, or a smaller share of its values, and it goes a known way."""
FEW = 4
"""Numbers that the first solution must have for numbers to be compared."""
MAX_WAYS = 40
"""Ways of one trace that are told apart; later solutions join the most similar one."""
MAX_CHARACTERS = 20_000
"""Characters of one solution that are compared: its last ones."""

_NUMBER = re.compile(r"(?m)^\s{0,8}\d{1,2}[.)]\s|(\d{1,30}(?:[.,]\d{1,30}){0,6})")
"""A number, or a list marker, which is passed over."""
_COMMON = frozenset(
    words_of(
        "a an and are as at be but by do for from has have i if in is it it's let me of on or so "
        "that that's the then there they this to was we what which with would"
    )
)


@dataclass(slots=True)
class _Way:
    """One way of solving: the answer it leads to, and what the solutions that go it hold."""

    answer: int
    items: set[str]
    pairs: set[tuple[str, str]]


def ways(texts: Sequence[str], answers: Sequence[int]) -> list[int]:
    """For each solution the number of its way, in order of first appearance.

    Args:
        texts: The stretch of each solution.
        answers: Which answer each leads to; equal numbers are equal answers.

    >>> ways(["16 - 3 = 13, 13 - 4 = 9, 9 * 2 = 18", "So 18.", "16 - 7 = 9; 9 * 2 = 18"], [0, 0, 0])
    [0, 0, 0]
    >>> ways(["5 * 3 = 15, 15 * 4 = 60", "3 * 4 = 12, 2 * 12 = 24, 24 + 36 = 60"], [0, 0])
    [0, 1]
    """
    found: list[_Way] = []
    reads = numbers_of if texts and len(numbers_of(texts[0])) >= FEW else content_words_of
    chosen: list[int] = []
    for text, answer in zip(texts, answers, strict=True):
        items = reads(text[-MAX_CHARACTERS:])
        place = _place(found, items, answer)
        if place == len(found):
            found.append(_Way(answer, set(), set()))
        found[place].items.update(items)
        found[place].pairs.update(pairwise(items))
        chosen.append(place)
    return chosen


def _place(found: Sequence[_Way], items: Sequence[str], answer: int) -> int:
    """The way with the same answer that a solution goes; the number of ways: a new one."""
    room = len(found) < MAX_WAYS
    own = [place for place, way in enumerate(found) if way.answer == answer]
    if not own:
        return len(found) if room else len(found) - 1
    pairs = set(pairwise(items))
    best = max(own, key=lambda place: len(pairs & found[place].pairs))
    return len(found) if room and _is_new(set(items), pairs, found[best]) else best


def _is_new(items: set[str], pairs: set[tuple[str, str]], way: _Way) -> bool:
    fresh = len(items - way.items)
    if fresh < NEW_VALUES or fresh < NEW_SHARE * len(items):
        return False
    return len(pairs & way.pairs) < SAME * len(pairs)


def numbers_of(text: str) -> list[str]:
    """The numbers of a text in order; 1,000 and 1000.00 are alike.

    >>> numbers_of("It costs $1,000.00 - 12.50.")
    ['1000', '12.5']
    """
    return [_plain(number) for number in _NUMBER.findall(text) if number]


def _plain(number: str) -> str:
    plain = number.replace(",", "")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def content_words_of(text: str) -> list[str]:
    """The words of a text in order, without the commonest."""
    return [word for word in words_of(text) if word not in _COMMON]
