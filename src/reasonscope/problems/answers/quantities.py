"""Numbers as people write them: $1,234.50, 50%, 7½, 3/4, 540 meters; read exactly.

All arithmetic is on fractions; nothing is evaluated, and the work is linear in the text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

MAX_LENGTH = 300
"""Longest text, in characters, that is read as one number."""
MAX_DIGITS = 60
"""Longest run of digits in a number; longer ones are not read."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """One number as written, with every reading that its marks allow."""

    readings: tuple[Fraction, ...]
    """Values it may stand for, the plainest first: ``50%`` is 50, then 1/2."""
    decimals: int
    """Digits after the decimal point; 0 for whole numbers and fractions."""
    percent: bool = False
    """Written with a percent sign or word."""

    @property
    def value(self) -> Fraction:
        """The plainest reading."""
        return self.readings[0]


_WORDS = {
    word: value
    for value, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
            "twenty",
        ]
    )
} | {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_SCALES = {"k": 10**3, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_VULGAR = {"½": "1/2", "¼": "1/4", "¾": "3/4", "⅓": "1/3", "⅔": "2/3", "⅛": "1/8"}
_CLOCK = re.compile(r"^(\d{1,2}):00(?=\s?[ap]\.?m\b|$)", re.IGNORECASE)
_NOT_UNITS = frozenset({"pi", "sqrt", "log", "ln", "sin", "cos", "tan", "and", "or", "to", "mod"})

_GROUPED = r"\d{1,3}(?:,\d{3})++(?![\d,])"
_DIGITS = rf"\d{{1,{MAX_DIGITS}}}+"
_WRAPPED = re.compile(r"\\(?:text|textbf|mathrm|mathbf|mbox|textit|operatorname)\s?\{([^{}]*+)\}")
_FRAC = re.compile(rf"(\d?)\s?\\[dtc]?frac\s?\{{\s?(-?{_DIGITS})\s?\}}\s?\{{\s?({_DIGITS})\s?\}}")
_SHORT_FRAC = re.compile(r"(\d?)\s?\\[dt]?frac\s?(\d)\s?(\d)")
_BARE = re.compile(r"[$\d.,%/ -]*+")
_STARS = re.compile(r"(?<![\w)])\*\*|\*\*(?![\w(])")
_DEGREES = re.compile(r"\^\s?(?:\\circ|\{\s?\\circ\s?\})|°|\\degree")
_HEDGE = re.compile(
    r"^(?:approximately|approx\.?|about|around|roughly|exactly|only|just|≈|~|\\approx|\\sim)\s*",
    re.IGNORECASE,
)
_ONE = re.compile(
    rf"(?P<sign>[-+]\s?)?(?:(?:US)?[$€£¥₹]\s?|Rs\.?\s?)?(?P<sign2>-)?"
    rf"(?P<whole>{_GROUPED}|{_DIGITS})?(?P<point>\.\d{{1,{MAX_DIGITS}}}+)?"
    rf"(?:(?P<mixed>\s{_DIGITS})?\s?/\s?(?P<below>{_DIGITS}))?"
    r"(?P<exponent>[eE][-+]?\d{1,3})?(?P<rest>.*)",
    re.DOTALL,
)
_UNIT = re.compile(r"[^\W\d_]++(?:['’][^\W\d_]++)?|[\s/.,()\-²³¢]|\^\{?[23]\}?")
_GLUED = frozenset(
    [
        "km",
        "cm",
        "mm",
        "m",
        "kg",
        "mg",
        "g",
        "ml",
        "l",
        "lb",
        "lbs",
        "oz",
        "ft",
        "in",
        "hr",
        "hrs",
        "h",
        "min",
        "mins",
        "am",
        "pm",
        "mph",
        "k",
        "s",
    ]
)


def plain_math(text: str) -> str:
    r"""The text with the LaTeX that only dresses a number taken off.

    >>> plain_math(r"\(\$1{,}234\text{ meters}\)")
    '$1,234 meters'
    """
    if _BARE.fullmatch(text):
        return text.strip().rstrip(".,")
    for old, new in (
        ("{,}", ","), (",\\!", ","), ("\\!", ""), ("\\$", "$"), ("\\%", "%"), ("\\left", ""),
        ("\\right", ""), ("\\(", ""), ("\\)", ""), ("\\[", ""), ("\\]", ""), ("$$", ""),
        ("\\;", " "), ("\\:", " "), ("\\quad", " "), ("~", " "), ("−", "-"), ("–", "-"),
        ("\\ ", " "),
    ):  # fmt: skip
        text = text.replace(old, new)
    for mark, fraction in _VULGAR.items():
        text = text.replace(mark, " " + fraction)
    text = re.sub(r"(?<=\d)\\,(?=\d{3}(?!\d))", ",", text).replace("\\,", " ")
    text = _WRAPPED.sub(r" \1 ", text)
    text = _SHORT_FRAC.sub(r"\1 \2/\3", _FRAC.sub(r"\1 \2/\3", text))
    text = _STARS.sub("", _DEGREES.sub(" degrees", text))
    return " ".join(text.split()).lstrip(" ,;:*_`").rstrip(" .,;:*_`")


@lru_cache(maxsize=8192)
def read_quantity(text: str, *, units: bool = True) -> Quantity | None:
    """The number that the text is, or None if it is not one number.

    Currency, thousands separators, percent, fractions, mixed numbers and words for magnitudes
    are understood; with ``units`` other words may follow the number.

    >>> read_quantity("$1,234.50").value
    Fraction(2469, 2)
    >>> read_quantity("540 meters per week").value
    Fraction(540, 1)
    >>> read_quantity("50%").readings
    (Fraction(50, 1), Fraction(1, 2))
    >>> read_quantity("3 hours and 20 minutes") is None
    True
    """
    if len(text) > MAX_LENGTH:
        return None
    text = plain_math(text)
    if "=" in text:
        text = text.rpartition("=")[2].strip()
    text = _HEDGE.sub("", text)
    if text.startswith("$") and text.endswith("$") and len(text) > 2:
        text = text[1:-1].strip()
    text = text.removesuffix("$").strip()
    text = _CLOCK.sub(r"\1", text)
    word = _WORDS.get(text.casefold())
    if word is not None:
        return Quantity((Fraction(word),), 0)
    match = _ONE.fullmatch(text)
    if match is None or not (match["whole"] or match["point"]):
        return None
    value = _value(match)
    return None if value is None else _with_marks(value, match, units)


def _value(match: re.Match[str]) -> Fraction | None:
    whole, point, below = match["whole"], match["point"], match["below"]
    value = Fraction((whole or "0").replace(",", "") + (point or ""))
    if below is not None:
        if int(below) == 0:
            return None
        mixed = match["mixed"]
        part = Fraction(int(mixed) if mixed else 0, int(below))
        value = value + part if mixed else value / int(below)
    if match["exponent"]:
        value *= Fraction(10) ** int(match["exponent"][1:])
    negative = ((match["sign"] or "").strip() == "-") != bool(match["sign2"])
    return -value if negative else value


def _with_marks(value: Fraction, match: re.Match[str], units: bool) -> Quantity | None:
    rest = match["rest"]
    decimals = len(match["point"] or ".") - 1
    lowered = rest.strip().casefold()
    if lowered in ("%", "percent", "per cent", "percentage points") or (
        units and lowered.startswith(("%", "percent"))
    ):
        return Quantity((value, value / 100), decimals, percent=True)
    first = lowered.partition(" ")[0]
    if first in _SCALES:
        return Quantity((value * _SCALES[first], value), decimals)
    if not rest or lowered in ("degrees", "degree") or (units and _is_unit(rest)):
        return Quantity((value,), decimals)
    return None


def _is_unit(rest: str) -> bool:
    """Whether what follows a number is words, not more mathematics."""
    if any(char.isdigit() for char in re.sub(r"\^\{?[23]\}?", "", rest)):
        return False
    if _UNIT.sub("", rest):
        return False
    words = re.findall(r"[^\W\d_]++", rest.casefold())
    if rest[0].isalpha():
        return words[0] in _GLUED
    return (
        bool(words)
        and not _NOT_UNITS.intersection(words)
        and (len(words[0]) > 1 or words[0] in _GLUED)
    )


_AMOUNT = (
    rf"(?:\\?\$|[€£¥₹])?\s?(?:(?:\d{{1,3}}(?:(?:,|\{{,\}}|\\,|,\\!)\d{{3}})++(?!\d)|{_DIGITS})"
    rf"(?:\.\d{{1,{MAX_DIGITS}}}+)?|\.\d{{1,{MAX_DIGITS}}}+)"
)
_PART = rf"\\[dt]?frac\{{{_DIGITS}\}}\{{{_DIGITS}\}}"
_IN_TEXT = re.compile(
    rf"\s?\d{{1,2}}:\d\d(?:\s?[ap]\.?m\b)?|{_AMOUNT}"
    rf"(?:\s?{_PART}|\s{_DIGITS}/{_DIGITS}(?![\d/])|/{_DIGITS}(?![\d/])|\s?[½¼¾⅓⅔])?"
    r"(?:\s?\\?%|[kK]\b|\s(?:percent|thousand|million|billion|trillion)\b)?"
    rf"|{_PART}|[½¼¾⅓⅔]"
)
_SPOKEN = re.compile(r"\b(?:" + "|".join(_WORDS) + r")\b", re.IGNORECASE)
_ORDINAL = re.compile(r"(?:st|nd|rd|th)\b", re.IGNORECASE)


def numbers_in(text: str) -> Iterator[tuple[int, int]]:
    """Ranges of the numbers in a sentence, with their sign, currency and percent sign.

    List markers ("2. "), ordinals and digits inside words are passed over.

    >>> text = "He paid -$5 for 3rd class on R2"
    >>> [text[a:b] for a, b in numbers_in(text)]
    ['-$5']
    """
    for match in _IN_TEXT.finditer(text):
        start, end = match.span()
        start += len(match.group()) - len(match.group().lstrip())
        before, after = text[start - 1 : start], text[end : end + 2]
        if (before.isalnum() or before in ("_", ".", "\\")) and text[start].isdigit():
            continue
        if after[:1].isalpha() and (_ORDINAL.match(text, end) or not _unit_glued(text, end)):
            continue
        if _is_marker(text, start, end):
            continue
        yield _signed(text, start), end


def spoken_numbers_in(text: str) -> Iterator[tuple[int, int]]:
    """Ranges of the numbers written as one word, such as "twelve"."""
    for match in _SPOKEN.finditer(text):
        yield match.span()


def _unit_glued(text: str, end: int) -> bool:
    word = re.compile(r"[A-Za-z]{1,6}+").match(text, end)
    return word is not None and word.group().casefold() in _GLUED


def _is_marker(text: str, start: int, end: int) -> bool:
    """Whether the number only numbers a line: "2. Use x", "3) ..." or "### 4. ..."."""
    line_start = text.rfind("\n", max(0, start - 40), start) + 1
    if not line_start and start > 40:
        return False
    if text[line_start:start].strip(" \t#*->("):
        return False
    return re.compile(r"\**[.):]\**(?:\s|$)").match(text, end) is not None and bool(
        text[end : end + 200].partition("\n")[0].strip(" .):*")
    )


def _signed(text: str, start: int) -> int:
    """Where the number starts if a minus sign belongs to it."""
    if text[start - 1 : start] not in ("-", "−") or start == 0:
        return start
    before = text[: start - 1][-2:]
    glued = before[-1:].isalnum() or before[-1:] in (")", "}", "]", "-", "$", "%")
    spaced = before[-1:] == " " and (before[:1].isdigit() or before[:1] in (")", "}"))
    return start if glued or spaced else start - 1
