"""Chained arithmetic: each person has what the one before has, changed; other facts distract."""

import itertools
from dataclasses import dataclass
from random import Random

from reasonscope.problems.family import Family, Setting, equals_reference
from reasonscope.problems.procedural.drawing import chosen, generator
from reasonscope.problems.procedural.words import PEOPLE
from reasonscope.traces.schema import Problem

_ITEMS = (
    "marbles",
    "stickers",
    "coins",
    "shells",
    "pencils",
    "buttons",
    "stamps",
    "cards",
    "beads",
)
_DISTRACTIONS = (
    "{who} is {n} years old.",
    "{who} lives {n} kilometres from the school.",
    "{who} read {n} pages of a book last week.",
    "{who} has {n} {other}.",
    "A box of {other} costs {n} euros.",
    "{who} went to bed {n} minutes late yesterday.",
)
MAX_VALUE = 5000
"""No amount in a story grows past this."""


@dataclass(frozen=True, slots=True)
class _Hop:
    sentence: str
    equation: str
    value: int


def _hop(rng: Random, value: int, who: str, before: str, item: str) -> _Hop:
    """One person's amount, in words and as an equation, from the amount before."""
    k = rng.randint(2, 19)
    ways = [(f"{who} has {k} more {item} than {before}.", "+", k, value + k)]
    if value > k:
        ways.append((f"{who} has {k} fewer {item} than {before}.", "-", k, value - k))
    m = rng.randint(2, 5)
    if value * m <= MAX_VALUE:
        ways.append((f"{who} has {m} times as many {item} as {before}.", "*", m, value * m))
    d = rng.choice([2, 3, 4, 5])
    if value % d == 0 and value > d:
        part = {2: "half", 3: "a third", 4: "a quarter", 5: "a fifth"}[d]
        ways.append((f"{who} has {part} as many {item} as {before}.", "/", d, value // d))
    sentence, sign, operand, result = rng.choice(ways)
    return _Hop(sentence, f"{value} {sign} {operand} = {result}", result)


def _distraction(rng: Random, who: tuple[str, ...], item: str) -> str:
    other = rng.choice([name for name in _ITEMS if name != item])
    return rng.choice(_DISTRACTIONS).format(who=rng.choice(who), n=rng.randint(2, 60), other=other)


def make(
    seed: int, index: int, *, hops: int | None = None, distractors: int | None = None
) -> Problem:
    """A word problem of ``hops`` operations in a row, with facts that do not matter.

    >>> make(0, 0, hops=2, distractors=0).steps[-1].startswith("So the answer is")
    True

    Args:
        seed: The seed of the set.
        index: The problem's place in the set.
        hops: Operations from the first amount to the answer.
        distractors: Sentences with numbers that play no part.

    Returns:
        The problem at that index of that seed.
    """
    rng = generator("chain", seed, index)
    count, extra = chosen(rng, hops, 2, 6), chosen(rng, distractors, 0, 3)
    people = tuple(rng.sample(PEOPLE, count + 1))
    item, value = rng.choice(_ITEMS), rng.randint(3, 40)
    sentences, steps = [f"{people[0]} has {value} {item}."], []
    for before, who in itertools.pairwise(people):
        hop = _hop(rng, value, who, before, item)
        sentences.append(hop.sentence)
        steps.append(hop.equation)
        value = hop.value
    for _ in range(extra):
        sentences.insert(rng.randint(1, len(sentences)), _distraction(rng, people, item))
    question = " ".join([*sentences, f"How many {item} does {people[-1]} have?"])
    return Problem.make(
        question,
        answer=str(value),
        answer_kind="number",
        family="chain",
        steps=[*steps, f"So the answer is {value}."],
        extra={"hops": count, "distractors": extra},
    )


FAMILY = Family(
    name="chain",
    summary="word problems of several operations in a row, with irrelevant facts",
    make=make,
    check=equals_reference,
    settings={
        "hops": Setting(low=1, high=12, meaning="operations from the first amount to the answer"),
        "distractors": Setting(low=0, high=12, meaning="sentences that play no part"),
    },
)
