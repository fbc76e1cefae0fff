"""Sentences of a trace, and which of them assert something.

What is supposed, asked, or offered as a possibility is not a claim; nor is what stands under a
supposition until its paragraph ends.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reasonscope.traces.schema import Case, Step

MAX_TEXT = 300_000
"""Characters of a trace that are read; what follows them is left alone."""
MAX_SENTENCES = 6_000
"""Sentences of a trace that are read."""

_BOUNDARY = re.compile(r"[.!?]+(?=\s)|\n+")
_EXPLORES = re.compile(
    r"\b(?:wait|hmm|maybe|perhaps|let me|let's|okay|suppose|alternatively)\b|\?", re.IGNORECASE
)
_SUPPOSES = re.compile(
    r"\b(?:if|suppose|supposing|assume|assuming|options?|case|scenario|possib\w*|example|try|"
    r"trying|maybe|perhaps|could|might|would|say|imagine|alternatively|either|or|unless|whether|"
    r"original\w*|who|which|what|determine|"
    r"wrong|incorrect|mistake|contradict\w*|impossible|doesn't|instead)\b|\?",
    re.IGNORECASE,
)

_BEGINS_WITH_IF = re.compile(r"^\W{0,5}(?:if|assum\w*|in case|case)\b", re.IGNORECASE)
_NOTHING = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence with its place in the reasoning."""

    step: int
    start: int
    text: str
    supposed: bool = False
    """It stands under a supposition, so that it claims nothing."""


def sentences_of(step: Step) -> list[Piece]:
    """The sentences of a step, with where they start in the reasoning.

    >>> step = Step(trace_id="t", index=0, char_start=5, char_end=15, text="A is. B is")
    >>> [(piece.start, piece.text) for piece in sentences_of(step)]
    [(5, 'A is.'), (11, 'B is')]
    """
    pieces, start = [], 0
    ends = [*(match.end() for match in _BOUNDARY.finditer(step.text)), len(step.text)]
    for end in ends:
        text = step.text[start:end]
        lead = len(text) - len(text.lstrip())
        if text.strip():
            pieces.append(Piece(step.index, step.char_start + start + lead, text.strip()))
        start = end
    return pieces


def argues(case: Case) -> bool:
    """Whether the trace only asserts: no "wait", no "maybe", no "suppose", no question.

    Such a trace is held to what it has shown; one that explores is not.
    """
    return _EXPLORES.search(case.trace.reasoning[:MAX_TEXT]) is None


def read_pieces(case: Case, *, rules: bool = False) -> Iterator[list[Piece]]:
    """The sentences of each step; those under a supposition are marked.

    A supposition reaches to the end of its paragraph, and past a colon into the next one. In a
    trace that only argues, a sentence that begins with "if" opens one, to the end of its step, but
    not where ``rules`` are quoted ("If something is cold then it is kind").
    """
    mild = argues(case)
    opens = _SUPPOSES if not mild else _NOTHING if rules else _BEGINS_WITH_IF
    supposed, count = False, 0
    for step in case.steps:
        if step.char_end > MAX_TEXT or count > MAX_SENTENCES:
            return
        found = []
        for piece in sentences_of(step):
            supposed = supposed or opens.search(piece.text) is not None
            found.append(Piece(piece.step, piece.start, piece.text, supposed))
        count += len(found)
        announces = step.text.rstrip().endswith(":")
        supposed = supposed and (announces or not (mild or "\n\n" in step.text))
        yield found
