"""What a step does, read off its words: one letter a step.

Coarser than labels and cheap: eight moves, the first that fits. The row of a trace is a string, so
that ten thousand steps are ten thousand letters.
"""

import re
from collections.abc import Iterable

MOVES: dict[str, str] = {
    "R": "turn back",
    "K": "check",
    "A": "conclude",
    "C": "compute",
    "P": "plan",
    "U": "doubt",
    "G": "recall the question",
    "O": "state",
}
"""Each letter with its move, in the order in which they are tried."""

CHARACTERS = 400
"""A step is read up to here."""

_RULES = {
    "R": (
        r"^\W{0,6}(?:(?:but|hmm|so|and|oh|okay)\W{1,4}){0,2}"
        r"(?:wait|hold on|alternatively|actually,|on second thought|going back|scratch that|oops"
        r"|another (?:way|approach|method|thought))\b"
        r"(?![^.]{0,60}\b(?:check|verify|confirm|make sure|be sure)\b)",
        r"\b(?:that|this|it)(?:'s| is| can)(?:not| not|n't)? (?:be )?"
        r"(?:wrong|incorrect|right\?|impossible)",
        r"\b(?:that|this) (?:doesn't|does not|can't|cannot) (?:work|be|make sense|match|fit)",
        r"\bi (?:made|must have made) (?:a|an|some) ",
        r"\b(?:let me|let's) (?:try (?:again|another|a diff)|start over|go back|think again"
        r"|re-?think|reconsider|re-?read)",
    ),
    "K": (
        r"\b(?:double-?check|check|verif\w{1,5}|confirm\w{0,3}|make sure|to be sure)\b",
        r"\b(?:sanity|recap|same (?:result|answer)|makes sense|checks out|is correct|as before)\b",
        r"\b(?:seems (?:right|correct|good|solid|straightforward)|that's (?:right|correct))\b",
        r"^\W{0,4}(?:so )?(?:yes|yep|yeah|correct|right|good|great|perfect)\b|\bconsistent\b",
    ),
    "A": (
        r"\\boxed|\bfinal answer\b|\banswer (?:is|should be|would be|must be)\b",
        r"^\W{0,4}(?:therefore|thus|hence|in conclusion|in total|in summary|putting it)\b",
        r"\bso,? (?:the|that'?s?|there are|it'?s?|in total|i think the) "
        r"(?:total|final|answer|result)",
    ),
    "C": (
        r"\d[^.?!a-z]{0,20}[=+*/×÷≈^]|[=≈] ?\\?[$(]?-?\d|\\(?:frac|times|cdot|sqrt)|\w\s?=\s?\S",
        r"\b\d[\d,.]* (?:plus|minus|times|divided by|multiplied by|is|equals)\b",
    ),
    "P": (
        r"^\W{0,4}(?:(?:so|now|okay|ok|first|next|then|hmm|alright|well|but)\W{1,3}){0,3}"
        r"(?:let me|let's|i (?:need|should|can|will|could|have) (?:to )?|i'll"
        r"|we (?:need|can|should|have to)|to (?:find|solve|get|do|figure|determine|calculate))\b",
        r"\bstep by step\b|^\W{0,4}(?:first|next|finally),",
    ),
    "U": (
        r"\?\s{0,4}$|\b(?:maybe|perhaps|might|not sure|unsure|confus\w{1,4}|ambiguous)\b",
        r"\b(?:hmm|unclear|i wonder|possibly|unless)\b",
    ),
    "G": (
        r"\bthe (?:problem|question) (?:says|states|is|asks|mentions|gives|doesn't|does)\b",
        r"\b(?:given that|we (?:know|are told|have)|i (?:know|remember|recall)|according to)\b",
        r"\bstates that\b|^\W{0,4}[\"“]",
    ),
}
_FORMS = tuple(
    (letter, re.compile("|".join(forms), re.MULTILINE)) for letter, forms in _RULES.items()
)


def move(text: str) -> str:
    """The letter of what a step does.

    >>> [move(t) for t in ("Wait, that is odd.", "3 * 4 = 12.", "Let me see.", "Yes, it is so.")]
    ['R', 'C', 'P', 'K']
    """
    low = text[:CHARACTERS].strip().lower()
    return next((letter for letter, form in _FORMS if form.search(low)), "O")


def moves(texts: Iterable[str]) -> str:
    """The moves of a trace's steps, one letter each."""
    return "".join(map(move, texts))


def named(motif: str) -> str:
    """A motif in words.

    >>> named("CKC")
    'compute → check → compute'
    """
    return " → ".join(MOVES[letter] for letter in motif)
