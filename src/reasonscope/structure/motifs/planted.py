"""Planted motifs: traces of equal length in which one pattern of moves goes with wrong answers."""

from collections import Counter
from functools import cache
from random import Random

import numpy as np

from reasonscope.instrument import Calibration
from reasonscope.planting import excludes, mean_error, rate
from reasonscope.provenance import seed_for
from reasonscope.structure.motifs.counts import Floats, patterns, rates
from reasonscope.structure.motifs.findings import sure
from reasonscope.structure.motifs.model import FIRST, FOLDS, forward
from reasonscope.structure.motifs.moves import MOVES, SHORT
from reasonscope.structure.motifs.rows import examine
from reasonscope.structure.motifs.telling import (
    Attempt,
    Columns,
    Telling,
    columns_of,
    size_of,
    telling,
)
from reasonscope.traces.schema import Case, Label, Problem, Trace
from reasonscope.traces.segment.steps import steps_of

BANK = 100
"""Traces of each kind that are really examined; simulated studies draw from them."""
PROBLEMS, SAMPLES = 80, 3
"""Size of a simulated study."""
BAD = "KUK"
"""The planted motif: check, doubt, check."""
WRONG_SHARE = (0.8, 0.2)
"""Share of wrong traces, and of right ones, that hold the motif often."""


def planted_case(seed: int, bad: bool) -> Case:
    """A labelled trace of 30 to 60 steps; a bad one strews the planted motif among them."""
    rng = Random(seed_for("planted motifs", seed, bad))
    length = rng.randint(30, 60)
    drawn = ""
    while len(drawn) < length:
        plain = rng.choices("SPFCURKA", (1, 3, 2, 5, 1, 3, 2, 1))[0]
        drawn += BAD if bad and rng.random() < 0.08 else plain
    problem = Problem.make(f"Planted labels {seed} {bad}?", family="planted")
    lines = [f"In line {at} we {SHORT[letter]}.\n" for at, letter in enumerate(drawn[:length])]
    trace = Trace.make(problem, "".join(lines), model="planted")
    labels = tuple(
        Label(trace_id=trace.trace_id, step_index=at, label=MOVES[letter])
        for at, letter in enumerate(drawn[:length])
    )
    ends = [int(end) for end in np.cumsum([len(line) for line in lines])]
    return Case(problem, trace, steps_of(trace, ends), {"labels": labels})


@cache
def _bank(bad: bool) -> tuple[tuple[int, int, Counter[str]], ...]:
    """Steps, tokens and patterns of examined traces."""
    rows = [examine(planted_case(seed, bad))[0] for seed in range(BANK)]
    return tuple((row.steps, row.tokens, patterns(row.moves)) for row in rows)


def study(seed: int, planted: bool) -> list[Attempt]:
    """A simulated study: problems differ in how often they are failed."""
    rng = np.random.default_rng(seed)
    own = np.repeat(rng.beta(3, 3, PROBLEMS), SAMPLES)
    wrong = rng.random(len(own)) < own
    shares = np.where(wrong, *WRONG_SHARE) if planted else np.full(len(own), 0.5)
    bad = rng.random(len(own)) < shares
    picks = rng.integers(0, BANK, len(own))
    made = []
    for at, pick in enumerate(picks):
        steps, tokens, counts = _bank(bool(bad[at]))[pick]
        made.append(Attempt(f"p{seed}-{at // SAMPLES}", steps, tokens, bool(wrong[at]), counts))
    return made


def told(seed: int, planted: bool, details: bool = False) -> Telling:
    """What the model tells of a simulated study."""
    found = telling(study(seed, planted), details)
    assert found is not None, "a planted study has both outcomes"
    return found


def calibrate(seed: int, n: int) -> list[Calibration]:
    """The gain's interval, and the planted motif among those that are named."""
    return [_gained(seed, n), _recovered(seed, n)]


def _gained(seed: int, n: int) -> Calibration:
    """Coverage, of half of the studies, is of what their own models gain on all traces."""
    seeds = [seed_for("gained", seed, index) for index in range(n)]
    found = [told(one, True).gain for one in seeds]
    truths = [true_gain(study(one, True)) for one in seeds[: (n + 1) // 2]]
    empty = [told(one, False).gain for one in seeds]
    held = [not excludes(estimate, truth) for estimate, truth in zip(found, truths)]
    errors = [e.value - t for e, t in zip(found, truths) if e.value is not None]
    return Calibration(
        instrument="motifs",
        plant="check, doubt, check goes with wrong answers; null: no pattern does",
        power=rate([excludes(estimate) for estimate in found]),
        false_positive=rate([excludes(estimate) for estimate in empty]),
        coverage=rate(held),
        bias=mean_error(errors),
        note=f"{PROBLEMS} problems with {SAMPLES} traces each, like length, sure labels",
    )


def true_gain(made: list[Attempt]) -> float:
    """What the models learnt from a planted study gain over length, on all possible traces.

    A fresh wrong trace is any of the banks' with the planted shares, and so is a right one: the
    chance that one scores above the other is a sum over pairs of traces of the banks.
    """
    data = columns_of(made)
    everything = [*_bank(True), *_bank(False)]
    motifs = list(data.motifs)
    raw = rates([row[2] for row in everything], motifs, [row[0] for row in everything])
    fresh = raw - data.raw.mean(0)
    size = size_of([row[0] for row in everything], [row[1] for row in everything], made)
    sides = (np.column_stack([data.size, data.rates]), np.column_stack([size, fresh]))
    areas = [_areas(*sides, data), _areas(data.size, size, data)]
    return float((areas[0] - areas[1]) @ _weights(data))


def _areas(columns: Floats, fresh: Floats, data: Columns) -> Floats:
    """The area on all possible traces of the model of each fold."""
    models = forward(columns, data.truth, data.folds)
    assert models is not None, "a planted study has both outcomes"
    return np.array([_area(model.scores(fresh)) for model in models.values()])


def _area(scores: Floats) -> float:
    wins = (np.sign(scores[:, None] - scores[None, :]) + 1) / 2
    wrong, right = (np.repeat([share, 1 - share], BANK) / BANK for share in WRONG_SHARE)
    return float(wrong @ wins @ right)


def _weights(data: Columns) -> Floats:
    """The share of all pairs that each tried fold has."""
    own = np.asarray(data.folds)
    pairs = [
        float((data.truth & (own == fold)).sum() * (~data.truth & (own == fold)).sum())
        for fold in range(FIRST, FOLDS)
    ]
    weights: Floats = np.array(pairs) / sum(pairs)
    return weights


def _recovered(seed: int, n: int) -> Calibration:
    few = max(1, n // 4)
    seeds = [seed_for("recovered", seed, index) for index in range(few)]
    hits = [_names(told(one, True, details=True)) for one in seeds]
    flags = [sure(told(one, False, details=True)) > 0 for one in seeds]
    return Calibration(
        instrument="motifs",
        plant="the same; found: the motif, or its pairs, among the five surest",
        power=rate(hits),
        false_positive=rate(flags),
        note="a quarter as many studies; false positive: any motif is named",
    )


def _names(found: Telling) -> bool:
    first = found.by_motif[:5]
    return any(one.motif == BAD and one.q_value < 0.05 and one.wrong > one.right for one in first)
