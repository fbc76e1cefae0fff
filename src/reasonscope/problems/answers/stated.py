r"""Places where a text states an answer: ``\boxed{540}``, ``#### 540``, "the answer is 540"."""

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from reasonscope.problems.answers.boxes import boxes_in
from reasonscope.problems.answers.reference import kind_of
from reasonscope.problems.answers.sentences import AHEAD, asked, clause_after, sentence_start
from reasonscope.problems.answers.values import MAX_TEXT, value_in
from reasonscope.traces.schema import Problem


@dataclass(frozen=True, slots=True, order=True)
class Stated:
    """A range of a text that states an answer, and how that was seen."""

    start: int
    end: int
    how: str
    """``box``, ``hashes``, ``phrase``, ``option``, or a way of :mod:`.closing`."""


MAX_PLACES = 200
"""Phrases such as "the answer is" that are looked at in one text."""
MAX_WORDS_BETWEEN = 70
"""Characters between such a phrase and its value, for an answer on the way."""

_HASHES = re.compile(r"####\s?([^\n]{1,200}+)")
_PHRASE = re.compile(
    r"\banswer\b(?:\s(?:choice|option|here|then|now))?(?:\s(?:to|for|in)\s[^.?!\n:=]{1,80}?)?"
    r"(?:\s(?:is|are|was|(?:should|would|must|will|has to) be|comes? (?:out )?to|equals|remains|=)"
    r"(?![a-z])"
    r"|\s?\*{0,2}:\*{0,2}|\s?\*\*(?=\s?\n)|(?=\s?\n\s?\n?\s?(?:\\\[|\\boxed|\$)))"
    r"(?:\s?(?:then|thus|simply|just|indeed|still|therefore|definitely|clearly|again|also|option|choice)\b)?:?",
    re.IGNORECASE,
)
_PURPOSE = re.compile(
    r"\b(?:find|get|determine|reach|calculate|compute|obtain|verify|check|confirm|give|need|want|format|"
    r"provide|present|write|express|box|boxed|put)\w*\s(?:\w+\s){0,2}$",
    re.IGNORECASE,
)
_REFUSED = re.compile(
    r"(?:not|n't|correct|right|wrong|the same|likely|probably not|supposed|either|whether|going|"
    r"expected|asking|in|based|between|either|more|less|greater|given)\b",
    re.IGNORECASE,
)
_REPORTED = re.compile(
    r"\b(?:claim\w*|assert\w*|notes?|states|stating|user|professor|hint\w*|suggest\w*)\b",
    re.IGNORECASE,
)
_UNASSERTED = re.compile(
    r"\b(?:if|whether|unless|suppos\w*|assum\w*|imagine|otherwise|user|they|professor|hint\w*|"
    r"suggest\w*|claim\w*|thinks|could|might|maybe|perhaps|sense|would have)\b",
    re.IGNORECASE,
)
_OPTION = re.compile(
    r"\b(?:so|thus|hence|therefore|making|choose|pick|select|with|must be|should be|correct)\b,?\s"
    r"(?:the\s)?(?:(?:correct|best|right|only)\s)?(?:answer|option|choice)?\s?(?:choice\s|option\s)?"
    r"(?:is\s|should be\s|would be\s|must be\s)?:?\s?\**[(]?(?P<a>[A-Z])(?:\)|(?=[\s.,:;*]))"
    r"|(?:\b(?:option|choice|answer)\s)?\(?(?<![A-Za-z'’])(?P<b>[A-Z])\)?\*{0,2}"
    r"\s(?:is|(?:must|should|would|has to) be)\s"
    r"(?:indeed\s|the\s|definitely\s|clearly\s){0,2}(?:only\s)?(?:correct|right|best|true|answer)\b"
    r"|\banswer\s(?:choice\s|option\s)?\(?(?P<c>[A-Z])(?:\)|(?=[.,:;]|\s?\n|\sis\b|$))"
)


def boxed(text: str) -> Iterator[Stated]:
    """Answers in boxes, the first ``MAX_PLACES``."""
    return _answers_in(text, islice(boxes_in(text), MAX_PLACES))


def last_boxed(text: str) -> list[Stated]:
    """Answers in boxes, the last ``MAX_PLACES``."""
    return list(_answers_in(text, deque(boxes_in(text), maxlen=MAX_PLACES)))


def _answers_in(text: str, boxes: Iterable[tuple[int, int]]) -> Iterator[Stated]:
    for start, end in boxes:
        if text[start:end].strip() and not _reported(text, start):
            yield Stated(start, end, "box")


def hashed(text: str) -> Iterator[Stated]:
    """Answers after "####", as in GSM8K (not headings, which follow with words)."""
    for match in _HASHES.finditer(text):
        value = match[1].strip()
        if value[:1] in "-$€£(.\\" or value[:1].isdigit():
            start = match.start(1) + match[1].index(value)
            if not re.match(r"\d+[.)]\s", value):
                yield Stated(start, start + len(value), "hashes")


def phrased(text: str, problem: Problem) -> Iterator[Stated]:
    """Answers after "the answer is" and its kin, on the way.

    A question, a condition or somebody else's opinion is not one; of a great many places only
    the first ``MAX_PLACES`` are looked at.
    """
    for match in islice(_PHRASE.finditer(text), MAX_PLACES):
        stated = _phrase_at(text, match, problem) if _asserted(text, match.start()) else None
        if stated is not None and stated.start - match.end() <= MAX_WORDS_BETWEEN:
            yield stated


def last_phrased(text: str, problem: Problem) -> Stated | None:
    """The last answer after "the answer is", among the last ``MAX_PLACES`` such phrases."""
    for match in reversed(deque(_PHRASE.finditer(text), maxlen=MAX_PLACES)):
        stated = _phrase_at(text, match, problem)
        if stated is not None:
            return stated
    return None


def _phrase_at(text: str, match: re.Match[str], problem: Problem) -> Stated | None:
    """The answer after one phrase, if a value follows it and nothing speaks against it."""
    if _PURPOSE.search(text[max(0, match.start() - 40) : match.start()]):
        return None
    ahead = MAX_TEXT if kind_of(problem) == "text" else AHEAD
    start, end = clause_after(text, match.end(), ahead)
    if start >= end or "boxed" in text[start:end] or _REFUSED.match(text, start):
        return None
    if asked(text, start) or _reported(text, match.start()):
        return None
    span = value_in(text, start, end, problem)
    return None if span is None else Stated(*span, "phrase")


def optioned(text: str, problem: Problem) -> Iterator[Stated]:
    """Options named as the right one: "so (B)", "answer B.", "C is correct"."""
    if kind_of(problem) != "choice":
        return
    for match in islice(_OPTION.finditer(text), MAX_PLACES):
        group = next(name for name in "abc" if match[name] is not None)
        letter = match[group]
        known = not problem.choices or ord(letter) - ord("A") < len(problem.choices)
        article = (
            letter in "AI"
            and group == "a"
            and text[match.end() - 1] != ")"
            and (text[match.end() : match.end() + 1] == " ")
        )
        if (
            known
            and not article
            and not asked(text, match.start())
            and _asserted(text, match.start())
        ):
            yield Stated(*match.span(group), "option")


def _reported(text: str, place: int) -> bool:
    """Whether the sentence reports somebody else's answer: "the note claims that ..."."""
    low = max(0, place - 120)
    low = max(low, text.rfind("\n", low, place))
    return _REPORTED.search(text, low, place) is not None


def _asserted(text: str, place: int) -> bool:
    """Whether the sentence states, rather than supposes or reports, what stands at ``place``."""
    return _UNASSERTED.search(text, sentence_start(text, place), place) is None
