"""The arithmetic that a text states: operations on two numbers, in the order they are done.

Nothing is evaluated but + - * / on fractions of bounded size. "12 + 8 is 20" and "12 + 8 = 20" are
one operation; "(25 - 5) * 4 = 80" is two.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

TEXT = 4_000
"""A step is read up to here."""
MOST_NUMBERS = 10
"""An expression with more numbers is not read."""

_TOKEN = re.compile(
    r"(?P<number>\d{1,12}(?:\.\d{1,6})?)(?![\d])"
    r"|(?P<sign>\\times|\\cdot|\\div|\btimes\b|\bmultiplied by\b|\bplus\b|\bminus\b|\bdivided by\b"
    r"|[-+*/×·÷−–]|(?<=[\d\s)])x(?=[\s\d(]))"
    r"|(?P<open>\()|(?P<close>\))"
    r"|(?P<equals>=|≈|\b(?:is|gives|equals|makes|which is|to get)\b)"
    r"|(?P<space>\s{1,3}|\\[()\[\]]|\$)|(?P<other>.)",
    re.DOTALL | re.IGNORECASE,
)
_SIGN = {
    "\\times": "*", "\\cdot": "*", "×": "*", "·": "*", "x": "*", "times": "*",
    "multiplied by": "*", "\\div": "/", "÷": "/", "divided by": "/", "plus": "+", "minus": "-",
    "−": "-", "–": "-",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Operation:
    """Two numbers joined by a sign, and the result that is stated (or follows)."""

    left: Fraction
    sign: str
    right: Fraction
    result: Fraction

    @property
    def key(self) -> tuple[str, tuple[Fraction, Fraction]]:
        """What makes it the same operation: a sum or product may be turned round."""
        ordered = (self.left, self.right)
        if self.sign in "+*" and self.left > self.right:
            ordered = (self.right, self.left)
        return self.sign, ordered


@dataclass(frozen=True, slots=True)
class Sum:
    """One equation: where it begins, and its operations in the order they are done."""

    start: int
    operations: tuple[Operation, ...]


def sums(text: str) -> list[Sum]:
    """The equations of a text.

    >>> [(o.left, o.sign, o.right, o.result) for s in sums("Try (25 - 5) * 4 = 80.")
    ...     for o in s.operations] == [(25, "-", 5, 20), (20, "*", 4, 80)]
    True
    """
    found = []
    for sides in _equations(text):
        for (start, tokens), (_, after) in pairwise(sides):
            operations = _operations(tokens)
            if operations and after and after[0][0] == "number":
                stated = Fraction(after[0][1]) if len(after) == 1 else operations[-1].result
                last = operations[-1]
                done = (*operations[:-1], Operation(last.left, last.sign, last.right, stated))
                found.append(Sum(start, done))
    return found


_Side = tuple[int, list[tuple[str, str]]]


def _equations(text: str) -> Iterator[list[_Side]]:
    """Runs of numbers, signs and brackets, cut at their equals signs."""
    sides: list[_Side] = [(0, [])]
    for match in _TOKEN.finditer(text, 0, TEXT):
        kind, word = match.lastgroup or "other", match.group().lower()
        if kind == "space":
            continue
        if kind == "other":
            if len(sides) > 1:
                yield sides
            sides = [(match.end(), [])]
        elif kind == "equals":
            sides.append((match.end(), []))
        else:
            if not sides[-1][1]:
                sides[-1] = (match.start(), sides[-1][1])
            sides[-1][1].append((kind, _SIGN.get(word, word)))
    if len(sides) > 1:
        yield sides


class _Unread(ValueError):
    """This is no arithmetic within the bounds."""


def _operations(tokens: list[tuple[str, str]]) -> tuple[Operation, ...]:
    """The operations of an expression; none, if it is none."""
    numbers = sum(kind == "number" for kind, _ in tokens)
    if not 2 <= numbers <= MOST_NUMBERS or len(tokens) > 4 * MOST_NUMBERS:
        return ()
    reader = _Reader(tokens)
    try:
        reader.total()
    except _Unread:
        return ()
    return tuple(reader.done) if reader.place == len(tokens) else ()


class _Reader:
    """Recursive descent; brackets are bounded by the number of tokens."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens = tokens
        self.place = 0
        self.done: list[Operation] = []

    def _take(self, kind: str, wanted: str) -> str | None:
        if self.place < len(self.tokens):
            own, word = self.tokens[self.place]
            if own == kind and (not wanted or word in wanted):
                self.place += 1
                return word
        return None

    def total(self) -> Fraction:
        """The value of a sum of products."""
        value = self._product()
        while (sign := self._take("sign", "+-")) is not None:
            value = self._join(value, sign, self._product())
        return value

    def _product(self) -> Fraction:
        value = self._factor()
        while (sign := self._take("sign", "*/")) is not None:
            value = self._join(value, sign, self._factor())
        return value

    def _factor(self) -> Fraction:
        if self._take("open", "") is not None:
            value = self.total()
            if self._take("close", "") is None:
                raise _Unread
            return value
        number = self._take("number", "")
        if number is None:
            raise _Unread
        return Fraction(number)

    def _join(self, left: Fraction, sign: str, right: Fraction) -> Fraction:
        if sign == "/" and right == 0:
            raise _Unread
        result = {"+": left + right, "-": left - right, "*": left * right}.get(sign)
        value = left / right if result is None else result
        self.done.append(Operation(left, sign, right, value))
        return value
