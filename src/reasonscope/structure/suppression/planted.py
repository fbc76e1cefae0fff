"""Planted copies: how often a step that copies from another is found, and one that does not."""

import numpy as np

from reasonscope.instrument import Calibration
from reasonscope.planting import rate
from reasonscope.provenance import seed_for
from reasonscope.structure.planted_attention import STEPS, planted_tokens
from reasonscope.structure.suppression.matrix import LEVEL, SuppressionMatrix
from reasonscope.structure.suppression.reading import matrix_of_tokens

APART = 2
"""Steps from a payload to its recall, at most: only near pairs have enough to be compared with."""


def calibrate(seed: int, n: int) -> list[Calibration]:
    """How often a copied step is found, and how often one that nothing copies.

    One pair of steps is asked about in each trace: found means a p-value of at most .05 against
    stretches as long and as far apart. Null traces hold neither payload nor recall; the random
    heads mix their words all the same.
    """
    seeds = [seed_for("suppression plant", seed, index) for index in range(n)]
    return [
        Calibration(
            instrument="suppression",
            plant="a step that copies from an earlier one; null: nothing is copied",
            power=rate([_found(one, True) for one in seeds]),
            false_positive=rate([_found(one, False) for one in seeds]),
            note="heads set by hand in a two-layer model; real models copy the same thing twice",
        )
    ]


def _found(seed: int, planted: bool) -> bool:
    matrix, source, target = pair(seed, planted)
    return bool(matrix.p_values[source, target] <= LEVEL)


def pair(seed: int, planted: bool) -> tuple[SuppressionMatrix, int, int]:
    """The effects of one step of a planted trace, that step, and the one that copies from it."""
    from reasonscope.models.planted_copy import planted_model

    rng = np.random.default_rng(seed_for("pair", seed))
    source = int(rng.integers(1, STEPS - APART))
    target = source + int(rng.integers(1, APART + 1))
    tokens = planted_tokens(seed, copied=(source, target) if planted else None)
    matrix = matrix_of_tokens(planted_model(), tokens, str(seed), sources=[source])
    return matrix, source, target
