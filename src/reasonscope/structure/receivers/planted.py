"""A planted receiver head: how often it is found, and any head where there is none."""

from functools import lru_cache

import numpy as np

from reasonscope.instrument import Calibration
from reasonscope.planting import rate
from reasonscope.provenance import seed_for
from reasonscope.structure.planted_attention import planted_tokens
from reasonscope.structure.receivers.heads import Peaks, head_gains
from reasonscope.structure.receivers.reading import FIRST, GAP, STEPS, Reception, reception

BANK = 64
"""Traces of each kind that studies draw from."""
TRACES = 16
"""Of a study."""


def calibrate(seed: int, n: int) -> list[Calibration]:
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


def _study(seed: int, planted: bool) -> Peaks:
    picked = np.random.default_rng(seed_for("study", seed)).choice(BANK, TRACES, replace=False)
    bank = _bank(planted)
    return Peaks.of([bank[index] for index in picked.tolist()])


@lru_cache(maxsize=2)
def _bank(planted: bool) -> tuple[Reception, ...]:
    from reasonscope.models.planted_copy import planted_model

    rows = []
    for index in range(BANK):
        seed = seed_for("receiver bank", index)
        rng = np.random.default_rng(seed)
        steps = int(rng.integers(STEPS, 25))
        anchor = int(rng.integers(FIRST, steps - GAP)) if planted else None
        tokens = planted_tokens(seed, steps=steps, even=False, anchor=anchor)
        rows.append(reception(planted_model(), tokens, str(index), str(index)))
    return tuple(rows)


def _first(study: Peaks) -> bool:
    from reasonscope.models.planted_copy import RECEIVER

    best = head_gains(study)[0]
    return (best.layer, best.head) == (RECEIVER.layer, RECEIVER.head) and best.told


def _any(study: Peaks) -> bool:
    return any(row.told for row in head_gains(study))
