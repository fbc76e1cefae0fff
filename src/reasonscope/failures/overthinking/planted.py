"""Planted truth: known ways, known places of right thoughts, known repetition, known loops."""

import random
from collections.abc import Callable, Sequence
from functools import cache

from reasonscope.failures.overthinking import shares
from reasonscope.failures.overthinking.examining import examined
from reasonscope.failures.overthinking.row import Overthinking
from reasonscope.failures.overthinking.shares import Line
from reasonscope.instrument import Calibration
from reasonscope.planting import effect, rate
from reasonscope.problems.answers import candidates
from reasonscope.provenance import seed_for
from reasonscope.stats import Estimate
from reasonscope.structure.flips.ledger import ledger
from reasonscope.structure.flips.planted import FILLERS, planted_flips
from reasonscope.traces.schema import Case, Problem, Trace
from reasonscope.traces.segment.steps import steps_of

BANK = 60
"""Examined cases of each kind that simulated studies draw from."""
PROBLEMS, SAMPLES = 60, 3
"""Size of a simulated study."""
WORDS, CHUNK = 400, 40
"""Words of a trace with planted repetition, and of each chunk that is said again."""


def row_of(case: Case) -> Overthinking:
    """The row that the instrument gives for a planted case."""
    return examined(case, ledger(case, candidates(case.problem, case.trace, case.steps)))


def planted_ways(seed: int, index: int, pattern: Sequence[int]) -> Case:
    """A trace whose solutions go known ways, such as ``(0, 0, 1)``: a product cut differently."""
    rng = random.Random(seed_for("planted ways", seed, index, *pattern))
    a, b = rng.randint(41, 59), rng.randint(71, 98)
    cuts = rng.sample(range(11, 37), max(pattern) + 1)
    parts = []
    for way in pattern:
        cut = cuts[way]
        parts += rng.sample(FILLERS, 2)
        parts.append(
            f"{a} * {cut} = {a * cut}. {a} * {b - cut} = {a * (b - cut)}. "
            f"{a * cut} + {a * (b - cut)} = {a * b}."
        )
    parts += rng.sample(FILLERS, 2)
    return _case(f"What is {a} times {b}, hall {index}?", str(a * b), " ".join(parts))


def planted_repetition(seed: int, index: int, share: float) -> Case:
    """A trace of invented words, of which a share is said again in chunks, word for word."""
    rng = random.Random(seed_for("planted repetition", seed, index, share))
    again = round(share * WORDS / CHUNK)
    fresh = [_word(rng) for _ in range(WORDS - again * CHUNK)]
    chunks = [fresh[i : i + CHUNK] for i in range(0, len(fresh), CHUNK)]
    sources = rng.sample(chunks[:-1], again)
    text = ". ".join(" ".join(chunk) for chunk in [*chunks, *sources])
    return _case(f"Planted {index}?", "1", text)


def planted_loop(seed: int, index: int, rounds: int) -> Case:
    """A trace that ends in the same thirty words, said so many times."""
    rng = random.Random(seed_for("planted loop", seed, index, rounds))
    start = " ".join(_word(rng) for _ in range(60))
    loop = " ".join(_word(rng) for _ in range(30))
    return _case(f"Planted {index}?", "1", start + ". " + f"{loop}. " * rounds, form="unclosed")


def _word(rng: random.Random) -> str:
    return "".join(rng.choice("bdfgklmnprst") + rng.choice("aeiou") for _ in range(3))


def _case(question: str, answer: str, reasoning: str, form: str = "tags") -> Case:
    problem = Problem.make(question, answer=answer, answer_kind="number", family="planted")
    closed = form == "tags"
    trace = Trace.make(
        problem,
        reasoning,
        model="planted",
        opening="<think>",
        closing="</think>" if closed else "",
        answer=f"\\boxed{{{answer}}}" if closed else "",
        form=form,
    )
    return Case(problem, trace, tuple(steps_of(trace)))


def calibrate(seed: int, n: int) -> list[Calibration]:
    """Known ways and loops read back; intervals of efficiency, underthinking and repetition."""
    return [
        _ways(seed, n),
        _loops(seed, n),
        _places(
            seed,
            n,
            "outcome efficiency of 60 problems of 3 traces whose first right answer comes early; "
            "null: as often early as late",
            shares.outcome_efficiency,
            ("TTT", "T"),
            ("FFT", "TFF"),
        ),
        _places(
            seed,
            n,
            "underthinking of 60 problems of 3 wrong traces, of which most drop a right answer; "
            "null: as often a late one as none",
            shares.underthinking,
            ("TFF", "TF"),
            ("FTF", "FFF"),
        ),
        _repetition(seed, n),
    ]


PATTERNS = ((0, 1), (0, 0, 1), (0, 1, 0), (0, 1, 2), (0, 1, 1, 0))


def _ways(seed: int, n: int) -> Calibration:
    planted = [PATTERNS[i % len(PATTERNS)] for i in range(n)]
    found = [row_of(planted_ways(seed, i, p)).solution_ways for i, p in enumerate(planted)]
    same = [row_of(planted_ways(seed, i, (0,) * (2 + i % 3))).distinct for i in range(n)]
    return Calibration(
        instrument="overthinking",
        plant="solutions by known ways, recovered exactly; null: one way again and again, in "
        "which a second is reported",
        power=rate([ours == truth for ours, truth in zip(found, planted, strict=True)]),
        false_positive=rate([ways > 1 for ways in same]),
        note="real solutions differ less clearly: docs/instruments/overthinking.md",
    )


def _loops(seed: int, n: int) -> Calibration:
    return Calibration(
        instrument="overthinking",
        plant="a loop of thirty words at the end, four to nine times; null: said twice",
        power=rate([row_of(planted_loop(seed, i, 4 + i % 6)).loop_words > 0 for i in range(n)]),
        false_positive=rate([row_of(planted_loop(seed, i, 2)).loop_words > 0 for i in range(n)]),
        note="a loop that drifts, with a word changed each time, is not planted",
    )


Measure = Callable[[Sequence[Line]], Estimate]


def _places(
    seed: int, n: int, plant: str, measure: Measure, planted: tuple[str, str], null: tuple[str, str]
) -> Calibration:
    """An interval on studies that mix two patterns of right and wrong answers by halves."""

    def make(pattern: str) -> Callable[[int], Case]:
        return lambda index: planted_flips(seed, index, pattern)

    return _effect(
        seed, n, plant, measure, [(p, make(p)) for p in planted], [(p, make(p)) for p in null]
    )


MORE, LESS = (0.2, 0.4), (0.1, 0.3)
"""Shares of repeated words in the traces of a planted study, and of a null one."""


def _repetition(seed: int, n: int) -> Calibration:
    def make(share: float) -> Callable[[int], Case]:
        return lambda index: planted_repetition(seed, index, share)

    return _effect(
        seed,
        n,
        "60 problems of 3 traces that repeat .2 or .4 of their words; null: .1 or .3, so that the "
        "mean is .2",
        shares.repetition,
        [(f"repeats {share}", make(share)) for share in MORE],
        [(f"repeats {share}", make(share)) for share in LESS],
    )


Kind = tuple[str, Callable[[int], Case]]


def _effect(
    seed: int, n: int, plant: str, measure: Measure, planted: Sequence[Kind], null: Sequence[Kind]
) -> Calibration:
    """The instrument's interval against the value that the null study has without end."""
    full, empty = (_banks(seed, kinds) for kinds in (planted, null))
    return effect(
        "overthinking",
        plant,
        lambda one: measure(_study(full, random.Random(seed_for(plant, "planted", one)))),
        lambda one: measure(_study(empty, random.Random(seed_for(plant, "null", one)))),
        truth=_endless(full, measure),
        nothing=_endless(empty, measure),
        seed=seed,
        n=n,
    )


_HELD: dict[tuple[int, str], tuple[Overthinking, ...]] = {}


def _banks(seed: int, kinds: Sequence[Kind]) -> list[tuple[Overthinking, ...]]:
    """Examined cases of each kind; kept, since studies share them."""
    for name, make in kinds:
        if (seed, name) not in _HELD:
            _HELD[seed, name] = tuple(row_of(make(index)) for index in range(BANK))
    return [_HELD[seed, name] for name, _ in kinds]


def _study(banks: Sequence[Sequence[Overthinking]], draw: random.Random) -> list[Line]:
    """A simulated study: each problem leans towards one kind of trace."""
    found = []
    for problem in range(PROBLEMS):
        lean = draw.betavariate(2, 2)
        for sample in range(SAMPLES):
            row = draw.choice(banks[0] if draw.random() < lean else banks[1])
            found.append(_line(row, str(problem), f"{problem}-{sample}"))
    return found


def _endless(banks: Sequence[Sequence[Overthinking]], measure: Measure) -> float:
    """The value over all cases of both banks, which hold as many: that of a study without end."""
    rows = [row for bank in banks for row in bank]
    value = measure([_line(row, str(i), str(i)) for i, row in enumerate(rows)]).value
    return 0.0 if value is None else value


@cache
def _columns() -> tuple[str, ...]:
    from dataclasses import fields

    return tuple(f.name for f in fields(Line) if f.name not in ("trace_id", "problem_id"))


def _line(row: Overthinking, problem: str, trace: str) -> Line:
    return Line(trace, problem, *(getattr(row, name) for name in _columns()))
