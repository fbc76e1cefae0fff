"""Settings of a run of reinforcement learning; all that is wrong is said at once."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from reasonscope.errors import SetupError
from reasonscope.training.rewards import is_of_steps


@dataclass(frozen=True, slots=True, kw_only=True)
class RLSettings:
    """What ``train_rlvr`` needs to know.

    >>> RLSettings(model="m", out="o", steps=0, generations=1)
    Traceback (most recent call last):
        ...
    reasonscope.errors.SetupError: these settings cannot train
      - steps must be at least 1, found 0
      - generations must be at least 2, or a group has no mean to differ from; found 1
    """

    model: str | Path
    """The folder of the model to start from."""
    out: str | Path
    """Where checkpoints go; a run that was broken off goes on from what is there."""
    rewards: Mapping[str, float] = field(default_factory=lambda: {"outcome": 1.0})
    """Weight of each reward by name; those of step rewards weigh the process part."""
    steps: int = 100
    """Optimizer steps."""
    prompts: int = 64
    """Prompts a step, on all devices together."""
    generations: int = 8
    """Completions of each prompt: a group."""
    learning_rate: float = 1e-4
    """The highest that the schedule reaches."""
    warmup_steps: int = 0
    """Steps in which the learning rate rises from 0."""
    schedule: str = "constant"
    """How the learning rate goes on: ``constant``, ``linear`` or ``cosine`` (both to 0)."""
    max_tokens: int = 256
    """Most tokens of one completion."""
    temperature: float = 1.0
    """Divides the logits where completions are drawn and in the loss."""
    seed: int = 0
    """Of the order of the problems and of all that is drawn."""
    clip_low: float = 0.2
    """The ratio of probabilities is clipped at 1 less this (of no effect in one pass)."""
    clip_high: float = 0.28
    """The ratio of probabilities is clipped at 1 plus this."""
    kl: float = 0.0
    """Weight of the divergence from the first model (beta); 0: none is computed."""
    loss: str = "dapo"
    """How TRL's loss is averaged: ``dapo`` (over all tokens), ``grpo``, ``bnpo``, ``dr_grpo``."""
    scale: bool = True
    """Divide advantages by the group's standard deviation."""
    to_go: bool = False
    """Step rewards count for all earlier tokens too, not for the step's own alone."""
    unread: float | None = 0.0
    """What a completion gets for a reward that is None; None: it is left out of its group."""
    held_out: int = 0
    """Problems set aside from practice (the last ones) and tried at intervals by the recorder."""
    held_out_every: int = 10
    """Steps between two tries of them."""
    max_grad_norm: float = 1.0
    """Gradients are scaled down to this norm."""
    save_every: int = 50
    """Steps between checkpoints; the last step always has one."""
    give_up_after: int = 20
    """Steps in a row without any signal after which the run ends with an error."""
    micro_batch: int = 64
    """Completions computed together in the loss, at most."""
    slots: int = 256
    """Completions sampled together."""
    threads: int | None = None
    """Processor threads; None: as torch decides."""
    lora_rank: int | None = None
    """Train low-rank adapters of this rank; None: all weights."""
    device: str = "auto"
    """``auto``, ``cpu`` or ``cuda``."""

    def __post_init__(self) -> None:
        wrong = [*self._counts(), *self._rates(), *self._choices()]
        if wrong:
            raise SetupError("these settings cannot train", wrong)

    @property
    def batch(self) -> int:
        """Completions a step."""
        return self.prompts * self.generations

    def rows(self, devices: int = 1) -> int:
        """Completions computed together: the largest divisor of a device's share in the limit.

        Raises:
            SetupError: The prompts of a step cannot be dealt evenly to so many devices.
        """
        if self.prompts % devices:
            raise SetupError(
                f"prompts must be a multiple of the number of devices, {devices}; found "
                f"{self.prompts}"
            )
        share = self.batch // devices
        sizes = range(min(self.micro_batch, share), 0, -1)
        return next(size for size in sizes if share % size == 0)

    @property
    def whole_weights(self) -> dict[str, float]:
        """Weights of the rewards of whole completions."""
        return {name: w for name, w in self.rewards.items() if not is_of_steps(name)}

    @property
    def step_weights(self) -> dict[str, float]:
        """Weights of the rewards of steps."""
        return {name: w for name, w in self.rewards.items() if is_of_steps(name)}

    def _counts(self) -> list[str]:
        at_least_one = (
            "steps",
            "prompts",
            "max_tokens",
            "save_every",
            "give_up_after",
            "held_out_every",
        )
        wrong = [
            f"{name} must be at least 1, found {getattr(self, name)}"
            for name in (*at_least_one, "micro_batch", "slots")
            if getattr(self, name) < 1
        ]
        if self.generations < 2:
            wrong.append(
                "generations must be at least 2, or a group has no mean to differ from; "
                f"found {self.generations}"
            )
        wrong += [
            f"{name} must be at least 0, found {getattr(self, name)}"
            for name in ("warmup_steps", "held_out")
            if getattr(self, name) < 0
        ]
        for name in ("threads", "lora_rank"):
            value = getattr(self, name)
            if value is not None and value < 1:
                wrong.append(f"{name} must be at least 1, found {value}")
        return wrong

    def _rates(self) -> list[str]:
        above = ("learning_rate", "temperature", "max_grad_norm")
        wrong = [
            f"{name} must be above 0, found {getattr(self, name)}"
            for name in above
            if not (math.isfinite(getattr(self, name)) and getattr(self, name) > 0)
        ]
        wrong += [
            f"{name} must be at least 0, found {getattr(self, name)}"
            for name in ("kl", "clip_low", "clip_high")
            if not (math.isfinite(getattr(self, name)) and getattr(self, name) >= 0)
        ]
        wrong += [
            f"the weight of reward '{name}' must be a number, found {weight}"
            for name, weight in self.rewards.items()
            if not math.isfinite(weight)
        ]
        return wrong

    def _choices(self) -> list[str]:
        wrong = []
        for name, known in (
            ("schedule", ("constant", "linear", "cosine")),
            ("loss", ("dapo", "grpo", "bnpo", "dr_grpo")),
            ("device", ("auto", "cpu", "cuda")),
        ):
            if getattr(self, name) not in known:
                wrong.append(
                    f"{name} must be one of {', '.join(known)}, found {getattr(self, name)!r}"
                )
        if not any(self.rewards.values()):
            wrong.append("rewards must have at least one with a weight other than 0")
        return wrong
