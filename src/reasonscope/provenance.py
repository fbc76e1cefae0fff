"""Where things come from: ids that are hashes of content, seeds that are hashes of names."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

ID_DIGITS = 20
"""Hexadecimal digits of an id: 80 bits, so a billion records collide with p < 1e-6."""


def _digest(parts: tuple[Any, ...]) -> str:
    text = json.dumps(parts, ensure_ascii=True, separators=(",", ":"), sort_keys=True)
    return hashlib.blake2b(text.encode("ascii"), digest_size=32).hexdigest()


def content_id(kind: str, *parts: Any) -> str:
    """An id that depends on the content alone, the same on every machine.

    Parts are JSON values; their borders count, so ``("ab", "c")`` and ``("a", "bc")`` differ.

    >>> content_id("problem", "1 + 1 = ?") == content_id("problem", "1 + 1 = ?")
    True
    >>> content_id("trace", "ab", "c") == content_id("trace", "a", "bc")
    False
    """
    return _digest((kind, *parts))[:ID_DIGITS]


def seed_for(*names: Any) -> int:
    """A seed in [0, 2**63) derived by hashing names, never by adding to another seed.

    ``seed + index`` makes neighbouring data sets share nearly all their items; hashed seeds
    do not.

    >>> seed_for("chain", 0, 1) == seed_for("chain", 1, 0)
    False
    """
    return int(_digest(("seed", *names))[:16], 16) >> 1


@dataclass(frozen=True, slots=True)
class Provenance:
    """What made a part of a study: enough to make it again."""

    command: str
    """The command or function, with its arguments."""
    version: str
    """reasonscope's version."""
    settings: tuple[tuple[str, str], ...] = ()
    """Settings as sorted (name, JSON value) pairs."""

    def to_json(self) -> str:
        """The provenance as one line of JSON, for the metadata of a Parquet part."""
        return json.dumps(
            {"command": self.command, "version": self.version, "settings": dict(self.settings)},
            sort_keys=True,
        )


def settings_pairs(**settings: Any) -> tuple[tuple[str, str], ...]:
    """Settings as sorted (name, JSON) pairs, ready for :class:`Provenance`.

    >>> settings_pairs(n=3, family="chain")
    (('family', '"chain"'), ('n', '3'))
    """
    return tuple(sorted((name, json.dumps(value)) for name, value in settings.items()))
