"""One completion of a step, as the recorder holds it until the step is written."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reasonscope.training.judged import Judged, Verdicts


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """A judged completion with what it was paid."""

    judged: Judged
    rewards: Mapping[str, float | None]
    """By name; None: unknown."""
    total: float | None
    """The weighted sum that training maximises; None: unknown."""
    entropies: Sequence[float] | None = None
    """Nats at each token; None: unknown."""
    prompt: str | None = None
    """What was really sent, where it is not the trace's prompt."""

    @property
    def problem(self) -> str:
        """The problem's id: completions of one problem form a group."""
        return self.judged.case.problem.problem_id

    @property
    def known(self) -> bool:
        """Whether it could be judged at all."""
        return not self.judged.failure

    @property
    def tokens(self) -> int | None:
        """Tokens of the whole completion; None: unknown."""
        ids = self.judged.case.trace.token_ids
        return None if ids is None else len(ids)

    @property
    def verified(self) -> bool:
        """Whether its verdicts are there already, so that looking at them costs nothing."""
        verdicts = self.judged.verdicts
        return self.known and (not isinstance(verdicts, Verdicts) or verdicts.asked)


def completions_of(
    judged: Sequence[Judged],
    rewards: Mapping[str, Sequence[float | None]],
    weights: Mapping[str, float],
    unread: float | None,
) -> list[Completion]:
    """A step's completions with their rewards and totals (:func:`total`).

    Raises:
        ValueError: a reward has not one entry for each completion.
    """
    wrong = {name: len(held) for name, held in rewards.items() if len(held) != len(judged)}
    if wrong:
        raise ValueError(f"{len(judged)} completions, but {wrong}")
    return [
        Completion(
            judged=one,
            rewards=(row := _row(rewards, place)),
            total=total(row, weights, unread),
        )
        for place, one in enumerate(judged)
    ]


def _row(rewards: Mapping[str, Sequence[float | None]], place: int) -> dict[str, float | None]:
    """One completion's rewards; what is no finite number is unknown."""
    held = {name: values[place] for name, values in rewards.items()}
    return {
        name: None if value is None or not math.isfinite(value) else float(value)
        for name, value in held.items()
    }


def total(
    rewards: Mapping[str, float | None],
    weights: Mapping[str, float],
    unread: float | None = None,
) -> float | None:
    """The weighted sum of the rewards whose weight is not 0; one that is not named weighs 1.

    Args:
        rewards: by name; None: unknown.
        weights: by name.
        unread: what an unknown reward counts as (TRL: 0); None: the total is unknown too. It is
            always unknown where all rewards are.

    >>> total({"outcome": 1.0, "length": 2.0}, {"length": -0.5})
    0.0
    >>> total({"outcome": None, "form": 1.0}, {}), total({"outcome": None, "form": 1.0}, {}, 0.0)
    (None, 1.0)
    """
    counted = {name: value for name, value in rewards.items() if weights.get(name, 1.0) != 0}
    values = {name: unread if value is None else value for name, value in counted.items()}
    known = [weights.get(name, 1.0) * value for name, value in values.items() if value is not None]
    unknown = all(value is None for value in counted.values())
    return None if unknown or len(known) < len(values) else sum(known)
