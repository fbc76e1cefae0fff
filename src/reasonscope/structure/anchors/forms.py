"""The normal form of an answer: answers that are the same have the same text."""

import re
from functools import lru_cache

from reasonscope.problems.answers.boxes import boxes_in
from reasonscope.problems.answers.comparison import option_index, words_of
from reasonscope.problems.answers.quantities import plain_math, read_quantity
from reasonscope.problems.answers.reference import kind_of, reference
from reasonscope.problems.checks import own_check
from reasonscope.traces.schema import Problem

_SIGNS = (("\\times", "*"), ("\\cdot", "*"), ("×", "*"), ("·", "*"), ("\\div", "/"), ("÷", "/"))
_BRACKETS = re.compile(r"[\[\](){}<>\s]+")
_DRESS = re.compile(r"\s+|\$|\\[,;:!]|\\text\s?\{\s*\}")


def normal_form(written: str, problem: Problem, correct: bool | None = None) -> str:
    r"""The answer without what only dresses it, so that wordings of one answer count together.

    Numbers become exact fractions, options letters, texts lose case and articles, expressions
    their spaces. What was found right takes the form of the reference (``3.33`` and ``10/3``),
    where only one answer is right: the form then never separates what the comparison joins. Where
    an expression for a number is asked for, it is not worked out.

    >>> problem = Problem.make("2 + 3 = ?", answer="5", answer_kind="number")
    >>> [normal_form(text, problem) for text in ("5", "5.0", r"\boxed{5}", "$5$", "five", "1/2")]
    ['5', '5', '5', '5', '5', '1/2']
    """
    wanted = reference(problem)
    if correct and wanted is not None and not _many_answers(problem):
        written = wanted
    boxes = [written[a:b].strip() for a, b in boxes_in(written)]
    bare = ", ".join(dict.fromkeys(boxes)) or written
    return _of_kind(bare, problem) or " ".join(bare.split())


@lru_cache(maxsize=64)
def _many_answers(problem: Problem) -> bool:
    return problem.answer is not None and own_check(problem.answer, problem) is not None


def _of_kind(bare: str, problem: Problem) -> str:
    kind = kind_of(problem)
    if kind == "choice":
        index = option_index(bare, problem.choices)
        return words_of(bare) if index is None else chr(ord("A") + index)
    if _BRACKETS.fullmatch(bare):
        return "".join(bare.split())
    if kind == "expression" and _many_answers(problem):
        return _expression(bare)  # how the number is made is the answer
    number = read_quantity(bare, units=kind == "number")
    if number is not None:
        return str(number.value)
    return words_of(bare) if kind == "text" else _expression(bare)


def _expression(bare: str) -> str:
    text = plain_math(bare).replace("dfrac", "frac").replace("tfrac", "frac")
    for old, new in _SIGNS:
        text = text.replace(old, new)
    return _DRESS.sub("", text)
