"""What a training run left behind, whichever way it trained."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """What a run left behind."""

    folder: Path
    """The trained model with its tokenizer, ready for ``load_model``."""
    checkpoints: tuple[int, ...]
    """Steps that have a checkpoint under ``out/checkpoints/step-NNNN``."""
    steps: int
    """Optimizer steps done, those of earlier calls included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainedOnExamples(Trained):
    """What a run of supervised fine-tuning left behind."""

    examples: int
    """Examples that were learned from."""
    dropped: int
    """Examples left out, because they were too long or empty."""
