"""The answer of a text that does not announce it: from its last sentences, or not at all."""

import re

from reasonscope.problems.answers.quantities import numbers_in, read_quantity
from reasonscope.problems.answers.reference import kind_of, reference
from reasonscope.problems.answers.sentences import last_lines
from reasonscope.problems.answers.stated import Stated
from reasonscope.problems.answers.values import formula_in, number_in, option_in
from reasonscope.traces.schema import AnswerKind, Problem

REACH = 1500
"""Characters at the end of the text that are looked at."""
SENTENCES = 4
"""Sentences, from the last one back, that are looked at; where the last only adds a remark
("Since they have ..."), one that begins with "therefore" goes first."""
MAX_SHORT = 80
"""An answer text of at most this many characters on one line is the answer itself."""

_AFTERTHOUGHT = re.compile(
    r"\s*\W*(?:note|verification|check|this (?:is|means|matches|confirms)|let me know|done|error)"
    r"\b",
    re.IGNORECASE,
)
_CONCLUSION = re.compile(
    r"\W*(?:so|therefore|thus|hence|consequently|in total|in conclusion|altogether|overall)\b"
    r"(?!, we\b)(?=[^:]*+$)",
    re.IGNORECASE,
)
_REMARK = re.compile(r"\W*(?:since|because|this|that|note|remember|however)\b", re.IGNORECASE)
_BOLD = re.compile(r"\*\*([^*\n]{1,120}+)\*\*")


def closing_answer(text: str, problem: Problem) -> Stated | None:
    """The answer that the end of ``text`` gives without saying so; None: cannot be told."""
    kind = _closing_kind(problem)
    whole = text.strip()
    if kind in ("choice", "number"):
        return _in_last_sentences(text, problem, kind)
    if kind == "expression" and (found := _last_formula(text)) is not None:
        return found
    if kind in ("text", "expression") and whole and len(whole) <= MAX_SHORT and "\n" not in whole:
        start = text.index(whole)
        return Stated(start, start + len(whole), "whole text")
    bold = list(_BOLD.finditer(text, max(0, len(text) - REACH)))
    if kind in ("text", "expression") and bold:
        return Stated(*bold[-1].span(1), "bold")
    return None


def _closing_kind(problem: Problem) -> AnswerKind:
    """The problem's kind; an expression whose reference is a plain number closes as a number."""
    kind, wanted = kind_of(problem), reference(problem)
    plain = kind == "expression" and wanted is not None and read_quantity(wanted, units=False)
    return "number" if plain else kind


def _last_formula(text: str) -> Stated | None:
    """The one formula of the last sentence; of an equation, its right side."""
    for start, end in last_lines(text, 1, REACH):
        span = formula_in(text, start, end)
        if span is not None:
            sign = text.rfind("=", *span)
            low = span[0] if sign < 0 else sign + 1
            return Stated(
                low + len(text[low : span[1]]) - len(text[low : span[1]].lstrip()),
                span[1],
                "last formula",
            )
    return None


def _in_last_sentences(text: str, problem: Problem, kind: str) -> Stated | None:
    sentences = last_lines(text, SENTENCES, REACH)
    if sentences and _REMARK.match(text, *sentences[0]):
        sentences.sort(key=lambda s: _CONCLUSION.match(text, *s) is None)
    for start, end in sentences:
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
