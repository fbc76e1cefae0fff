"""Relay: amounts are passed from name to name, in a story so plain that a tiny model can read it.

Every name passes on at most once and no two passes of a problem have the same change, so each
definition can be found by the word before it: what a small transformer learns first (an induction
circuit). Other names pass amounts on among themselves and play no part.
"""

import operator
from dataclasses import dataclass
from itertools import pairwise
from random import Random

from reasonscope.problems.family import Family, Setting, equals_reference
from reasonscope.problems.procedural.drawing import chosen, generator
from reasonscope.problems.procedural.words import PEOPLE
from reasonscope.traces.schema import Problem

MAX_VALUE = 99
"""No amount on the way grows past this."""
CHANGES = {
    **{("plus", k): ("+", operator.add) for k in range(1, 21)},
    **{("minus", k): ("-", operator.sub) for k in range(1, 21)},
    **{("times", k): ("*", operator.mul) for k in range(2, 6)},
}
"""The changes there are: word and number, with sign and operation."""


@dataclass(frozen=True, slots=True)
class Pass:
    """One name passes its amount on, changed."""

    giver: str
    word: str
    number: int
    taker: str

    @property
    def sentence(self) -> str:
        """As in the question.

        >>> Pass("Bob", "plus", 4, "Eve").sentence
        'Bob plus 4 makes Eve.'
        """
        return f"{self.giver} {self.word} {self.number} makes {self.taker}."

    def result(self, value: int) -> int:
        """The amount that arrives."""
        return int(CHANGES[self.word, self.number][1](value, self.number))

    def equation(self, value: int) -> str:
        """The step of arithmetic.

        >>> Pass("Bob", "plus", 4, "Eve").equation(7)
        '7 + 4 = 11.'
        """
        sign = CHANGES[self.word, self.number][0]
        return f"{value} {sign} {self.number} = {self.result(value)}."


def _change(rng: Random, value: int | None, used: set[tuple[str, int]]) -> tuple[str, int]:
    """A change that was not used and keeps the amount between 1 and the largest."""
    fitting = [
        change
        for change, (_, apply) in CHANGES.items()
        if change not in used and (value is None or 1 <= apply(value, change[1]) <= MAX_VALUE)
    ]
    word = rng.choice(sorted({change[0] for change in fitting}))
    found = rng.choice([change for change in fitting if change[0] == word])
    used.add(found)
    return found


def make(
    seed: int, index: int, *, hops: int | None = None, distractors: int | None = None
) -> Problem:
    """A relay of ``hops`` passes that matter and ``distractors`` that do not, shuffled.

    >>> print(make(0, 0, hops=1, distractors=0).question)
    Mira has 22. Mira plus 11 makes Gertrude. How many has Gertrude?

    Args:
        seed: The seed of the set.
        index: The problem's place in the set.
        hops: Passes from the first name to the one asked for.
        distractors: Passes off the way: beyond the name asked for, or among others.

    Returns:
        The problem at that index of that seed.
    """
    rng = generator("relay", seed, index)
    count, extra = chosen(rng, hops, 2, 6), chosen(rng, distractors, 0, 3)
    names = rng.sample(PEOPLE, len(PEOPLE))
    way, others = names[: count + 1], names[count + 1 :]
    used: set[tuple[str, int]] = set()
    start = value = rng.randint(2, 40)
    passes = []
    for giver, taker in pairwise(way):
        passes.append(Pass(giver, *_change(rng, value, used), taker))
        value = passes[-1].result(value)
    beyond = [way[-1], *others] if rng.random() < 0.5 else others
    off = [Pass(a, *_change(rng, None, used), b) for a, b in pairwise(beyond)][:extra]
    told = [f"{way[0]} has {start}."] + [
        p.sentence for p in rng.sample(passes + off, count + extra)
    ]
    return Problem.make(
        " ".join([*told, f"How many has {way[-1]}?"]),
        answer=str(value),
        answer_kind="number",
        family="relay",
        steps=worked(way[0], start, passes),
        extra={"hops": count, "distractors": extra},
    )


def worked(first: str, start: int, passes: list[Pass]) -> tuple[str, ...]:
    """The steps of a right solution."""
    steps, value = [f"{first} has {start}."], start
    for one in passes:
        steps += [one.sentence, one.equation(value)]
        value = one.result(value)
    return (*steps, f"So {passes[-1].taker} has {value}.")


FAMILY = Family(
    name="relay",
    summary="amounts passed from name to name, for tiny models; other passes distract",
    make=make,
    check=equals_reference,
    settings={
        "hops": Setting(low=1, high=8, meaning="passes from the first name to the one asked for"),
        "distractors": Setting(low=0, high=6, meaning="passes that play no part"),
    },
)
