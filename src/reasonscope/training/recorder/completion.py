"""One completion of a step, as the recorder holds it until the step is written."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reasonscope.training.judged import Judged, Verdicts
from reasonscope.training.totals import Known, total


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """A judged completion with what it was paid."""

    judged: Judged
    rewards: Mapping[str, Known]
    """By name; None: unknown."""
    total: Known
    """The weighted sum that training maximises; None: unknown."""
    entropies: Sequence[float] | None = None
    """Nats at each token; None: unknown."""

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
    rewards: Mapping[str, Sequence[Known]],
    weights: Mapping[str, float],
    unread: Known,
    *,
    lone: bool = True,
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
            total=total(row, weights, unread, lone=lone),
        )
        for place, one in enumerate(judged)
    ]


def _row(rewards: Mapping[str, Sequence[Known]], place: int) -> dict[str, Known]:
    """One completion's rewards; what is no finite number is unknown."""
    held = {name: values[place] for name, values in rewards.items()}
    return {
        name: None if value is None or not math.isfinite(value) else float(value)
        for name, value in held.items()
    }
