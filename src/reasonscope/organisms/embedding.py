"""First embeddings that already say what belongs together: names, numbers, changes.

A number's embedding is made of its digits and of waves of several periods (what networks that learn
to add are found to use); the forms of a name share a part, and so do ``plus 4 makes``, ``+`` and
``4``. With random embeddings the same base model needs several times the tokens.
"""

import math

import torch

from reasonscope.organisms.vocabulary import vocabulary
from reasonscope.problems.procedural.words import PEOPLE

PERIODS = (2, 5, 10, 20, 50, 100)
_SIGN = {"plus": "+", "minus": "-", "times": "*"}


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
    shared: dict[str, torch.Tensor] = {}

    def part(name: str) -> torch.Tensor:
        if name not in shared:
            shared[name] = torch.randn(width, generator=dice)
        return shared[name]

    def number(value: int) -> torch.Tensor:
        features = torch.tensor(number_features(value))
        return features @ directions / features.norm()

    rows = torch.randn(len(vocabulary()), width, generator=dice) * 0.5
    for index, token in enumerate(vocabulary()):
        name = next((one for one in PEOPLE if token.startswith(one)), None)
        if token.isdigit():
            rows[index] += number(int(token))
        elif token.endswith(" makes"):
            word, value, _ = token.split()
            rows[index] += 0.7 * (number(int(value)) + part(_SIGN[word]))
        elif token in _SIGN.values():
            rows[index] += part(token)
        elif name is not None:
            rows[index] += 0.7 * (part(name) + part("form" + token.removeprefix(name)))
    return rows / rows.pow(2).mean(1, keepdim=True).sqrt() * scale
