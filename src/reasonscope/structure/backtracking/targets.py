"""To which earlier step a trace returns, and how that is known."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from reasonscope.structure.backtracking.content import NEAR, Index, alike, tokens
from reasonscope.structure.backtracking.events import Event, Reading, ReturnKind
from reasonscope.traces.schema import Case

TargetEvidence = Literal["verdict", "named", "content", "question", "previous", "none"]
"""A false claim that is taken back there; a step that is named; shared words and values; the
question's own text; the step right before; or nothing."""

LEAST_SCORE = 0.35
"""Least cosine of a step that is returned to."""
LEAST_WITH_RARE = 0.22
"""The same where a shared token is rare in the trace."""
LEAST_TOKENS = 4
"""With fewer words and values in the head, the next steps are read too."""

_NAMED = re.compile(r"\bstep\s(\d{1,3})\b", re.IGNORECASE)
_QUESTION = re.compile(
    r"\b(?:problem|question|statement|wording|prompt|puzzle|original\s(?:text|sentence))\b",
    re.IGNORECASE,
)
_POINTS = re.compile(
    r"^\W{0,4}(?:[a-z]+\W{1,4}){0,4}?(?:that|this|it|is\sthat|is\sthis|is\sit|does\sthat|does\sthis)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Target:
    """The step that is returned to."""

    step: int | None
    """Place among the steps; None: it cannot be told."""
    evidence: TargetEvidence


@dataclass(frozen=True, slots=True)
class Looked:
    """What is known of a trace when a return's target is looked for."""

    index: Index
    retracted: Mapping[int, int]
    """Steps that take a false claim back, with the step of the claim."""
    returns: Mapping[int, int]
    """Steps of earlier returns, with their targets."""


def target(case: Case, looked: Looked, event: Event, read: Reading, kind: ReturnKind) -> Target:
    """The step that a return goes back to.

    In this order: a false claim that a verifier saw taken back here; a step that is named ("back
    to step 2"); an earlier step that shares rare words or values, for a rejection the nearest of
    the best, else the first of them; the trace's first step where the question is spoken of; the
    previous step where a rejection or a "that" points.
    """
    index, retracted = looked.index, looked.retracted
    for place in range(event.first, event.last + 1):
        if retracted.get(place, place) < event.first:
            return Target(retracted[place], "verdict")
    named = _named(case, event, read)
    if named is not None:
        return Target(named, "named")
    rejects = kind == "rejection"
    for about in abouts(read, kind):
        shared = by_content(index, about, event.first, nearest=rejects)
        if shared is not None:
            return Target(origin(looked, about, shared), "content")
    if _QUESTION.search(read.head):
        return Target(0, "question")
    if rejects or _POINTS.search(read.head):
        return Target(event.first - 1, "previous")
    return Target(None, "none")


def by_content(index: Index, about: frozenset[str], before: int, *, nearest: bool) -> int | None:
    """The earlier step that shares most with a text, if it shares enough.

    Enough: a cosine of :data:`LEAST_SCORE` with two tokens shared, or of
    :data:`LEAST_WITH_RARE` with one that is rare in the trace.
    """
    matches = [
        match
        for match in index.earlier(about, before, LEAST_WITH_RARE)
        if index.rare(match.rarest) or (match.shared > 1 and match.score >= LEAST_SCORE)
    ]
    if not matches:
        return None
    best = [match.step for match in matches if match.score >= NEAR * matches[0].score]
    return max(best) if nearest else min(best)


def origin(looked: Looked, about: frozenset[str], step: int) -> int:
    """Where a return goes that speaks of an earlier return.

    It may say that one again, or what both speak of comes from that one's own target: then both
    go back to it.
    """
    index = looked.index
    while step in looked.returns:
        back = looked.returns[step]
        both = index.mass(about & index.tokens[step])
        again = alike(about, index.tokens[step])
        if not again and index.mass(about & index.tokens[back]) < NEAR * both:
            break
        step = back
    return step


def abouts(read: Reading, kind: ReturnKind) -> Iterator[frozenset[str]]:
    """What a return is about: its head, then, where that says little, with the next steps."""
    about = tokens(read.head)
    yield about
    if kind == "rejection" or len(about) >= LEAST_TOKENS:
        return
    for text in read.body[:3]:
        about |= tokens(text)
        if len(about) >= LEAST_TOKENS:
            break
    yield about


def _named(case: Case, event: Event, read: Reading) -> int | None:
    """The last earlier step that begins with the name that the head says."""
    match = _NAMED.search(read.head)
    if match is None:
        return None
    name = re.compile(rf"[\s*#]{{0,6}}step\s{int(match[1])}\b", re.IGNORECASE)
    for place in range(event.first - 1, -1, -1):
        if name.match(case.steps[place].text):
            return place
    return None
