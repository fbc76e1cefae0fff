"""Steps grouped by what they say, numbers masked: the kinds of step that a trace walks over."""

import math
import re
import zlib
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

Rows = np.ndarray[Any, np.dtype[np.float32]]

STEPS = 2_000
"""A longer trace is walked over its first so many steps."""
KINDS = 200
"""Most kinds: a step that is like none joins the nearest when there are so many."""
ALIKE = 0.4
"""Least cosine of a step with the first of its kind."""
WIDTH = 512
"""Buckets that words are hashed into."""
CHARACTERS = 600
"""Characters at the start of a step that are read."""

_WORD = re.compile(r"[^\W\d_]{1,30}|(\d[\d.,]{0,40})|[=+*/<>≈^×÷-]")


def words_of(text: str) -> list[str]:
    """The words and signs of a step in lower case, each number as ``#``.

    >>> words_of("So 12 + 3 = 15.")
    ['so', '#', '+', '#', '=', '#']
    """
    return [
        "#" if match.group(1) else match.group().lower()
        for match in _WORD.finditer(text, 0, CHARACTERS)
    ]


def kinds_of(texts: Sequence[str], alike: float = ALIKE) -> list[int]:
    """For each step the number of its kind; kinds are numbered as they first appear.

    A step joins the nearest kind whose first step it is like, else it starts a kind: one pass,
    no random start, the same result every time. Words weigh by how few steps hold them (TF-IDF,
    hashed).

    Args:
        texts: the steps; those past the first ``STEPS`` are left out.
        alike: least cosine with the first step of a kind.

    >>> kinds_of(["Add 3 and 4.", "But is that right?", "Add 30 and 52."])
    [0, 1, 0]
    """
    vectors = _vectors(texts[:STEPS])
    leaders = np.zeros((min(KINDS, len(vectors)), WIDTH), dtype=np.float32)
    count, found = 0, []
    for vector in vectors:
        near = leaders[:count] @ vector
        best = int(near.argmax()) if count else -1
        if count < len(leaders) and (best < 0 or near[best] < alike):
            leaders[count] = vector
            best = count
            count += 1
        found.append(best)
    return found


def _vectors(texts: Sequence[str]) -> Rows:
    """One TF-IDF row of length 1 a step; a step without words has a row of zeros."""
    told = [Counter(words_of(text)) for text in texts]
    seen = Counter(word for words in told for word in words)
    bucket = {word: zlib.crc32(word.encode()) % WIDTH for word in seen}
    weight = {word: math.log((1 + len(texts)) / (1 + n)) + 0.1 for word, n in seen.items()}
    rows = np.zeros((len(texts), WIDTH), dtype=np.float32)
    for row, words in zip(rows, told, strict=True):
        for word, n in words.items():
            row[bucket[word]] += weight[word] * (1 + math.log(n))
    lengths = np.sqrt((rows * rows).sum(axis=1, keepdims=True))
    unit: Rows = rows / np.maximum(lengths, np.float32(1e-9))
    return unit
