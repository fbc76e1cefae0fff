"""What the labeller sees of a trace's steps: hashed n-grams, and counts with a meaning.

Everything is hashed with fixed functions (crc32 of tokens, mixed for n-grams), so that a trained
table of weights means the same in every process and version of Python.
"""

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_matrix, hstack

from reasonscope.structure.labels.cues import cue_counts
from reasonscope.structure.labels.words import (
    MOST_CHARACTERS,
    NUMBER,
    SIGN,
    Words,
    words_of,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

WORD_BUCKETS, OPENING_BUCKETS, CHARACTER_BUCKETS = 2**13, 2**11, 2**12
"""Buckets of the three hashed blocks: word n-grams, n-grams of the opening, characters."""
HASHED = WORD_BUCKETS + OPENING_BUCKETS + CHARACTER_BUCKETS

OPENING = 5
"""Tokens that make the opening of a step."""
BEFORE, AFTER = 60, 62
"""The marks ``<`` and ``>`` at the ends of a step's tokens."""

_DIGITS = re.compile(r"\d+")


def seen(texts: Sequence[str], question: str) -> "tuple[csr_matrix, Floats]":
    """The steps of one trace by buckets, and by counted features."""
    words = words_of(texts)
    return hashed(texts, words), counted(texts, words, words_of([question]))


def hashed(texts: Sequence[str], words: Words) -> csr_matrix:
    """Steps by buckets: each block's counts damped by log and scaled to length 1."""
    ends = np.cumsum(words.lengths)
    marked = np.insert(words.shape, ends, np.uint64(AFTER))
    starts = np.concatenate([[0], ends[:-1]]) + np.arange(len(ends))
    marked = np.insert(marked, starts, np.uint64(BEFORE))
    sizes = words.lengths + 2
    place = np.arange(len(marked)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    opening = place <= OPENING
    letters = [_DIGITS.sub("0", text[:MOST_CHARACTERS].lower()) for text in texts]
    signs = [np.frombuffer(f" {row} ".encode("utf-32-le"), dtype=np.uint32) for row in letters]
    counts = np.fromiter(map(len, signs), dtype=np.int64, count=len(signs))
    flat = np.concatenate(signs).astype(np.uint64) if signs else np.zeros(0, np.uint64)
    return hstack(
        [
            _block(marked, sizes, (1, 2, 3), WORD_BUCKETS),
            _block(marked[opening], np.minimum(sizes, OPENING + 1), (1, 2, 3), OPENING_BUCKETS),
            _block(flat, counts, (3, 4, 5), CHARACTER_BUCKETS),
        ],
        format="csr",
    )


def _block(
    flat: "NDArray[np.uint64]", lengths: "NDArray[np.int64]", sizes: Sequence[int], buckets: int
) -> csr_matrix:
    """n-grams of integer sequences, hashed; none crosses from one row into the next."""
    owner = np.repeat(np.arange(len(lengths)), lengths)
    keys = []
    mixed = np.zeros(len(flat), dtype=np.uint64)
    for size in range(1, min(max(sizes), len(flat)) + 1):
        mixed = (mixed[: len(flat) - size + 1] * np.uint64(0x100000001B3)) ^ flat[size - 1 :]
        whole = owner[: len(mixed)] == owner[size - 1 :]
        if size in sizes:
            at = _spread(mixed[whole] + np.uint64(size), buckets)
            keys.append(owner[: len(mixed)][whole] * buckets + at)
    joint = np.concatenate(keys) if keys else np.zeros(0, np.int64)
    cells, counts = np.unique(joint, return_counts=True)
    row = cells // buckets
    damped = 1 + np.log(counts)
    norms = np.sqrt(np.bincount(row, weights=damped**2, minlength=len(lengths)))
    starts = np.searchsorted(row, np.arange(len(lengths) + 1))
    return csr_matrix((damped / norms[row], cells % buckets, starts), shape=(len(lengths), buckets))


def _spread(keys: "NDArray[np.uint64]", buckets: int) -> "NDArray[np.int64]":
    """Keys to buckets, with all bits of the key mixed in."""
    keys = (keys ^ (keys >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    keys = (keys ^ (keys >> np.uint64(32))) % np.uint64(buckets)
    return keys.astype(np.int64)


def counted(texts: Sequence[str], words: Words, asked: Words) -> "Floats":
    """Steps by numbers with meaning: place, length, signs, cues, question words, numbers."""
    cues = cue_counts([text[:MOST_CHARACTERS].lower() for text in texts])
    return np.hstack(
        [
            _placed(len(texts)),
            _written(texts, words),
            cues,
            _shared(words, asked),
            _numbers(words, asked),
        ]
    )


def _placed(count: int) -> "Floats":
    index = np.arange(count, dtype=np.float64)
    left = count - 1 - index
    share = index / max(count - 1, 1)
    ends = [index == 0, index == 1, index < 4, left == 0, left == 1, left < 4, share > 0.8]
    tens = [np.minimum(index, 10) / 10, np.minimum(left, 10) / 10]
    return np.stack([share, *tens, *(end.astype(float) for end in ends)], axis=1)


def _written(texts: Sequence[str], words: Words) -> "Floats":
    own = words.count(words.kinds != SIGN)
    signs = [_characters(text[:MOST_CHARACTERS]) for text in texts]
    return np.column_stack([np.log1p(own), own < 4, own < 8, np.array(signs, dtype=np.float64)])


def _characters(text: str) -> tuple[float, ...]:
    size = max(len(text), 1)
    solid = sum(map(str.isalnum, text))
    inner = text.strip()
    return (
        math.log1p(len(text)),
        (len(text) - solid - sum(map(str.isspace, text))) / size,
        sum(map(str.isdigit, text)) / size,
        min(text.count("="), 4) / 4,
        "=" in text,
        inner.endswith("?"),
        inner.endswith(":"),
        "\\boxed" in text,
        "**" in text,
        "\n" in inner,
    )


def _shared(words: Words, asked: Words) -> "Floats":
    """Share of a step's words that the question has, and share of the question's that it has."""
    held = np.unique(asked.exact[asked.kinds != SIGN])
    common = (words.kinds != SIGN) & np.isin(words.exact, held)
    pairs = np.unique(np.stack([words.step[common].astype(np.uint64), words.exact[common]]), axis=1)
    distinct = np.bincount(pairs[0].astype(np.int64), minlength=len(words.lengths))
    own = np.maximum(words.count(words.kinds != SIGN), 1)
    return np.stack([words.count(common) / own, distinct / max(len(held), 1)], axis=1)


def _numbers(words: Words, asked: Words) -> "Floats":
    """How many numbers, and how many of them the question, earlier steps or nobody gave."""
    number = words.kinds == NUMBER
    given = number & np.isin(words.exact, asked.exact[asked.kinds == NUMBER])
    earlier = np.zeros(len(number), dtype=bool)
    _, first, which = np.unique(words.exact[number], return_index=True, return_inverse=True)
    steps = words.step[number]
    earlier[number] = steps[first][which] < steps
    count = words.count(number)
    size = np.maximum(count, 1)
    shares = [words.count(kind) / size for kind in (given, earlier, number & ~given & ~earlier)]
    return np.stack([np.minimum(count, 8) / 8, *shares], axis=1)
