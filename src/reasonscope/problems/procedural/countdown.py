"""Countdown: reach a target from given numbers with + - * /, each used at most once."""

import json
from collections import Counter
from dataclasses import dataclass
from random import Random

from reasonscope.problems.answers.boxes import boxes_in
from reasonscope.problems.answers.comparison import Comparison
from reasonscope.problems.family import Family, Setting
from reasonscope.problems.procedural.drawing import chosen, generator
from reasonscope.problems.procedural.expressions import NotAnExpression, evaluate
from reasonscope.traces.schema import Problem

MAX_TARGET = 999
_TRIES = 200


@dataclass(frozen=True, slots=True)
class _Part:
    """An amount that has been reached, and how."""

    value: int
    text: str
    loose: bool
    """A sum or difference, which needs brackets inside a product."""


def _joined(rng: Random, a: _Part, b: _Part) -> tuple[_Part, str] | None:
    """Two parts joined by a random operation whose result is a whole number above 0."""
    sign = rng.choice("+-*/")
    if sign == "-" and a.value <= b.value:
        return None
    if sign == "/" and (b.value in (0, 1) or a.value % b.value):
        return None
    if sign == "*" and (1 in (a.value, b.value) or a.value * b.value > 2 * MAX_TARGET):
        return None
    result = {"+": a.value + b.value, "-": a.value - b.value, "*": a.value * b.value}.get(
        sign, a.value // b.value if b.value else 0
    )
    left = f"({a.text})" if a.loose and sign in "*/" else a.text
    bracket = (b.loose and sign != "+") or (sign == "/" and not b.text.isdigit())
    right = f"({b.text})" if bracket else b.text
    equation = f"{a.value} {sign} {b.value} = {result}"
    return _Part(result, f"{left} {sign} {right}", sign in "+-"), equation


def _solved(rng: Random, numbers: list[int]) -> tuple[_Part, list[str]] | None:
    """A target made from all the numbers, and the equations that lead to it."""
    parts = [_Part(n, str(n), loose=False) for n in numbers]
    equations: list[str] = []
    for _ in range(_TRIES):
        if len(parts) == 1:
            break
        a, b = rng.sample(range(len(parts)), 2)
        joined = _joined(rng, parts[a], parts[b])
        if joined is not None:
            parts = [part for i, part in enumerate(parts) if i not in (a, b)] + [joined[0]]
            equations.append(joined[1])
    made = parts[0]
    fits = len(parts) == 1 and 10 <= made.value <= MAX_TARGET and made.value not in numbers
    return (made, equations) if fits else None


def make(seed: int, index: int, *, numbers: int | None = None) -> Problem:
    """A target and the numbers to reach it from; a solution is known.

    >>> check(make(0, 0, numbers=3), make(0, 0, numbers=3).answer).correct
    True

    Args:
        seed: The seed of the set.
        index: The problem's place in the set.
        numbers: How many numbers are given.

    Returns:
        The problem at that index of that seed.
    """
    rng = generator("countdown", seed, index)
    count = chosen(rng, numbers, 3, 5)
    solved = None
    while solved is None:
        given = [rng.randint(2, 99 if count < 4 else 50) for _ in range(count)]
        solved = _solved(rng, given)
    rng.shuffle(given)
    part, equations = solved
    question = (
        f"Use the numbers {', '.join(map(str, given))} to make {part.value}. Each number may be "
        "used at most once, with +, -, * and / and brackets. Give one expression as the answer."
    )
    return Problem.make(
        question,
        answer=part.text,
        answer_kind="expression",
        family="countdown",
        steps=[*equations, f"So the answer is {part.text}."],
        extra={"numbers": given, "target": part.value},
    )


def check(problem: Problem, answer: str) -> Comparison:
    """Whether an expression reaches the target with the given numbers, each at most once.

    "= target" may follow the expression. What cannot be read as an expression is left open.
    """
    given = json.loads(problem.extra)
    boxes = list(boxes_in(answer))
    text = answer[slice(*boxes[-1])] if boxes else answer
    text, _, claimed = text.strip(" \n.$`*").partition("=")
    try:
        found = evaluate(text)
        numbers, target = Counter(given["numbers"]), int(given["target"])
    except NotAnExpression as error:
        return Comparison(None, f"is not an expression of arithmetic: {error}")
    except (KeyError, TypeError, ValueError):
        return Comparison(None, "the problem does not say its numbers and target")
    too_often = Counter(found.numbers) - numbers
    if too_often:
        return Comparison(False, f"uses {min(too_often)}, which is not left among the numbers")
    if len(found.numbers) == 1 and claimed:
        return Comparison(None, "is a single number with an equation after it")
    right = found.value == target
    return Comparison(right, f"has the value {found.value}" + ("" if right else f", not {target}"))


FAMILY = Family(
    name="countdown",
    summary="reach a target number from given numbers, each used at most once",
    make=make,
    check=check,
    settings={"numbers": Setting(low=2, high=6, meaning="numbers given")},
    many_answers=True,
)
