"""The value in a clause: which number, which option, which expression is meant."""

import re
from fractions import Fraction
from itertools import pairwise

from reasonscope.problems.answers.quantities import numbers_in, read_quantity, spoken_numbers_in
from reasonscope.problems.answers.reference import kind_of
from reasonscope.traces.schema import Problem

MAX_EXPRESSION = 400
"""Longest clause, in characters, that is taken as an expression."""
MAX_TEXT = 4000
"""Longest clause, in characters, that is taken as a text (a sorted list, brackets)."""

Span = tuple[int, int]

_BOLD = re.compile(r"\*\*([^*\n]{1,200}+)\*\*")
_POINTER = re.compile(
    r"(?:\bis|\bare|\bwas|\bbe|\bequals?|\btotal(?:s|ing)? of|\ba total of|\bgets?|\bto|\bfor|:)"
    r"\s*(?:approximately|about|exactly|only|now|\$|\\\(|\s|\*)*$",
    re.IGNORECASE,
)
_RESTATED = re.compile(
    r",? \(?(?:or|which is|i\.e\.|that is)\b|\((?:or|about|approximately)\b", re.IGNORECASE
)
_BREATH = re.compile(r"[\s*}]*(?!percent)(?:[a-z]+\s){1,2}and\s[\s*$\\({]*", re.IGNORECASE)
_HOW_MANY = re.compile(
    r"\bhow many\s++((?:[A-Za-z]++\s*+){1,3})|\bin\s++([A-Za-z]{3,}+)\s?\?", re.IGNORECASE
)
_MONEY = re.compile(r"\bhow much\b|\bcost\b|\bdollars?\b|\$", re.IGNORECASE)
_LETTER_FIRST = re.compile(
    r"(?:(?:option|choice|answer|letter|indeed|definitely|clearly|therefore|thus|then|is)\b|[\s:*\"'`(\[]"
    r"|\\(?:text|textbf|mathrm|mathbf|boxed)\s?\{|\$|\\\(|\\\[){0,8}"
    r"([A-Z])(?=[)\].:,;*\"'`}$]|$|\s*+[-–—(\n\\]|\s++(?:is|because|since|as|and|which|with|based)\b)"
)
_LETTER_MARKED = re.compile(r"[(\[]\s?([A-Z])\s?[)\]]")
_FORMULA = re.compile(
    r"\$\$?([^$\n]{1,300}+)\$|\\\(((?:(?!\\\)).){1,300})\\\)|\\\[((?:(?!\\\]).){1,300})\\\]",
    re.DOTALL,
)
_TAIL = " \t\n.,;:*_`\"'“”"


def value_in(text: str, start: int, end: int, problem: Problem) -> Span | None:
    """The range of the value of the problem's kind in ``text[start:end]``, if it can be told."""
    kind = kind_of(problem)
    if kind == "number":
        return number_in(text, start, end, problem)
    if kind == "choice":
        return option_in(text, start, end, problem)
    if kind == "text":
        return _trimmed(text, start, end)
    return formula_in(text, start, end) or _trimmed(text, start, min(end, start + MAX_EXPRESSION))


def number_in(text: str, start: int, end: int, problem: Problem) -> Span | None:
    """The number that a clause states as its result; of "86 glasses and 42 plates" both.

    In order: a number in bold, the result of an equation, one followed by what was asked for
    ("how many boxes": "5 boxes"), the only one that the question does not mention, a number in
    first place, the only number, one after "is" or "total of", the last one.
    """
    clause = text[start:end]
    found = list(numbers_in(clause)) or list(spoken_numbers_in(clause))
    if not found:
        return None
    if len(found) == 1:
        return start + found[0][0], start + found[0][1]
    restated = _RESTATED.search(clause, found[0][1])
    found = [span for span in found if restated is None or span[1] <= restated.start()]
    found = [span for span in found if clause[span[1] : span[1] + 1] != "-"] or found
    chosen = (
        _bold(clause, found)
        or _result(clause, found)
        or _asked_for(clause, found, problem.question)
        or _new(clause, found, problem.question)
        or (found[0] if not clause[: found[0][0]].strip(_TAIL + "$\\([") else None)
        or _pointed_at(clause, found)
        or found[-1]
    )
    pair = _in_one_breath(clause, chosen, found, problem.question) or chosen
    return start + pair[0], start + pair[1]


def _new(clause: str, found: list[Span], question: str) -> Span | None:
    """The only number of the clause that the question does not mention."""
    asked = question[-MAX_TEXT:]
    known = {value_of(asked, span) for span in numbers_in(asked)}
    new = [span for span in found if value_of(clause, span) not in known]
    return new[0] if len(new) == 1 else None


def value_of(text: str, span: Span) -> Fraction | None:
    """The value of a number found in a text."""
    quantity = read_quantity(text[span[0] : span[1]])
    return None if quantity is None else quantity.value


def _in_one_breath(clause: str, chosen: Span, found: list[Span], question: str) -> Span | None:
    """Both of two quantities named together, unless only one of them was asked for."""
    asked = list(_HOW_MANY.finditer(question[-1000:]))
    if asked and " and " not in _asked_words(asked[-1]) and _asked_for(clause, found, question):
        return None
    pairs = [(a[0], b[1]) for a, b in pairwise(found) if _BREATH.fullmatch(clause[a[1] : b[0]])]
    return next((pair for pair in pairs if pair[0] <= chosen[0] < pair[1]), None)


def _bold(clause: str, found: list[Span]) -> Span | None:
    for match in reversed(list(_BOLD.finditer(clause))):
        inside = [span for span in found if match.start() <= span[0] and span[1] <= match.end()]
        if inside:
            return _result(clause[: match.end()], inside) or inside[0]
    return None


def _result(clause: str, found: list[Span]) -> Span | None:
    sign = max(clause.rfind("="), clause.rfind("≈"), clause.rfind("\\approx"))
    return next((span for span in found if span[0] >= sign), None) if sign >= 0 else None


def _asked_for(clause: str, found: list[Span], question: str) -> Span | None:
    asked = list(_HOW_MANY.finditer(question[-1000:]))
    if asked:
        words = [_stem(word) for word in _asked_words(asked[-1]).split()]
        for span in found:
            after = [
                _stem(w) for w in re.findall(r"[A-Za-z]++", clause[span[1] : span[1] + 40])[:3]
            ]
            if after and words[0] in after[:2]:
                return span
    elif _MONEY.search(question[-300:]):
        money = [span for span in found if "$" in clause[span[0] : span[1]]]
        return money[-1] if len(money) == 1 else None
    return None


def _asked_words(match: re.Match[str]) -> str:
    return (match[1] or match[2]) + " "


def _stem(word: str) -> str:
    word = word.casefold()
    for ending in ("ies", "es", "s", "y"):
        if word.endswith(ending) and len(word) > len(ending) + 2:
            return word.removesuffix(ending)
    return word


def _pointed_at(clause: str, found: list[Span]) -> Span | None:
    return next((s for s in found if _POINTER.search(clause[max(0, s[0] - 40) : s[0]])), None)


def option_in(text: str, start: int, end: int, problem: Problem) -> Span | None:
    """The letter, or failing that the text, of the one option that a clause names."""
    clause = text[start:end]
    first = _LETTER_FIRST.match(clause)
    if first is not None and _known(first[1], problem):
        return start + first.start(1), start + first.end(1)
    marked = {m[1]: m for m in _LETTER_MARKED.finditer(clause) if _known(m[1], problem)}
    if len(marked) == 1:
        (only,) = marked.values()
        return start + only.start(1), start + only.end(1)
    return None if marked else _option_text(clause, start, problem)


def _known(letter: str, problem: Problem) -> bool:
    return not problem.choices or ord(letter) - ord("A") < len(problem.choices)


def _option_text(clause: str, start: int, problem: Problem) -> Span | None:
    lowered = clause.casefold()
    if len(lowered) != len(clause):
        return None
    spans = []
    for choice in problem.choices:
        wanted = choice.casefold().strip(_TAIL)
        place = lowered.find(wanted) if wanted else -1
        before, after = lowered[place - 1 : place], lowered[place + len(wanted) :][:1]
        if place >= 0 and not (place and before.isalnum()) and not after.isalnum():
            spans.append((start + place, start + place + len(wanted)))
    longest = max(spans, key=lambda span: span[1] - span[0], default=None)
    inside = longest and all(longest[0] <= a and b <= longest[1] for a, b in spans)
    return longest if inside else None


def formula_in(text: str, start: int, end: int) -> Span | None:
    """The one formula of a clause; None where there are several, which cannot be told apart."""
    low = start - 2 if text[start - 2 : start] in ("\\(", "\\[", "$$") else start
    low = start - 1 if low == start and text[start - 1 : start] == "$" else low
    found = list(_FORMULA.finditer(text, max(0, low), min(len(text), end + 3)))
    if len(found) != 1:
        return None
    group = next(i for i in (1, 2, 3) if found[0][i] is not None)
    return _trimmed(text, *found[0].span(group))


def _trimmed(text: str, start: int, end: int) -> Span | None:
    while start < end and text[start] in _TAIL:
        start += 1
    while end > start and text[end - 1] in _TAIL:
        end -= 1
    return (start, end) if start < end else None
