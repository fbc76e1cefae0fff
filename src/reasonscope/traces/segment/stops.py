"""Does the stop that was found end a sentence?"""

import re


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_CLOSERS = "\"'”’)]}*_»」』】"
_WORD = re.compile(r"[^\s(\[{\"'“‘*_,;:=]{0,40}\Z")
_MARKER = re.compile(
    r"\n[ \t>#*_-]{0,12}"
    r"(?:(?:Step|Case|Part|Example|Method|Option|Approach|Scenario|Rule|Clue|Premise|Statement)\s)?"
    r"(?:\d{1,3}|[A-Za-z]|[ivxIVX]{1,4})\Z"
)
_ALWAYS = _words("mr mrs ms dr prof vs cf approx resp eqn eqs figs e.g i.e eg ie viz ca incl")
_BEFORE_NUMBER = _words("no nos fig eq sec ch vol p pp ex thm lem def prop art ref")
_UNLESS_CAPITAL = _words("etc al inc ltd co corp jr sr est a.m p.m dept st ph.d")
_DOTTED = re.compile(r"(?:[A-Za-z]\.){1,4}[A-Za-z]\Z")
_STARTERS = _words(
    "The So Then Wait Let But And Now If Since Therefore Thus Hence That This It We I You "
    "Alternatively Hmm Okay Ok Also For In To However Because Yes No Next First Second Each There "
    "They He She Not Or What Which Where How Is Are Does Actually Maybe Finally These Those As "
    "On At By From With When While After Before All Given Using Similarly Moreover"
)
_LABELS = _words(
    "Option Choice Point Case Answer Triangle Step Set Player Person Machine Box Statement Part "
    "Team House Group Line Event Angle Side Node City Town Vitamin Plan Type Class Choose"
)
_NEXT_WORD = re.compile(r"[A-Za-z']{1,30}+")
_OPERATORS = "=+-−*/×·÷<>≤≥^&|),;"


def ends_sentence(text: str, stop: str, start: int, after: int, line_break: bool) -> bool:
    """Whether a stop ends its sentence.

    Args:
        text: The whole text.
        stop: The stop with the quotes and brackets that close after it.
        start: Where it stands.
        after: Where the next thing that is not white space stands.
        line_break: White space after the stop holds a line break, or the text ends.

    >>> ends_sentence("See Fig. 3 now", ".", 7, 9, False)
    False
    """
    mark = stop.rstrip(_CLOSERS)
    following = text[after : after + 1]
    if mark == ".":
        return _full_stop(text, stop, start, after, line_break)
    if line_break:
        return True
    if "..." in mark or "…" in mark or mark == "..":
        return following.isupper()
    if len(stop) > len(mark) and following.islower():
        return False
    if mark == "!" and text[start - 1 : start].isalnum() and following in _OPERATORS:
        return False
    return not (mark == "!" and text[start - 1 : start].isdigit() and following.islower())


def _full_stop(text: str, stop: str, start: int, after: int, line_break: bool) -> bool:
    following = text[after : after + 1]
    if stop != "." and following.islower() and not line_break:
        return False
    if _is_marker(text, start):
        return False
    if line_break:
        return True
    word = _last_word(text, start)
    lowered = word.lower().lstrip("*_([")
    if lowered in _ALWAYS:
        return False
    if lowered in _BEFORE_NUMBER and (following.isdigit() or following in "(#$\\"):
        return False
    if (lowered in _UNLESS_CAPITAL or _DOTTED.fullmatch(word)) and not following.isupper():
        return False
    if _DOTTED.fullmatch(word) and lowered not in _UNLESS_CAPITAL:
        return _next_word(text, after) in _STARTERS
    return not _is_initial(text, word, start, after)


def _is_marker(text: str, start: int) -> bool:
    """A list marker such as ``2.`` or ``Step 2.`` at the start of a line."""
    before = text[start - 40 : start] if start > 40 else "\n" + text[:start]
    return _MARKER.search(before) is not None


def _last_word(text: str, start: int) -> str:
    match = _WORD.search(text[max(0, start - 40) : start])
    return match.group() if match else ""


def _next_word(text: str, after: int) -> str:
    match = _NEXT_WORD.match(text, after)
    return match.group() if match else ""


def _is_initial(text: str, word: str, start: int, after: int) -> bool:
    """``J.`` in ``John J. Smith``, but not ``A.`` in ``the answer is A. So``."""
    if len(word) != 1 or not word.isupper():
        return False
    following = _next_word(text, after)
    if not following[:1].isupper() or following in _STARTERS:
        return False
    before = text[max(0, start - 31) : start - 1].split()
    previous = before[-1] if before else ""
    named = previous[:1].isupper() and previous not in _LABELS and previous not in _STARTERS
    return not previous or previous[-1] in ".?!" or named
