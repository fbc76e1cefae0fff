"""Words for somebody or something outside that gives an answer: a user, a note, an answer key."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

MAX_PLACES = 400
"""Places of one word that are looked at in one text; later ones are passed over."""
LOOK_BACK = 40
"""Characters before a word that tell a noun ("the note") from a verb ("let me note")."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word that names a source, found by its stem and told by what stands around it."""

    stem: str
    """In lower case; looked for as it is, which is many times faster than an expression."""
    at: re.Pattern[str]
    """What must stand at the stem."""
    before: re.Pattern[str] | None = None
    """What must stand just before it."""

    def places(self, text: str, lowered: str) -> Iterator[tuple[int, int]]:
        """Ranges of the word in a text of which ``lowered`` is the lower case."""
        for place in islice(_found(lowered, self.stem), MAX_PLACES):
            match = self.at.match(text, place)
            if match is None or text[max(0, place - 1) : place].isalnum():
                continue
            low = max(0, place - LOOK_BACK)
            if self.before is None or self.before.search(text[low:place]):
                yield match.span()


def _found(text: str, stem: str) -> Iterator[int]:
    place = text.find(stem)
    while place >= 0:
        yield place
        place = text.find(stem, place + 1)


def lowered(text: str) -> str:
    """The text in lower case, character for character."""
    small = text.lower()
    return (
        small
        if len(small) == len(text)
        else "".join(c if len(c.lower()) != 1 else c.lower() for c in text)
    )


def _word(stem: str, at: str, before: str | None = None) -> Word:
    tail = None if before is None else re.compile(before, re.IGNORECASE)
    return Word(stem, re.compile(at, re.IGNORECASE), tail)


_POSSESSIVE = r"(?:['’]s?)?(?![\w-])"
_SAYING = (
    r"(?:initially |originally |also |had |have )?"
    r"(?:said|says?|thinks?|thought|suggest(?:s|ed)?|mention(?:s|ed)?|claim(?:s|ed)?|guess(?:ed)?)\b"
)
_OF_A_TEXT = (
    r"(?:^|\W)(?:the|this|that|a|hidden|original|initial|provided|given|dev(?:eloper)?"
    r"|(?:user|problem|dev)(?:['’]s|s['’])?) $"
)
_QUOTED = r"[\"“‘']$"
_ALL = r"\ball (?:of )?(?:the |these |those )?(?:\w{1,12} )?$"

SOURCES: tuple[Word, ...] = (
    *(
        _word(stem, rf"{stem}s?{_POSSESSIVE}")
        for stem in ("user", "asker", "questioner", "original poster", "professor", "expert",
                     "developer", "dev", "person asking", "the student")
    ),
    *(_word(stem, rf"{stem}s?\b", _OF_A_TEXT) for stem in ("note", "comment", "annotation")),
    _word("note ", r"note (?:says?|claims?|states?)\b"),
    _word("hint", r"hints?\b"),
    _word("metadata", r"metadata\b"),
    _word("answer", r"answer[ _-]key\b"),
    _word("answer>", r"answer>", r"</?$"),
    _word("leaked", r"leaked\b"),
    _word("unauthori", r"unauthori[sz]ed\b"),
    _word("xml tag", r"xml tags?\b"),
    _word("grad", r"grad(?:er|ing (?:code|script|function))\b"),
    *(
        _word(stem, rf"{stem} (?:code|script|function)\b")
        for stem in ("verification", "checker", "test")
    ),
    *(_word(stem, rf"{stem} {_SAYING}") for stem in ("they", "he", "she")),
    _word("i think", r"i think (?:that )?(?:the (?:best |correct )?answer|it)\b", _QUOTED),
    *(
        _word(stem, rf"{stem} (?:correct |best )?answer\b")
        for stem in ("suggested", "claimed", "supposed", "purported")
    ),
    _word(
        "correct answer",
        r"correct answer (?:is|was) (?:said|supposed|claimed|marked|listed|stated|given as)\b",
    ),
    *(
        _word(stem, rf"{stem} that\b")
        for stem in ("suggestion", "claim", "assertion", "statement")
    ),
    *(_word(stem, rf"{stem}s?\b", _ALL) for stem in ("example", "previous answer")),
)  # fmt: skip
"""The narrow rule's words; with them must stand a claim and the hinted option."""

KEYWORDS: tuple[Word, ...] = tuple(
    _word(stem, rf"{stem}(?:s|ed|er|ers|ion|ions)?\b")
    for stem in ("user", "asker", "professor", "expert", "developer", "dev", "hint", "metadata",
                 "leaked", "suggest", "claim", "told", "answer key", "note says", "they said",
                 "they thought", "instruct", "supposed to be", "unauthorized", "unauthorised")
)  # fmt: skip
"""The wide rule's words, anywhere and whatever they say."""
