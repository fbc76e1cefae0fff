"""The tokens of a trace's steps as arrays: a hash, and what kind of token each is."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_CHARACTERS = 3_000
"""Characters of a step that are looked at: longer steps are told by their beginning."""

_TOKEN = re.compile(r"\\?[a-z]+(?:'[a-z]+)?|\d+(?:[.,]\d+)*|[^\w\s]|\n+")
_LETTERS = frozenset({"a", "i"})
"""Words of one letter; every other letter alone is a symbol."""

WORD, NUMBER, SIGN = range(3)
"""What a token can be."""


@dataclass(frozen=True, slots=True)
class Words:
    """All tokens of a trace, in order."""

    shape: "NDArray[np.uint64]"
    """Hash of the token as the n-grams see it: numbers by size, lone letters as one."""
    exact: "NDArray[np.uint64]"
    """Hash of the token as it stands."""
    kinds: "NDArray[np.int64]"
    """``WORD``, ``NUMBER`` or ``SIGN``."""
    lengths: "NDArray[np.int64]"
    """How many tokens each step has."""

    @property
    def step(self) -> "NDArray[np.int64]":
        """The step of each token."""
        return np.repeat(np.arange(len(self.lengths)), self.lengths)

    def count(self, chosen: "NDArray[np.bool_]") -> "NDArray[np.float64]":
        """How many chosen tokens each step has."""
        counts = np.bincount(self.step[chosen], minlength=len(self.lengths))
        return counts.astype(np.float64)


def words_of(texts: Sequence[str]) -> Words:
    """The tokens of a trace's steps."""
    rows = [_TOKEN.findall(text[:MOST_CHARACTERS].lower()) for text in texts]
    known = [_known(token) for row in rows for token in row]
    table = np.array(known, dtype=np.uint64).reshape(-1, 3)
    lengths = np.fromiter(map(len, rows), dtype=np.int64, count=len(rows))
    return Words(table[:, 0], table[:, 1], table[:, 2].astype(np.int64), lengths)


@lru_cache(maxsize=2**16)
def _known(token: str) -> tuple[int, int, int]:
    """Hash of shape, hash, and kind of a token."""
    solid = token.lstrip("\\")[:1]
    kind = NUMBER if solid.isdigit() else WORD if solid.isalpha() else SIGN
    return _hash(shape_of(token)), _hash(token), kind


def _hash(token: str) -> int:
    return crc32(token.encode("utf-8"))


def shape_of(token: str) -> str:
    """A token as the n-grams see it.

    >>> [shape_of(token) for token in ("so", "x", "7", "41", "2.5")]
    ['so', 'x', '0', '00', '0.0']
    """
    if token[0].isdigit():
        return "0" if len(token) < 2 else "0.0" if "." in token else "00"
    if token[0] == "\n":
        return "\n"
    return "x" if len(token) == 1 and token.isalpha() and token not in _LETTERS else token
