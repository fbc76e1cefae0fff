"""Where a trace comes to an answer for the first time, before it calls it the answer.

A reasoner often works a value out, checks it for half a page and only then says "the answer is".
The places where a value comes out as a result are found from hindsight: only values that the
trace itself states as its answer, sooner or later, are looked for, so that results of parts are
not taken for answers.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from reasonscope.problems.answers.quantities import numbers_in, read_quantity
from reasonscope.problems.answers.reference import kind_of
from reasonscope.traces.schema import Candidate, Problem, Step

MAX_STEP = 4000
"""Characters of a step that are searched: its beginning and its end, half each."""
MAX_NUMBERS = 400
"""Numbers of one step that are looked at."""
MAX_VALUES = 40
"""Different answers of one trace that are looked for."""
MAX_QUESTION = 20_000
"""Characters at the end of a question whose numbers count as given."""

_OPERATOR = r"[-+*/×÷^−]|\\times|\\div|\\cdot|\\frac"
_BEFORE = re.compile(
    rf"(?:{_OPERATOR}|\b(?:times|plus|minus|by|of|than|over|from))[\s$({{\\]*$", re.IGNORECASE
)
_AFTER = re.compile(
    rf"[\s$)}}\\]*(?:,?\s?(?:and\s)?(?:then\s)?"
    rf"(?:(?:{_OPERATOR})(?!\s*\*)|(?:times|plus|minus|divided|multiplied|add|adding|x)\b)"
    r"|%|=|:\d|k\b)",
    re.IGNORECASE,
)
_EQUALS = re.compile(
    r"(?:=|≈|\bequals?|\bis equal to|\bis|\bgives|\bmakes|\bbe)[\s$({\\*~]*(?:about |text\{)?$",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[=≈;:?!\n]|\.\s|,\s")
_COMPUTED = re.compile(
    rf"\d[^\d]{{0,40}}(?:{_OPERATOR}|\bx|\btimes|\bplus|\bminus|\bdivided|\bmultiplied)\W.*\d"
    r"|\dx\d",
    re.IGNORECASE,
)
_UNKNOWN = re.compile(r"(?<![A-Za-z\\'’])(?:\d\s?)?[A-Za-z](?![A-Za-z\d'’])")
_WORD = re.compile(r"[A-Za-z'’]{2,}|\b[aI]\b")
_SUPPOSED = re.compile(
    r"\b(?:if|suppos\w*|assum\w*|imagine|whether|unless|let)\b[^.;:]*$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Reached:
    """A place where a value comes out that the trace somewhere states as its answer."""

    step_index: int
    char_start: int
    """Start in the reasoning."""
    answer: int
    """Order of the first candidate with this value."""


def reached(
    problem: Problem, steps: Sequence[Step], stated: Sequence[Candidate]
) -> Iterator[Reached]:
    """Results in the steps that equal an answer which the trace states somewhere.

    Only numbers are looked for; other kinds of answers yield nothing. A number does not count
    where it is an operand, where it is supposed ("if there are 15 sheep"), and, if the question
    mentions it, unless it is the right side of a computation.

    Args:
        problem: The problem; its question tells which numbers are given.
        steps: The trace's steps.
        stated: The trace's candidate answers, the final one included.
    """
    wanted = _values(problem, stated)
    if not wanted:
        return
    given = _given(problem)
    written = _written(wanted)
    for step in steps:
        if written.search(step.text) is None:
            continue
        for (start, end), value in _numbers(step.text):
            if value in wanted and _is_result(step.text, start, end, value in given):
                yield Reached(step.index, step.char_start + start, wanted[value])


def _written(wanted: Mapping[Fraction, int]) -> re.Pattern[str]:
    """What a step must hold to hold one of the values: the digits that it begins with."""
    heads = {str(abs(value.numerator) // value.denominator) for value in wanted}
    heads |= {str(abs(value.numerator)) for value in wanted if value.denominator > 1}
    digits = sorted(",?".join(head) for head in heads)
    return re.compile(rf"(?<![\d.])(?:{'|'.join(digits)})(?!\d)|(?<!\d)\.\d|[½¼¾⅓⅔]")


def _values(problem: Problem, stated: Sequence[Candidate]) -> Mapping[Fraction, int]:
    if kind_of(problem) not in ("number", "expression", "unknown"):
        return {}
    values: dict[Fraction, int] = {}
    for candidate in stated:
        if len(values) == MAX_VALUES:
            break
        quantity = read_quantity(candidate.text)
        if quantity is not None:
            values.setdefault(quantity.value, candidate.order)
    return values


def _given(problem: Problem) -> set[Fraction]:
    text = problem.question[-MAX_QUESTION:]
    return {value for _, value in _numbers(text)}


def _numbers(text: str) -> Iterator[tuple[tuple[int, int], Fraction]]:
    """Spans and values of the numbers of a text, of a very long one those at its two ends."""
    if len(text) > MAX_STEP:
        half = MAX_STEP // 2
        yield from _numbers(text[:half])
        shift = len(text) - half
        for (start, end), value in _numbers(text[shift:]):
            yield (start + shift, end + shift), value
        return
    for count, (start, end) in enumerate(numbers_in(text)):
        quantity = read_quantity(text[start:end]) if count < MAX_NUMBERS else None
        if quantity is not None:
            yield (start, end), quantity.value


def _is_result(text: str, start: int, end: int, given: bool) -> bool:
    """Whether a value comes out at this place, rather than goes in or is only supposed."""
    before = text[max(0, start - 120) : start]
    if _SUPPOSED.search(before) or _AFTER.match(text, end):
        return False
    equation = _EQUALS.search(before)
    if equation is None:
        return not given and _BEFORE.search(before) is None
    left = _CLAUSE.split(before[: equation.start()])[-1].strip()
    tail = _WORD.split(left.replace(" x ", " "))[-1].strip()
    if given:
        return _COMPUTED.search(left) is not None and _UNKNOWN.search(tail) is None
    sign = equation.group()[:1]
    return sign not in "=≈" or len(tail) == 1 or _UNKNOWN.search(tail) is None
