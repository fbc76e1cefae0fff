"""What a run says of itself: to its recorder, and where nothing can be learned."""

from typing import Any

from transformers import TrainerCallback

from reasonscope.errors import SetupError
from reasonscope.training.recording import Recorder
from reasonscope.training.rlvr.trainer import RLVRTrainer

NAMES = {
    "loss": "loss",
    "grad_norm": "grad_norm",
    "learning_rate": "learning_rate",
    "entropy": "entropy_nats",
    "kl": "kl_nats",
    "clip_ratio/region_mean": "clip_share",
    "step_time": "step_seconds",
}
"""What TRL calls the numbers of a step, and how they are recorded."""


class Tell(TrainerCallback):  # type: ignore[misc]
    """Passes a step's completions and numbers on to the recorder."""

    def __init__(self, trainer: RLVRTrainer, recorder: Recorder) -> None:
        self.trainer, self.recorder = trainer, recorder

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """After the optimizer's step; the completions are those of the model before it."""
        batch = self.trainer.batch
        assert batch is not None, "a step has completions"
        self.recorder.completions(
            state.global_step - 1, batch.judged, batch.rewards, self.trainer.entropies
        )

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **kwargs: Any) -> None:
        """What TRL says of the step, and how much of it gave a signal."""
        if not logs or "loss" not in logs:
            return
        numbers = {ours: logs[name] for name, ours in NAMES.items() if logs.get(name) is not None}
        numbers["constant_group_share"] = self.trainer.constant_share
        self.recorder.metrics(state.global_step - 1, {n: float(v) for n, v in numbers.items()})


class NoSignal(TrainerCallback):  # type: ignore[misc]
    """Ends a run whose rewards have told nothing for many steps."""

    def __init__(self, trainer: RLVRTrainer) -> None:
        self.trainer, self.silent = trainer, 0

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Count steps in which every group was constant."""
        self.silent = self.silent + 1 if self.trainer.constant_share == 1 else 0
        if self.silent >= self.trainer.settings.give_up_after:
            raise SetupError(
                f"no signal: in {self.silent} steps in a row (up to step {state.global_step}) the "
                "rewards did not differ within any group, so nothing can be learned from them",
                self._said(),
            )

    def _said(self) -> list[str]:
        batch = self.trainer.batch
        assert batch is not None, "a step has completions"
        paid = self.trainer.settings.rewards  # what is only watched may well differ within a group
        return [_of_reward(name, values) for name, values in batch.rewards.items() if paid[name]]


def _of_reward(name: str, values: tuple[float | None, ...]) -> str:
    """What is wrong with a reward, and what to do."""
    known = [value for value in values if value is not None]
    missing = f"; {len(values) - len(known)} of {len(values)} could not be read"
    tail = missing if len(known) < len(values) else ""
    if not known:
        return (
            f"reward '{name}' is unknown for every completion: the model does not yet write what "
            "it looks for; train it on worked examples first, or raise max_tokens"
        )
    low, high = min(known), max(known)
    if low == high == 0:
        return f"reward '{name}' is always 0{tail}: the problems are too hard; begin with easier"
    if low == high:
        return (
            f"reward '{name}' is always {low:g}{tail}: it does not tell completions apart; take "
            "harder problems or another reward"
        )
    return (
        f"reward '{name}' lies between {low:g} and {high:g}{tail}, but is equal within each "
        "group: raise the temperature or generations"
    )
