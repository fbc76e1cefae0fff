"""What a recorder is told while a model is trained."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from reasonscope.training.judged import Judged


class Recorder(Protocol):
    """Something that listens to a training run."""

    def completions(
        self,
        step: int,
        judged: Sequence[Judged],
        rewards: Mapping[str, Sequence[float | None]],
        entropies: Sequence[Sequence[float]] | None = None,
    ) -> None:
        """A step's completions, before the step changes the model.

        Args:
            step: Optimizer steps done before.
            judged: The completions, group after group.
            rewards: By reward, one number for each completion; None: unknown.
            entropies: Of each completion, the entropy in nats at each of its tokens.
        """

    def metrics(self, step: int, values: Mapping[str, float]) -> None:
        """Numbers about a step as a whole."""

    def held_out(
        self,
        step: int,
        judged: Sequence[Judged],
        rewards: Mapping[str, Sequence[float | None]] | None = None,
    ) -> None:
        """Completions of problems that are not practised on, after ``step`` optimizer steps."""
