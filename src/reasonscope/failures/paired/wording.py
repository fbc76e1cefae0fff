"""Questions that exclude each other by their wording: "Is X larger than Y?" and the reverse."""

import re

MAX_CHARACTERS = 300
"""A longer line of a question is not read."""
MAX_LINES = 8

_COMPARED = re.compile(
    r"(?P<head>is|was|are|were)\s+(?P<one>\S.{0,110}?)\s+"
    r"(?P<how>(?:[a-z]{2,15}er|(?:more|less)\s[a-z]{3,20})\s+than|before|after|>|<)\s+"
    r"(?P<other>\S.{0,110}?)\s*\?",
    re.IGNORECASE,
)


def reversible(question: str) -> tuple[str, str] | None:
    """What two reversed questions have in common, and which of the two this one is.

    Only "Is (was, are, were) X COMPARATIVE than Y?", "before", "after" and signs, alone on a line
    among the first lines. Two questions with one key and different sides cannot both be true.

    >>> reversible("Is Oslo larger than Rome?") == reversible("is Oslo larger than Rome ?")
    True
    >>> [reversible(f"Is {a} larger than {b}?")[1] for a, b in (("Oslo", "Rome"), ("Rome", "Oslo"))]
    ['1', '2']
    >>> reversible("Is Oslo the capital of Norway?") is None
    True
    """
    for line in question[: MAX_LINES * MAX_CHARACTERS].split("\n")[:MAX_LINES]:
        match = _COMPARED.fullmatch(line.strip()) if len(line) <= MAX_CHARACTERS else None
        if match is not None:
            return _sides(match)
    return None


def _sides(match: re.Match[str]) -> tuple[str, str] | None:
    head, one, how, other = (" ".join(part.casefold().split()) for part in match.groups())
    if one == other:
        return None
    first, second = sorted((one, other))
    return f"{head} {first} | {how} | {second}", "1" if one == first else "2"
