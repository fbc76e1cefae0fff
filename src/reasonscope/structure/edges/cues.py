"""How a step begins, and the words by which it points back to earlier steps."""

import re

START = 60
"""Characters at the start of a step in which its cue is looked for."""
BACK = 300
"""Characters at the start of a step in which it may point back."""

_LINKS = re.compile(r"\W{0,6}(So|Therefore|Thus|Hence|That|This|Which)\b(?! far)", re.IGNORECASE)
_TURNS = re.compile(r"\W{0,6}(?:wait|but|hmm|hold on|actually|no)\b", re.IGNORECASE)
_RESTARTS = re.compile(
    r"\W{0,6}(?:now,?\s|next|second|third|first|to start|let's start|i (?:know|remember|recall)|"
    r"we (?:know|have)|given|alternatively|another|total|the (?:problem|question)|starting|"
    r"(?:so|wait|hmm|okay|and|but),? (?:first|i (?:know|remember|recall)))\b",
    re.IGNORECASE,
)
_POINTS = re.compile(
    r"\b(earlier|initially|previous(?:ly)?|as above|as before|we (?:found|got|had)"
    r"|i (?:found|got|had|thought|said|considered))\b",
    re.IGNORECASE,
)
_BEGINS_NUMBERED = re.compile(
    r"\W{0,6}(step|equation|part|case)\s{0,3}\(?(\d{1,3})\b", re.IGNORECASE
)
_TASK = re.compile(r"\bthe (?:problem|question)\b", re.IGNORECASE)
_NUMBERED = re.compile(r"\b((?:step|equation|part|case)\s{0,3}\(?(\d{1,3}))\b", re.IGNORECASE)


def turns(text: str) -> bool:
    """Whether a step begins by doubting, as in "Wait, no".

    >>> turns("Wait, no."), turns("So wait.")
    (True, False)
    """
    return _TURNS.match(text, 0, START) is not None


def restarts(text: str) -> bool:
    """Whether a step begins something new, as in "Next, the tax" or "I recall that"."""
    return _RESTARTS.match(text, 0, START) is not None


def link(text: str) -> str:
    """The word by which a step points to the one before it, such as "So"; empty: none.

    >>> link("Therefore, x = 3."), link("So far so good.")
    ('Therefore', '')
    """
    found = _LINKS.match(text, 0, START)
    return found.group(1) if found else ""


def points_back(text: str) -> str:
    """The words by which a step speaks of something said earlier; empty: none."""
    found = _POINTS.search(text, 0, BACK)
    return found.group(1) if found else ""


def numbered(text: str) -> list[tuple[str, str]]:
    """The numbered parts that a step names: as written, and the kind with its number.

    >>> numbered("From Step 2 we get")
    [('Step 2', 'step 2')]
    """
    if _NUMBERED.search(text, 0, BACK) is None:
        return []
    return [
        (words, f"{words.split()[0].rstrip('(0123456789').lower()} {number}")
        for words, number in _NUMBERED.findall(text[:BACK])
    ]


def numbered_start(text: str) -> str:
    """The numbered part that a step begins, such as ``step 2``; empty: none.

    >>> numbered_start("**Step 2:** add"), numbered_start("See step 2.")
    ('step 2', '')
    """
    found = _BEGINS_NUMBERED.match(text, 0, START)
    return f"{found.group(1).lower()} {found.group(2)}" if found else ""


def about_task(text: str) -> bool:
    """Whether a step speaks of the problem as it was posed."""
    return _TASK.search(text, 0, BACK) is not None
