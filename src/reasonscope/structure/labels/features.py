"""What the labeller sees of a step: hashed word and character n-grams, and counts with meaning.

Everything is hashed with fixed functions (crc32 of tokens, mixed for n-grams), so that a trained
table of weights means the same in every process and version of Python.
"""

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np
from scipy.sparse import csr_matrix, hstack

if TYPE_CHECKING:
    from numpy.typing import NDArray

WORD_BUCKETS, OPENING_BUCKETS, CHARACTER_BUCKETS = 2**13, 2**11, 2**12
"""Buckets of the three hashed blocks: word n-grams, n-grams of the opening, characters."""
HASHED = WORD_BUCKETS + OPENING_BUCKETS + CHARACTER_BUCKETS

MOST_CHARACTERS = 3_000
"""Characters of a step that are looked at: longer steps are told by their beginning."""
OPENING = 5
"""Tokens that make the opening of a step."""

_TOKEN = re.compile(r"\\?[a-z]+(?:'[a-z]+)?|\d+(?:[.,]\d+)*|[^\w\s]|\n+")
_LETTERS = frozenset({"a", "i"})
"""Words of one letter; every other letter alone is a symbol."""
_WORD = re.compile(r"[a-z0-9]+")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_DIGITS = re.compile(r"\d+")

CUES: tuple[str, ...] = (
    r"\bwait\b|\bhmm\b|\bhold on\b",
    r"\bmaybe\b|\bperhaps\b|\bnot sure\b|\bi think\b|\bmight\b|\bconfus",
    r"\balternatively\b|\banother (?:way|approach|method)\b|\binstead\b|\bdifferent",
    r"\bcheck\b|\bverify\b|\bdouble\b|\bconfirm\b|\bmake sure\b|\bcorrect\b",
    r"\blet me\b|\blet's\b|\bi'll\b|\bi need to\b|\bi can\b|\bwe can\b|\bi should\b|\bfirst\b",
    r"\bso\b|\btherefore\b|\bthus\b|\bhence\b|\bwhich means\b",
    r"\brecall\b|\bremember\b|\bformula\b|\btheorem\b|\bdefinition\b|\bknow that\b|\bis given by\b",
    r"\bproblem\b|\bquestion\b|\bgiven\b|\basked\b|\bfind\b|\bdetermine\b",
    r"\bfinal answer\b|\\boxed|\banswer is\b|\bthe answer\b",
    r"\bsubstitut|\bplug|\bsimplif|\bcomput|\bcalculat|\bexpand|\bmultipl|\bdivid|\bsubtract",
    r"\bsuppose\b|\bassume\b|\blet\b|\bif\b|\bcase\b|\bconsider\b",
    r"\bmakes sense\b|\bseems\b|\bright\b|\byes\b|\bconsistent\b|\bmatch",
)
"""Cue classes that are counted, each cue in the first class that it fits; weights are learned."""
_CUE = re.compile("|".join(f"({cue})" for cue in CUES))


@lru_cache(maxsize=2**16)
def _token_hash(token: str) -> int:
    return crc32(token.encode("utf-8"))


def tokens(text: str) -> list[str]:
    r"""Words, signs and line breaks in lower case; numbers and single letters by their kind.

    >>> tokens("So x = 12.5,\n\nright?")
    ['so', 'x', '=', '0.0', ',', '\n', 'right', '?']
    """
    return [_kind(token) for token in _TOKEN.findall(text[:MOST_CHARACTERS].lower())]


def _kind(token: str) -> str:
    if token[0].isdigit():
        return "0" if len(token) < 2 else "0.0" if "." in token else "00"
    if token[0] == "\n":
        return "\n"
    return "x" if len(token) == 1 and token.isalpha() and token not in _LETTERS else token


def hashed(texts: Sequence[str]) -> csr_matrix:
    """Steps by buckets: each block's counts damped by log and scaled to length 1."""
    words = [["<", *tokens(text), ">"] for text in texts]
    openings = [row[: OPENING + 1] for row in words]
    letters = [_DIGITS.sub("0", text[:MOST_CHARACTERS].lower()) for text in texts]
    return hstack(
        [
            _block([list(map(_token_hash, row)) for row in words], (1, 2, 3), WORD_BUCKETS),
            _block([list(map(_token_hash, row)) for row in openings], (1, 2, 3), OPENING_BUCKETS),
            _block([list(map(ord, f" {row} ")) for row in letters], (3, 4, 5), CHARACTER_BUCKETS),
        ],
        format="csr",
    )


def _block(rows: Sequence[Sequence[int]], sizes: Sequence[int], buckets: int) -> csr_matrix:
    """n-grams of integer sequences, hashed; none crosses from one row into the next."""
    lengths = np.fromiter(map(len, rows), dtype=np.int64, count=len(rows))
    flat = np.fromiter(chain.from_iterable(rows), dtype=np.uint64, count=int(lengths.sum()))
    owner = np.repeat(np.arange(len(rows)), lengths)
    keys, owners = [], []
    mixed = np.zeros(len(flat), dtype=np.uint64)
    for size in range(1, max(sizes) + 1):
        if size > len(flat):
            break
        mixed = (mixed[: len(flat) - size + 1] * np.uint64(0x100000001B3)) ^ flat[size - 1 :]
        whole = owner[: len(mixed)] == owner[size - 1 :]
        if size in sizes:
            keys.append(_spread(mixed[whole] + np.uint64(size), buckets))
            owners.append(owner[: len(mixed)][whole])
    if not keys:
        return csr_matrix((len(rows), buckets))
    at, row = np.concatenate(keys), np.concatenate(owners)
    counts = csr_matrix((np.ones(len(at)), (row, at)), shape=(len(rows), buckets))
    counts.data = 1 + np.log(counts.data)
    norms = np.sqrt(counts.multiply(counts).sum(axis=1).A1)
    counts.data /= np.repeat(np.maximum(norms, 1e-9), np.diff(counts.indptr))
    return counts


def _spread(keys: "NDArray[np.uint64]", buckets: int) -> "NDArray[np.int64]":
    """Keys to buckets, with all bits of the key mixed in."""
    keys = (keys ^ (keys >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    keys = (keys ^ (keys >> np.uint64(32))) % np.uint64(buckets)
    return keys.astype(np.int64)


def counted(texts: Sequence[str], question: str) -> "NDArray[np.float64]":
    """Steps by numbers with meaning: place, length, question words, numbers, signs, cues."""
    asked = set(_WORD.findall(question.lower()))
    given = set(_NUMBER.findall(question))
    seen: set[str] = set()
    rows = []
    for index, text in enumerate(texts):
        numbers = _NUMBER.findall(text[:MOST_CHARACTERS])
        place = _placed(index, len(texts))
        rows.append(
            [*place, *_written(text), *_shared(text, asked), *_numbers(numbers, given, seen)]
        )
        seen.update(numbers)
    return np.array(rows, dtype=np.float64)


def _placed(index: int, count: int) -> list[float]:
    left = count - 1 - index
    share = index / max(count - 1, 1)
    ends = [index == 0, index == 1, index < 4, left == 0, left == 1, left < 4, share > 0.8]
    return [share, min(index, 10) / 10, min(left, 10) / 10, *map(float, ends)]


def _written(text: str) -> list[float]:
    low = text[:MOST_CHARACTERS].lower()
    words = len(_WORD.findall(low))
    size = max(len(low), 1)
    solid = sum(map(str.isalnum, low))
    signs = (len(low) - solid - sum(map(str.isspace, low))) / size
    digits = sum(map(str.isdigit, low)) / size
    end = low.rstrip()
    flags = ["=" in low, end.endswith("?"), end.endswith(":"), "\\boxed" in low, "**" in low]
    flags += ["\n" in low.strip(), words < 4, words < 8]
    found = Counter(match.lastindex for match in _CUE.finditer(low))
    cues = [min(found[place], 3) for place in range(1, len(CUES) + 1)]
    return [
        float(np.log1p(size)),
        float(np.log1p(words)),
        signs,
        digits,
        min(low.count("="), 4) / 4,
        *map(float, flags),
        *map(float, cues),
    ]


def _shared(text: str, asked: set[str]) -> list[float]:
    words = _WORD.findall(text[:MOST_CHARACTERS].lower())
    hits = sum(word in asked for word in words)
    return [hits / max(len(words), 1), len(set(words) & asked) / max(len(asked), 1)]


def _numbers(numbers: Sequence[str], given: set[str], seen: set[str]) -> list[float]:
    count = max(len(numbers), 1)
    return [
        min(len(numbers), 8) / 8,
        sum(n in given for n in numbers) / count,
        sum(n in seen for n in numbers) / count,
        sum(n not in seen and n not in given for n in numbers) / count,
    ]
