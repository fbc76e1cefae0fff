"""Planted pairs: a known ratio of lengths, answers that refuse, steps that miss something."""

import random
from collections.abc import Sequence
from functools import cache

import numpy as np

from reasonscope.failures.premises.findings import length_ratio
from reasonscope.failures.premises.pairs import Attempt, Pair
from reasonscope.failures.premises.rows import PremiseRow, examine
from reasonscope.instrument import Calibration
from reasonscope.outcomes.planting import coverage
from reasonscope.planting import effect, rate
from reasonscope.provenance import seed_for
from reasonscope.stats import Estimate
from reasonscope.traces.schema import Case, Problem, Trace
from reasonscope.traces.segment.steps import steps_of

QUESTIONS = 60
"""Pairs of a simulated study."""
PER_DOUBLING, PLACES, SHORTEST = 8, 56, 8
"""The bank: lengths to each doubling, lengths in all, sentences of the shortest."""
LONGER = 4
"""Places by which planted twins are longer: half a doubling, a ratio of 1.41."""
SPREAD = 8
"""Most places by which a trace is longer or shorter than its question's own length."""
ABSTENTION = 0.4
"""Planted share of refusals in the simulated studies."""

SENTENCE = "One more row of the floor holds tiles. "
REFUSALS = (
    "There is not enough information to determine the number of tiles.",
    "**Answer:** The problem cannot be solved as stated, since the width is not given.",
    "The question does not say how wide the floor is. Could you please provide the width?",
    "Without knowing the width, it is impossible to determine how many tiles are needed.",
    "So the final answer is \\boxed{\\text{cannot be determined}}.",
    "The width of the floor isn't specified. If 6 was meant, the answer might be \\boxed{42}.",
)
"""Last words that refuse."""
ANSWERS = (
    "The floor takes \\boxed{42} tiles.",
    "**Answer:** 42 tiles, and no more are needed.",
    "The width is not given. Taking the usual 6 feet, the floor takes \\boxed{42} tiles.",
    "At first it seems that something is missing, but the area is 42.\n\nThus 42 tiles are needed.",
    "He cannot lay half a tile, so the answer is 42.",
    "Each of the additional rows holds 7 tiles: \\boxed{42}",
)
"""Last words that answer, some of them after a doubt."""
DOUBTS = (
    "Wait, the problem doesn't say how wide the floor is. ",
    "But the width is not given anywhere. ",
    "Maybe there is some information missing here. ",
    "Without the width, I can't determine the number of tiles. ",
    "Hmm, the question seems to be incomplete. ",
)
"""Steps that say that something is missing."""
HARMLESS = (
    "He does not lay the last row today. ",
    "The missing side of the triangle is 5 feet long. ",
    "I can't forget to add the border of 8 tiles. ",
    "Each given row holds more tiles than the last. ",
    "Let me provide the sum again, without the border. ",
)
"""Steps with the same words and another sense."""


def planted_trace(reasoning: str, answer: str) -> Case:
    """A trace with the given reasoning and last words."""
    problem = Problem.make("How many tiles does the floor take?", family="planted")
    trace = Trace.make(
        problem,
        reasoning,
        model="planted",
        opening="<think>",
        closing="</think>",
        answer=answer,
        form="tags",
    )
    return Case(problem, trace, steps_of(trace))


def _row(reasoning: str, answer: str) -> PremiseRow:
    (row,) = examine(planted_trace(reasoning, answer))
    return row


def calibrate(seed: int, n: int) -> list[Calibration]:
    """The ratio of lengths, refusals told from answers, and first doubts found in their place."""
    return [_ratio(seed, n), _refusals(seed, n), _doubts(seed, n)]


@cache
def _bank() -> Sequence[Attempt]:
    """Examined traces of rising length."""
    rows = [
        _row(SENTENCE * round(SHORTEST * 2 ** (place / PER_DOUBLING)), ANSWERS[0])
        for place in range(PLACES)
    ]
    return [
        Attempt(
            model="planted",
            missing=False,
            pair="",
            tokens=row.tokens,
            words=row.words,
            abstains=row.abstains,
            suspects=False,
            before=None,
            after=None,
            repeated=row.repeated_share,
            repeated_after=None,
        )
        for row in rows
    ]


def planted_pairs(seed: int, longer: int) -> list[Pair]:
    """A study whose twins stand so many places later in the bank than the whole questions."""
    rng = np.random.default_rng(seed)
    base = rng.integers(SPREAD, PLACES - SPREAD - LONGER, QUESTIONS)
    near = rng.integers(-SPREAD, SPREAD + 1, (2, QUESTIONS))
    bank = _bank()
    return [
        Pair(
            pair=str(at),
            model="planted",
            whole=(bank[base[at] + near[0, at]],),
            lacking=(bank[base[at] + near[1, at] + longer],),
        )
        for at in range(QUESTIONS)
    ]


def _ratio(seed: int, n: int) -> Calibration:
    def measured(longer: int, one: int) -> Estimate:
        return length_ratio(planted_pairs(one, longer))

    return effect(
        "premises",
        "questions without a premise get 1.4 times the tokens; null: as many, pair by pair",
        lambda one: measured(LONGER, one),
        lambda one: measured(0, one),
        truth=_true_ratio(),
        nothing=1.0,
        seed=seed,
        n=n,
        note="tokens of the whole output, last words included",
    )


def _true_ratio() -> float:
    """What the estimate tends to: the mean over all draws of the logarithm's difference."""
    logs = np.log2([one.tokens for one in _bank()])
    gaps = [
        logs[base + near + LONGER] - logs[base + near]
        for base in range(SPREAD, PLACES - SPREAD - LONGER)
        for near in range(-SPREAD, SPREAD + 1)
    ]
    return float(2 ** np.mean(gaps))


def _refusals(seed: int, n: int) -> Calibration:
    rng = random.Random(seed_for("planted refusals", seed))
    refused = [_row(SENTENCE, _said(rng, REFUSALS)).abstains is True for _ in range(n)]
    answered = [_row(SENTENCE, _said(rng, ANSWERS)).abstains is True for _ in range(n)]
    simulated = coverage(refused, answered, ABSTENTION, "premises", seed)
    return Calibration(
        instrument="premises",
        plant="last words that refuse; null: that answer, some after a doubt",
        power=rate(refused),
        false_positive=rate(answered),
        coverage=simulated.coverage,
        bias=simulated.bias,
        note="a dozen wordings; what real answers do to the rules is on the instrument's page",
    )


def _said(rng: random.Random, endings: Sequence[str]) -> str:
    return f"The floor has {rng.randint(2, 99)} rows.\n\n{rng.choice(endings)}"


def _doubts(seed: int, n: int) -> Calibration:
    rng = random.Random(seed_for("planted doubts", seed))
    found, alarms = [], []
    for _ in range(n):
        pieces = [SENTENCE] * rng.randint(3, 12)
        pieces.insert(rng.randint(0, len(pieces)), rng.choice(HARMLESS))
        alarms.append(_row("".join(pieces), ANSWERS[0]).first_suspicion is not None)
        at = rng.randint(0, len(pieces))
        pieces.insert(at, rng.choice(DOUBTS))
        found.append(_row("".join(pieces), ANSWERS[0]).first_suspicion == at)
    return Calibration(
        instrument="premises",
        plant="a step that misses something; null: one with the same words in another sense",
        power=rate(found),
        false_positive=rate(alarms),
        note="found: the first suspicion is the planted step",
    )
