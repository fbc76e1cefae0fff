"""What a command trains on: problems by name, or traces."""

from dataclasses import dataclass
from typing import Literal

from reasonscope.errors import SetupError
from reasonscope.problems.datasets import load_problems
from reasonscope.traces.schema import ErrorRow, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    """Problems to train on."""

    problems: str | None = None
    """A family (``chain``, ``chain:hops=2``), ``gym:NAME``, or a JSONL file."""
    n: int = 1000
    """How many problems."""
    problems_seed: int = 0
    """Seed of the problems; evaluate on those of another."""

    def __post_init__(self) -> None:
        if self.n < 1:
            raise SetupError(
                "these settings cannot train", [f"n must be at least 1, found {self.n}"]
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Traces:
    """Traces to learn from, in place of problems."""

    traces: str | None = None
    """A study, a file of traces, or JSON lines with ``prompt`` and ``completion``."""
    keep: Literal["all", "right", "valid"] = "all"
    """Which are learned from: ``all`` that ended, those with a ``right`` answer, or the ``valid``
    ones of them, without a wrong step."""

    def __post_init__(self) -> None:
        if self.keep not in ("all", "right", "valid"):
            said = f"keep must be one of all, right, valid, found {self.keep!r}"
            raise SetupError("these settings cannot train", [said])


def practised(practice: Practice) -> tuple[list[Problem], int]:
    """The problems that were asked for, and how many lines could not be read."""
    if practice.problems is None:
        raise SetupError("name what to train on, such as --problems chain")
    rows = list(load_problems(practice.problems, practice.n, practice.problems_seed))
    problems = [row for row in rows if not isinstance(row, ErrorRow)]
    if not problems:
        raise SetupError(f"there is no problem in '{practice.problems}' that could be read")
    return problems, len(rows) - len(problems)
