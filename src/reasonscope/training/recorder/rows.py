"""All that is measured on a step's completions, as rows of table ``recorded``."""

from collections.abc import Iterable, Sequence

from reasonscope.dynamics.logs.names import HELD_OUT
from reasonscope.dynamics.recorded import Recorded
from reasonscope.training.recorder import closely, outcomes, positions
from reasonscope.training.recorder.completion import Completion

Rows = dict[tuple[str, str], Recorded]
"""By name and part."""


def trained(
    completions: Sequence[Completion],
    sample: Sequence[Completion],
    verified: int,
    run: str,
    step: int,
) -> Rows:
    """What is measured on the completions that a step learns from.

    Args:
        completions: all of them.
        sample: those that are measured closely.
        verified: how many have their steps verified where nobody has done so.
        run: the run's name.
        step: optimizer steps done.
    """
    found = list(outcomes.measured(completions))
    checked = [one for one in completions if one.verified]
    if len(checked) < verified:
        checked = closely.sampled(completions, verified, run, step)
    found.append(("valid_step_share", "", outcomes.valid(checked)))
    found.extend(closely.measured(sample))
    if any(one.entropies is not None for one in completions):
        kinds = positions.entropies(completions)
        found.extend(("entropy_nats", part, value) for part, value in kinds)
    return _rows(found, run, step)


def held_out(completions: Sequence[Completion], verified: int, run: str, step: int) -> Rows:
    """What is measured on completions of other problems: the same names, part ``held_out``."""
    found = list(outcomes.measured(completions))
    checked = closely.sampled(completions, verified, run, step, HELD_OUT)
    found.append(("valid_step_share", "", outcomes.valid(checked)))
    parted = [
        (name, f"{HELD_OUT}/{part}" if part else HELD_OUT, value) for name, part, value in found
    ]
    return _rows(parted, run, step)


def _rows(found: Iterable[outcomes.Named], run: str, step: int) -> Rows:
    return {(name, part): value.row(run, step, name, part) for name, part, value in found}
