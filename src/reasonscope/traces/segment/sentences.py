r"""Where one step ends and the next begins.

One pass from left to right finds the places where a cut is possible; a second merges fragments
that are too short. Both are linear in the length of the text.
"""

import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Literal

from reasonscope.traces.segment.spans import closing_fences, fence_end, span_end
from reasonscope.traces.segment.stops import ends_sentence

SHORTEST = 10
"""Fragments with fewer characters are merged with a neighbour (SCIENCE M1)."""

_CLOSERS = "\"'”’)\\]}*_»」』】"
_TOKEN = re.compile(
    r"[\\$`.?!…。！？\n\r\u2028\u2029](?:"
    r"(?<=\\)(?:[\\$`]|[(\[]|begin\{[A-Za-z*]{1,20}\})"
    r"|(?<=\$)\$?"
    r"|(?<=`)`*+"
    rf"|(?<=[.?!…])(?<![.?!…][.?!…])[.?!…]*+[{_CLOSERS}]{{0,8}}+(?=\s|\Z)"
    rf"|(?<=[。！？])[。！？]*+[{_CLOSERS}]{{0,8}}+"
    r"|(?<=[\n\r\u2028\u2029])\s*+"
    r")"
)
"""What may matter; begins with one set of characters, which makes the search fast."""
_ESCAPES = frozenset(("\\\\", "\\$", "\\`"))
_SPACE = re.compile(r"\s*+")
_ITEM = re.compile(
    r"(?:[-*•+–]|\d{1,3}[.)]|\([A-Za-z0-9]{1,3}\)|[A-Za-z][.)]|[ivx]{1,4}[.)])[ \t]"
    r"|#{1,6} |\*\*\d{1,3}[.)]"
)
_CLAIM = re.compile(r"\w\s?[=≈<>≤≥]\s?\S")
_BREAK = re.compile(r"[\n\r\u2028\u2029]")
_ROW = re.compile(r"\|[^\n|]*+\|(?:[^\n|]*+\|)*+[^\S\n]*+(?=\n|\Z)")
_RULE = re.compile(r"[|:\s-]++")
_LETTERS = re.compile(r"[^\W\d_]")
_SHORT_ITEM = re.compile(rf"(?:{_ITEM.pattern})\W*\w+\W*\w")
_LEADS_ON = re.compile(
    r"(?:hmm|wait|but|so|ok|okay|now|next|then|and|\W*(?:\d{1,3}|[a-z]|[ivx]{1,4})[.)])\b|.*[,:]\Z|\W*\Z",
    re.IGNORECASE | re.DOTALL,
)


_Kind = Literal["sentence", "line", "paragraph"]


@dataclass(frozen=True, slots=True)
class _Cut:
    """A place where a step may begin."""

    at: int
    kind: _Kind
    """What ends there."""


def step_ends(reasoning: str) -> tuple[int, ...]:
    r"""The ends of the steps of a reasoning text, rising; the last is its length.

    Steps tile the text: white space goes to the step before it, leading white space to the
    first. Empty text has no steps. Rules and decisions: ``docs/segmentation.md``.

    >>> text = "Let x be 3.14. Then, e.g., 2x = 6.28.\n\n2. Use x."
    >>> [text[a:b] for a, b in zip((0, *step_ends(text)), step_ends(text))]
    ['Let x be 3.14. ', 'Then, e.g., 2x = 6.28.\n\n', '2. Use x.']
    """
    if not reasoning:
        return ()
    cuts = _distinct(_cuts(reasoning), _after_space(reasoning, 0), len(reasoning))
    return (*_merged(reasoning, cuts), len(reasoning))


def _distinct(cuts: Iterator[_Cut], start: int, end: int) -> list[_Cut]:
    """The cuts in rising order, each once, strictly inside the text."""
    kept: list[_Cut] = []
    for cut in cuts:
        if kept and cut.at == kept[-1].at:
            kept[-1] = cut if kept[-1].kind == "sentence" else kept[-1]
        elif start < cut.at < end and (not kept or cut.at > kept[-1].at):
            kept.append(cut)
    return kept


def _after_space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _cuts(text: str) -> Iterator[_Cut]:
    """All places where a step may begin, before short fragments are merged."""
    fences = closing_fences(text)
    at = yield from _line(text, _after_space(text, 0), fences)
    while (match := _TOKEN.search(text, at)) is not None:
        start, at, found = match.start(), match.end(), match.group()
        if found[0] in ".?!…":
            if cut := _stop(text, found, start, at):
                yield cut
        elif found[0] in "\n\r\u2028\u2029":
            if kind := _break(text, found, start, at):
                yield _Cut(at, kind)
            at = yield from _line(text, at, fences)
        elif found[0] in "。！？":
            yield _Cut(_after_space(text, at), "sentence")
        elif found not in _ESCAPES:
            at = span_end(text, found, start) or at
            if _math_ends_sentence(text, start, at):
                yield _Cut(_after_space(text, at), "sentence")


def _stop(text: str, found: str, start: int, end: int) -> _Cut | None:
    after = _after_space(text, end)
    line_break = after == len(text) or _BREAK.search(text, end, after) is not None
    if ends_sentence(text, found, start, after, line_break):
        return _Cut(after, "sentence")
    return None


def _break(text: str, space: str, start: int, at: int) -> _Kind | None:
    """What the line break from ``start`` to ``at`` ends; None: the step goes on over it."""
    if _is_blank(space):
        return "paragraph"
    row = _ROW.match(text, at)
    if row is not None:
        return None if _RULE.fullmatch(row.group()) else "line"
    hard = text[max(0, start - 2) : start] == "  "
    return "line" if hard or _ITEM.match(text, at) else None


def _is_blank(space: str) -> bool:
    lines = space.count("\n") or space.count("\r")
    return lines + space.count("\u2028") > 1 or "\u2029" in space


def _line(text: str, at: int, fences: dict[str, list[int]]) -> Generator[_Cut, None, int]:
    """Passes over a code block or table row that begins at ``at``; returns where to go on."""
    fence = fence_end(text, at, fences)
    if fence is not None:
        yield _Cut(_after_space(text, fence), "line")
        return fence
    row = _ROW.match(text, at)
    return row.end() if row else at


def _math_ends_sentence(text: str, start: int, end: int) -> bool:
    """A formula such as ``$x = 5.$`` that holds the full stop of its sentence."""
    inside = text[max(start, end - 6) : end].rstrip("$)]\\ ")
    after = text[end : end + 2]
    closed = end - start > 2 and inside.endswith(".") and not inside.endswith("..")
    return closed and after[:1].isspace() and after[1:].isupper()


def _merged(text: str, cuts: list[_Cut]) -> list[int]:
    """The cuts that stay once short fragments have joined a neighbour."""
    kept = [_Cut(0, "paragraph")]
    for cut in cuts:
        fragment = text[kept[-1].at : cut.at].strip()
        if len(fragment) >= SHORTEST or _stands_alone(fragment, kept[-1].kind, cut.kind):
            kept.append(cut)
        elif cut.kind == "paragraph" != kept[-1].kind and not _LEADS_ON.match(fragment):
            kept[-1] = cut
    last = text[kept[-1].at :].strip()
    whole = _LETTERS.search(last) and kept[-1].kind == "paragraph"
    if len(last) < SHORTEST and not whole and not _stands_alone(last, kept[-1].kind, "paragraph"):
        kept.pop()
    return [cut.at for cut in kept if cut.at]


def _stands_alone(fragment: str, before: _Kind, after: _Kind) -> bool:
    """A short line of its own that states something: ``x = 5``, ``2. Use x``."""
    if before == "sentence" or after == "sentence":
        return False
    return _CLAIM.search(fragment) is not None or _SHORT_ITEM.match(fragment) is not None
