"""Planted truth for suppression and receiver heads: traces read by a model set by hand."""

from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from reasonscope.instrument import Calibration
from reasonscope.planting import rate
from reasonscope.provenance import seed_for
from reasonscope.structure.anchors.receivers import (
    FEWEST,
    FIRST,
    GAP,
    Reception,
    head_rows,
    reception,
)
from reasonscope.structure.anchors.suppression import matrix_of_tokens

if TYPE_CHECKING:
    from reasonscope.models.trace_tokens import TraceTokens

STEPS = 12
TOKENS = 5
"""Of each step; where steps are not even, about as many."""
APART = 2
"""Steps from a payload to its recall, at most: only near pairs have enough to be compared with."""
DRAWS = 32
"""Of which about 25 have room for the target: 19 are needed for p = .05."""
BANK = 64
"""Traces of each kind that studies draw from."""
TRACES = 16
"""Of a study."""


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


def calibrate_suppression(seed: int, n: int) -> list[Calibration]:
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
    from reasonscope.models.planted_copy import planted_model

    rng = np.random.default_rng(seed_for("pair", seed))
    source = int(rng.integers(1, STEPS - APART))
    target = source + int(rng.integers(1, APART + 1))
    tokens = planted_tokens(seed, copied=(source, target) if planted else None)
    matrix = matrix_of_tokens(planted_model(), tokens, str(seed), draws=DRAWS, sources=[source])
    return bool(matrix.p_values[source, target] <= 0.05)


def calibrate_receivers(seed: int, n: int) -> list[Calibration]:
    """How often the head that always looks at one step is found, and any head where none does.

    Found in a planted study: the planted head has the highest mean rank, and a q-value of at most
    .05. Found in a null one: any of the sixteen heads has such a q-value. Traces have 12 to 24
    steps of uneven lengths; in the null ones the planted head looks at the sink. Studies are drawn
    from a bank of traces that were really read.
    """
    seeds = [seed_for("receivers plant", seed, index) for index in range(n)]
    return [
        Calibration(
            instrument="receivers",
            plant="a head that looks at one step from everywhere; null: no such step",
            power=rate([_first(_study(one, True)) for one in seeds]),
            false_positive=rate([_any(_study(one, False)) for one in seeds]),
            note="heads set by hand in a two-layer model; studies share a bank of traces",
        )
    ]


def _study(seed: int, planted: bool) -> list[Reception]:
    picked = np.random.default_rng(seed_for("study", seed)).choice(BANK, TRACES, replace=False)
    bank = _bank(planted)
    return [bank[index] for index in picked.tolist()]


@lru_cache(maxsize=2)
def _bank(planted: bool) -> tuple[Reception, ...]:
    from reasonscope.models.planted_copy import planted_model

    rows = []
    for index in range(BANK):
        seed = seed_for("receiver bank", index)
        rng = np.random.default_rng(seed)
        steps = int(rng.integers(FIRST + FEWEST + GAP, 25))
        anchor = int(rng.integers(FIRST, steps - GAP)) if planted else None
        tokens = planted_tokens(seed, steps=steps, even=False, anchor=anchor)
        rows.append(reception(planted_model(), tokens, str(index), str(index)))
    return tuple(rows)


def _first(study: list[Reception]) -> bool:
    from reasonscope.models.planted_copy import RECEIVER

    best = head_rows(study)[0]
    return (best.layer, best.head) == (RECEIVER.layer, RECEIVER.head) and _holds(best.q_value)


def _any(study: list[Reception]) -> bool:
    return any(_holds(row.q_value) for row in head_rows(study))


def _holds(q_value: float | None) -> bool:
    return q_value is not None and q_value <= 0.05
