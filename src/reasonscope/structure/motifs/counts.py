"""Patterns of labels: how often each stands in a trace, in a hundred steps."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from reasonscope.structure.motifs.moves import UNLABELLED

Floats = NDArray[np.float64]

LENGTHS = (1, 2, 3)
"""Moves in a pattern."""
MOST = 40
"""Patterns that are looked at: those found in most traces."""
LEAST_SHARE = 0.1
"""Least share of traces that hold a pattern."""
PER = 100
"""Steps that a rate is given for."""


def patterns(moves: str) -> Counter[str]:
    """How often each pattern of one to three moves stands in a trace.

    >>> patterns("CKC")["CK"], patterns("CCC")["CC"]
    (1, 2)
    """
    found = Counter(
        moves[at : at + length] for length in LENGTHS for at in range(len(moves) - length + 1)
    )
    return Counter({motif: count for motif, count in found.items() if UNLABELLED not in motif})


def common(counts: Sequence[Counter[str]]) -> list[str]:
    """The patterns that most traces hold and not all their steps do, the most frequent first."""
    holders: Counter[str] = Counter()
    for one in counts:
        holders.update(one.keys())
    enough = LEAST_SHARE * len(counts)
    kept = [motif for motif, number in holders.items() if number >= enough]
    return sorted(kept, key=lambda motif: (-holders[motif], motif))[:MOST]


def rates(counts: Sequence[Counter[str]], motifs: Sequence[str], steps: Sequence[int]) -> Floats:
    """Columns of each motif's count in a hundred steps, shape (trace, motif)."""
    table = np.array([[one[motif] for motif in motifs] for one in counts], dtype=np.float64)
    return PER * table.reshape(len(counts), len(motifs)) / np.maximum(steps, 1)[:, None]
