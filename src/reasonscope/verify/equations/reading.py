"""A trace's tokens, where equations can be: lines without one are not looked at twice."""

import re
from collections.abc import Sequence

from reasonscope.traces.schema import Step
from reasonscope.verify.arithmetic.tokens import Token, scan

_DIGIT = re.compile(r"[\d½¼¾⅓⅔]")
_SIGN = re.compile(r"[=≈≠≤≥<>~]|\\(?:approx|neq?|l[te]q?|g[te]q?|sim|equiv)(?![a-z])")
_WORDS = re.compile(
    r"\b(?:is|isn't|equals?|gives|makes|yields|totals|doesn't|does not)\b", re.IGNORECASE
)
_CALCULATION = re.compile(
    r"[-+*×·/÷%^−]|\b(?:plus|minus|times|multiplied|divided|percent|squared)\b|\\[a-z]"
)
_CONTINUES = re.compile(r"[\s&\\\[\]$()]{0,40}(?:=(?![=>])|≈|\\approx)")
_DELIMITER = re.compile(r"\s*(?:\\\[|\\\]|\$\$|\\(?:begin|end)\{[A-Za-z]{1,12}\*?\})\s*$")
_ASSIGNED = re.compile(r"(?:^|[\n.;:,(]\s?|\b(?:[Ll]et|so|then|and)\s)([A-Za-z]{2,20})\s?$")
_NUMBER = re.compile(r"\s?[-$\d(\\]")
_LOOKBACK = 30
_ENDS = frozenset(("num", "close", "word"))
_BEGINS = frozenset(("num", "open", "op", "word"))


def tokens_of(text: str, steps: Sequence[Step] = ()) -> list[Token]:
    """The tokens of all lines that may hold an equation, or the left side of one below.

    Lines left out become a ``gap``, over which no equation reaches.
    """
    found: list[Token] = []
    gap = False
    for start, end in _lines(text, steps):
        if _telling(text, start, end) or _DELIMITER.match(text, start, end):
            if gap:
                found.append(Token("gap", "", start, start))
            found.extend(scan(text, start, end))
            found.append(Token("newline", "\n", end, end))
            gap = False
        else:
            gap = gap or not text[start:end].isspace()
    return _undecorated(found)


def _undecorated(tokens: list[Token]) -> list[Token]:
    """Without the stars of Markdown: ``**3 + 4 = 7**``; a power stands between operands."""
    kept: list[Token] = []
    for i, token in enumerate(tokens):
        if token.text == "^" and token.end - token.start == 2:
            before = tokens[i - 1] if i else token
            after = tokens[i + 1] if i + 1 < len(tokens) else token
            even = (before.end == token.start) == (token.end == after.start)
            if not (even and before.kind in _ENDS and after.kind in _BEGINS):
                continue
        kept.append(token)
    return kept


def _lines(text: str, steps: Sequence[Step]) -> list[tuple[int, int]]:
    """Ranges of lines; a step that ends inside a line ends it, unless white space is there."""
    ends = {m.end() for m in re.finditer(r"\n", text)} | {len(text)}
    for step in steps:
        at = step.char_end
        if at < len(text) and not (text[at - 1].isspace() or text[at].isspace()):
            ends.add(at)
    ordered = sorted(ends)
    return list(zip([0, *ordered], ordered, strict=False))


def _telling(text: str, start: int, end: int) -> bool:
    if not _DIGIT.search(text, start, end):
        return False
    if _SIGN.search(text, start, end):
        return True
    if _WORDS.search(text, start, end) and _CALCULATION.search(text, start, end):
        return True
    return bool(_CONTINUES.match(text, end))


def assigned_words(text: str) -> frozenset[str]:
    """Words of several letters that are set to a number somewhere, such as ``cost = 12``."""
    found: set[str] = set()
    at = text.find("=")
    while at >= 0:
        start = max(0, at - _LOOKBACK)
        if _NUMBER.match(text, at + 1) and (word := _ASSIGNED.search(text[start:at])):
            found.add(word.group(1))
        at = text.find("=", at + 1)
    return frozenset(found)
