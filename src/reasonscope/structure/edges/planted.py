"""Planted flows of numbers: traces in which steps compute with earlier results, or do not."""

import random
from dataclasses import replace
from functools import partial

import numpy as np

from reasonscope.instrument import Calibration
from reasonscope.planting import effect
from reasonscope.provenance import seed_for
from reasonscope.stats import Estimate
from reasonscope.structure.edges.finding import edges_between
from reasonscope.structure.edges.tallies import Tally, foreign_tally, tally, value_excess

BANK = 600
"""Planted traces that are really examined; simulated studies draw from them."""
STEPS, FLOWING = 16, 0.3
"""Steps of a planted trace, and the planted share that takes up an earlier result."""
POOL = 120
"""How many different numbers are drawn anew: few, so that some meet by chance."""
PROBLEMS = 30
"""Problems of a simulated study, one trace each: few beside the bank, whose own chance is then
small beside that of a study."""

_NOUNS = ("boxes", "coins", "plates", "miles", "pages", "stamps", "litres", "trees")


def planted_steps(seed: int, flowing: float) -> tuple[list[str], set[tuple[int, int]]]:
    """Steps that compute sums, and which step uses which.

    Each step, with the chance ``flowing``, takes one of its two numbers from an earlier result;
    all other numbers are drawn anew, so that they meet by chance alone.
    """
    rng = random.Random(seed)
    texts: list[str] = []
    results: list[int] = []
    uses: set[tuple[int, int]] = set()
    for j in range(STEPS):
        one = rng.randint(100, 100 + POOL)
        if results and rng.random() < flowing:
            i = rng.randrange(len(results))
            one = results[i]
            uses.add((j, i))
        other = rng.randint(100, 100 + POOL)
        results.append(one + other)
        texts.append(f"There are {one} + {other} = {one + other} {rng.choice(_NOUNS)}. ")
    return texts, uses


def _pair(flowing: float, seed: int, index: int) -> tuple[Tally, Tally]:
    """One planted trace as it is, and behind the steps of another."""
    texts, _ = planted_steps(seed_for("planted edges", flowing, seed, index), flowing)
    other, _ = planted_steps(seed_for("planted before", flowing, seed, index), flowing)
    return tally("", STEPS, edges_between(texts)), foreign_tally("", texts, other)


def _study(bank: list[tuple[Tally, Tally]], seed: int) -> Estimate:
    """The excess of a simulated study that draws its traces, one a problem, from a bank."""
    picked = np.random.default_rng(seed).integers(0, len(bank), PROBLEMS)
    return value_excess(
        [
            (replace(bank[index][0], problem_id=str(place)), bank[index][1])
            for place, index in enumerate(picked.tolist())
        ]
    )


def calibrate(seed: int, n: int) -> list[Calibration]:
    """Power to see numbers flow, and intervals of how much more they do than by chance."""
    planted, null = (
        [_pair(flowing, seed, index) for index in range(BANK)] for flowing in (FLOWING, 0.0)
    )
    truth = float(np.mean([(a.value_users - b.value_users) / a.later for a, b in planted]))
    return [
        effect(
            "edges",
            f"{FLOWING:.0%} of the steps take a number from an earlier result; null: none does",
            partial(_study, planted),
            partial(_study, null),
            truth=truth,
            seed=seed,
            n=n,
            note="studies draw from traces that were really examined; the truth is their mean",
        )
    ]
