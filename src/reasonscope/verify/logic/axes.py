"""The kinds of order that a problem can be about, and the words for their two ends.

Places count from 1 at the *start* of an axis to n at its *end*. Which end is the start is a
convention of this table; a text that lists the other way is turned round when it is read.
"""

from dataclasses import dataclass
from typing import Literal

Side = Literal["start", "end"]


@dataclass(frozen=True, slots=True)
class Axis:
    """One kind of order: the phrases that point to its start and to its end."""

    name: str
    """Such as ``space`` or ``age``."""
    start: tuple[str, ...]
    """Superlatives of the first place, such as ``newest``."""
    end: tuple[str, ...]
    """Superlatives of the last place."""
    nearer_start: tuple[str, ...]
    """Comparisons ``A <phrase> B`` that put A nearer to the start than B."""
    nearer_end: tuple[str, ...]
    """Comparisons that put A nearer to the end."""
    start_names: tuple[str, ...] = ()
    """What ``from X to Y`` and ``third from the X`` call the start, where no superlative."""
    end_names: tuple[str, ...] = ()
    greater: Side | None = None
    """The end that ``A > B`` puts A nearer to; None: the sign says nothing safe."""
    counted: bool = False
    """A bare ordinal ("finished third") counts from the start."""


def _graded(name: str, more: str, less: str, *, other: tuple[str, ...] = ()) -> Axis:
    """An axis whose start is the most of something: ``more`` and ``less`` are its adjectives."""
    return Axis(
        name=name,
        start=(f"{more}est", *other),
        end=(f"{less}est",),
        nearer_start=(f"{more}er than",),
        nearer_end=(f"{less}er than",),
        greater="start",
    )


AXES: tuple[Axis, ...] = (
    Axis(
        "space",
        ("leftmost", "far left", "furthest left", "farthest left"),
        ("rightmost", "far right", "furthest right", "farthest right"),
        ("left of",),
        ("right of",),
        ("left",),
        ("right",),
    ),
    Axis(
        "age",
        ("newest", "youngest", "most recent"),
        ("oldest",),
        ("newer than", "younger than", "more recent than"),
        ("older than",),
    ),
    Axis(
        "price",
        ("most expensive", "priciest", "costliest", "most costly"),
        ("cheapest", "least expensive", "least costly"),
        ("more expensive than", "pricier than", "costlier than", "cost more than",
         "costs more than", "more costly than"),
        ("less expensive than", "cheaper than", "cost less than", "costs less than",
         "less costly than"),
        ("most",),
        ("least",),
        greater="start",
    ),
    Axis(
        "race",
        (),
        (),
        ("above", "ahead of", "before"),
        ("below", "behind", "after"),
        ("first", "top", "first place"),
        ("last", "bottom", "last place"),
        greater="start",
        counted=True,
    ),
    Axis(
        "song",
        ("most beautiful", "most lovely", "loveliest", "most beautifully"),
        ("least beautiful", "least lovely", "most painful", "least beautifully"),
        ("more beautifully than", "better than", "more beautiful than"),
        ("less beautifully than", "worse than", "less beautiful than", "not sing as well as"),
        ("most", "best"),
        ("least", "worst"),
        greater="start",
    ),
    Axis(
        "hunger",
        ("hungriest", "most hungry"),
        ("least hungry",),
        ("hungrier than", "more hungry than"),
        ("less hungry than",),
        ("most",),
        ("least",),
        greater="start",
    ),
    _graded("height", "tall", "short"),
    _graded("weight", "heavi", "light"),
    _graded("speed", "fast", "slow"),
    Axis("size", ("largest", "biggest"), ("smallest",), ("larger than", "bigger than"),
         ("smaller than",), greater="start"),
    _graded("strength", "strong", "weak"),
    _graded("loudness", "loud", "quiet"),
    _graded("wealth", "rich", "poor"),
    _graded("level", "high", "low"),
)  # fmt: skip
"""Every axis known; a problem is read along the one that reads most of its statements."""
