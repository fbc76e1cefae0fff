r"""``\boxed{...}`` and ``\fbox{...}`` with balanced braces, found in linear time."""

import re
from collections.abc import Iterator

MAX_BOX = 2000
"""Longest content of a box, in characters."""
MAX_UNCLOSED = 50
"""Boxes that never close after which the search gives up."""

_BOX = re.compile(r"(?:\\+f?boxed|\\+fbox|\x08oxed)\s?")
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_BARE = re.compile(r"-?\d{1,60}+|[A-Za-z](?![A-Za-z])")


def boxes_in(text: str) -> Iterator[tuple[int, int]]:
    r"""Ranges of the contents of the boxes, in order; of nested boxes the innermost last one.

    >>> text = r"so \boxed{\frac{1}{2}} and \fbox{\boxed{7}}, \boxed{never"
    >>> [text[a:b] for a, b in boxes_in(text)]
    ['\\frac{1}{2}', '7']
    """
    position = unclosed = 0
    while unclosed < MAX_UNCLOSED:
        match = _BOX.search(text, position)
        if match is None:
            return
        position = match.end()
        content = _content(text, position)
        if content is None:
            unclosed += 1
            continue
        start, end = content
        inner = _BOX.search(text, start, end)
        if inner is None:
            yield start, end
            position = end


def _content(text: str, position: int) -> tuple[int, int] | None:
    if text[position : position + 1] != "{":
        bare = _BARE.match(text, position)
        return None if bare is None else bare.span()
    depth = 0
    for brace in _BRACE.finditer(text, position, position + MAX_BOX + 2):
        if brace.group() == "{":
            depth += 1
        elif brace.group() == "}":
            depth -= 1
            if depth == 0:
                return position + 1, brace.start()
    return None
