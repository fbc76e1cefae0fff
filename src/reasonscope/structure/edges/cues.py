"""How a step begins, and the words by which it points back to earlier steps."""

import re

START = 60
"""Characters at the start of a step in which its cue is looked for."""
BACK = 300
"""Characters at the start of a step in which it may point back."""

_GOES_ON = re.compile(
    r"\W{0,6}(?:(?:[Ss]o|[Tt]herefore|[Tt]hus|[Hh]ence|[Tt]hat|[Tt]his|[Ww]hich|[Tt]hen|[Bb]ecause"
    r"|[Ss]ince|[Aa]nd|[Ii]t|[Cc]orrect|[Yy]es)\b|[a-z])"
)
_LINKS = re.compile(r"\W{0,6}(So|Therefore|Thus|Hence|That|This|Which)\b(?! far)", re.IGNORECASE)
_TURNS = re.compile(r"\W{0,6}(?:wait|but|hmm|hold on|actually|no)\b", re.IGNORECASE)
_RESTARTS = re.compile(
    r"\W{0,6}(?:now,?\s|next|second|third|first|to start|let's start|i (?:know|remember|recall)|"
    r"we (?:know|have)|given|alternatively|another|total|the (?:problem|question)|starting|"
    r"(?:so|wait|hmm|okay|and|but),? (?:first|i (?:know|remember|recall)))\b",
    re.IGNORECASE,
)
_PLANS = re.compile(r"\W{0,6}(?:let me|let's|let us|okay|alright)\b", re.IGNORECASE)
_POINTS = re.compile(
    r"\b(earlier|initially|previous(?:ly)?|as above|as before|we (?:found|got|had)"
    r"|i (?:found|got|had|thought|said|considered))\b",
    re.IGNORECASE,
)
_TASK = re.compile(r"\bthe (?:problem|question)\b", re.IGNORECASE)
_NUMBERED = re.compile(r"\b((?:step|equation|part|case)\s{0,3}\(?(\d{1,3}))\b", re.IGNORECASE)


def begins(text: str) -> tuple[bool, bool, bool, bool]:
    """Whether a step goes on from the one before, turns, starts something new, or plans.

    >>> begins("So, that is 12."), begins("Wait, no.")
    ((True, False, False, False), (False, True, False, False))
    """
    head = text[:START]
    return (
        _GOES_ON.match(head) is not None,
        _TURNS.match(head) is not None,
        _RESTARTS.match(head) is not None,
        _PLANS.match(head) is not None,
    )


def link(text: str) -> str:
    """The word by which a step points to the one before it, such as "So"; empty: none.

    >>> link("Therefore, x = 3."), link("So far so good.")
    ('Therefore', '')
    """
    found = _LINKS.match(text[:START])
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
    return [
        (words, f"{words.split()[0].rstrip('(0123456789').lower()} {number}")
        for words, number in _NUMBERED.findall(text[:BACK])
    ]


def numbered_start(text: str) -> list[str]:
    """The numbered part that a step begins, such as ``step 2``; empty: none."""
    return [
        key
        for _, key in numbered(text[:START])[:1]
        if re.match(r"\W{0,6}\w{4,8}\s{0,3}\(?\d", text)
    ]


def about_task(text: str) -> bool:
    """Whether a step speaks of the problem as it was posed."""
    return _TASK.search(text, 0, BACK) is not None
