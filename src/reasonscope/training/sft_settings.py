"""Settings of supervised fine-tuning; all that is wrong is said at once."""

import math
from dataclasses import dataclass
from pathlib import Path

from reasonscope.errors import SetupError

SCHEDULES = ("constant", "linear", "cosine")
PRECISIONS = ("auto", "float32", "bfloat16")
DEVICES = ("auto", "cpu", "cuda")


@dataclass(frozen=True, slots=True, kw_only=True)
class SFTSettings:
    """What ``train_sft`` needs to know.

    >>> SFTSettings(model="m", out="o", steps=0, learning_rate=-1)
    Traceback (most recent call last):
        ...
    reasonscope.errors.SetupError: these settings cannot train
      - steps must be at least 1, found 0
      - learning_rate must be above 0, found -1
    """

    model: str | Path
    """The model to start from: a folder, a ``.gguf`` file, ``smollm2``, or a hub name."""
    out: str | Path
    """Where checkpoints go; a run that was broken off goes on from what is there."""
    steps: int | None = None
    """Optimizer steps; None: as ``epochs`` says."""
    epochs: float = 1.0
    """Passes through the examples, where ``steps`` is not given."""
    tokens: int = 8192
    """Tokens of a batch with padding, over all devices; ``examples`` goes before it."""
    examples: int | None = None
    """Examples of a batch, over all devices; None: as ``tokens`` says."""
    accumulate: int = 1
    """Parts that a batch is computed in, one after the other, to save memory."""
    max_length: int | None = None
    """Longest example in tokens; longer ones are left out and counted. None: the model's most."""
    learning_rate: float = 2e-5
    """The highest that the schedule reaches."""
    warmup_steps: int = 0
    """Steps in which the learning rate rises from 0."""
    schedule: str = "linear"
    """How the learning rate goes on: ``constant``, ``linear`` or ``cosine`` (both to 0)."""
    weight_decay: float = 0.0
    """Of AdamW, on matrices alone."""
    max_grad_norm: float = 1.0
    """Gradients are scaled down to this norm; 0: never."""
    keep_order: bool = False
    """Show the examples in their order (a curriculum) rather than shuffled."""
    lora_rank: int | None = None
    """Train low-rank adapters of this rank; None: all weights."""
    save_every: int = 500
    """Steps between checkpoints; the last step always has one."""
    keep_checkpoints: int | None = None
    """How many of the newest checkpoints stay; None: all."""
    log_every: int = 10
    """Steps between two rows of the log."""
    seed: int = 0
    """Of the order of the examples, of adapters, and of a teacher's sampling."""
    threads: int | None = None
    """Processor threads; None: as torch decides."""
    device: str = "auto"
    """``auto``, ``cpu`` or ``cuda``."""
    precision: str = "auto"
    """Numbers to compute with; ``auto``: bfloat16 on an accelerator, float32 on a processor."""
    recompute: bool = False
    """Compute activations again in the backward pass instead of keeping them: less memory."""

    def __post_init__(self) -> None:
        wrong = [*self._counts(), *self._rates(), *self._choices()]
        if wrong:
            raise SetupError("these settings cannot train", wrong)

    def _counts(self) -> list[str]:
        optional = ("steps", "examples", "max_length", "lora_rank", "keep_checkpoints", "threads")
        names = ("tokens", "accumulate", "save_every", "log_every", *optional)
        held = {name: getattr(self, name) for name in names}
        wrong = [
            f"{name} must be at least 1, found {value}"
            for name, value in held.items()
            if value is not None and value < 1
        ]
        if self.warmup_steps < 0:
            wrong.append(f"warmup_steps must be at least 0, found {self.warmup_steps}")
        return sorted(wrong, key=lambda said: not said.startswith("steps"))

    def _rates(self) -> list[str]:
        wrong = [
            f"{name} must be above 0, found {getattr(self, name)}"
            for name in ("learning_rate", "epochs")
            if not (math.isfinite(getattr(self, name)) and getattr(self, name) > 0)
        ]
        return wrong + [
            f"{name} must be at least 0, found {getattr(self, name)}"
            for name in ("weight_decay", "max_grad_norm")
            if not (math.isfinite(getattr(self, name)) and getattr(self, name) >= 0)
        ]

    def _choices(self) -> list[str]:
        known = {"schedule": SCHEDULES, "device": DEVICES, "precision": PRECISIONS}
        return [
            f"{name} must be one of {', '.join(choices)}, found {getattr(self, name)!r}"
            for name, choices in known.items()
            if getattr(self, name) not in choices
        ]


def rate_share(step: int, steps: int, warmup: int, schedule: str) -> float:
    """Which share of the learning rate a step is done with: by steps, never by the clock.

    >>> [rate_share(step, 6, 2, "linear") for step in range(6)]
    [0.5, 1.0, 1.0, 0.75, 0.5, 0.25]
    """
    if step < warmup:
        return (step + 1) / warmup
    if schedule == "constant":
        return 1.0
    done = (step - warmup) / max(1, steps - warmup)
    return 1 - done if schedule == "linear" else (1 + math.cos(math.pi * done)) / 2
