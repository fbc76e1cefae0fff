"""Estimates over lines of the ledger; ``conclude``, the panel and ``calibrate`` use the same ones.

A line is one trace with its candidates. What cannot be said of a line leaves it out, never zero.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from reasonscope.stats import (
    Estimate,
    clustered_proportion,
    mean_by_cluster,
    newcombe_paired,
    ratio_by_cluster,
)
from reasonscope.stats.possible import possible
from reasonscope.traces.store import Study

FEW = 10
"""Fewer changed problems than this: the paired interval of shares, not Student's."""


@dataclass(frozen=True, slots=True)
class Line:
    """What the estimates need of one trace."""

    trace_id: str
    problem_id: str
    outcomes: str
    identities: tuple[int, ...]
    tokens_at: tuple[int, ...]
    tokens: int
    final: bool | None
    stated: tuple[bool, ...]

    @property
    def first(self) -> bool | None:
        """Whether the first candidate is right."""
        return _outcome(self.outcomes[:1])

    @property
    def right_tokens(self) -> int | None:
        """Tokens up to the end of the step with the first right candidate."""
        place = self.outcomes.find("T")
        return None if place < 0 else self.tokens_at[place]

    @property
    def stated_tokens(self) -> int | None:
        """The same up to where a right candidate is first called the answer."""
        places = zip(self.outcomes, self.stated, self.tokens_at, strict=True)
        return next((at for letter, said, at in places if said and letter == "T"), None)

    def stopped(self, place: int | None) -> tuple[int, bool | None]:
        """Tokens spent and outcome if one stops at a candidate; None: never."""
        if place is None or place >= len(self.outcomes):
            return self.tokens, self.final
        return self.tokens_at[place], _outcome(self.outcomes[place])

    @property
    def repeated(self) -> int | None:
        """The place of the first candidate whose answer was there before."""
        seen: set[int] = set()
        for place, identity in enumerate(self.identities):
            if identity in seen:
                return place
            seen.add(identity)
        return None


def _outcome(letter: str) -> bool | None:
    return {"T": True, "F": False}.get(letter)


def lines(study: Study) -> list[Line]:
    """The lines of all traces that were examined."""
    rows = study.rows(
        "select f.trace_id, t.problem_id, f.outcomes, f.identities, f.tokens_at, f.tokens, "
        "f.final_correct, f.stated from flips f join traces t using (trace_id) order by f.trace_id"
    )
    return [
        Line(one, problem, outcomes, tuple(same), tuple(places), tokens, final, tuple(stated))
        for one, problem, outcomes, same, places, tokens, final, stated in rows
    ]


def share(
    held: Iterable[Line], success: Callable[[Line], int], size: Callable[[Line], int]
) -> Estimate:
    """A share with both counts given per line, clustered by problem."""
    hits: dict[str, int] = {}
    sizes: dict[str, int] = {}
    for line in held:
        hits[line.problem_id] = hits.get(line.problem_id, 0) + success(line)
        sizes[line.problem_id] = sizes.get(line.problem_id, 0) + size(line)
    names = sorted(sizes)
    return clustered_proportion([hits[name] for name in names], [sizes[name] for name in names])


def after_right(held: Sequence[Line]) -> Estimate:
    """The share of tokens after the first right answer, over traces that come to it."""
    return _after([(line, line.right_tokens) for line in held])


def after_stated(held: Sequence[Line]) -> Estimate:
    """The same after a right answer is first called the answer; without such a place, none is.

    Over the same traces as :func:`after_right`, of which it is a lower bound.
    """
    come = [line for line in held if line.right_tokens is not None]
    return _after([(line, line.stated_tokens or line.tokens) for line in come])


def after_first(held: Sequence[Line]) -> Estimate:
    """The share of tokens after the first candidate answer, over traces that have one."""
    return _after([(line, line.tokens_at[0] if line.tokens_at else None) for line in held])


def _after(placed: Sequence[tuple[Line, int | None]]) -> Estimate:
    known = [(line, place) for line, place in placed if place is not None]
    return possible(
        ratio_by_cluster(
            [line.tokens - place for line, place in known],
            [line.tokens for line, _ in known],
            [line.problem_id for line, _ in known],
        ),
        most=1.0,
    )


def keeping(line: Line) -> int:
    """How many transitions keep the answer."""
    return sum(a == b for a, b in zip(line.identities, line.identities[1:], strict=False))


def confirmatory(held: Sequence[Line]) -> Estimate:
    """The share of transitions that keep the answer."""
    return share(held, keeping, lambda line: max(0, len(line.identities) - 1))


def rescued(held: Sequence[Line]) -> Estimate:
    """Of traces whose first candidate is wrong, the share that end right."""
    known = [line for line in held if line.first is False and line.final is not None]
    return share(known, lambda line: int(line.final is True), lambda _: 1)


def spoiled(held: Sequence[Line]) -> Estimate:
    """Of traces whose first candidate is right, the share that end wrong."""
    known = [line for line in held if line.first is True and line.final is not None]
    return share(known, lambda line: int(line.final is False), lambda _: 1)


def first_wrong(held: Sequence[Line]) -> Estimate:
    """The share of first candidates that are wrong, where first and last can be told."""
    return share(paired(held), lambda line: int(line.first is False), lambda _: 1)


def final_wrong(held: Sequence[Line]) -> Estimate:
    """The share of final answers that are wrong, over the same traces."""
    return share(paired(held), lambda line: int(line.final is False), lambda _: 1)


def paired(held: Iterable[Line]) -> list[Line]:
    """The lines whose first candidate and final answer could both be told right or wrong."""
    return [line for line in held if line.first is not None and line.final is not None]


def gain(held: Sequence[Line]) -> Estimate:
    """Accuracy of the final answers minus that of the first candidates, paired by trace."""
    known = paired(held)
    return difference([(line.final is True, line.first is True, line.problem_id) for line in known])


def stopping_cost(held: Sequence[Line], place: Callable[[Line], int | None]) -> Estimate:
    """Accuracy if one stops at a candidate, minus that of the final answers, paired by trace."""
    pairs = [(line.stopped(place(line))[1], line.final, line.problem_id) for line in held]
    return difference(
        [(bool(a), bool(b), name) for a, b, name in pairs if a is not None and b is not None]
    )


def stopping_saves(held: Sequence[Line], place: Callable[[Line], int | None]) -> Estimate:
    """The share of all tokens that stopping there would have saved.

    A trace that never stops saves nothing; where no trace has a candidate, nothing is known.
    """
    known = [line for line in held if line.tokens]
    if not any(line.outcomes for line in known):
        known = []
    return ratio_by_cluster(
        [line.tokens - line.stopped(place(line))[0] for line in known],
        [line.tokens for line in known],
        [line.problem_id for line in known],
    )


def difference(pairs: Sequence[tuple[bool, bool, str]]) -> Estimate:
    """The difference of two paired shares, first minus second, over problems.

    Student's t over problems; with fewer than ``FEW`` problems in which the two differ, and one
    trace a problem, Newcombe's paired interval, which does not collapse. With several traces a
    problem and few differences, the wider of Student's and Newcombe's over traces.
    """
    problems = [name for _, _, name in pairs]
    by_student = mean_by_cluster([int(a) - int(b) for a, b, _ in pairs], problems)
    changed = {name for a, b, name in pairs if a != b}
    if len(changed) >= FEW or by_student.value is None:
        return by_student
    cells = [(True, True), (True, False), (False, True), (False, False)]
    both, first, second, neither = (sum((a, b) == cell for a, b, _ in pairs) for cell in cells)
    by_newcombe = newcombe_paired(both, first, second, neither)
    if len(set(problems)) == len(pairs) or by_student.low is None or by_student.high is None:
        return by_newcombe if by_student.low is not None else by_student
    return Estimate(
        value=by_student.value,
        low=min(by_student.low, by_newcombe.low or 0.0),
        high=max(by_student.high, by_newcombe.high or 0.0),
        n=by_student.n,
        clusters=by_student.clusters,
        method="wider of cluster-robust t and newcombe paired",
    )
