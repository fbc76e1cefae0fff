"""What a learned verifier sees of a step: words, numbers, place, and the shape of an equation."""

import re
import zlib
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from reasonscope.traces.schema import Case

BUCKETS = 512
"""Words and pairs of words fall into so many columns by hash."""
SHAPES = (
    "log_characters",
    "place",
    "first",
    "last",
    "numbers",
    "unseen_numbers",
    "equations",
    "unseen_operands",
    "unit_digit_wrong",
    "nines_wrong",
    "size_wrong",
    "result_repeats",
)
"""The other columns."""
WIDTH = BUCKETS + len(SHAPES)
MOST_WORDS = 400
"""Words of a step that are looked at."""
MOST_EQUATIONS = 20
"""Equations of a step that are looked at."""
MOST_DIGITS = 15
"""Longer numbers are words."""

_WORD = re.compile(r"[^\W\d_]{1,20}|\d{1,40}|[^\w\s]")
_INTEGER = rf"(?<!\d)(?<!\d\.)(\d{{1,{MOST_DIGITS}}})(?!\d|\.\d)"
_NUMBER = re.compile(_INTEGER)
_EQUATION = re.compile(rf"{_INTEGER} ?([-+*/×÷]) ?{_INTEGER} ?= ?{_INTEGER}")

Array = np.ndarray[Any, np.dtype[np.float32]]


def step_features(case: Case) -> Array:
    """One row for each step of a trace, linear in its length.

    Decision: no equation is worked out. What is looked at is what a fast reader would see: whether
    the last digit fits, whether the digit sums fit (casting out nines), whether the size is
    plausible, and whether a number was seen before. So the verifier errs, and its card says how
    often.

    Returns:
        ``[step, feature]`` with the columns of :data:`BUCKETS` and :data:`SHAPES`.
    """
    rows = np.zeros((len(case.steps), WIDTH), dtype=np.float32)
    seen = set(_NUMBER.findall(case.problem.question))
    for place, step in enumerate(case.steps):
        rows[place, :BUCKETS] = _words(step.text)
        rows[place, BUCKETS:] = _shapes(step.text, place, len(case.steps), seen)
        seen.update(_NUMBER.findall(step.text))
    return rows


def _words(text: str) -> Array:
    """Words and neighbouring pairs, hashed; a number is the word ``0``."""
    found = [m.group().lower() for _, m in zip(range(MOST_WORDS), _WORD.finditer(text))]
    words = ["0" if word[0].isdigit() else word for word in found]
    held = np.zeros(BUCKETS, dtype=np.float32)
    for gram in (*words, *map(" ".join, pairwise(words))):
        held[zlib.crc32(gram.encode()) % BUCKETS] += 1
    return np.log1p(held)


def _shapes(text: str, place: int, count: int, seen: set[str]) -> Sequence[float]:
    numbers = _NUMBER.findall(text)
    equations = [m.groups() for _, m in zip(range(MOST_EQUATIONS), _EQUATION.finditer(text))]
    results = {equation[3] for equation in equations}
    operands = {number for equation in equations for number in (equation[0], equation[2])}
    whole = [(int(a), sign, int(b), int(c)) for a, sign, b, c in equations]
    return (
        float(np.log1p(len(text))),
        place / max(1, count - 1),
        float(place == 0),
        float(place == count - 1),
        float(np.log1p(len(numbers))),
        _share(set(numbers) - results, seen),
        float(np.log1p(len(equations))),
        _share(operands - results, seen),
        _mean([_apart(equation, 10) for equation in whole]),
        _mean([_apart(equation, 9) for equation in whole]),
        _mean([_misplaced(equation) for equation in whole]),
        _mean([float(c in seen) for _, _, _, c in equations]),
    )


def _share(numbers: set[str], seen: set[str]) -> float:
    """The share of numbers that were not seen before."""
    return len(numbers - seen) / len(numbers) if numbers else 0.0


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _apart(equation: tuple[int, str, int, int], base: int) -> float:
    """1 where both sides leave different rests; a division is read as a product.

    >>> _apart((17, "+", 5, 23), 10), _apart((17, "+", 5, 32), 10), _apart((8, "/", 2, 4), 10)
    (1.0, 0.0, 0.0)
    """
    a, sign, b, c = equation
    if sign in "/÷":
        a, sign, b, c = c, "*", b, a
    made = {"+": a + b, "-": a - b}.get(sign, (a % base) * (b % base))
    return float(made % base != c % base)


def _misplaced(equation: tuple[int, str, int, int]) -> float:
    """1 where the result is on the wrong side of an operand: 5 + 3 = 4, 5 - 3 = 9.

    >>> _misplaced((5, "+", 3, 4)), _misplaced((5, "-", 3, 1)), _misplaced((50, "*", 30, 90))
    (1.0, 0.0, 0.0)
    """
    a, sign, b, c = equation
    if sign in "+*×":
        return float(c < max(a, b) and min(a, b) > 0)
    return float(c > a)
