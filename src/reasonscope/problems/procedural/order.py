"""Logical order: facts about a row of things fix one order; which thing stands where?"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise, permutations
from random import Random

from reasonscope.problems.family import Family, Setting, equals_reference
from reasonscope.problems.procedural.drawing import chosen, generator
from reasonscope.traces.schema import Problem

MAX_THINGS = 7
"""All orders are tried to prove that the facts leave just one: 7! = 5,040."""

Order = tuple[int, ...]
"""The things by place, first place first."""


@dataclass(frozen=True, slots=True)
class _Axis:
    opening: str
    things: tuple[str, ...]
    before: str
    """"The a <before> the b": a stands earlier."""
    after: str
    first: str
    """"The a is <first>."."""
    last: str
    nth: str
    """"The a is <nth>." with the ordinal, counted from the first place."""


_AXES = (
    _Axis(
        "On a branch, there are {n} birds: {things}.",
        ("crow", "quail", "robin", "owl", "falcon", "raven", "hawk", "cardinal", "blue jay"),
        "is to the left of", "is to the right of", "the leftmost", "the rightmost",
        "the {nth} from the left",
    ),
    _Axis(
        "On a shelf, there are {n} books: {things}.",
        ("red book", "blue book", "green book", "black book", "white book", "gray book",
         "orange book", "purple book", "brown book"),
        "is to the left of", "is to the right of", "the leftmost", "the rightmost",
        "the {nth} from the left",
    ),
    _Axis(
        "In an antique car show, there are {n} vehicles: {things}.",
        ("truck", "sedan", "tractor", "bus", "minivan", "convertible", "limousine", "hatchback",
         "motorcycle"),
        "is older than", "is newer than", "the oldest", "the newest", "the {nth}-oldest",
    ),
    _Axis(
        "A fruit stand sells {n} fruits: {things}.",
        ("mango", "kiwi", "peach", "plum", "pear", "apple", "melon", "orange", "papaya"),
        "is more expensive than", "is less expensive than", "the most expensive", "the cheapest",
        "the {nth}-most expensive",
    ),
)  # fmt: skip
_NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven")
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh")


@dataclass(frozen=True, slots=True)
class _Fact:
    text: str
    holds: Callable[[Order], bool]


def _pair(axis: _Axis, names: list[str], a: int, b: int, flip: bool) -> _Fact:
    """That thing ``a`` stands before thing ``b``, said from either side."""
    early, late = names[a], names[b]
    text = (
        f"The {late} {axis.after} the {early}."
        if flip
        else f"The {early} {axis.before} the {late}."
    )
    return _Fact(text, lambda order: order.index(a) < order.index(b))


def place_words(axis: _Axis, place: int, count: int) -> str:
    """How a place is called: ends by their own word, others by number."""
    if place == 0:
        return axis.first
    return axis.last if place == count - 1 else axis.nth.format(nth=_ORDINALS[place])


def _placed(axis: _Axis, names: list[str], thing: int, place: int) -> _Fact:
    text = f"The {names[thing]} is {place_words(axis, place, len(names))}."
    return _Fact(text, lambda order: order[place] == thing)


def _facts(rng: Random, axis: _Axis, names: list[str], truth: Order) -> list[_Fact]:
    """True facts in random order, each ruling something out, until one order is left."""
    count = len(names)
    pool = [
        _pair(axis, names, truth[i], truth[j], rng.random() < 0.5)
        for i in range(count)
        for j in range(i + 1, count)
    ]
    pool += [_placed(axis, names, truth[place], place) for place in range(count)]
    rng.shuffle(pool)
    left: list[Order] = list(permutations(range(count)))
    kept = []
    for fact in pool:
        still = [order for order in left if fact.holds(order)]
        if len(still) < len(left):
            kept.append(fact)
            left = still
        if len(left) == 1:
            break
    return kept


def _listed(words: list[str]) -> str:
    named = [f"a{'n' if word[0] in 'aeiou' else ''} {word}" for word in words]
    return ", ".join(named[:-1]) + (", and " if len(named) > 2 else " and ") + named[-1]


def make(seed: int, index: int, *, things: int | None = None) -> Problem:
    """Facts about a row of things that leave one order, and a question about one place.

    >>> "Options:" in make(0, 0, things=3).question
    True

    Args:
        seed: The seed of the set.
        index: The problem's place in the set.
        things: How many things are ordered.

    Returns:
        The problem at that index of that seed.
    """
    rng = generator("order", seed, index)
    count = chosen(rng, things, 3, 6)
    axis = rng.choice(_AXES)
    names = rng.sample(axis.things, count)
    truth: Order = tuple(rng.sample(range(count), count))
    facts = _facts(rng, axis, names, truth)
    place = rng.randrange(count)
    letter = "ABCDEFG"[truth[place]]
    choices = [f"The {name} is {place_words(axis, place, count)}." for name in names]
    options = "\n".join(f"({a}) {b}" for a, b in zip("ABCDEFG", choices, strict=False))
    opening = axis.opening.format(n=_NUMBERS[count], things=_listed(names))
    question = (
        f"The facts below are about {_NUMBERS[count]} things in a fixed order, and they agree.\n"
        f"{opening} {' '.join(fact.text for fact in facts)}\n"
        f"Which of the following is true?\nOptions:\n{options}"
    )
    steps = [fact.text for fact in facts]
    steps += [f"The {names[a]} {axis.before} the {names[b]}." for a, b in pairwise(truth)]
    steps.append(f"{choices[truth[place]]} So the answer is ({letter}).")
    return Problem.make(
        question,
        answer=f"({letter})",
        answer_kind="choice",
        choices=choices,
        family="order",
        steps=steps,
        extra={"order": [names[thing] for thing in truth]},
    )


FAMILY = Family(
    name="order",
    summary="which thing stands where, from facts that leave one order",
    make=make,
    check=equals_reference,
    settings={"things": Setting(low=3, high=MAX_THINGS, meaning="things in the row")},
)
