"""Reach: countdown with small numbers, worked from left to right, for tiny models."""

from random import Random

from reasonscope.problems.family import Family, Setting
from reasonscope.problems.procedural import countdown
from reasonscope.problems.procedural.drawing import chosen, generator
from reasonscope.traces.schema import Problem

MAX_NUMBER = 15
"""The largest number given."""
MAX_VALUE = 99
"""No amount on the way grows past this."""

Move = tuple[int, str, int, int]
"""Left amount, sign, right number, result."""


def moves(value: int, number: int) -> list[Move]:
    """What can be made of an amount and a number: whole, from 1 to the largest.

    >>> moves(6, 4)
    [(6, '+', 4, 10), (6, '-', 4, 2), (6, '*', 4, 24)]
    """
    found = [(value, "+", number, value + number), (value, "-", number, value - number)]
    found.append((value, "*", number, value * number))
    if value % number == 0:
        found.append((value, "/", number, value // number))
    return [move for move in found if 1 <= move[3] <= MAX_VALUE]


def random_path(rng: Random, numbers: list[int], stop: int | None = None) -> list[Move]:
    """Moves from left to right through the numbers in random order, at most to an amount."""
    order = rng.sample(numbers, len(numbers))
    value, path = order[0], []
    for number in order[1:]:
        move = rng.choice(moves(value, number))
        path.append(move)
        value = move[3]
        if value == stop:
            break
    return path


def equation(move: Move) -> str:
    """A move in words.

    >>> equation((6, "*", 4, 24))
    '6 * 4 = 24.'
    """
    left, sign, right, result = move
    return f"{left} {sign} {right} = {result}."


def expression(path: list[Move]) -> str:
    """The moves as one expression, each earlier one in brackets.

    >>> expression([(6, "-", 2, 4), (4, "*", 8, 32)])
    '(6 - 2) * 8'
    """
    text = str(path[0][0])
    for index, (_, sign, right, _) in enumerate(path):
        text = f"{f'({text})' if index else text} {sign} {right}"
    return text


def make(seed: int, index: int, *, numbers: int | None = None) -> Problem:
    """A target that can be reached from the numbers by working from left to right.

    >>> print(make(0, 0, numbers=3).question)
    Use 3, 2, 6 to make 11.

    Args:
        seed: The seed of the set.
        index: The problem's place in the set.
        numbers: How many numbers are given.

    Returns:
        The problem at that index of that seed.
    """
    rng = generator("reach", seed, index)
    count = chosen(rng, numbers, 3, 4)
    while True:
        given = [rng.randint(1, MAX_NUMBER) for _ in range(count)]
        path = random_path(rng, given)
        target = path[-1][3]
        if target >= 10 and target not in given:
            break
    return Problem.make(
        f"Use {', '.join(map(str, given))} to make {target}.",
        answer=expression(path),
        answer_kind="expression",
        family="reach",
        steps=worked(path),
        extra={"numbers": given, "target": target},
    )


def worked(path: list[Move]) -> tuple[str, ...]:
    """The steps of a right solution."""
    first, *rest = [equation(move) for move in path]
    moves_said = (f"Try {first}", *(f"Then {one}" for one in rest))
    return (*moves_said, "That works.", f"So the answer is {expression(path)}.")


FAMILY = Family(
    name="reach",
    summary="countdown with small numbers from left to right, for tiny models",
    make=make,
    check=countdown.check,
    settings={"numbers": Setting(low=2, high=4, meaning="numbers given")},
    many_answers=True,
)
