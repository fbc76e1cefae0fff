"""First embeddings: numbers that already say how large they are, and words that say nothing.

A number's embedding is made of its digits and of waves of several periods (what networks that learn
to add are found to use); with random ones, sums need several times the tokens. Names stay random on
purpose: forms of a name that share a part are mistaken for each other, and looking up was then not
learned in 1.3 million tokens (0.3 million without).
"""

import math

import torch

from reasonscope.organisms.vocabulary import vocabulary

PERIODS = (2, 5, 10, 20, 50, 100)


def number_features(value: int) -> list[float]:
    """Tens, units, waves and size of a number below 100.

    >>> len(number_features(42)), number_features(42)[4], number_features(42)[12]
    (34, 1.0, 1.0)
    """
    digits = [float(value // 10 == i) for i in range(10)] + [
        float(value % 10 == i) for i in range(10)
    ]
    waves = [f(2 * math.pi * value / t) for t in PERIODS for f in (math.cos, math.sin)]
    size = value / 50 - 1
    return [*digits, *waves, size, size**2]


def first_embedding(width: int, seed: int, scale: float = 0.02) -> torch.Tensor:
    """The embedding ``[vocab, width]`` that the base model starts from, of a given size.

    Args:
        width: Of the model.
        seed: Of all random parts.
        scale: Root mean square of each row.
    """
    dice = torch.Generator().manual_seed(seed)
    directions = torch.randn(len(number_features(0)), width, generator=dice)
    rows = torch.randn(len(vocabulary()), width, generator=dice)
    for index, token in enumerate(vocabulary()):
        if token.isdigit():
            features = torch.tensor(number_features(int(token)))
            rows[index] = 0.5 * rows[index] + features @ directions / features.norm()
    return rows / rows.pow(2).mean(1, keepdim=True).sqrt() * scale
