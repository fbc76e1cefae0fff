"""The answer of a text that does not announce it: from its last sentences, or not at all."""

import re

from reasonscope.problems.answers.quantities import numbers_in
from reasonscope.problems.answers.reference import kind_of
from reasonscope.problems.answers.sentences import last_lines
from reasonscope.problems.answers.stated import Stated
from reasonscope.problems.answers.values import number_in, option_in
from reasonscope.traces.schema import Problem

REACH = 1500
"""Characters at the end of the text that are looked at."""
SENTENCES = 6
"""Sentences, from the last one back, that are looked at."""
MAX_SHORT = 80
"""An answer text of at most this many characters on one line is the answer itself."""

_AFTERTHOUGHT = re.compile(
    r"\s*(?:\W*(?:note|verification|check|this (?:is|means|matches|confirms)|let me know|done)\b)", re.IGNORECASE
)
_BOLD = re.compile(r"\*\*([^*\n]{1,120}+)\*\*")


def closing_answer(text: str, problem: Problem) -> Stated | None:
    """The answer that the end of ``text`` gives without saying so; None: cannot be told."""
    kind = kind_of(problem)
    whole = text.strip()
    if kind in ("choice", "number"):
        return _in_last_sentences(text, problem, kind)
    if kind in ("text", "expression") and whole and len(whole) <= MAX_SHORT and "\n" not in whole:
        start = text.index(whole)
        return Stated(start, start + len(whole), "whole text")
    bold = list(_BOLD.finditer(text, max(0, len(text) - REACH)))
    if kind == "text" and bold:
        return Stated(*bold[-1].span(1), "bold")
    return None


def _in_last_sentences(text: str, problem: Problem, kind: str) -> Stated | None:
    for start, end in last_lines(text, SENTENCES, REACH):
        if _AFTERTHOUGHT.match(text, start, end):
            continue
        if kind == "choice":
            span = option_in(text, start, end, problem)
        else:
            has_number = next(numbers_in(text[start:end]), None) is not None
            span = number_in(text, start, end, problem) if has_number else None
        if span is not None:
            return Stated(*span, "last sentence")
    return None
