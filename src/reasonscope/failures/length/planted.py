"""Planted lengths: studies in which what length does to accuracy is known.

Traces of a bank are written, segmented and examined for real; simulated studies draw attempts from
it. Every study is a Simpson trap: harder problems have longer traces and fail more often, whatever
length does within a problem.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from reasonscope.failures.length.attempts import Attempts, centred
from reasonscope.failures.length.findings import LEVEL, hump_seen
from reasonscope.failures.length.rows import Length, examine
from reasonscope.failures.length.shortest import short_1_points
from reasonscope.failures.length.within import (
    between_slope_points,
    inverted_u,
    right_to_wrong_ratio,
    slope_points,
)
from reasonscope.instrument import Calibration
from reasonscope.planting import effect, excludes, mean_error, rate
from reasonscope.problems.answers import candidates
from reasonscope.provenance import seed_for
from reasonscope.traces.schema import Case, Problem, Trace
from reasonscope.traces.segment.steps import steps_of

PROBLEMS, SAMPLES = 60, 16
"""Size of a simulated study: problems, and attempts at each."""
DOUBLINGS, PER_DOUBLING, SHORTEST = 6, 16, 8
"""The bank: lengths over so many doublings, so many to each, from so many sentences."""
SLOPE, STEEP = -0.12, -0.25
"""Planted points of accuracy per doubling, and a steeper slope for the shortest attempt."""
TOP, CURVE, RISE = -0.15, 0.25, 0.3
"""Planted vertex in doublings from the mean length, curvature about it, and height."""
HUMP_PROBLEMS = 160
"""Problems of a study in which a hump is looked for: it takes more than a slope does."""
LEVELS_OFF, CLIMB = -0.5, 0.35
"""The null of the hump: accuracy climbs so steeply up to there and then stays level."""
LATER = 5
"""Places in the bank by which planted wrong attempts are longer: 5 / 16 of a doubling."""

Law = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""From relative lengths to what they add to the chance of a right answer."""


def planted_length(sentences: int, right: bool) -> Case:
    """A trace of so many sentences that ends with the right answer, or with a wrong one."""
    problem = Problem.make(
        "How many tiles are there?", answer="42", answer_kind="number", family="planted"
    )
    reasoning = " ".join(["One more row of the floor holds tiles."] * sentences)
    trace = Trace.make(
        problem,
        reasoning,
        model="planted",
        opening="<think>",
        closing="</think>",
        answer=f"The answer is \\boxed{{{42 if right else 41}}}.",
        form="tags",
    )
    return Case(problem, trace, steps_of(trace))


def examined(case: Case) -> Length:
    """The row that the instrument itself makes of a case, answers read by the reader."""
    stated = tuple(candidates(case.problem, case.trace, case.steps))
    (row,) = examine(Case(case.problem, case.trace, case.steps, {"answers": stated}))
    return row


@cache
def bank() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Examined tokens, and what was read of right and wrong endings, for each length in turn."""
    lengths = [
        round(SHORTEST * 2 ** (place / PER_DOUBLING))
        for place in range(DOUBLINGS * PER_DOUBLING + 1)
    ]
    rows = [[examined(planted_length(n, right)) for right in (False, True)] for n in lengths]
    tokens = np.array([[row.tokens for row in pair] for pair in rows], dtype=np.float64)
    read = np.array([[row.right is True for row in pair] for pair in rows], dtype=np.float64)
    return tokens, read


@dataclass(frozen=True, slots=True)
class _Drawn:
    """Attempts before they are known to be right: hardness, places in the bank, lengths."""

    groups: NDArray[np.intp]
    hardness: NDArray[np.float64]
    places: NDArray[np.intp]
    relative: NDArray[np.float64]


def _drawn(rng: np.random.Generator, problems: int) -> _Drawn:
    """Lengths spread over two doublings within a problem, centred higher for harder ones."""
    groups = np.repeat(np.arange(problems), SAMPLES)
    hardness = rng.random(problems)
    middle = PER_DOUBLING * (1 + (DOUBLINGS - 3) * hardness)
    spread = rng.uniform(-PER_DOUBLING, PER_DOUBLING, problems * SAMPLES)
    places = np.rint(middle[groups] + spread).astype(np.intp)
    relative = centred(np.log2(bank()[0][places, 0]), groups)
    return _Drawn(groups, hardness, places, relative)


def planted_study(seed: int, law: Law | None, problems: int = PROBLEMS) -> Attempts:
    """A study whose chance of a right answer is its problem's own plus ``law`` of the length.

    The problem's own chance falls from .6 to .4 with its hardness. Without a law length says
    nothing within a problem.
    """
    rng = np.random.default_rng(seed)
    drawn = _drawn(rng, problems)
    own = _own(drawn)
    chance = own if law is None else own + law(drawn.relative)
    right = (rng.random(len(chance)) < chance).astype(np.intp)
    return _attempts(drawn.groups, drawn.places, right)


def _own(drawn: _Drawn) -> NDArray[np.float64]:
    return 0.6 - 0.2 * drawn.hardness[drawn.groups]


def study_of_longer_errors(seed: int, later: int) -> Attempts:
    """A study in which wrong attempts stand so many places later in the bank than right ones."""
    rng = np.random.default_rng(seed)
    drawn = _drawn(rng, PROBLEMS)
    right = (rng.random(len(drawn.places)) < _own(drawn)).astype(np.intp)
    return _attempts(drawn.groups, drawn.places + (1 - right) * later, right)


def _attempts(
    groups: NDArray[np.intp], places: NDArray[np.intp], right: NDArray[np.intp]
) -> Attempts:
    tokens, read = bank()
    return Attempts(
        problems=groups,
        groups=groups,
        models=np.zeros_like(groups),
        tokens=tokens[places, right],
        right=read[places, right],
        answers=right,
    )


def _sloped(slope: float) -> Law:
    return lambda relative: slope * relative


def _humped(relative: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(RISE - CURVE * (relative - TOP) ** 2, dtype=np.float64)


def _levelling(relative: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(CLIMB * np.minimum(relative - LEVELS_OFF, 0), dtype=np.float64)


def calibrate(seed: int, n: int) -> list[Calibration]:
    """Slope, hump, errors that are longer, and the shortest attempt: power and false alarms."""
    return [_slope(seed, n), _hump(seed, n), _longer_errors(seed, n), _shortest(seed, n)]


def _slope(seed: int, n: int) -> Calibration:
    looks = [
        between_slope_points(planted_study(seed_for("simpson", seed, i), None))
        for i in range(min(n, 200))
    ]
    fooled = sum(excludes(one) for one in looks) / len(looks)
    return effect(
        "length",
        "accuracy falls with length within problems; null: it does not, but harder problems "
        "take longer and fail more often",
        lambda one: slope_points(planted_study(one, _sloped(SLOPE))),
        lambda one: slope_points(planted_study(one, None)),
        truth=SLOPE,
        seed=seed,
        n=n,
        note=f"between problems a slope is seen in {fooled:.0%} of the null studies",
    )


def _hump(seed: int, n: int) -> Calibration:
    name = "accuracy rises, then falls with length; null: it rises, then stays level"
    seeds = [seed_for("effect", "length", name, seed, index) for index in range(n)]
    found = [inverted_u(planted_study(one, _humped, HUMP_PROBLEMS)) for one in seeds]
    empty = [inverted_u(planted_study(one, _levelling, HUMP_PROBLEMS)) for one in seeds]
    tops = [tested.vertex for tested in found]
    fooled = sum(one.p_value is not None and one.p_value <= LEVEL for one in empty) / n
    return Calibration(
        instrument="length",
        plant=name,
        power=rate([hump_seen(tested) for tested in found]),
        false_positive=rate([hump_seen(tested) for tested in empty]),
        coverage=rate([top.low is not None and not excludes(top, TOP) for top in tops]),
        bias=mean_error([top.value - TOP for top in tops if top.value is not None]),
        note="bias in doublings of the vertex; the quadratic's test alone sees an inverted U in "
        f"{fooled:.0%} of the null studies",
    )


def _longer_errors(seed: int, n: int) -> Calibration:
    return effect(
        "length",
        "wrong attempts are longer than right ones at the same problem; null: as long",
        lambda one: right_to_wrong_ratio(study_of_longer_errors(one, LATER)),
        lambda one: right_to_wrong_ratio(study_of_longer_errors(one, 0)),
        truth=2 ** (-LATER / PER_DOUBLING),
        nothing=1.0,
        seed=seed,
        n=n,
        note="lengths of the bank are whole sentences, so the planted ratio is met within .2 %",
    )


def _shortest(seed: int, n: int) -> Calibration:
    least = (SAMPLES - 1) / (SAMPLES + 1)  # of SAMPLES uniform numbers, below their mean
    return effect(
        "length",
        "the shortest attempt is right more often; null: as often as any",
        lambda one: short_1_points(planted_study(one, _sloped(STEEP))),
        lambda one: short_1_points(planted_study(one, None)),
        truth=-STEEP * least,
        seed=seed,
        n=n,
    )
