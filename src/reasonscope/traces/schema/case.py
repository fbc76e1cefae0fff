"""What readers yield and instruments look at: readings, error rows, cases."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, TypeVar

from reasonscope.traces.schema.problem import Problem
from reasonscope.traces.schema.text import require
from reasonscope.traces.schema.trace import Step, Trace

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorRow:
    """Something that could not be read or measured: counted and shown, never averaged in."""

    source: str
    """The file or instrument."""
    place: str
    """Where: ``line 7``, ``record 3``, or a trace id."""
    error: str
    """What was expected and what was found."""
    excerpt: str = ""
    """The start of what was found, cut to 200 characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a reader yields for one attempt: its problem, its trace, and the source's own steps."""

    problem: Problem
    trace: Trace
    step_ends: tuple[int, ...] | None = None
    """Ends of the source's own steps in the reasoning; None: to be segmented here."""

    def __post_init__(self) -> None:
        require(self.trace.problem_id == self.problem.problem_id, "Reading", "ids disagree")
        if self.step_ends is not None:
            ends = (0, *self.step_ends)
            rising = all(a < b for a, b in pairwise(ends))
            require(rising, "Reading", "step_ends must rise")
            require(ends[-1] == len(self.trace.reasoning), "Reading", "step_ends must end the text")


@dataclass(frozen=True, slots=True)
class Case:
    """One trace with its problem and its steps: what verifiers and instruments look at."""

    problem: Problem
    trace: Trace
    steps: tuple[Step, ...] = field(default_factory=tuple)
    measured: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    """By table, what earlier instruments wrote on this trace, in the order they wrote it."""

    def rows(self, table: str, record: type[Row]) -> tuple[Row, ...]:
        """An earlier instrument's records of this trace.

        Raises:
            KeyError: that instrument is not among those that the caller said it needs.
        """
        rows = self.measured[table]
        assert all(isinstance(row, record) for row in rows), f"{table} holds other records"
        return rows
