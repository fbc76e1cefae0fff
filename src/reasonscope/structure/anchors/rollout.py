"""A rollout: a continuation from a prefix of a trace, as asked for and as a row of a table."""

from dataclasses import dataclass
from typing import Literal

from reasonscope.provenance import seed_for

Arm = Literal["resample", "forced", "mistake", "filler", "paraphrase"]
"""What was done before the model went on: nothing (``resample``), the answer was asked for at once
(``forced``), or text was put in the place of the next step (the others)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One rollout to be made."""

    kept: int
    """How many steps of the trace stand before it; step ``kept`` is the first that is not kept."""
    index: int
    """Which rollout of this arm and prefix, from 0."""
    arm: Arm = "resample"
    inserted: str = ""
    """Text that is put after the kept steps before the model goes on."""

    def seed(self, trace_id: str, base: int = 0) -> int:
        """The seed of its dice: the same rollout comes out whatever is asked beside it."""
        return seed_for("rollout", base, trace_id, self.arm, self.kept, self.inserted, self.index)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """What a model made of a request: a row of table ``rollouts``."""

    trace_id: str
    kept: int
    """Steps of the trace that stood before it."""
    index: int
    """Which rollout of this arm and prefix, from 0."""
    arm: Arm
    inserted: str
    """Text that was put after the kept steps."""
    seed: int
    text: str
    """All that was sampled, without the kept steps and what was inserted."""
    step: str
    """The first step of the text: what came in the place of the trace's step ``kept``; empty where
    no step came (the reasoning was closed at once, or the answer was forced)."""
    tokens: int
    """Tokens sampled, the end token included."""
    ended: bool
    """False: cut at the limit, so that no answer is read from it."""
    answer: str | None = None
    """The final answer in a normal form; None: cut or unparsable. Such rollouts are counted, and
    bounded by best and worst case, never dropped."""
    correct: bool | None = None
    """None: no answer, or nothing to compare it with."""
    error: str = ""
    """Why nothing came back; empty: something did."""
