"""Settings of a teacher: how its traces are drawn, and which are learned from."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from reasonscope.errors import SetupError


@dataclass(frozen=True, slots=True, kw_only=True)
class TeacherSettings:
    """What ``train_distil`` needs to know of the teacher.

    >>> TeacherSettings(teacher="t", samples=0, keep="best")
    Traceback (most recent call last):
        ...
    reasonscope.errors.SetupError: these settings cannot train
      - samples must be at least 1, found 0
      - keep must be one of all, right, valid, found 'best'
    """

    teacher: str | Path
    """Who teaches: a folder, a ``.gguf`` file, ``smollm2``, or a hub name."""
    samples: int = 4
    """Traces the teacher writes for each problem."""
    keep: Literal["all", "right", "valid"] = "right"
    """Which are learned from: ``all`` that ended, those with a ``right`` answer, or the ``valid``
    ones of them, without a wrong step."""
    soft: float = 0.0
    """Weight of the teacher's chances beside its words, 0 to 1; needs one vocabulary for both."""
    temperature: float = 0.7
    """Divides the teacher's logits; 0 takes its likeliest token."""
    top_p: float = 1.0
    """Nucleus that is drawn from."""
    max_tokens: int = 1024
    """Most tokens of one trace; what is cut is not learned from."""
    seed: int = 0
    """Of the teacher's sampling."""
    batch: int = 32
    """Traces sampled together."""

    def __post_init__(self) -> None:
        wrong = [
            f"{name} must be at least 1, found {getattr(self, name)}"
            for name in ("samples", "max_tokens", "batch")
            if getattr(self, name) < 1
        ]
        if self.keep not in ("all", "right", "valid"):
            wrong.append(f"keep must be one of all, right, valid, found {self.keep!r}")
        if not 0 <= self.soft <= 1:
            wrong.append(f"soft must be between 0 and 1, found {self.soft}")
        if not 0 < self.top_p <= 1:
            wrong.append(f"top_p must be above 0 and at most 1, found {self.top_p}")
        if not (math.isfinite(self.temperature) and self.temperature >= 0):
            wrong.append(f"temperature must be at least 0, found {self.temperature}")
        if wrong:
            raise SetupError("these settings cannot train", wrong)
