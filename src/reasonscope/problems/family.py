"""What a family of generated problems is: one record with two functions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from reasonscope.errors import SetupError
from reasonscope.problems.answers.comparison import Comparison, compare_texts
from reasonscope.problems.answers.reference import reference
from reasonscope.traces.schema import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One knob of difficulty: a whole number within bounds."""

    low: int
    high: int
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A generator of problems with an exact check and, where known, their right steps."""

    name: str
    """As in ``--problems`` and in the problems' field ``family``."""
    summary: str
    """What is asked, in one line."""
    make: Callable[..., Problem]
    """``make(seed, index, **difficulty)``: always the same problem for the same arguments."""
    check: Callable[[Problem, str], Comparison]
    """Whether an answer is right."""
    settings: Mapping[str, Setting] = field(default_factory=dict)
    """The knobs that ``make`` takes; left out, they are drawn for each problem."""
    many_answers: bool = False
    """More than one answer can be right, so only ``check`` can tell."""

    def validate(self, difficulty: Mapping[str, Any]) -> None:
        """Raise :class:`SetupError` that lists every wrong setting."""
        wrong = []
        for name, value in difficulty.items():
            known = self.settings.get(name)
            if known is None:
                wrong.append(f"no setting '{name}'; there are: {', '.join(sorted(self.settings))}")
            elif not isinstance(value, int) or not known.low <= value <= known.high:
                wrong.append(f"{name} must be {known.low} to {known.high}, found {value!r}")
        if wrong:
            raise SetupError(f"wrong settings for the problem family '{self.name}'", wrong)


def equals_reference(problem: Problem, answer: str) -> Comparison:
    """The check of a family whose problems have one right answer."""
    wanted = reference(problem)
    assert wanted is not None, "generated problems have a reference"
    return compare_texts(answer, wanted, problem)
