"""An answer against the reference: exact where it can be, open where it cannot."""

import re
from dataclasses import dataclass
from fractions import Fraction

from reasonscope.problems.answers.bounded import expressions_equal
from reasonscope.problems.answers.boxes import boxes_in
from reasonscope.problems.answers.quantities import Quantity, plain_math, read_quantity
from reasonscope.problems.answers.reference import kind_of, reference
from reasonscope.traces.schema import Problem

MAX_ANSWER = 20_000
"""Longest answer, in characters, that is compared at all."""
ROUNDED_DECIMALS = 2
"""A decimal reference with at least this many digits after the point is taken as rounded."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What comparing an answer with the reference says."""

    correct: bool | None
    """True: right; False: wrong; None: could not tell."""
    reason: str
    """One phrase a person can check."""


def compare(given: str, problem: Problem) -> Comparison:
    r"""Whether ``given`` is a right answer to the problem.

    Numbers are compared exactly as fractions; options by letter or text; expressions by text,
    by value and then by math-verify within bounds; texts by normalised equality, whose failure
    proves nothing. Problems with many right answers are put to their family's own check.

    >>> compare("17", Problem.make("?", answer="7", answer_kind="number")).correct
    False
    >>> compare("$1,234.50", Problem.make("?", answer="1234.5", answer_kind="number")).correct
    True
    """
    if len(given) > MAX_ANSWER:
        return Comparison(None, f"the answer is longer than {MAX_ANSWER} characters")
    own = _own_check(given, problem)
    if own is not None:
        return own
    wanted = reference(problem)
    if wanted is None:
        return Comparison(None, "no reference answer")
    return compare_texts(given, wanted, problem)


def compare_texts(given: str, wanted: str, problem: Problem) -> Comparison:
    """Compare by the problem's kind of answer alone, without its family's check."""
    kind = kind_of(problem)
    boxes = list(dict.fromkeys(given[a:b].strip() for a, b in boxes_in(given)))
    if len(boxes) > 1 and kind != "expression":
        return Comparison(None, f"states {len(boxes)} answers")
    given = ", ".join(boxes) or given
    if kind == "number":
        return compare_numbers(given, wanted)
    if kind == "choice":
        return compare_options(given, wanted, problem.choices)
    if kind == "text":
        return compare_words(given, wanted)
    return compare_expressions(given, wanted)


def _own_check(given: str, problem: Problem) -> Comparison | None:
    from reasonscope.problems.checks import own_check

    return own_check(given, problem)


def compare_numbers(given: str, wanted: str) -> Comparison:
    """Two numbers as fractions; what is not one number goes to math-verify.

    A percent sign or a word for a magnitude may be read or passed over (50% is 50 and 1/2),
    but not on both sides at once. A decimal reference with two or more digits after the point
    is taken as rounded: an answer that rounds to it is right.

    >>> compare_numbers("10/3", "3.33").reason
    'rounds to 3.33'
    >>> compare_numbers("17.4", "17").correct
    False
    """
    right, found = read_quantity(wanted), read_quantity(given)
    if right is None or found is None:
        return _by_math_verify(given, wanted, "number")
    if right.percent == found.percent and right.value == found.value:
        return Comparison(True, f"equals {wanted}")
    marked_alike = right.percent == found.percent and len(right.readings) == len(found.readings)
    if not marked_alike and set(right.readings) & set(found.readings):
        return Comparison(True, f"equals {wanted} as the percent sign or magnitude is read")
    if _rounds_to(found, right):
        return Comparison(True, f"rounds to {wanted}")
    return Comparison(False, f"is not {wanted}")


def _rounds_to(found: Quantity, right: Quantity) -> bool:
    """Half up or half to even; only for a reference that looks rounded and is given more fully."""
    if right.decimals < ROUNDED_DECIMALS or 0 < found.decimals <= right.decimals:
        return False
    if found.value.denominator == 1:
        return False
    return abs(found.value - right.value) <= Fraction(1, 2 * 10**right.decimals)


_OPTION = re.compile(
    r"(?:(?:option|choice|answer)\s)?[(\[]?\s?([A-Za-z])\s?(?:[)\].:]|$)\s?[-–—:]?\s?(.*)",
    re.IGNORECASE | re.DOTALL,
)
_WRAP = re.compile(r"\\(?:text|textbf|mathrm|mathbf|mbox)\s?\{([^{}]*+)\}")


def compare_options(given: str, wanted: str, choices: tuple[str, ...]) -> Comparison:
    """Options by letter or text; a letter whose text is another option's cannot be told."""
    right, found = option_index(wanted, choices), option_index(given, choices)
    if right is None:
        return Comparison(None, f"the reference {wanted[:80]!r} is not one of the options")
    if found is None:
        return Comparison(None, "names no one option")
    same = right == found
    return Comparison(
        same, f"option {_letter(found)}" + ("" if same else f", not {_letter(right)}")
    )


def _letter(index: int) -> str:
    return chr(ord("A") + index) if index < 26 else str(index + 1)


def option_index(text: str, choices: tuple[str, ...]) -> int | None:
    """Position of the option that ``text`` names by letter or text; None: no one option.

    A letter alone is a label: "A" is the first option even where another's text is "A".

    >>> option_index("(B) 17", ("7", "17")), option_index("7", ("17", "7"))
    (1, 1)
    """
    text = _WRAP.sub(r"\1", text).strip(" \t\n.*$\\\"'`")
    by_text = _same_option(text, choices)
    match = _OPTION.fullmatch(text)
    if match is None:
        return by_text
    index = ord(match[1].upper()) - ord("A")
    if choices and index >= len(choices):
        return by_text
    rest = _same_option(match[2], choices) if match[2].strip() else index
    if by_text is not None and by_text != index:
        return None
    return index if rest in (index, None) else None


def _same_option(text: str, choices: tuple[str, ...]) -> int | None:
    wanted = words_of(text)
    if len(wanted) == 1 and wanted.isalpha():
        return None
    same = [i for i, choice in enumerate(choices) if words_of(choice) == wanted]
    if not same:
        number = read_quantity(text, units=False)
        values = [read_quantity(choice, units=False) for choice in choices]
        same = [i for i, v in enumerate(values) if number and v and v.readings == number.readings]
    return same[0] if len(same) == 1 else None


_BRACKETS = re.compile(r"[\[\](){}<>\s]+")
_CLOSED = ({"yes", "no"}, {"true", "false", "unknown", "uncertain"}, {"valid", "invalid"})


def words_of(text: str) -> str:
    """The text without case, articles, punctuation at the rim and repeated spaces."""
    text = _WRAP.sub(r"\1", text).casefold().strip(" \t\n.,;:!*_`\"'“”$")
    words = text.split()
    return " ".join(word for word in words if len(words) == 1 or word not in ("a", "an", "the"))


def compare_words(given: str, wanted: str) -> Comparison:
    """Texts: equal when normalised; different only where that is certain.

    Certain are brackets, a pair such as yes and no, and the same words in another order.

    >>> compare_words("The owl.", "owl").correct, compare_words("a barn owl", "owl").correct
    (True, None)
    """
    if _BRACKETS.fullmatch(wanted):
        brackets = "".join(given.strip("\"'` .").split()), "".join(wanted.split())
        if not _BRACKETS.fullmatch(brackets[0] or " "):
            return Comparison(None, "is not a sequence of brackets")
        return Comparison(brackets[0] == brackets[1], f"the brackets should be {wanted}")
    found, right = words_of(given), words_of(wanted)
    if found == right:
        return Comparison(True, "equals the reference")
    if any(found in pair and right in pair for pair in _CLOSED):
        return Comparison(False, f"is not {wanted}")
    if len(right.split()) > 1 and sorted(_list_of(found)) == sorted(_list_of(right)):
        same = _list_of(found) == _list_of(right)
        return Comparison(same, "the same words" + ("" if same else " in another order"))
    numbers = read_quantity(given, units=False), read_quantity(wanted, units=False)
    if numbers[0] and numbers[1]:
        return compare_numbers(given, wanted)
    return Comparison(None, "differs from the reference in words; the meaning is not judged")


def _list_of(words: str) -> list[str]:
    return words.replace(",", " ").replace(";", " ").split()


def compare_expressions(given: str, wanted: str) -> Comparison:
    """Expressions: the same text, the same number, or equal by math-verify."""
    if _bare(given) == _bare(wanted):
        return Comparison(True, "equals the reference")
    if words_of(given) == words_of(wanted):
        return Comparison(True, "equals the reference")
    if read_quantity(given, units=False) and read_quantity(wanted, units=False):
        return compare_numbers(given, wanted)
    return _by_math_verify(given, wanted, "expression")


def _bare(text: str) -> str:
    return (
        re.sub(r"\s+|\\text\{\s*\}", "", plain_math(text)).replace("dfrac", "frac").replace("$", "")
    )


_PROSE = re.compile(r"(?<![\\A-Za-z])(?!(?:sqrt|frac|sin|cos|tan|log|pi)\b)[A-Za-z]{3,}")
_MATHEMATICAL = re.compile(r"[\d\\^]|^\s*[A-Za-z]\s*$")


def _by_math_verify(given: str, wanted: str, kind: str) -> Comparison:
    if not _MATHEMATICAL.search(given):
        return Comparison(None, f"is not {'a number' if kind == 'number' else 'an expression'}")
    if kind == "number" and _PROSE.search(re.sub(r"\\[A-Za-z]+", " ", given)):
        return Comparison(None, "is not one number")
    correct, reason = expressions_equal(_formula(wanted), _formula(given))
    return Comparison(correct, reason)


def _formula(text: str) -> str:
    text = text.strip(" \t\n.$")
    for mark in ("\\(", "\\)", "\\[", "\\]", "**"):
        text = text.replace(mark, "")
    return text.strip()
