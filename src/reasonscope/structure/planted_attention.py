"""Traces whose attention is known: read by a model set by hand (models.planted_copy)."""

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from reasonscope.provenance import seed_for

if TYPE_CHECKING:
    from reasonscope.models.trace_tokens import TraceTokens

STEPS = 12
TOKENS = 5
"""Of each step; where steps are not even, about as many."""


def planted_tokens(
    seed: int,
    *,
    steps: int = STEPS,
    even: bool = True,
    copied: tuple[int, int] | None = None,
    anchor: int | None = None,
) -> "TraceTokens":
    """A trace of filler words in which one step copies from another, or one step is looked at.

    Args:
        seed: of the words and, where not ``even``, of the lengths.
        steps: how many there are.
        even: all steps are equally long.
        copied: the step that holds a payload, and the later one that recalls it.
        anchor: the step that is made of anchor tokens.
    """
    from reasonscope.models import planted_copy as plant
    from reasonscope.models.trace_tokens import Span, TraceTokens

    rng = np.random.default_rng(seed_for("planted heads", seed))
    sizes = [TOKENS if even else int(rng.integers(4, 10)) for _ in range(steps)]
    texts = [rng.choice(list(plant.FILLERS), size).tolist() for size in sizes]
    if copied is not None:
        source, target = copied
        texts[source][int(rng.integers(TOKENS // 2))] = int(rng.choice(list(plant.PAYLOADS)))
        texts[target][int(rng.integers(TOKENS // 2))] = plant.RECALL
    if anchor is not None:
        texts[anchor] = rng.choice(list(plant.ANCHORS), sizes[anchor]).tolist()
    prompt = [plant.SINK, *rng.choice(list(plant.FILLERS), 3).tolist()]
    ends = np.cumsum([len(prompt), *sizes]).tolist()
    return TraceTokens(
        ids=tuple(prompt + [token for text in texts for token in text]),
        prompt=len(prompt),
        steps=tuple(Span(a, b) for a, b in pairwise(ends)),
        after=Span(ends[-1], ends[-1]),
        stored=True,
    )
