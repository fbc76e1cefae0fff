"""Reads an order problem: what is ordered, along which axis, and what is given."""

import re
from dataclasses import dataclass
from functools import lru_cache

from reasonscope.verify.logic.axes import AXES, Axis
from reasonscope.verify.logic.order_claims import Claim, LeftOpen
from reasonscope.verify.logic.order_language import MAX_THINGS, NUMBERS, Lexicon
from reasonscope.verify.logic.order_sentences import read_sentence

MAX_QUESTION = 8_000
"""Characters of a question that may be read."""
MAX_PREMISES = 60

_THINGS = re.compile(
    rf"\b(?P<count>{'|'.join(NUMBERS)}) (?P<kind>[a-z]{{2,20}}(?: [a-z]{{2,20}})?)[^.:\n]{{0,60}}"
    r":\s*(?P<list>[^.:\n]{3,400})[.\n]",
    re.IGNORECASE,
)
_OPTION = re.compile(r"^[ \t]*\(?([A-Z])[).][ \t]+(.{1,300})$", re.MULTILINE)
_QUESTION = re.compile(r"\bQ:|\bQuestion:|\bOptions:|\bWhich of the following", re.IGNORECASE)


@dataclass(frozen=True)
class OrderProblem:
    """An order problem as read."""

    words: Lexicon
    premises: tuple[Claim, ...]
    options: tuple[tuple[str, tuple[Claim, ...]], ...]
    """Letter (lower case) and claims of each option that could be read."""
    complete: bool
    """Every given sentence about the things could be read, so what follows is all known."""


def _names(listed: str) -> tuple[str, ...]:
    parts = re.split(r",\s*(?:and\s+)?|\s+and\s+", listed.strip().lower())
    bare = (re.sub(r"^(?:an?|the)\s+", "", part.strip()) for part in parts)
    return tuple(name for name in bare if name)


def _sentences(text: str) -> list[str]:
    pieces = re.split(r"(?<=[.!?])\s+|\n+", text)
    return [piece.strip().lstrip("-*• ").strip() for piece in pieces if piece.strip()]


def _given(sentences: list[str], words: Lexicon) -> tuple[tuple[Claim, ...], bool]:
    claims: list[Claim] = []
    complete = True
    for sentence in sentences[:MAX_PREMISES]:
        said = read_sentence(sentence, words, strict=False).said
        found = [s.statement for s in said if not isinstance(s.statement, LeftOpen)]
        complete &= bool(found) or not re.search(r"T\d", words.canonical(sentence))
        claims += found
    return tuple(claims), complete and len(sentences) <= MAX_PREMISES


def _mentions(axis: Axis, lower: str) -> bool:
    phrases = (*axis.start, *axis.end, *axis.nearer_start, *axis.nearer_end)
    return any(phrase in lower for phrase in phrases) or (axis.counted and "finished" in lower)


def _along(axis: Axis, names: tuple[str, ...], kind: str, body: str, listed: str) -> OrderProblem:
    words = Lexicon(names, axis, kind)
    question = _QUESTION.search(body)
    stem = body[: question.start()] if question else body
    given = [s for s in _sentences(stem) if listed.strip() not in s]
    premises, complete = _given(given, words)
    options = []
    for letter, text in _OPTION.findall(body):
        said = read_sentence(text, words, strict=False).said
        claims = tuple(s.statement for s in said if not isinstance(s.statement, LeftOpen))
        if claims:
            options.append((letter.lower(), claims))
    return OrderProblem(words, premises, tuple(options), complete)


def looks_like_order(question: str) -> bool:
    """Whether a question counts out a list of things and then orders them; cheap."""
    if len(question) > MAX_QUESTION or ":" not in question:
        return False
    if _THINGS.search(question) is None:
        return False
    lower = question.lower()
    return any(_mentions(axis, lower) for axis in AXES)


@lru_cache(maxsize=512)
def read_order(question: str) -> OrderProblem | None:
    """The order problem that a question states; None where it states none."""
    if len(question) > MAX_QUESTION:
        return None
    for found in _THINGS.finditer(question):
        names = _names(found["list"])
        if len(names) != NUMBERS[found["count"].lower()] or len(set(names)) != len(names):
            continue
        if not 2 <= len(names) <= MAX_THINGS:
            continue
        kind = found["kind"].lower().split()[-1].removesuffix("s")
        axes = [axis for axis in AXES if _mentions(axis, question.lower())]
        tried = [_along(axis, names, kind, question, found["list"]) for axis in axes]
        best = max(tried, key=lambda problem: len(problem.premises), default=None)
        return best if best is not None and best.premises else None
    return None
