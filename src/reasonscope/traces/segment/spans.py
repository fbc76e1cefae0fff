r"""Stretches that no step border may cut: LaTeX, inline code, fenced code.

Each span must close within a bounded distance, so that one that never closes protects nothing
and costs a bounded look. Inline spans also end at a blank line.
"""

import re
from bisect import bisect_right

_INLINE_MATH = re.compile(r"\$(?=[^\s$])(?:[^$\\\n]|\\.|\n(?![^\S\n]*\n)){1,1500}+(?<!\s)\$(?!\d)")
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n")
_REACH = {"$$": 4000, r"\(": 2000, r"\[": 4000, "\\begin": 8000, "`": 500}
_FENCE_REACH = 20_000
_LONGEST_FENCE_LINE = 200
_FENCE_END = {
    mark: re.compile(rf"\n[ \t]{{0,8}}+{mark}(?=[^\S\n]*+(?:\n|\Z))") for mark in ("```", "~~~")
}
_CLOSER = {"$$": "$$", r"\(": r"\)", r"\[": r"\]"}


def span_end(text: str, opener: str, start: int) -> int | None:
    r"""Where the span opened by ``opener`` at ``start`` ends; None: it does not close nearby.

    ``opener`` is one of ``$``, ``$$``, ``\(``, ``\[``, ``\begin{name}`` or a run of backticks.

    >>> span_end(r"\(1. 2\) x", r"\(", 0)
    8
    >>> span_end("$5 and $10", "$", 0) is None
    True
    """
    if opener == "$":
        match = _INLINE_MATH.match(text, start)
        return match.end() if match else None
    inside = start + len(opener)
    if opener.startswith("\\begin"):
        return _find(text, "\\end" + opener.removeprefix("\\begin"), inside, _REACH["\\begin"])
    if opener.startswith("`"):
        return _paragraph(text, inside, _find(text, opener, inside, _REACH["`"]))
    reach = _REACH[opener]
    if opener != "$$":
        again = text.find(opener, inside, inside + reach)
        reach = reach if again < 0 else again - inside
    end = _find(text, _CLOSER[opener], inside, reach)
    return end if opener == r"\[" else _paragraph(text, inside, end)


def _find(text: str, closer: str, start: int, reach: int) -> int | None:
    found = text.find(closer, start, start + reach)
    return None if found < 0 else found + len(closer)


def _paragraph(text: str, start: int, end: int | None) -> int | None:
    """The end, unless a blank line lies before it."""
    return None if end is None or _BLANK_LINE.search(text, start, end) else end


def closing_fences(text: str) -> dict[str, list[int]]:
    """Where lines end that could close a code block, for each kind of fence, in one pass."""
    return {
        mark: [match.end() for match in pattern.finditer(text)] if mark in text else []
        for mark, pattern in _FENCE_END.items()
    }


def fence_end(text: str, start: int, closing: dict[str, list[int]]) -> int | None:
    r"""Where the code block whose fence stands at ``start`` ends; None: no fence or no end nearby.

    ``closing`` is what :func:`closing_fences` found in the text.

    >>> code = "```py\nx. y\n\nz\n```\nSo"
    >>> fence_end(code, 0, closing_fences(code))
    17
    """
    mark = text[start : start + 3]
    if mark not in closing:
        return None
    line = text.find("\n", start, start + _LONGEST_FENCE_LINE)
    if line < 0 or mark in text[start + 3 : line]:
        return None
    after = bisect_right(closing[mark], line)
    ends = closing[mark][after : after + 1]
    return ends[0] if ends and ends[0] <= start + _FENCE_REACH else None
