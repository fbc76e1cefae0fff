"""Where a sentence or clause around a place in a text starts and ends, looking a bounded way."""

import itertools
import re

BACK = 300
"""Characters looked at before a place."""
AHEAD = 400
"""Characters looked at after it."""

_END = re.compile(r"[.!?](?=[\s\"'*)\]”]|$)|\n|</|\\\]")
_START = re.compile(r"[.!?:](?=\s)|\n")
_DRESS = re.compile(r"[\s*_\"'`“”:]*+(?:\\\[|\\\(|\$\$)?\s*+")


def sentence_start(text: str, place: int) -> int:
    """Start of the sentence (or part after a colon) that ``place`` lies in."""
    low = max(0, place - BACK)
    start = low
    for match in _START.finditer(text, low, place):
        start = match.end()
    return start


def sentence_end(text: str, place: int, ahead: int = AHEAD) -> int:
    """End of the sentence that ``place`` lies in, its mark excluded, at most ``ahead`` away.

    >>> text = "It is 3.5 m. Good."
    >>> text[: sentence_end(text, 0)]
    'It is 3.5 m'
    """
    high = min(len(text), place + ahead)
    match = _END.search(text, place, high)
    return high if match is None else match.start()


def clause_after(text: str, place: int, ahead: int = AHEAD) -> tuple[int, int]:
    """The clause that begins after ``place``, past stars, quotes and openings of formulas."""
    match = _DRESS.match(text, place, min(len(text), place + 60))
    start = place if match is None else match.end()
    return start, max(start, sentence_end(text, start, ahead))


def asked(text: str, place: int) -> bool:
    """Whether the sentence that ends next after ``place`` is a question."""
    end = sentence_end(text, place)
    return text[end : end + 1] == "?"


def last_lines(text: str, count: int, reach: int) -> list[tuple[int, int]]:
    """Ranges of the last sentences of a text, last first, within its last ``reach`` characters."""
    low = max(0, len(text) - reach)
    borders = [low, *(m.end() for m in _END.finditer(text, low)), len(text)]
    ranges = [
        (start, end)
        for start, end in itertools.pairwise(borders)
        if text[start:end].strip(" \n.!?*\\[]")
    ]
    return ranges[: -count - 1 : -1]
