"""What steps claim of values, and whether a later claim on the same thing differs.

A claim is a subject with a value: ``3 x 4 = 12`` or "the total cost is 48". Two claims are about
the same thing where their subjects share most of their words; they agree where their values do.
Nothing is computed here: whether a claim is right is the verifiers' business.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from reasonscope.structure.backtracking.content import tokens

TEXT = 600
"""A step's claims are read up to here."""
MOST = 40
"""Most claims on each side that are compared."""
_SAME = 0.6
"""Share of words that two subjects must have in common."""

SUBJECT = 90
"""Characters before a value's verb in which its subject is looked for."""

_VALUE = re.compile(
    r"(?:=|≈|\b(?:is|are|was|be|equals?|gives?|makes?|totals?|comes to|becomes?|get|have)\b"
    r"(?:\s(?:actually|indeed|equal to|about|approximately|just|only|then))?)"
    r"\s{0,3}(?:\\\(|\\?\$)?\s?(-?\d[\d,]{0,14}(?:\.\d{1,8})?|[A-H]\b)"
    r"(?!\s{0,2}[-+*/×÷^x\d(]|\.\d|,\d|\s(?:times|divided|multiplied|minus|plus)\b)"
)
_BREAK = re.compile(r"[.?!\n;,:=≈](?!\d)")
_INSTEAD = re.compile(
    r"(?P<new>-?\d[\d,]{0,14}(?:\.\d{1,8})?)[^.?!\n\d]{0,24}[,;]\s(?:and\s)?not\s"
    r"(?:the\s)?\$?(?P<old>-?\d[\d,]{0,14}(?:\.\d{1,8})?)"
)


_SIGNS = (
    ("+", re.compile(r"\+|\bplus\b|\badd(?:ed|ing)?\b")),
    ("-", re.compile(r"[\d)\s][-−–]\s?[\d(]|\bminus\b|\bsubtract")),
    ("*", re.compile(r"[*×·]|\\times|\\cdot|\d\s?x\s?\d|\btimes\b|\bmultipl")),
    ("/", re.compile(r"[/÷]|\\d?frac|\\div|\bdivide|\bover\b")),
    ("^", re.compile(r"\^|²|³|\bsquared\b|\bfactorial\b|\d!|sqrt|√")),
)


@dataclass(frozen=True, slots=True)
class Claim:
    """That something has a value."""

    subject: frozenset[str]
    """Words, values and signs that say of what."""
    value: str

    computed: bool
    """Whether the subject is a computation: another one must be the same exactly."""


@lru_cache(maxsize=4_096)
def claims(text: str) -> tuple[Claim, ...]:
    """The claims of a text, in order.

    >>> [(sorted(c.subject), c.value) for c in claims("So 3 * 4 = 12. The total cost is $1,048.")]
    [(['*', '3', '4'], '12'), (['cost', 'total'], '1048')]
    """
    found = []
    for match in _VALUE.finditer(text, 0, TEXT):
        said = text[max(0, match.start() - SUBJECT) : match.start()]
        said = _BREAK.split(said)[-1]
        subject = tokens(said)
        if subject:
            signs = {sign for sign, form in _SIGNS if form.search(said)}
            value = match[1].replace(",", "")
            found.append(Claim(_numbers(subject) | signs if signs else subject, value, bool(signs)))
    return tuple(found)


def _numbers(subject: frozenset[str]) -> frozenset[str]:
    """Values and single letters: what a computation is of."""
    return frozenset(token for token in subject if token[0].isdigit() or len(token) == 1)


def differs(before: Iterable[Claim], after: Sequence[Claim]) -> bool | None:
    """Whether later claims give another value to what was claimed; None: nothing to compare.

    The last earlier claim on a subject counts, and the last later one.

    >>> first, then = claims("3 * 4 = 11"), claims("3 * 4 = 12")
    >>> differs(first, then), differs(first, first), differs(first, claims("5 + 1 = 6"))
    (True, False, None)
    """
    found: bool | None = None
    held = list(before)[-MOST:]
    for claim in after[:MOST]:
        same = [old for old in held if _same(old, claim)]
        if same:
            found = bool(found) or all(old.value != claim.value for old in same)
    return found


def _same(one: Claim, other: Claim) -> bool:
    if one.computed or other.computed:
        return one.subject == other.subject and len(one.subject) > 1
    both = len(one.subject & other.subject)
    return both >= _SAME * (len(one.subject) + len(other.subject) - both)


def replaced(text: str) -> tuple[str, str] | None:
    """The old value and the new, where a text says "it's 16, not 14".

    >>> replaced("Wait, that's 16, not 14.")
    ('14', '16')
    """
    match = _INSTEAD.search(text, 0, TEXT)
    if match is None or match["new"] == match["old"]:
        return None
    return match["old"].replace(",", ""), match["new"].replace(",", "")
