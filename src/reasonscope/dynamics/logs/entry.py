"""What a log says at one place: a step and its numbers."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

NAME_CHARACTERS = 300
"""Longer names are cut: a table of names is no place for text."""
MOST_STEP = 10**12
"""A larger number of steps is an error of the log."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line or record of a log."""

    place: str
    """Where it stood, such as ``line 7``."""
    step: int
    """The step as logged."""
    values: Mapping[str, float | None]
    """By the source's names; None: it said NaN or infinity."""


def number(value: Any) -> tuple[bool, float | None]:
    """Whether a JSON value is a number (or NaN, which readers give as None), and which.

    >>> number(3), number(float("nan")), number(None), number("3"), number(True)
    ((True, 3.0), (True, None), (True, None), (False, None), (False, None))
    """
    if value is None:
        return True, None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False, None
    try:
        held = float(value)
    except OverflowError:
        return True, None
    return True, held if math.isfinite(held) else None


def numbers(record: Mapping[str, Any], *without: str) -> dict[str, float | None]:
    """The numbers among a record's values; texts and lists are passed over."""
    found = {}
    for name, value in record.items():
        known, held = number(value)
        if known and name not in without:
            found[str(name)[:NAME_CHARACTERS]] = held
    return found


def whole_step(value: Any) -> int | None:
    """A step as a whole number within bounds; None: it is none.

    >>> whole_step(3.0), whole_step(-1), whole_step("x"), whole_step(True)
    (3, None, None, None)
    """
    known, held = number(value)
    if not known or held is None or held != int(held) or not 0 <= held <= MOST_STEP:
        return None
    return int(held)
