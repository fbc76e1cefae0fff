"""Phrases that speak for what a step does, counted step by step. What they weigh is learned."""

import re
from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

CUES: tuple[str, ...] = (
    r"\b(?:wait|hmm|hold on)\b",
    r"\b(?:maybe|perhaps|not sure|i think|might)\b|\bconfus",
    r"\b(?:alternatively|another (?:way|approach|method)|instead)\b|\bdifferent",
    r"\b(?:check|verify|double|confirm|make sure|correct)\b",
    r"\b(?:let me|let's|i'll|i need to|i can|we can|i should|first)\b",
    r"\b(?:so|therefore|thus|hence|which means)\b",
    r"\b(?:recall|remember|formula|theorem|definition|know that|is given by)\b",
    r"\b(?:problem|question|given|asked|find|determine)\b",
    r"\b(?:final answer|answer is|the answer)\b|\\boxed",
    r"\b(?:substitut|plug|simplif|comput|calculat|expand|multipl|divid|subtract)",
    r"\b(?:suppose|assume|let|if|case|consider)\b",
    r"\b(?:makes sense|seems|right|yes|consistent|match)",
)
"""Classes of phrases in lower case; a phrase may count in several."""

_CUES = tuple(re.compile(cue) for cue in CUES)
MOST = 3
"""More of a class in one step count as this many."""


def cue_counts(texts: Sequence[str]) -> "NDArray[np.float64]":
    """How often each class of phrases stands in each step, step × class.

    The steps are searched as one text, which is many times faster than one by one; the sign
    between them is in no phrase.

    >>> cue_counts(["wait, wait", "so it is right"])[:, [0, 5, 11]].tolist()
    [[2.0, 0.0, 0.0], [0.0, 1.0, 1.0]]
    """
    joined = "\x1e".join(texts)
    ends = list(accumulate(len(text) + 1 for text in texts))
    columns = []
    for cue in _CUES:
        places = [match.start() for match in cue.finditer(joined)]
        steps = np.searchsorted(ends, places, side="right")
        columns.append(np.bincount(steps, minlength=len(texts)))
    return np.minimum(np.stack(columns, axis=1), MOST).astype(np.float64)
