"""Shuffled objects: people hold things and swap them in pairs; who holds what at the end?"""

from dataclasses import dataclass

from reasonscope.problems.family import Family, Setting, equals_reference
from reasonscope.problems.procedural.drawing import chosen, generator
from reasonscope.problems.procedural.words import PEOPLE
from reasonscope.traces.schema import Problem


@dataclass(frozen=True, slots=True)
class _Theme:
    opening: str
    things: tuple[str, ...]
    ending: str
    """What the last sentence says between "At the end" and the name."""


_THEMES = (
    _Theme(
        "{who} are playing a game. Each of them starts with a ball:",
        ("red ball", "blue ball", "green ball", "yellow ball", "black ball", "white ball",
         "orange ball", "purple ball", "pink ball"),
        "of the game",
    ),
    _Theme(
        "{who} bring one present each to a party. At the start:",
        ("puzzle", "lamp", "kite", "scarf", "clock", "drum", "globe", "teapot", "camera"),
        "of the party",
    ),
    _Theme(
        "{who} borrow one book each from the library. At first:",
        ("Ulysses", "Frankenstein", "Emma", "Dracula", "Hamlet", "Lolita", "Walden", "Candide",
         "Middlemarch"),
        "of the term",
    ),
)  # fmt: skip
_ORDER = ("First", "Then", "After that", "Next", "Then")


def _list(words: list[str] | tuple[str, ...]) -> str:
    return ", ".join(words[:-1]) + " and " + words[-1]


def _state(held: dict[str, str]) -> str:
    return ", ".join(f"{who}: {what}" for who, what in held.items())


def make(seed: int, index: int, *, people: int | None = None, swaps: int | None = None) -> Problem:
    """A question about who holds what after several swaps, with the options.

    >>> make(0, 0, people=3, swaps=2).steps[0].startswith("At the start: ")
    True

    Args:
        seed: The seed of the set.
        index: The problem's place in the set.
        people: How many people hold one thing each.
        swaps: How many swaps there are.

    Returns:
        The problem at that index of that seed.
    """
    rng = generator("swaps", seed, index)
    count, times = chosen(rng, people, 3, 5), chosen(rng, swaps, 3, 7)
    names = sorted(rng.sample(PEOPLE, count))
    theme = rng.choice(_THEMES)
    things = rng.sample(theme.things, count)
    article = "" if things[0][0].isupper() else "the "
    held = dict(zip(names, things, strict=True))
    opening = theme.opening.format(who=_list(names))
    start = ", ".join(f"{who} has {article}{what}" for who, what in held.items())
    steps, told = [f"At the start: {_state(held)}."], []
    for turn in range(times):
        one, two = sorted(rng.sample(names, 2))
        held = {**held, one: held[two], two: held[one]}
        word = "Finally" if turn == times - 1 and turn else _ORDER[turn % len(_ORDER)]
        told.append(f"{word}, {one} and {two} swap.")
        steps.append(f"{one} and {two} swap: {_state(held)}.")
    asked = rng.choice(names)
    letter = "ABCDEFGHI"[things.index(held[asked])]
    options = "\n".join(f"({a}) {article}{b}" for a, b in zip("ABCDEFGHI", things, strict=False))
    question = (
        f"{opening} {start}.\n{' '.join(told)} At the end {theme.ending}, {asked} has\n"
        f"Options:\n{options}"
    )
    final = f"At the end {theme.ending}, {asked} has {article}{held[asked]}."
    return Problem.make(
        question,
        answer=f"({letter})",
        answer_kind="choice",
        choices=[article + thing for thing in things],
        family="swaps",
        steps=[*steps, f"{final} So the answer is ({letter})."],
        extra={"people": count, "swaps": times},
    )


FAMILY = Family(
    name="swaps",
    summary="who holds what after people swap things in pairs",
    make=make,
    check=equals_reference,
    settings={
        "people": Setting(low=2, high=9, meaning="people, each with one thing"),
        "swaps": Setting(low=1, high=40, meaning="swaps"),
    },
)
