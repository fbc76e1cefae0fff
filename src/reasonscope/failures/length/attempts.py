"""Attempts as columns: what every question of this instrument is asked of."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reasonscope.traces.store import Study

COLUMNS = """
select t.problem_id, l.attempts_at, l.model, l.tokens, l.right, coalesce(l.answer, ''), l.size,
  l.size_name, l.cut, l.counted
from lengths l join traces t using (trace_id) order by l.attempts_at, l.trace_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempts:
    """Attempts as parallel columns; groups are attempts of one model at one problem."""

    problems: NDArray[np.intp]
    """The problem of each attempt, as a number: the cluster."""
    groups: NDArray[np.intp]
    """The group of each attempt: one problem, one model, one prompt."""
    models: NDArray[np.intp]
    """The model of each attempt."""
    tokens: NDArray[np.float64]
    """Tokens of reasoning, at least 1."""
    right: NDArray[np.float64]
    """1 right, 0 wrong, NaN unknown (only in memory: never stored)."""
    answers: NDArray[np.intp]
    """Attempts with equal final answers share a number; -1: no final answer."""

    def __len__(self) -> int:
        return len(self.tokens)

    def picked(self, mask: NDArray[Any]) -> "Attempts":
        """Some of the attempts: by mask or by place."""
        return Attempts(
            problems=self.problems[mask],
            groups=self.groups[mask],
            models=self.models[mask],
            tokens=self.tokens[mask],
            right=self.right[mask],
            answers=self.answers[mask],
        )

    def judged(self) -> "Attempts":
        """Those whose final answer is known to be right or wrong."""
        return self.picked(~np.isnan(self.right))

    def repeated(self) -> "Attempts":
        """Those whose group holds at least two attempts."""
        return self.picked(np.bincount(self.groups)[self.groups] > 1) if len(self) else self

    def mixed(self) -> bool:
        """Whether some group holds both a right and a wrong attempt."""
        judged = self.judged()
        hits, sizes = np.bincount(judged.groups, judged.right), np.bincount(judged.groups)
        return bool(((hits > 0) & (hits < sizes)).any())

    def problem_of_groups(self) -> NDArray[np.intp]:
        """The problem of each group, by the group's number; 0 for numbers that are not used."""
        problem = np.zeros(self.groups.max(initial=-1) + 1, dtype=np.intp)
        problem[self.groups] = self.problems
        return problem

    def relative(self) -> NDArray[np.float64]:
        """Doublings above the (geometric) mean length of the group: 1 is twice as long."""
        return centred(np.log2(self.tokens), self.groups)


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What was read of a study: the attempts to compare, their sizes, and what was left out."""

    attempts: Attempts
    """Attempts that ended by themselves with at least one token."""
    sizes: NDArray[np.float64]
    """The stated size of each attempt's problem; NaN: not stated."""
    size_names: tuple[str, ...]
    """What the sizes count, sorted."""
    model_names: tuple[str, ...]
    """The models' names, by their numbers."""
    traces: int
    """All rows of the table."""
    cut: int
    """Rows left out because a limit ended them."""
    empty: int
    """Rows left out because they hold no reasoning."""
    estimated: int
    """Rows kept whose tokens are estimated."""

    @property
    def tokens_known(self) -> str:
        """How the tokens are known, in words."""
        if self.estimated == 0:
            return "counted"
        some = "" if self.estimated == len(self.attempts) else f" in {self.estimated:,} traces"
        return f"estimated from the text{some}"


def read(study: Study) -> Read:
    """The attempts of a study, less those that were cut off and those without reasoning."""
    rows = study.rows(COLUMNS)
    kept = [row for row in rows if not row[8] and row[3] > 0]
    cut = sum(1 for row in rows if row[8])
    names = sorted({row[7] for row in kept if row[7]})
    return Read(
        attempts=attempts_of(*([row[i] for row in kept] for i in range(6))),
        sizes=np.array([np.nan if row[6] is None else row[6] for row in kept], dtype=np.float64),
        size_names=tuple(names),
        model_names=tuple(dict.fromkeys(row[2] for row in kept)),
        traces=len(rows),
        cut=cut,
        empty=len(rows) - len(kept) - cut,
        estimated=sum(1 for row in kept if not row[9]),
    )


def attempts_of(
    problems: Sequence[str],
    groups: Sequence[str],
    models: Sequence[str],
    tokens: Sequence[int],
    right: Sequence[bool | None],
    answers: Sequence[str],
) -> Attempts:
    """Plain columns as attempts.

    >>> attempts_of("aab", "xxy", "mmm", [8, 16, 32], [True, None, False], "113").right
    array([ 1., nan,  0.])
    """
    votes = numbered(answers)
    return Attempts(
        problems=numbered(problems),
        groups=numbered(groups),
        models=numbered(models),
        tokens=np.array(tokens, dtype=np.float64),
        right=np.array([np.nan if one is None else float(one) for one in right], dtype=np.float64),
        answers=np.array([v if a else -1 for v, a in zip(votes, answers)], dtype=np.intp),
    )


def numbered(names: Sequence[str]) -> NDArray[np.intp]:
    """A number for each name, equal for equal names, in the order of first use."""
    known: dict[str, int] = {}
    return np.array([known.setdefault(name, len(known)) for name in names], dtype=np.intp)


def group_means(values: NDArray[np.float64], groups: NDArray[np.intp]) -> NDArray[np.float64]:
    """The mean of each group, by its number; NaN for numbers without values."""
    sizes = np.bincount(groups)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.bincount(groups, values) / sizes, dtype=np.float64)


def centred(values: NDArray[np.float64], groups: NDArray[np.intp]) -> NDArray[np.float64]:
    """Values less the mean of their group."""
    return np.asarray(values - group_means(values, groups)[groups], dtype=np.float64)


def permuted(attempts: Attempts, seed: int) -> Attempts:
    """The same attempts with their lengths shuffled within each group: the control."""
    rng = np.random.default_rng(seed)
    places = np.lexsort((np.arange(len(attempts)), attempts.groups))
    shuffled = np.lexsort((rng.random(len(attempts)), attempts.groups))
    tokens = attempts.tokens.copy()
    tokens[places] = attempts.tokens[shuffled]
    return Attempts(
        problems=attempts.problems,
        groups=attempts.groups,
        models=attempts.models,
        tokens=tokens,
        right=attempts.right,
        answers=attempts.answers,
    )
