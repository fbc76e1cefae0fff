"""Whether two answers to one problem are the same, different, or cannot be told apart."""

import re

from reasonscope.problems.answers.bounded import expressions_equal
from reasonscope.problems.answers.boxes import boxes_in
from reasonscope.problems.answers.comparison import Comparison, compare_options, words_of
from reasonscope.problems.answers.quantities import read_quantity
from reasonscope.problems.answers.reference import kind_of
from reasonscope.traces.schema import Problem

MAX_ANSWER = 300
"""A longer answer is not compared."""

_HEDGE = re.compile(r"^(?:that |about |approximately |around |roughly |exactly |only |just )+")
_LETTER = re.compile(r"\(?([A-Ja-j])\)?(?:[).:]\s.*)?", re.DOTALL)
_PROSE = re.compile(r"(?<![\\A-Za-z])(?!(?:sqrt|frac|dfrac|sin|cos|tan|log|pi)\b)[A-Za-z]{2,}")
_UNREAD = re.compile(r"[√∞≈=]")


def same(thought: str, final: str, problem: Problem) -> Comparison:
    r"""Whether the thinking's answer is the final one; different only where that is certain.

    Certain are two options, two plain quantities, and two formulas without words that math-verify
    tells apart. Answers in words that differ, answers of several parts and quantities in different
    units cannot be told.

    >>> same("540", "\\boxed{540} meters", Problem.make("?", answer="7")).correct
    True
    >>> same("18.8", "18 hours and 48 minutes", Problem.make("?", answer="7")).correct is None
    True
    """
    if max(len(thought), len(final)) > MAX_ANSWER:
        return Comparison(None, f"an answer is longer than {MAX_ANSWER} characters")
    one, other = _bare(thought), _bare(final)
    if one is None or other is None:
        return Comparison(None, "an answer of several parts")
    if kind_of(problem) == "choice":
        return compare_options(one, other, problem.choices)
    if words_of(one) == words_of(other):
        return Comparison(True, "the same words")
    return _by_letter(one, other) or _by_quantity(one, other) or _by_formula(one, other)


def _bare(text: str) -> str | None:
    """An answer without its box and hedges; None: it holds several boxes."""
    boxes = list(dict.fromkeys(text[a:b] for a, b in boxes_in(text)))
    if len(boxes) > 1:
        return None
    return _HEDGE.sub("", boxes[0].strip() if boxes else text.strip())


def _by_letter(one: str, other: str) -> Comparison | None:
    letters = [_LETTER.fullmatch(text) for text in (one, other)]
    if letters[0] is None or letters[1] is None:
        return None
    first, second = letters[0][1].upper(), letters[1][1].upper()
    return Comparison(first == second, f"option {first} and option {second}")


def _by_quantity(one: str, other: str) -> Comparison | None:
    first, second = read_quantity(one), read_quantity(other)
    if first is None or second is None:
        return None
    if set(first.readings) & set(second.readings):
        return Comparison(True, "the same number")
    digits = min(first.decimals, second.decimals)
    if abs(first.value - second.value) * 10**digits <= 1 and first.decimals != second.decimals:
        return Comparison(None, "the same number but for rounding")
    if first.percent != second.percent or _units_differ(one, other):
        return Comparison(None, "numbers in different units")
    return Comparison(False, "another number")


def _units_differ(one: str, other: str) -> bool:
    """Whether both name a unit, and not the same: 18 hours may be 1,080 minutes."""
    words = [set(re.findall(r"[a-z]{2,}", text.casefold())) for text in (one, other)]
    return bool(words[0]) and bool(words[1]) and not words[0] & words[1]


def _by_formula(one: str, other: str) -> Comparison:
    if any(_PROSE.search(text) or _UNREAD.search(text) for text in (one, other)):
        return Comparison(None, "differs in words; the meaning is not judged")
    if not all(re.search(r"\d|\\", text) for text in (one, other)):
        return Comparison(None, "not a formula")
    correct, reason = expressions_equal(other, one)
    return Comparison(correct, reason)
