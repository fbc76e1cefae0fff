"""The reference answer of a problem, and how answers to it are compared."""

import re
from functools import lru_cache

from reasonscope.problems.answers.quantities import read_quantity
from reasonscope.traces.schema import AnswerKind, Problem

_LETTER = re.compile(r"\(?([A-Z])\)?[.:]?")
_BRACKETS = re.compile(r"[\[\](){}<>\s]+")
_PROSE = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{3,}+")
MAX_WORDS = 4
"""Words in a reference of unknown kind beyond which it is a text, digits or not."""
_MATHS = re.compile(r"[\\^_{}]|\d")


def reference(problem: Problem) -> str | None:
    r"""The reference answer alone: of a worked GSM8K solution, what follows "####".

    >>> reference(Problem.make("?", answer="2 + 2 = 4\n#### 4"))
    '4'
    """
    if problem.answer is None:
        return None
    return problem.answer.rpartition("####")[2].strip() or None


def kind_of(problem: Problem) -> AnswerKind:
    """How answers are compared, told from choices and reference where the source is silent.

    >>> kind_of(Problem.make("?", answer="(C)")), kind_of(Problem.make("?", answer="1,200"))
    ('choice', 'number')
    """
    if problem.answer_kind != "unknown":
        return problem.answer_kind
    if problem.choices:
        return "choice"
    answer = reference(problem)
    return "unknown" if answer is None else _kind_of_text(answer)


@lru_cache(maxsize=1024)
def _kind_of_text(answer: str) -> AnswerKind:
    if _LETTER.fullmatch(answer):
        return "choice"
    if read_quantity(answer) is not None:
        return "number"
    if _BRACKETS.fullmatch(answer) or len(_PROSE.findall(answer)) > MAX_WORDS:
        return "text"
    return "expression" if _MATHS.search(answer) else "text"
