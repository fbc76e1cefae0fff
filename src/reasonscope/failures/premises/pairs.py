"""Questions beside their twins that lack a premise, as columns."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from reasonscope.traces.store import Study

COLUMNS = """
select r.model, r.missing, r.pair, r.place, r.tokens, r.words, r.abstains, r.suspicions > 0,
  r.tokens_before_suspicion, r.tokens_after_suspicion, r.repeated_share, r.repeated_share_after,
  t.problem_id
from premises r join traces t using (trace_id) where r.missing is not null
order by r.model, r.trace_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One trace whose question is known to be whole or to lack a premise."""

    model: str
    missing: bool
    pair: str
    """The question and its twin; where it has none, the problem itself."""
    tokens: int
    words: int
    abstains: bool | None
    suspects: bool
    before: int | None
    """Tokens before the first suspicion."""
    after: int | None
    """Tokens from it on."""
    repeated: float | None
    repeated_after: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A question and its twin, as one model answered them: means over attempts."""

    pair: str
    model: str
    whole: tuple[Attempt, ...]
    lacking: tuple[Attempt, ...]

    def means(self, of: "Callable[[Attempt], float]") -> tuple[float, float]:
        """The mean over the attempts at the whole question, and at its twin."""
        return tuple(  # type: ignore[return-value]
            sum(of(one) for one in side) / len(side) for side in (self.whole, self.lacking)
        )


def read(study: Study) -> list[Attempt]:
    """The traces whose source says whether a premise is missing."""
    rows = study.rows(COLUMNS)
    by_place = _questions_by_place([(row[2], row[3]) for row in rows])
    return [
        Attempt(
            model=row[0],
            missing=row[1],
            pair=row[2] or by_place.get(row[3] or "") or row[12],
            tokens=row[4],
            words=row[5],
            abstains=row[6],
            suspects=row[7],
            before=row[8],
            after=row[9],
            repeated=row[10],
            repeated_after=row[11],
        )
        for row in rows
    ]


def _questions_by_place(rows: Sequence[tuple[str | None, str | None]]) -> dict[str, str]:
    """For each place and answer in a set the one question that stands there."""
    found: dict[str, set[str]] = {}
    for pair, place in rows:
        if pair and place:
            found.setdefault(place, set()).add(pair)
    return {place: next(iter(pairs)) for place, pairs in found.items() if len(pairs) == 1}


def paired(attempts: Sequence[Attempt]) -> list[Pair]:
    """Pairs of which a model answered both sides."""
    sides: dict[tuple[str, str], tuple[list[Attempt], list[Attempt]]] = {}
    for one in attempts:
        sides.setdefault((one.pair, one.model), ([], []))[one.missing].append(one)
    return [
        Pair(pair=pair, model=model, whole=tuple(whole), lacking=tuple(lacking))
        for (pair, model), (whole, lacking) in sides.items()
        if whole and lacking
    ]
