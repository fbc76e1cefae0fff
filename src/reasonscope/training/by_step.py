"""A trace's verdicts, step by step."""

from collections.abc import Iterable, Sequence

from reasonscope.traces.schema import Step, Verdict


def by_step(steps: Sequence[Step], verdicts: Iterable[Verdict]) -> list[list[Verdict]]:
    """The verdicts on each step, in the order of the steps; those on the answer are left out."""
    held: dict[int | None, list[Verdict]] = {}
    for verdict in verdicts:
        held.setdefault(verdict.step_index, []).append(verdict)
    return [held.get(step.index, []) for step in steps]
