"""Which problems are searches over numbers, and with which numbers for which target."""

import json
import re
from dataclasses import dataclass

from reasonscope.traces.schema import Problem

MOST_NUMBERS = 8
QUESTION = 2_000
"""A question is read up to here."""

_ASKED = re.compile(
    r"\bus(?:e|ing)\s(?:only\s|all\s)?(?:the\s|these\s)?(?:(?:given|following|four|input|\d)\s)?"
    r"(?:numbers?\b:?\s?)?\[?\s?(?P<given>\d{1,9}(?:\s?,\s?(?:and\s)?\d{1,9}|\sand\s\d{1,9}){1,7})\s?\]?"
    r"[^?]{0,120}?\b(?:make|makes|equals?|equal\sto|reach|reaches|get|gets|obtain|form)\s(?:the\s)?"
    r"(?:target\s)?(?:number\s|value\s)?(?:of\s|exactly\s)?(?P<target>\d{1,9})\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Puzzle:
    """Numbers that may be joined by + - * /, and the target."""

    numbers: tuple[int, ...]
    target: int


def puzzle(problem: Problem) -> Puzzle | None:
    """The puzzle that a problem is; None: it is no search over numbers.

    >>> puzzle(Problem.make("Using the numbers [19, 36, 55, 7], create one that equals 65."))
    Puzzle(numbers=(19, 36, 55, 7), target=65)
    """
    held = json.loads(problem.extra)
    given, target = held.get("numbers", held.get("nums")), held.get("target")
    if _whole(target) and isinstance(given, list) and all(map(_whole, given)):
        return _bounded(given, target)
    match = _ASKED.search(problem.question, 0, QUESTION)
    if match is None:
        return None
    return _bounded([int(n) for n in re.findall(r"\d+", match["given"])], int(match["target"]))


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _bounded(numbers: list[int], target: int) -> Puzzle | None:
    fits = 2 <= len(numbers) <= MOST_NUMBERS and all(0 <= n < 10**9 for n in numbers)
    return Puzzle(tuple(numbers), target) if fits else None
