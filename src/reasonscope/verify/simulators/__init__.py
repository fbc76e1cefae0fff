"""Verifiers that replay what the steps claim, for tasks whose state can be followed exactly."""

from collections.abc import Callable
from typing import NamedTuple

from reasonscope.traces.schema import Case, Problem, Verdict
from reasonscope.verify.simulators import (
    arithmetic_replay,
    brackets,
    reaches,
    relays,
    sorting,
    swaps,
)


class Simulator(NamedTuple):
    """A verifier for one kind of problem."""

    name: str
    """As in its verdicts."""
    applies: Callable[[Problem], bool]
    """Whether the problem is of its kind, told from the question's text."""
    check: Callable[[Case], list[Verdict]]
    """Verdicts on the steps of a trace; none for steps that it cannot follow."""


SIMULATORS = (
    Simulator(arithmetic_replay.VERIFIER, arithmetic_replay.applies, arithmetic_replay.check),
    Simulator(brackets.VERIFIER, brackets.applies, brackets.check),
    Simulator(swaps.VERIFIER, swaps.applies, swaps.check),
    Simulator(sorting.VERIFIER, sorting.applies, sorting.check),
    Simulator(relays.VERIFIER, relays.applies, relays.check),
    Simulator(reaches.VERIFIER, reaches.applies, reaches.check),
)
"""All simulators."""
