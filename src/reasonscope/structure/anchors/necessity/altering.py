"""Reasoning altered by rule: a wrong number, filler in its place, other words for the same."""

import re
from collections import deque
from random import Random

from reasonscope.provenance import seed_for

FILLER = "…"
"""What stands for each word of a reasoning without content."""

_NUMBER = re.compile(r"\d+")
_NUMBERING = re.compile(
    r"\s*(?:[-*#(]{0,6}\s{0,4})?(?:step\s{0,4})?\d{1,4}\s{0,4}[.):](?=\s)", re.I
)


def corrupted(step: str, seed: int) -> str | None:
    """The step with its last number made wrong; None: it holds no number.

    One digit of the number gets another value, so its length stays, and with it what a reader
    or a tokenizer expects; no number begins with a zero. The number is that of the result where
    there is one (the last after the last ``=``), and never the step's own numbering. Equal
    steps with equal seeds are altered alike.

    >>> corrupted("7 + 4 = 11. ", seed=0) in {f"7 + 4 = 1{d}. " for d in "023456789"}
    True
    >>> corrupted("Step 3: So we go on.", seed=0) is None
    True
    """
    numbering = _NUMBERING.match(step)
    begins = numbering.end() if numbering else 0
    place = _last_number(step, begins)
    if place is None:
        return None
    start, end = place
    dice = Random(seed_for("corrupted", seed, step))
    held = step[end - 1]
    lowest = 1 if end - start == 1 else 0
    fresh = dice.choice([d for d in "0123456789"[lowest:] if d != held])
    return step[: end - 1] + fresh + step[end:]


def _last_number(step: str, begins: int) -> tuple[int, int] | None:
    """The last run of digits after the last equals sign, else the last of all."""
    equals = step.rfind("=", begins)
    for start in (equals + 1, begins) if equals >= 0 else (begins,):
        found = deque(_NUMBER.finditer(step, start), maxlen=1)
        if found:
            return found[0].span()
    return None


def filler(reasoning: str, word: str = FILLER) -> str:
    """As many filler words as the reasoning has words.

    >>> filler("So we have 4. ")
    '… … … … '
    """
    return f"{word} " * len(reasoning.split())


_OTHER_WORDS = {
    "so": "hence",
    "therefore": "thus",
    "thus": "therefore",
    "hence": "so",
    "but": "yet",
    "however": "still",
    "because": "since",
    "also": "moreover",
    "wait": "hold on",
    "okay": "all right",
    "maybe": "perhaps",
    "perhaps": "maybe",
    "we get": "we obtain",
    "which gives": "which yields",
    "that means": "this implies",
    "we need to": "we have to",
    "i need to": "i have to",
    "let me": "i will now",
    "for example": "for instance",
    "first": "to begin with",
}
"""Words that can be exchanged in nearly any sentence of reasoning without changing what it
says; numbers, names and formulas stay."""

_WORDS = re.compile(r"\b(?:" + "|".join(sorted(_OTHER_WORDS, key=len, reverse=True)) + r")\b", re.I)
_FORMULA = re.compile(r"(\$[^$]{0,2000}\$|\\\((?:[^\\\n]|\\[^()\n]){0,2000}\\\)|`[^`]{0,2000}`)")


def reworded(reasoning: str) -> str | None:
    """The reasoning in other words where a safe exchange is known; None: there is none.

    A weak paraphrase: connectives and set phrases change, sentences and order do not. Formulas
    and code are left alone.

    >>> reworded("So we get 4. But wait, $so$ is a name.")
    'Hence we obtain 4. Yet hold on, $so$ is a name.'
    >>> reworded("7 + 4 = 11.") is None
    True
    """
    parts = _FORMULA.split(reasoning)
    told = [part if place % 2 else _WORDS.sub(_exchanged, part) for place, part in enumerate(parts)]
    joined = "".join(told)
    return None if joined == reasoning else joined


def _exchanged(match: re.Match[str]) -> str:
    found = match.group()
    other = _OTHER_WORDS[found.lower()]
    return other[0].upper() + other[1:] if found[0].isupper() else other
