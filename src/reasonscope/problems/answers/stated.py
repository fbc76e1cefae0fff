r"""Places where a text states an answer: ``\boxed{540}``, ``#### 540``, "the answer is 540"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reasonscope.problems.answers.boxes import boxes_in
from reasonscope.problems.answers.reference import kind_of
from reasonscope.problems.answers.sentences import asked, clause_after, sentence_start
from reasonscope.problems.answers.values import value_in
from reasonscope.traces.schema import Problem


@dataclass(frozen=True, slots=True, order=True)
class Stated:
    """A range of a text that states an answer, and how that was seen."""

    start: int
    end: int
    how: str
    """``box``, ``hashes``, ``phrase``, ``option``, or a way of :mod:`.closing`."""


_HASHES = re.compile(r"####\s?([^\n]{1,200}+)")
_PHRASE = re.compile(
    r"\banswer\b(?:\s(?:choice|option|here|then|now))?(?:\s(?:to|for|in)\s[^.?!\n:=]{1,80}?)?"
    r"(?:\s(?:is|are|was|should be|would be|must be|will be|has to be|comes? (?:out )?to|equals|remains|=)(?![a-z])"
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
_UNASSERTED = re.compile(
    r"\b(?:if|whether|unless|suppos\w*|assum\w*|imagine|otherwise|user|they|professor|hint\w*|"
    r"suggest\w*|claim\w*|thinks|could|might|maybe|perhaps|would have)\b",
    re.IGNORECASE,
)
_OPTION = re.compile(
    r"\b(?:so|thus|hence|therefore|making|choose|pick|select|with|must be|should be|correct)\b,?\s"
    r"(?:the\s)?(?:(?:correct|best|right|only)\s)?(?:answer|option|choice)?\s?(?:choice\s|option\s)?"
    r"(?:is\s|should be\s|would be\s|must be\s)?:?\s?\**[(]?(?P<a>[A-Z])(?:\)|(?=[\s.,:;*]))"
    r"|(?:\b(?:option|choice|answer)\s)?\(?(?<![A-Za-z'’])(?P<b>[A-Z])\)?\*{0,2}\s(?:is|must be|should be|would be|has to be)\s"
    r"(?:indeed\s|the\s|definitely\s|clearly\s){0,2}(?:only\s)?(?:correct|right|best|true|answer)\b"
    r"|\banswer\s(?:choice\s|option\s)?\(?(?P<c>[A-Z])(?:\)|(?=[.,:;]|\s?\n|\sis\b|$))"
)


def boxed(text: str) -> Iterator[Stated]:
    """Answers in boxes."""
    for start, end in boxes_in(text):
        if text[start:end].strip():
            yield Stated(start, end, "box")


def hashed(text: str) -> Iterator[Stated]:
    """Answers after "####", as in GSM8K (not headings, which follow with words)."""
    for match in _HASHES.finditer(text):
        value = match[1].strip()
        if value[:1] in "-$€£(.\\" or value[:1].isdigit():
            start = match.start(1) + match[1].index(value)
            if not re.match(r"\d+[.)]\s", value):
                yield Stated(start, start + len(value), "hashes")


def phrased(text: str, problem: Problem, *, strict: bool) -> Iterator[Stated]:
    """Answers after "the answer is" and its kin.

    With ``strict`` (on the way) a question, a condition or somebody else's opinion is not one.
    """
    for match in _PHRASE.finditer(text):
        if _PURPOSE.search(text[max(0, match.start() - 40) : match.start()]):
            continue
        start, end = clause_after(text, match.end())
        if start >= end or _REFUSED.match(text, start) or asked(text, start):
            continue
        if strict and not _asserted(text, match.start()):
            continue
        span = value_in(text, start, end, problem)
        if span is not None and not (strict and span[0] - start > 60):
            yield Stated(*span, "phrase")


def optioned(text: str, problem: Problem) -> Iterator[Stated]:
    """Options named as the right one: "so (B)", "answer B.", "C is correct"."""
    if kind_of(problem) != "choice":
        return
    for match in _OPTION.finditer(text):
        group = next(name for name in "abc" if match[name] is not None)
        letter = match[group]
        known = not problem.choices or ord(letter) - ord("A") < len(problem.choices)
        article = letter in "AI" and group == "a" and text[match.end() - 1] != ")" and (
            text[match.end() : match.end() + 1] == " "
        )
        if known and not article and not asked(text, match.start()) and _asserted(text, match.start()):
            yield Stated(*match.span(group), "option")


def _asserted(text: str, place: int) -> bool:
    """Whether the sentence states, rather than supposes or reports, what stands at ``place``."""
    return _UNASSERTED.search(text, sentence_start(text, place), place) is None
