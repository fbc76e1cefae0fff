"""Traces with equations whose truth is known: planted errors, planted retractions, null cases.

The prose and LaTeX are made from templates and a seed; which steps are wrong, and which of those
are taken back, is drawn first and then written. Nothing here looks at what a verifier does.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass

from reasonscope.provenance import seed_for
from reasonscope.traces.schema import Case, Problem, Step, Trace

_THINGS = ("eggs", "pencils", "meters", "tickets", "pages", "apples", "boxes", "miles", "cards")
_TAKEN_BACK = (
    "Wait, no, that's not right: {right}.",
    "Hmm, that is wrong. {right}.",
    "I made a mistake there. It should be {right}.",
    "Wait, let me recompute that. {right}.",
    "But that's not correct, since {right}.",
)
_LOOKED_AGAIN = ("Wait, let me double-check.", "Okay, let me go on.", "So far so good.", "")


@dataclass(frozen=True, slots=True)
class PlantedCase:
    """A case with its known truth."""

    case: Case
    wrong_steps: frozenset[int]
    """Steps with a false equation, those taken back included."""
    retracted_steps: frozenset[int]
    """Wrong steps whose false equation is taken back in the same step or the next."""


@dataclass(frozen=True, slots=True)
class _Sum:
    """One calculation in the ways it can be written."""

    plain: str
    latex: str
    words: str
    value: str
    other: str
    """A wrong value that is near enough to be believed."""


def _near(chance: random.Random, value: int) -> int:
    """A wrong value: a slip of one, ten or a digit."""
    return value + chance.choice([-10, -2, -1, 1, 2, 10, 9, -9])


def _product(chance: random.Random) -> _Sum:
    a, b = chance.randint(3, 60), chance.randint(3, 60)
    wrong = f"{_near(chance, a * b):,}"
    return _Sum(f"{a} * {b}", rf"{a} \times {b}", f"{a} times {b}", f"{a * b:,}", wrong)


def _total(chance: random.Random) -> _Sum:
    a, b, c = (chance.randint(11, 900) for _ in range(3))
    value = a + b - c
    written = f"{a} + {b} - {c}"
    words = f"{a} plus {b} minus {c}"
    return _Sum(written, written, words, str(value), str(_near(chance, value)))


def _share(chance: random.Random) -> _Sum:
    percent, whole = 5 * chance.randint(1, 19), 20 * chance.randint(2, 60)
    value = percent * whole // 100
    plain, latex = f"{percent}% of {whole}", rf"{percent}\% \cdot {whole}"
    return _Sum(
        plain, latex, f"{percent} percent of {whole}", str(value), str(_near(chance, value))
    )


def _quotient(chance: random.Random) -> _Sum:
    b, value = chance.randint(2, 25), chance.randint(3, 80)
    a = b * value
    latex = rf"\frac{{{a}}}{{{b}}}"
    wrong = str(_near(chance, value))
    return _Sum(f"{a} / {b}", latex, f"{a} divided by {b}", str(value), wrong)


def _rounding(chance: random.Random) -> _Sum:
    a, b = chance.randint(10, 99), chance.choice([3, 7, 9, 11])
    a += a % b == 0
    right, wrong = f"{a / b:.2f}", f"{a / b + chance.choice([-1, 1]) * 0.3:.2f}"
    return _Sum(f"{a}/{b}", rf"\frac{{{a}}}{{{b}}}", f"{a} divided by {b}", right, wrong)


_SUMS: tuple[Callable[[random.Random], _Sum], ...] = (
    _product, _product, _total, _share, _quotient, _rounding,
)  # fmt: skip


def _sentence(chance: random.Random, made: _Sum, value: str) -> str:
    thing = chance.choice(_THINGS)
    return chance.choice(
        [
            f"So there are {made.plain} = {value} {thing} in all.",
            f"Next, {made.words} is {value}.",
            f"Each day that gives ${made.plain} = ${value}.".replace(" of $", " of "),
            f"The number of {thing}: {made.plain} = {value}.",
            rf"This gives \( {made.latex} = {value} \) {thing}.",
            "\\[\n" + rf"{made.latex} = {value} \text{{ {thing}}}" + "\n\\]",
            f"**Step:** {made.plain} = {value}",
        ]
    )


def _step(chance: random.Random, *, wrong: bool, retracted: bool) -> str:
    made = chance.choice(_SUMS)(chance)
    text = _sentence(chance, made, made.other if wrong else made.value)
    if retracted:
        back = chance.choice(_TAKEN_BACK).format(right=f"{made.plain} = {made.value}")
        return f"{text} {back}"
    return f"{text} {chance.choice(_LOOKED_AGAIN)}".rstrip()


def planted_equations(seed: int, wrong: int, retracted: int, steps: int = 12) -> PlantedCase:
    """A case of ``steps`` steps with so many wrong ones, some of them taken back.

    Args:
        seed: What the case is drawn from, with the counts.
        wrong: How many steps hold a false equation that stands.
        retracted: How many more hold one that is taken back.
        steps: How many steps in all; never fewer than the wrong ones.

    >>> planted = planted_equations(0, wrong=1, retracted=2)
    >>> len(planted.wrong_steps), len(planted.retracted_steps), len(planted.case.steps)
    (3, 2, 12)
    """
    count = max(steps, wrong + retracted, 1)
    chance = random.Random(seed_for("planted_equations", seed, wrong, retracted, count))
    chosen = chance.sample(range(count), wrong + retracted)
    back = frozenset(chosen[wrong:])
    texts = [
        _step(chance, wrong=index in chosen, retracted=index in back) + "\n\n"
        for index in range(count)
    ]
    return PlantedCase(_case(seed, texts), frozenset(chosen), back)


def _case(seed: int, texts: list[str]) -> Case:
    problem = Problem.make(f"Planted calculations, seed {seed}.", family="planted_equations")
    trace = Trace.make(problem, "".join(texts), model="planted")
    steps: list[Step] = []
    start = 0
    for index, text in enumerate(texts):
        end = start + len(text)
        steps.append(
            Step(trace_id=trace.trace_id, index=index, char_start=start, char_end=end, text=text)
        )
        start = end
    return Case(problem, trace, tuple(steps))
