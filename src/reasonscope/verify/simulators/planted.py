"""Planted cases for the simulators: a right trace, and the same with one wrong step."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from reasonscope.provenance import seed_for
from reasonscope.traces.schema import Case, Problem, Step, Trace
from reasonscope.verify.simulators.brackets import CLOSERS, after
from reasonscope.verify.simulators.sorting import Chain, grouped
from reasonscope.verify.simulators.swaps import swapped

Rng = np.random.Generator


@dataclass(frozen=True, slots=True)
class PlantedCase:
    """A case whose first wrong step is known."""

    case: Case
    wrong_step: int | None
    """The step that was made wrong; None: all steps are right."""
    plant: str
    """What was done to it, in words; empty for a right trace."""


@dataclass(frozen=True, slots=True)
class _Draft:
    """A right trace before it is spoiled: question, steps, and ways to spoil single steps."""

    question: str
    steps: tuple[str, ...]
    spoils: tuple[tuple[int, str, str], ...]
    """(step, what is done, the step's new text; empty: the step is removed)."""


def planted(kind: str, seed: int, error: bool) -> PlantedCase:
    """A case of one of :data:`KINDS`, right or with one wrong step at a known place.

    The steps after a wrong one are those of the right trace, so the first error is the planted
    one. A removed step shows at the step that now stands in its place.

    >>> planted("brackets", 0, error=False).wrong_step is None
    True
    """
    rng = np.random.default_rng(seed_for("planted", kind, seed))
    draft = KINDS[kind](rng)
    steps, wrong, plant = list(draft.steps), None, ""
    if error:
        wrong, plant, text = draft.spoils[int(rng.integers(len(draft.spoils)))]
        steps[wrong : wrong + 1] = [text] if text else []
    return PlantedCase(case_of(draft.question, steps), wrong, plant)


def case_of(question: str, steps: list[str]) -> Case:
    """A case from a question and its steps, one on a line."""
    problem = Problem.make(question, family="planted")
    trace = Trace.make(problem, "".join(f"{step}\n" for step in steps))
    placed: list[Step] = []
    start = 0
    for index, step in enumerate(steps):
        text = f"{step}\n"
        end = start + len(text)
        placed.append(
            Step(trace_id=trace.trace_id, index=index, char_start=start, char_end=end, text=text)
        )
        start = end
    return Case(problem, trace, tuple(placed))


def _pick(rng: Rng, options: list[str]) -> str:
    return options[int(rng.integers(len(options)))]


# -- brackets ------------------------------------------------------------------------------


def _brackets(rng: Rng) -> _Draft:
    symbols, stacks = _sequence(rng)
    steps = ["We should process each input one by one.", "stack: empty"]
    steps += [f"{s} ; stack: {_stack(stack)}" for s, stack in zip(symbols, stacks, strict=True)]
    last = stacks[-1]
    popped = ", ".join(f'"{s}"' for s in reversed(last))
    needed = ", ".join(f'"{CLOSERS[s]}"' for s in reversed(last))
    answer = " ".join(CLOSERS[s] for s in reversed(last))
    steps.append(f'Now, we have reached the end. The final stack is "{_stack(last)}".')
    steps.append(f"We will need to pop out {popped} one by one in that order.")
    steps.append(f"So, we need {needed}. So the answer is {answer}")
    return _Draft(" ".join(symbols), tuple(steps), _bracket_spoils(rng, symbols, stacks, steps))


def _sequence(rng: Rng) -> tuple[list[str], list[tuple[str, ...]]]:
    """Symbols, and the stack after each; the last stack is not empty."""
    symbols: list[str] = []
    stacks: list[tuple[str, ...]] = []
    stack: tuple[str, ...] = ()
    length = int(rng.integers(4, 24))
    while len(symbols) < length or not stack:
        closing = bool(stack) and rng.random() < 0.45
        symbol = CLOSERS[stack[-1]] if closing else _pick(rng, list(CLOSERS))
        stack = after(stack, symbol) or ()
        symbols.append(symbol)
        stacks.append(stack)
    return symbols, stacks


def _stack(stack: tuple[str, ...]) -> str:
    return " ".join(stack) or "empty"


def _bracket_spoils(
    rng: Rng, symbols: list[str], stacks: list[tuple[str, ...]], steps: list[str]
) -> tuple[tuple[int, str, str], ...]:
    at = int(rng.integers(len(symbols)))
    more, other = (*stacks[at], _pick(rng, list(CLOSERS))), [s for s in CLOSERS if s != symbols[at]]
    end = len(steps) - 3
    spoils = [
        (at + 2, "a symbol too many on the stack", f"{symbols[at]} ; stack: {_stack(more)}"),
        (
            at + 2,
            "a symbol that is not the next",
            f"{_pick(rng, other)} ; stack: {_stack(stacks[at])}",
        ),
        (end, "a final stack of its own", f'The final stack is "{_stack((*stacks[-1], "("))}".'),
        (end + 2, "a wrong answer", f"{steps[-1]} )"),
    ]
    if symbols[at] != (symbols[at + 1] if at + 1 < len(symbols) else ""):
        spoils.append((at + 2, "a symbol skipped", ""))
    return tuple(spoils)


# -- swaps ---------------------------------------------------------------------------------

_PEOPLE = ["Alice", "Bob", "Claire", "Dave", "Eve", "Fred", "Gertrude"]
_COLOURS = ["red", "green", "blue", "black", "white", "pink", "brown", "yellow", "purple"]


def _swaps(rng: Rng) -> _Draft:
    count = int(rng.integers(3, 7))
    people, colours = _PEOPLE[:count], [str(c) for c in rng.permutation(_COLOURS)[:count]]
    pairs = [tuple(str(w) for w in rng.permutation(people)[:2]) for _ in range(count)]
    states = [dict(zip(people, colours, strict=True))]
    for one, two in pairs:
        states.append(swapped(states[-1], one, two))
    asked = _pick(rng, people)
    letter = chr(ord("A") + colours.index(states[-1][asked]))
    steps = [f"At the start: {_held(states[0])}."]
    steps += [
        f"{one} and {two} swap balls: {_held(state)}."
        for (one, two), state in zip(pairs, states[1:], strict=True)
    ]
    steps.append(
        f"At the end of the game, {asked} has the {states[-1][asked]} ball. "
        f"So the answer is ({letter})"
    )
    question = _swap_question(people, colours, pairs, asked)
    return _Draft(question, tuple(steps), _swap_spoils(rng, pairs, states, steps, asked))


def _held(state: dict[str, str]) -> str:
    return ", ".join(f"{who}: {what}" for who, what in state.items())


def _swap_question(
    people: list[str], colours: list[str], pairs: list[tuple[str, ...]], asked: str
) -> str:
    start = ", ".join(f"{w} has a {c} ball" for w, c in zip(people[:-1], colours[:-1], strict=True))
    moves = " Then, ".join(f"{one} and {two} swap balls." for one, two in pairs)
    options = "\n".join(f"({chr(ord('A') + i)}) {c} ball." for i, c in enumerate(colours))
    return (
        f"{', '.join(people)} are playing a game. At the start of the game, they are each holding "
        f"a ball: {start}, and {people[-1]} has a {colours[-1]} ball.\nAs the game progresses, "
        f"pairs of players trade balls. First, {moves} At the end of the game, {asked} has the\n"
        f"Options:\n{options}"
    )


def _swap_spoils(
    rng: Rng,
    pairs: list[tuple[str, ...]],
    states: list[dict[str, str]],
    steps: list[str],
    asked: str,
) -> tuple[tuple[int, str, str], ...]:
    at = int(rng.integers(len(pairs)))
    one, two = pairs[at]
    third = next(who for who in states[0] if who not in pairs[at])
    named = f"{one} and {two} swap balls"
    others = [c for c in states[0].values() if c != states[-1][asked]]
    dropped = {who: what for who, what in states[at + 1].items() if who != one}
    twice = {**states[at + 1], third: states[at + 1][one]}
    return (
        (0, "a start of its own", f"At the start: {_held(swapped(states[0], one, two))}."),
        (at + 1, "a swap named but not made", f"{named}: {_held(states[at])}."),
        (at + 1, "one thing held twice", f"{named}: {_held(twice)}."),
        (at + 1, "a person left out", f"{named}: {_held(dropped)}."),
        (at + 1, "another pair", f"{one} and {third} swap balls: {_held(states[at + 1])}."),
        (
            len(steps) - 1,
            "a wrong outcome",
            f"At the end of the game, {asked} has the {others[0]} ball.",
        ),
    )


# -- sorting -------------------------------------------------------------------------------

_WORDS = re.findall(
    "[a-z]+",
    "apple apricot avocado banana bilberry blueberry cherry citron coconut cranberry currant date "
    "damson durian elderberry fig grape guava kiwi kumquat lemon lime loquat lychee mango melon "
    "nectarine olive orange papaya peach pear pineapple plum pomelo quince raisin tangerine",
)
_NTH = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")


def _sorting(rng: Rng) -> _Draft:
    words = [str(w) for w in rng.permutation(_WORDS)[: int(rng.integers(4, 13))]]
    ranks = _ranks(words, 0)
    order = grouped(ranks)
    steps = [
        f"I should start by looking at the first letter. The first letter: {_letters(ranks, 0)}",
        f"We now have: {_ranked(order, ranks)}.",
    ]
    depth = dict.fromkeys(order, 1)
    while (part := next((g for g in order if len(g) > 1), None)) is not None:
        seen = depth[part]
        ranks = _ranks(list(part), seen)
        new = grouped(ranks)
        depth |= dict.fromkeys(new, seen + 1)
        steps.append(
            f"Now let's sort this subpart {_chain((part,))} by looking at their {_NTH[seen]} "
            f"letters. The {_NTH[seen]} letter: {_letters(ranks, seen)}"
        )
        place = order.index(part)
        order = (*order[:place], *new, *order[place + 1 :])
        steps.append(
            f"We now have: {_ranked(new, ranks)} for the subpart. Hence, we have {_chain(order)}."
        )
    answer = [group[0] for group in order]
    steps.append(f"I have now sorted all the words. The answer is {' '.join(answer)}")
    return _Draft(" ".join(words), tuple(steps), _sort_spoils(rng, steps, answer))


def _ranks(words: list[str], place: int) -> dict[str, int]:
    return {word: ord(word[place]) - ord("a") + 1 for word in words}


def _letters(ranks: dict[str, int], place: int) -> str:
    return " ".join(f'"{word}": "{word[place]}" ({rank}).' for word, rank in ranks.items())


def _link(group: tuple[str, ...]) -> str:
    quoted = " ? ".join(f'"{word}"' for word in group)
    return quoted if len(group) == 1 else f"[{quoted}]"


def _chain(chain: Chain) -> str:
    return " < ".join(_link(group) for group in chain)


def _ranked(chain: Chain, ranks: dict[str, int]) -> str:
    return " < ".join(f"({ranks[group[0]]}) {_link(group)}" for group in chain)


def _sort_spoils(rng: Rng, steps: list[str], answer: list[str]) -> tuple[tuple[int, str, str], ...]:
    last, word = len(steps) - 1, _pick(rng, answer)
    rank = ord(word[0]) - ord("a") + 1
    told = f'"{word}": "{word[0]}" ({rank}).'
    return (
        (0, "a wrong rank", steps[0].replace(told, told.replace(f"({rank})", f"({rank + 1})"))),
        (0, "a word left out", steps[0].replace(f" {told}", "")),
        (0, "a wrong letter", steps[0].replace(told, told.replace(f'"{word[0]}"', '"x"'))),
        (1, "a word of its own", steps[1].removesuffix(".") + ' < (26) "zebra".'),
        (last, "two words exchanged", f"The answer is {' '.join([*answer[1:], answer[0]])}"),
    )


# -- arithmetic ----------------------------------------------------------------------------


def _arithmetic(rng: Rng) -> _Draft:
    names = "ABCD"[: 2 * int(rng.integers(1, 3))]
    parts = {name: [int(n) for n in rng.integers(-9, 10, size=3)] for name in names}
    values = {name: sum(numbers) for name, numbers in parts.items()}
    texts = {name: f"({' + '.join(map(str, numbers))})" for name, numbers in parts.items()}
    shape = "A - B" if len(names) == 2 else "(A - B) - (C - D)"
    total = _total(values)
    written = " and ".join(f"{name} = {text}" for name, text in texts.items())
    steps = [f'This equation can be written as "{shape}", where {written}.']
    steps += [f"Let's calculate {_worked(name, parts[name], values[name])}" for name in names]
    steps.append(_ending(shape, values, total, total))
    spoils = _sum_spoils(rng, shape, parts, values, written, len(steps) - 1)
    return _Draft(f"({_filled(shape, texts)}) =", tuple(steps), spoils)


def _total(values: dict[str, int]) -> int:
    pairs = [values[one] - values[two] for one, two in list(pairwise(values))[::2]]
    return pairs[0] - sum(pairs[1:])


def _filled(shape: str, texts: dict[str, str]) -> str:
    return "".join(texts.get(char, char) for char in shape)


def _worked(name: str, numbers: list[int], value: int) -> str:
    one, two, three = numbers
    return f"{name} = ({one} + {two} + {three}) = ({one + two} + {three}) = {value}."


def _ending(shape: str, values: dict[str, int], total: int, answer: int) -> str:
    put = _filled(shape, {name: f"({value})" for name, value in values.items()})
    return f"Then, the final equation is {shape} = {put} = {total}. So the answer is {answer}"


def _sum_spoils(
    rng: Rng,
    shape: str,
    parts: dict[str, list[int]],
    values: dict[str, int],
    written: str,
    last: int,
) -> tuple[tuple[int, str, str], ...]:
    at = int(rng.integers(len(parts)))
    name, off = "ABCD"[at], int(rng.integers(1, 9))
    one, two, three = parts[name]
    total = _total(values)
    other = _worked(name, [one + off, two, three], values[name] + off)
    false = _worked(name, parts[name], values[name] + off)
    start = f'This equation can be written as "{shape}", where {written}.'
    moved = {**values, name: values[name] + off}
    return (
        (0, "a part copied wrongly", start.replace(f"{name} = ({one} ", f"{name} = ({one + off} ")),
        (at + 1, "a false sum", f"Let's calculate {false}"),
        (at + 1, "another part worked out", f"Let's calculate {other}"),
        (last, "a wrong value put in", _ending(shape, moved, _total(moved), _total(moved))),
        (last, "an answer of its own", _ending(shape, values, total, total + off)),
    )


KINDS: dict[str, Callable[[Rng], _Draft]] = {
    "arithmetic": _arithmetic,
    "brackets": _brackets,
    "swaps": _swaps,
    "sorting": _sorting,
}
"""The kinds of planted case, by name."""
