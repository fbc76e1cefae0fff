"""What is cheap enough to be measured on every completion of a step.

Decisions. ``truth_share`` counts a completion without a final answer as not right (nothing was
solved), and one whose answer could not be compared as missing; its part ``answered`` is the share
among compared answers alone. ``unparsed_share`` are completions that were not cut and yet hold no
answer that could be compared.
"""

from collections.abc import Callable, Iterator, Sequence

from reasonscope.training.by_step import by_step
from reasonscope.training.recorder.completion import Completion
from reasonscope.training.recorder.means import Mean, mean, ratio
from reasonscope.verify.judge import step_outcome

Named = tuple[str, str, Mean]
"""Name, part and mean of one row."""

SAME = 1e-9
"""Rewards of a group that differ by less are equal: the group teaches nothing."""


def measured(completions: Sequence[Completion]) -> Iterator[Named]:
    """Rewards, truth, what was answered and cut, lengths and groups of a step's completions."""
    problems = [one.problem for one in completions]

    def by(value: Callable[[Completion], float | None]) -> Mean:
        return mean([value(one) if one.known else None for one in completions], problems)

    yield from rewarded(completions)
    yield "truth_share", "", by(solved)
    yield "truth_share", "answered", by(lambda one: _share(one.judged.correct))
    yield "answered_share", "", by(lambda one: float(one.judged.answered))
    yield "truncated_share", "", by(lambda one: float(one.judged.truncated))
    yield "unparsed_share", "", by(unparsed)
    yield "length_tokens", "", by(lambda one: one.tokens)
    for part, correct in (("right", True), ("wrong", False)):
        kept = [one for one in completions if one.known and one.judged.correct is correct]
        tokens = [one.tokens for one in kept]
        yield "length_tokens", part, mean(tokens, [one.problem for one in kept])
    yield from groups(completions)


def rewarded(completions: Sequence[Completion]) -> Iterator[Named]:
    """The total that training maximises, and each reward that it is made of."""
    problems = [one.problem for one in completions]
    names = list(dict.fromkeys(name for one in completions for name in one.rewards))
    if names:
        yield "reward", "", mean([one.total for one in completions], problems)
    for name in names:
        yield "reward", name, mean([one.rewards.get(name) for one in completions], problems)


def solved(one: Completion) -> float | None:
    """1 for a right final answer, 0 for a wrong one or none; None: it could not be compared."""
    if one.judged.correct is None and one.judged.answered:
        return None
    return float(one.judged.correct is True)


def unparsed(one: Completion) -> float:
    """1 where a completion ended by itself and holds no answer that could be compared."""
    return float(one.judged.correct is None and not one.judged.truncated)


def _share(said: bool | None) -> float | None:
    return None if said is None else float(said)


def groups(completions: Sequence[Completion]) -> Iterator[Named]:
    """Groups in which all completions earn the same, so that they teach nothing; n counts groups.

    Parts: ``right`` and ``wrong`` are those in which all, or none, are solved.
    """
    held: dict[str, list[Completion]] = {}
    for one in completions:
        held.setdefault(one.problem, []).append(one)
    constant = {problem: _constant(group) for problem, group in held.items() if len(group) > 1}
    names = list(constant)
    if not any(said is not None for said in constant.values()):
        return
    yield "constant_group_share", "", mean([_share(said) for said in constant.values()], names)
    for part, wanted in (("right", 1.0), ("wrong", 0.0)):
        shares = [
            _all_solved(held[name], wanted) if said else _share(said)
            for name, said in constant.items()
        ]
        yield "constant_group_share", part, mean(shares, names)


def _all_solved(group: Sequence[Completion], wanted: float) -> float | None:
    """1 where each completion is solved, or each is not; None: some were not judged."""
    if not all(one.known for one in group):
        return None
    return float(all(solved(one) == wanted for one in group))


def _constant(group: Sequence[Completion]) -> bool | None:
    """Whether a group's known totals are equal; None: none is known."""
    known = [one.total for one in group if one.total is not None]
    return max(known) - min(known) <= SAME if known else None


def valid(completions: Sequence[Completion]) -> Mean:
    """The share of judged steps that are right; a completion without a judged step is missing."""
    tops: list[float | None] = []
    bottoms: list[float | None] = []
    for one in completions:
        right, judged = judged_steps(one) if one.known else (0, 0)
        tops.append(right)
        bottoms.append(judged)
    return ratio(tops, bottoms, [one.problem for one in completions])


def judged_steps(one: Completion) -> tuple[int, int]:
    """How many steps of a completion are right, and how many could be judged."""
    said = [step_outcome(held) for held in by_step(one.judged.case.steps, one.judged.verdicts)]
    return said.count(True), len(said) - said.count(None)
