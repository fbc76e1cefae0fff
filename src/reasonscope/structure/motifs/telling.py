"""Whether motifs tell wrong from right traces beyond length, and which of them do."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from reasonscope.stats import Estimate, benjamini_hochberg
from reasonscope.structure.motifs.counts import common, rates
from reasonscope.structure.motifs.model import FIRST, FOLDS, fold_of, forward, tried
from reasonscope.structure.motifs.pairs import area, gain

Floats = NDArray[np.float64]

LEAST = 20
"""Least traces of each outcome, and problems in all."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One trace: its moves' patterns, its length, its problem and outcome."""

    problem: str
    steps: int
    tokens: int
    wrong: bool
    counts: Counter[str]
    model: str = ""
    """Traces of one model are compared with each other only."""


@dataclass(frozen=True, slots=True)
class Motif:
    """One pattern, and how it differs between wrong and right traces of the same length."""

    motif: str
    wrong: float
    """In a hundred steps of wrong traces."""
    right: float
    p_value: float
    """Of the difference at equal length, clustered by problem."""
    q_value: float
    """The same, adjusted for the number of motifs."""


@dataclass(frozen=True, slots=True)
class Telling:
    """How well wrong traces are told from right ones of problems left out."""

    motifs: Estimate
    """By motifs and length together: chance that a wrong trace scores above a right one."""
    length: Estimate
    """By length alone."""
    gain: Estimate
    """The first minus the second."""
    by_motif: tuple[Motif, ...]
    """Each motif, the surest difference first."""


def why_not(attempts: Sequence[Attempt]) -> str:
    """Why nothing can be learnt from these traces; empty: it can."""
    if not attempts:
        return "no labelled trace has an answer that could be compared"
    wrong = sum(one.wrong for one in attempts)
    if min(wrong, len(attempts) - wrong) < LEAST:
        found = f"found {len(attempts) - wrong} and {wrong}"
        return f"it needs {LEAST} right and {LEAST} wrong traces, {found}"
    problems = len({one.problem for one in attempts})
    if problems < LEAST:
        return f"it needs {LEAST} problems to leave some out, found {problems}"
    return ""


def telling(attempts: Sequence[Attempt], details: bool = True) -> Telling | None:
    """What motifs tell beyond length; None: it cannot be learnt (see :func:`why_not`).

    Args:
        attempts: Traces with known outcomes.
        details: Whether each motif is tested on its own, too.
    """
    if why_not(attempts):
        return None
    data = columns_of(attempts)
    both = forward(np.column_stack([data.size, data.rates]), data.truth, data.folds)
    alone = forward(data.size, data.truth, data.folds)
    if both is None or alone is None:
        return None
    mine = tried(both, np.column_stack([data.size, data.rates]), data.folds)
    base = tried(alone, data.size, data.folds)
    late = np.asarray(data.folds) >= FIRST
    where = data.cells[late], [data.problems[at] for at in np.flatnonzero(late)]
    return Telling(
        area(mine[late], data.truth[late], *where),
        area(base[late], data.truth[late], *where),
        gain(mine[late], base[late], data.truth[late], *where),
        _each(data) if details else (),
    )


@dataclass(frozen=True, slots=True)
class Columns:
    """Traces as columns for a model; what is of one model's traces is centred by that model."""

    motifs: tuple[str, ...]
    raw: Floats
    """Each motif in a hundred steps, shape (trace, motif)."""
    rates: Floats
    """The same, centred."""
    size: Floats
    """Length in three columns, centred."""
    truth: NDArray[np.bool_]
    """Whether each trace is wrong."""
    problems: list[str]
    folds: list[int]
    cells: NDArray[np.intp]
    """Fold and model as one number: only traces of one cell are compared."""
    models: NDArray[np.intp]


def columns_of(attempts: Sequence[Attempt]) -> Columns:
    """The columns of some traces."""
    counts, steps = [one.counts for one in attempts], [one.steps for one in attempts]
    motifs = common(counts)
    models = np.unique([one.model for one in attempts], return_inverse=True)[1]
    raw = rates(counts, motifs, steps)
    problems = [one.problem for one in attempts]
    folds = [fold_of(name) for name in problems]
    return Columns(
        motifs=tuple(motifs),
        raw=raw,
        rates=_centred(raw, models),
        size=_centred(_logs(steps, [one.tokens for one in attempts]), models),
        truth=np.array([one.wrong for one in attempts]),
        problems=problems,
        folds=folds,
        cells=np.asarray(folds) + FOLDS * models,
        models=models,
    )


def size_of(steps: Sequence[int], tokens: Sequence[int], learnt: Sequence[Attempt]) -> Floats:
    """Length in three columns: log steps, log tokens, and the square of the latter.

    They are centred by traces that are learnt from, all of one model.

    Args:
        steps: Steps of each trace.
        tokens: Tokens of each trace.
        learnt: The traces whose means are taken off.
    """
    own = _logs([one.steps for one in learnt], [one.tokens for one in learnt])
    columns: Floats = _logs(steps, tokens) - own.mean(0)
    return columns


def _logs(steps: Sequence[int], tokens: Sequence[int]) -> Floats:
    rows = np.log(np.maximum(np.column_stack([steps, tokens]), 1.0))
    columns: Floats = np.column_stack([rows, (rows[:, 1] - 6.0) ** 2])
    return columns


def _centred(columns: Floats, models: NDArray[np.intp]) -> Floats:
    """Columns minus their mean over the traces of the same model."""
    counts = np.bincount(models)[:, None]
    sums = np.zeros((len(counts), columns.shape[1]))
    np.add.at(sums, models, columns)
    centred: Floats = columns - (sums / counts)[models]
    return centred


def _each(data: Columns) -> tuple[Motif, ...]:
    """Each motif's difference at equal length: score tests with problems as clusters."""
    design = np.column_stack([np.ones(len(data.size)), data.size])
    rest = data.rates - design @ np.linalg.lstsq(design, data.rates, rcond=None)[0]
    wrong = _centred(data.truth[:, None].astype(float), data.models)[:, 0]
    outcome = wrong - design @ np.linalg.lstsq(design, wrong, rcond=None)[0]
    groups = np.unique(np.asarray(data.problems), return_inverse=True)[1]
    p_values = [_p_value(column * outcome, groups) for column in rest.T]
    q_values = benjamini_hochberg(p_values)
    means = data.raw[data.truth].mean(0), data.raw[~data.truth].mean(0)
    found = [
        Motif(motif, float(wrong_rate), float(right_rate), p, q)
        for motif, wrong_rate, right_rate, p, q in zip(
            data.motifs, *means, p_values, q_values, strict=True
        )
    ]
    return tuple(sorted(found, key=lambda one: (one.p_value, one.motif)))


def _p_value(products: Floats, groups: NDArray[np.intp]) -> float:
    k = int(groups.max()) + 1
    sums = np.bincount(groups, weights=products, minlength=k)
    spread = math.sqrt(float(sums @ sums) * k / (k - 1))
    if spread < 1e-12:
        return 1.0
    return float(2 * student.sf(abs(float(sums.sum())) / spread, k - 1))
