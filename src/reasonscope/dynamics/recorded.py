"""The Recorded record: one number about one step of a training run, in table ``recorded``."""

import math
from dataclasses import dataclass

from reasonscope.traces.schema.text import require, require_text
from reasonscope.traces.store import declare

TABLE = "recorded"
"""The table that the recorder and the readers of logs write, one part a step or a file."""

KNOWN = f"""
select run, step, name, part, value, error, n, missing from {TABLE} where value is not null
qualify row_number() over (partition by run, name, part, step order by n is null, value) = 1
"""
"""What is known of each run, each number of a step once: where a step was both recorded here and
logged by the trainer, what was measured on completions stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One number about one step of a training run.

    Long rather than wide: a run says what it knows, and a reader of logs says what it found.
    Names say the unit: ``reward``, ``truth_share``, ``length_tokens``, ``entropy_nats``,
    ``kl_nats``, ``clip_share``, ``valid_step_share``, ``label_share``,
    ``backtracks_per_1k_tokens``, ``checks_per_1k_tokens``, ``flip_share``, ``truncated_share``,
    ``unparsed_share``, ``constant_group_share``, ``loss``, ``grad_norm``, ``learning_rate``,
    ``step_seconds``.
    """

    run: str
    """The run's name."""
    step: int
    """Optimizer steps done when it was measured, from 0."""
    name: str
    """What was measured, with its unit."""
    part: str = ""
    """Which part of it: the reward's name, the kind of position, the label; empty: the whole."""
    value: float | None
    """The mean over completions; None: unknown."""
    error: float | None = None
    """Standard error of the value, by problem; None: unknown."""
    n: int | None = None
    """Completions assessed."""
    missing: int = 0
    """Completions that could not be assessed."""

    def __post_init__(self) -> None:
        require_text("Recorded", run=self.run, name=self.name, part=self.part)
        require(self.step >= 0, "Recorded", "step must be >= 0")
        for number in (self.value, self.error):
            require(number is None or math.isfinite(number), "Recorded", "unknown is None, not NaN")


declare(TABLE, Recorded)
