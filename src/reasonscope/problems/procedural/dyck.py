"""Dyck words: complete a sequence of brackets; the steps are the states of the stack."""

from random import Random

from reasonscope.problems.family import Family, Setting, equals_reference
from reasonscope.problems.procedural.drawing import chosen, generator
from reasonscope.traces.schema import Problem

CLOSERS = {"(": ")", "[": "]", "{": "}", "<": ">"}


def _prefix(rng: Random, length: int) -> list[str]:
    """A sequence of brackets that can be completed and leaves at least one open."""
    symbols: list[str] = []
    stack: list[str] = []
    for place in range(length):
        must_open = not stack or (len(stack) == 1 and place == length - 1)
        if must_open or rng.random() < 0.55:
            stack.append(rng.choice("([{<"))
            symbols.append(stack[-1])
        else:
            symbols.append(CLOSERS[stack.pop()])
    return symbols


def states(symbols: list[str]) -> list[tuple[str, ...]]:
    """The stack after each symbol, bottom first.

    >>> states(["(", "[", "]"])
    [('(',), ('(', '['), ('(',)]
    """
    stack: list[str] = []
    after = []
    for symbol in symbols:
        if symbol in CLOSERS:
            stack.append(symbol)
        else:
            stack.pop()
        after.append(tuple(stack))
    return after


def make(seed: int, index: int, *, length: int | None = None) -> Problem:
    """A sequence of brackets to complete.

    >>> make(0, 0, length=6).answer_kind
    'text'

    Args:
        seed: The seed of the set.
        index: The problem's place in the set.
        length: Symbols that are given.

    Returns:
        The problem at that index of that seed.
    """
    rng = generator("dyck", seed, index)
    symbols = _prefix(rng, chosen(rng, length, 8, 24))
    stacks = states(symbols)
    answer = " ".join(CLOSERS[symbol] for symbol in reversed(stacks[-1]))
    steps = ["We should process each input one by one.", "stack: empty"]
    steps += [
        f"{s} ; stack: {' '.join(k) or 'empty'}" for s, k in zip(symbols, stacks, strict=True)
    ]
    steps.append(f'Now, we have reached the end. The final stack is "{" ".join(stacks[-1])}".')
    steps.append(f"So the answer is {answer}")
    return Problem.make(
        "Complete the rest of the sequence, making sure that all brackets are closed in the right "
        f"order. Give only the missing brackets.\nSequence: {' '.join(symbols)}",
        answer=answer,
        answer_kind="text",
        family="dyck",
        steps=steps,
        extra={"length": len(symbols)},
    )


FAMILY = Family(
    name="dyck",
    summary="complete a sequence of brackets",
    make=make,
    check=equals_reference,
    settings={"length": Setting(low=1, high=400, meaning="symbols given")},
)
