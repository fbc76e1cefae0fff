"""Planted walks and planted depths: a ring with chords among memoryless walks, and length traps."""

import random
from functools import partial

import numpy as np

from reasonscope.instrument import Calibration
from reasonscope.planting import effect
from reasonscope.provenance import seed_for
from reasonscope.stats import Estimate, mean_by_cluster
from reasonscope.structure.graph.examining import graph_of
from reasonscope.structure.graph.outcomes import Ended, matched_difference

BANK = 450
"""Planted walks that are really examined; simulated studies draw from them."""
NODES, STEPS = 14, 48
"""Kinds of steps and steps of a planted walk."""
PROBLEMS = 30
"""Problems of a simulated study of walks, one trace each: few beside the bank."""
DEEPER = 1.5
"""Planted edges by which chains are longer in right traces."""

_LISTED = (
    "apples bridges clouds dancers engines forests gardens hammers islands jackets kettles "
    "ladders mirrors needles"
)
_WORDS = tuple(_LISTED.split())


def ring_walk(seed: int, steps: int = STEPS, nodes: int = NODES) -> list[int]:
    """A walk on a ring with chords: each step goes one or two places on, or one back."""
    rng = random.Random(seed)
    at, walk = 0, []
    for _ in range(steps):
        walk.append(at)
        at = (at + rng.choice((-1, 1, 2))) % nodes
    return walk


def memoryless_walk(seed: int, steps: int = STEPS, nodes: int = NODES) -> list[int]:
    """As many steps over as many kinds, each drawn without regard to the one before."""
    rng = random.Random(seed)
    return [rng.randrange(nodes) for _ in range(steps)]


def written(walk: list[int], seed: int) -> list[str]:
    """Steps whose kinds are those of a walk: a word of its own for each kind, any number."""
    rng = random.Random(seed)
    return [f"{_WORDS[kind]} {_WORDS[kind]} {rng.randint(2, 999)}. " for kind in walk]


def calibrate(seed: int, n: int) -> list[Calibration]:
    """Small-world excess of planted rings, and depth by outcome where length confounds."""
    return [_walks(seed, n), _depths(seed, n)]


def _excess(local: bool, seed: int, index: int) -> float | None:
    """Small-world index above shuffled order; None for the rare walk over too few kinds."""
    own = seed_for("planted walk", local, seed, index)
    walk = ring_walk(own) if local else memoryless_walk(own)
    row = graph_of(str(own), written(walk, own), [])
    if row.small_world is None or row.shuffled_small_world is None:
        return None
    return row.small_world - row.shuffled_small_world


def _walks(seed: int, n: int) -> Calibration:
    planted, null = (
        [x for x in (_excess(local, seed, i) for i in range(BANK)) if x is not None]
        for local in (True, False)
    )
    return effect(
        "graph",
        "walks on a ring with chords; null: memoryless walks over as many kinds of steps",
        partial(_drawn, planted),
        partial(_drawn, null),
        truth=float(np.mean(planted)),
        seed=seed,
        n=n,
        note="small-world index above that of shuffled order; studies draw from examined walks",
    )


def _drawn(bank: list[float], seed: int) -> Estimate:
    picked = np.random.default_rng(seed).choice(bank, PROBLEMS)
    return mean_by_cluster(picked, list(range(PROBLEMS)))


def _depths(seed: int, n: int) -> Calibration:
    return effect(
        "graph",
        f"chains {DEEPER} edges longer in right traces; null: none, but wrong traces are longer "
        "and longer traces deeper",
        partial(_outcomes, DEEPER),
        partial(_outcomes, 0.0),
        truth=DEEPER,
        seed=seed,
        n=n,
        note="60 problems, three traces each; depth grows with the root of length",
    )


def _outcomes(deeper: float, seed: int) -> Estimate:
    """A study in which the outcome depends on length, and depth on length and outcome."""
    rng = np.random.default_rng(seed)
    hardness = np.repeat(rng.normal(0, 0.5, 60), 3)
    steps = np.rint(np.exp(rng.normal(4, 0.5, 180) + hardness)).astype(int) + 5
    right = rng.random(180) < 1 / (1 + np.exp(1.5 * (np.log(steps) - 4)))
    depth = 1.5 * np.sqrt(steps) + deeper * right + hardness + rng.normal(0, 1.5, 180)
    return matched_difference(
        [
            Ended(str(place // 3), int(length), bool(ended), float(value))
            for place, (length, ended, value) in enumerate(zip(steps, right, depth))
        ]
    )
