"""A small exact calculator for answers such as "(25 - 5) * 4": bounded, nothing is evaluated."""

import re
from dataclasses import dataclass
from fractions import Fraction

MAX_LENGTH = 300
"""Longest expression, in characters."""
MAX_NUMBERS = 24
MAX_NUMBER_DIGITS = 9
MAX_DEPTH = 24
"""Deepest nesting of brackets and signs."""

_TOKEN = re.compile(r"\s*(?:(\d++)|([-+*/()]))")
_SIGNS = {"×": "*", "·": "*", "÷": "/", "−": "-", "–": "-", "[": "(", "]": ")"}
_LATEX = {"\\times": "*", "\\cdot": "*", "\\div": "/", "\\left": "", "\\right": "", "\\,": ""}


@dataclass(frozen=True, slots=True)
class Evaluated:
    """An expression's exact value and the numbers written in it."""

    value: Fraction
    numbers: tuple[int, ...]


class NotAnExpression(ValueError):
    """The text is not an expression within the bounds; the message says why."""


def evaluate(text: str) -> Evaluated:
    r"""The value and numbers of an expression of + - * / and brackets.

    >>> evaluate(r"(25 - 5) \times 4")
    Evaluated(value=Fraction(80, 1), numbers=(25, 5, 4))
    """
    if len(text) > MAX_LENGTH:
        raise NotAnExpression(f"longer than {MAX_LENGTH} characters")
    for old, new in (_LATEX | _SIGNS).items():
        text = text.replace(old, new)
    reader = _Reader(_tokens(text))
    value = reader.total(0)
    if reader.place < len(reader.tokens):
        raise NotAnExpression(f"'{reader.tokens[reader.place]}' is not expected there")
    return Evaluated(value, tuple(reader.numbers))


def _tokens(text: str) -> list[str]:
    tokens, place, end = [], 0, len(text.rstrip())
    while place < end:
        match = _TOKEN.match(text, place)
        if match is None:
            raise NotAnExpression(f"'{text[place : place + 10]}' is not arithmetic")
        tokens.append(match[1] or match[2])
        place = match.end()
    return tokens


class _Reader:
    """Recursive descent over the tokens, to a bounded depth."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.place = 0
        self.numbers: list[int] = []

    def _next(self, *wanted: str) -> str | None:
        if self.place < len(self.tokens) and self.tokens[self.place] in wanted:
            self.place += 1
            return self.tokens[self.place - 1]
        return None

    def total(self, depth: int) -> Fraction:
        """The value of a sum of products."""
        value = self._product(depth)
        while (sign := self._next("+", "-")) is not None:
            term = self._product(depth)
            value = value + term if sign == "+" else value - term
        return value

    def _product(self, depth: int) -> Fraction:
        value = self._factor(depth)
        while (sign := self._next("*", "/")) is not None:
            factor = self._factor(depth)
            if sign == "/" and factor == 0:
                raise NotAnExpression("it divides by zero")
            value = value * factor if sign == "*" else value / factor
        return value

    def _factor(self, depth: int) -> Fraction:
        if depth > MAX_DEPTH:
            raise NotAnExpression("nested too deeply")
        if self._next("-") is not None:
            return -self._factor(depth + 1)
        if self._next("(") is not None:
            value = self.total(depth + 1)
            if self._next(")") is None:
                raise NotAnExpression("a bracket is not closed")
            return value
        return self._number()

    def _number(self) -> Fraction:
        token = self.tokens[self.place] if self.place < len(self.tokens) else ""
        if not token.isdigit():
            raise NotAnExpression(f"a number is missing before '{token}'")
        if len(token) > MAX_NUMBER_DIGITS or len(self.numbers) >= MAX_NUMBERS:
            raise NotAnExpression("too many numbers, or too long a number")
        self.place += 1
        self.numbers.append(int(token))
        return Fraction(int(token))
