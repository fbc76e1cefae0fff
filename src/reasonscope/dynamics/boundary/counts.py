"""How many attempts of each model at each problem there are, and how many are right."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reasonscope.traces.store import Study

Counts = NDArray[np.int64]
"""Whole numbers, one a problem."""

ATTEMPTS = """
with known as (
  select problem_id from problems where answer is not null
  union select t.problem_id from traces t join answers a using (trace_id)
  where a.final and a.correct is not null
), attempts as (
  select t.model, t.problem_id, a.trace_id is not null as answered, a.correct
  from traces t left join (select * from answers where final) a using (trace_id)
  where t.problem_id in (select problem_id from known)
    and t.trace_id not in (select place from errors where source = 'instrument answers')
)
select model, problem_id, count(*) filter (where not answered or correct is not null),
  count(*) filter (where correct), count(*) filter (where not answered),
  count(*) filter (where answered and correct is null)
from attempts group by all order by all
"""
"""By model and problem whose answers can be checked: attempts, right ones, those without a final
answer (which solve nothing and count as attempts), those that could not be compared (left out)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampled:
    """The attempts of one model, by problem."""

    model: str
    """Its name."""
    attempts: dict[str, tuple[int, int]]
    """By problem: attempts that count, and how many of them are right."""
    unanswered: int
    """Attempts among them without a final answer: they solve nothing."""
    left_out: int
    """Attempts whose answer could not be compared; they are not among those that count."""

    @property
    def total(self) -> int:
        """All attempts that count."""
        return sum(n for n, _ in self.attempts.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Paired:
    """The attempts of two models at the same problems, one row a problem."""

    problems: tuple[str, ...]
    """The problems that both tried often enough."""
    n: tuple[Counts, Counts]
    """Attempts of the base and of the other model."""
    c: tuple[Counts, Counts]
    """How many of them are right."""
    most: int
    """The largest k at which both curves are known for all these problems."""
    dropped: int = 0
    """Problems that both tried, but one of them too seldom."""


def read(study: Study) -> list[Sampled]:
    """The attempts of every model of a study at problems whose answers can be checked."""
    held: dict[str, list[tuple[str, int, int, int, int]]] = {}
    for model, problem, n, c, unanswered, left_out in study.rows(ATTEMPTS):
        held.setdefault(model, []).append((problem, n, c, unanswered, left_out))
    return [
        Sampled(
            model=model,
            attempts={row[0]: (row[1], row[2]) for row in rows if row[1]},
            unanswered=sum(row[3] for row in rows),
            left_out=sum(row[4] for row in rows),
        )
        for model, rows in held.items()
    ]


def paired(base: Sampled, other: Sampled) -> Paired | None:
    """What both models tried; None: no problem.

    The largest k is the number of attempts that at least 90 % of the common problems hold of
    both models; problems with fewer are left out and counted, so that every point of a curve
    rests on the same problems (pass@k beyond k samples is undefined, not zero).
    """
    common = sorted(base.attempts.keys() & other.attempts.keys())
    if not common:
        return None
    n = np.array([[s.attempts[p][0] for p in common] for s in (base, other)], dtype=np.int64)
    c = np.array([[s.attempts[p][1] for p in common] for s in (base, other)], dtype=np.int64)
    fewest = n.min(axis=0)
    most = int(np.sort(fewest)[len(common) // 10])
    kept = fewest >= most
    return Paired(
        problems=tuple(p for p, keep in zip(common, kept) if keep),
        n=(n[0, kept], n[1, kept]),
        c=(c[0, kept], c[1, kept]),
        most=most,
        dropped=int((~kept).sum()),
    )


def shuffled(held: Paired, seed: int) -> Paired:
    """The same attempts with the models' names dealt out anew within each problem: the control."""
    rng = np.random.default_rng(seed)
    right, wrong = held.c[0] + held.c[1], held.n[0] + held.n[1] - held.c[0] - held.c[1]
    first = rng.hypergeometric(right, wrong, held.n[0]).astype(np.int64)
    return Paired(
        problems=held.problems,
        n=held.n,
        c=(first, right - first),
        most=held.most,
        dropped=held.dropped,
    )
