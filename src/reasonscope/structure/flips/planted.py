"""Traces with known flips: spliced from fillers, computations and statements of an answer."""

import random
from collections.abc import Sequence
from functools import cache

from reasonscope.instrument import Calibration
from reasonscope.planting import effect, rate
from reasonscope.problems.answers import candidates
from reasonscope.provenance import seed_for
from reasonscope.stats import Estimate
from reasonscope.structure.flips import shares
from reasonscope.structure.flips.ledger import ledger
from reasonscope.structure.flips.row import Flips
from reasonscope.structure.flips.shares import Line
from reasonscope.traces.schema import Case, Problem, Trace
from reasonscope.traces.segment.steps import steps_of

FILLERS = (
    "Let me read the question once more.",
    "The tiles are laid in rows, and the rows are all alike.",
    "Wait, is there another way to see this?",
    "Hmm, nothing in the question speaks against it.",
    "Alternatively, one could think of the rows as columns.",
)
REACHED = (
    "So {a} * {b} = {n}.",
    "{a} times {b} gives {n} tiles.",
    "That would be {n} tiles in all.",
)
STATED = ("So the answer is {n}.", "Therefore, the answer should be {n}.")
BANK = 60
"""Examined cases of each pattern that simulated studies draw from."""
PROBLEMS, SAMPLES = 60, 3
"""Size of a simulated study."""


def planted_flips(seed: int, index: int, pattern: str) -> Case:
    """A trace whose candidates follow a pattern such as ``FTT``; its last one is its answer.

    Between two candidates stand at least two fillers. Each value is stated as the answer where it
    stands last, and now and then before; elsewhere it only comes out of a computation.
    """
    rng = random.Random(seed_for("planted flips", seed, index, pattern))
    a, b = rng.randint(12, 60), rng.randint(61, 97)
    right, wrong = a * b, a * b + rng.choice([-10, 10, 100])
    lasts = {pattern.rfind(letter) for letter in set(pattern)}
    parts = _fillers(rng, rng.randint(2, 6))
    for place, letter in enumerate(pattern):
        value = right if letter == "T" else wrong
        said = STATED if place in lasts else REACHED
        parts.append(rng.choice(said).format(a=a, b=b, n=value))
        parts += _fillers(rng, rng.randint(2, 6))
    problem = Problem.make(
        f"How many tiles are there, in hall {index}?",
        answer=str(right),
        answer_kind="number",
        family="planted",
    )
    final = right if pattern.endswith("T") else wrong
    trace = Trace.make(
        problem,
        " ".join(parts),
        model="planted",
        opening="<think>",
        closing="</think>",
        answer=f"\\boxed{{{final}}}",
        form="tags",
    )
    return Case(problem, trace, tuple(steps_of(trace)))


def _fillers(rng: random.Random, count: int) -> list[str]:
    return [rng.choice(FILLERS) for _ in range(count)]


def examined(case: Case) -> Flips:
    """The row that the instrument gives for a planted case."""
    return ledger(case, candidates(case.problem, case.trace, case.steps))


@cache
def _bank(seed: int, pattern: str) -> tuple[Flips, ...]:
    return tuple(examined(planted_flips(seed, index, pattern)) for index in range(BANK))


def _study(
    draw: random.Random, seed: int, patterns: Sequence[str], weights: Sequence[float]
) -> list[Line]:
    """A simulated study: each problem leans towards patterns of its own."""
    found: list[Line] = []
    for problem in range(PROBLEMS):
        own = [draw.gammavariate(4 * weight, 1) if weight else 0.0 for weight in weights]
        for sample in range(SAMPLES):
            pattern = draw.choices(patterns, own)[0]
            row = draw.choice(_bank(seed, pattern))
            found.append(_line(row, f"{problem}", f"{problem}-{sample}"))
    return found


def _line(row: Flips, problem: str, trace: str) -> Line:
    return Line(
        trace_id=trace,
        problem_id=problem,
        outcomes=row.outcomes,
        identities=row.identities,
        tokens_at=row.tokens_at,
        tokens=row.tokens,
        final=row.final_correct,
        stated=row.stated,
    )


def calibrate(seed: int, n: int) -> list[Calibration]:
    """Patterns recovered exactly, and the intervals of the two headlines."""
    return [_recovered(seed, n), _gain(seed, n), _after(seed, n)]


FLIPPED = ("FT", "FFT", "TFT", "TF", "FTF", "FTTT")
STRAIGHT = ("T", "TT", "TTT", "F", "FF", "FFF")


def _recovered(seed: int, n: int) -> Calibration:
    flipped = [FLIPPED[i % len(FLIPPED)] for i in range(n)]
    straight = [STRAIGHT[i % len(STRAIGHT)] for i in range(n)]
    return Calibration(
        instrument="flips",
        plant="candidates in a known order with a flip, recovered exactly; null: the same answer "
        "again and again, in which a change is reported",
        power=rate([_outcomes(seed, i, p) == p for i, p in enumerate(flipped)]),
        false_positive=rate([len(set(_outcomes(seed, i, p))) > 1 for i, p in enumerate(straight)]),
        note="planted traces hold no results of parts that equal an answer by chance",
    )


def _outcomes(seed: int, index: int, pattern: str) -> str:
    return examined(planted_flips(seed, index, pattern)).outcomes


PAIRED = ("TT", "TF", "FT", "FF")
HELPS, NOTHING = (0.55, 0.05, 0.25, 0.15), (0.55, 0.15, 0.15, 0.15)
"""Weights of the patterns: reflection helps by .20, and does nothing on the whole."""


def _gain(seed: int, n: int) -> Calibration:
    def estimate(weights: Sequence[float], name: str, one: int) -> Estimate:
        draw = random.Random(seed_for(name, one))
        return shares.gain(_study(draw, seed, PAIRED, weights))

    return effect(
        "flips",
        "60 problems of 3 traces in which reflection adds 20 points; null: as many right answers "
        "are spoiled as wrong ones are rescued",
        lambda one: estimate(HELPS, "gain", one),
        lambda one: estimate(NOTHING, "no gain", one),
        truth=HELPS[2] - HELPS[1],
        seed=seed,
        n=n,
        note="the errors of extraction are not in the plant; docs/instruments/flips.md counts them",
    )


EARLY, EVEN = ("TTT", "T"), ("FFT", "TFF")
"""Mostly early right answers; and one right answer at the beginning as often as at the end."""


def _after(seed: int, n: int) -> Calibration:
    def estimate(patterns: Sequence[str], weights: Sequence[float], one: int) -> Estimate:
        draw = random.Random(seed_for("after", *patterns, one))
        return shares.after_right(_study(draw, seed, patterns, weights))

    even = _expected(seed, EVEN, (0.5, 0.5))
    return effect(
        "flips",
        "60 problems of 3 traces whose first right answer comes early, against an even share; "
        "null: it comes early as often as late",
        lambda one: estimate(EARLY, (0.5, 0.5), one),
        lambda one: estimate(EVEN, (0.5, 0.5), one),
        truth=_expected(seed, EARLY, (0.5, 0.5)),
        nothing=even,
        seed=seed,
        n=n,
    )


def _expected(seed: int, patterns: Sequence[str], weights: Sequence[float]) -> float:
    """The share of tokens after the first right answer in a study without end."""
    tops = bottoms = 0.0
    for pattern, weight in zip(patterns, weights, strict=True):
        rows = [(row.tokens, row.right_tokens or 0) for row in _bank(seed, pattern)]
        tops += weight * sum(whole - right for whole, right in rows) / len(rows)
        bottoms += weight * sum(whole for whole, _ in rows) / len(rows)
    return tops / bottoms
