"""Planted flows of numbers: traces in which steps compute with earlier results, or do not."""

import random
from functools import partial

import numpy as np

from reasonscope.instrument import Calibration
from reasonscope.planting import effect
from reasonscope.provenance import seed_for
from reasonscope.stats import Estimate
from reasonscope.structure.edges.finding import edges_between
from reasonscope.structure.edges.tallies import Tally, exchanged_tally, tally, value_excess

BANK = 150
"""Planted traces that are really examined; simulated studies draw from them."""
STEPS, FLOWING = 16, 0.3
"""Steps of a planted trace, and the planted share that takes up an earlier result."""
POOL = 120
"""How many different numbers are drawn anew: few, so that some meet by chance."""
PROBLEMS, SAMPLES = 60, 2
"""Size of a simulated study."""

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
    """One planted trace as it is and with its numbers exchanged."""
    own = seed_for("planted edges", flowing, seed, index)
    texts, _ = planted_steps(own, flowing)
    return tally("", STEPS, edges_between(texts)), exchanged_tally("", texts, own)


def _study(bank: "list[tuple[Tally, Tally]]", symmetric: bool, seed: int) -> Estimate:
    """The excess of a simulated study that draws its traces from a bank.

    Where nothing flows, a trace and the same with its numbers exchanged are alike in law:
    which of the two is called the trace is drawn, so that the bank's own chance cancels.
    """
    rng = np.random.default_rng(seed)
    picked = rng.integers(0, len(bank), PROBLEMS * SAMPLES)
    turned = rng.random(PROBLEMS * SAMPLES) < 0.5
    pairs = []
    for place, (index, turn) in enumerate(zip(picked, turned)):
        one, other = bank[int(index)]
        one, other = (other, one) if symmetric and turn else (one, other)
        pairs.append((_of(one, place), _of(other, place)))
    return value_excess(pairs)


def _of(one: Tally, place: int) -> Tally:
    return Tally(
        problem_id=str(place // SAMPLES), later=one.later, edges=one.edges,
        value_users=one.value_users, far_users=one.far_users, reach=one.reach,
        known=one.known, unused=one.unused,
    )  # fmt: skip


def calibrate(seed: int, n: int) -> list[Calibration]:
    """Power to see numbers flow, and intervals of how much more they do than by chance."""
    planted = [_pair(FLOWING, seed, index) for index in range(BANK)]
    null = [_pair(0.0, seed, index) for index in range(BANK)]
    truth = float(np.mean([(a.value_users - b.value_users) / a.later for a, b in planted]))
    return [
        effect(
            "edges",
            f"{FLOWING:.0%} of the steps take a number from an earlier result; null: none does",
            partial(_study, planted, False),
            partial(_study, null, True),
            truth=truth,
            seed=seed,
            n=n,
            note="studies draw from traces that were really examined; the truth is their mean",
        )
    ]
