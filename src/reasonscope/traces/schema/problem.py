"""The Problem record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self

from reasonscope.provenance import content_id
from reasonscope.traces.schema.text import (
    extra_json,
    require,
    require_json,
    require_text,
    well_formed,
)

AnswerKind = Literal["number", "expression", "choice", "text", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A question with an exact way to check an answer."""

    problem_id: str
    """Hash of family, question, reference answer and choices."""
    question: str
    """What the model was asked, without any chat template."""
    answer: str | None = None
    """The reference answer; None: unknown."""
    answer_kind: AnswerKind = "unknown"
    """How answers are compared."""
    choices: tuple[str, ...] = ()
    """The texts of the options of a multiple-choice question, in order (A, B, ...)."""
    family: str = "unknown"
    """The set or generator it comes from, such as ``gsm8k`` or ``countdown``."""
    steps: tuple[str, ...] = ()
    """A known right sequence of steps, where the generator has one."""
    extra: str = "{}"
    """Everything else that the source said, as a JSON object."""

    def __post_init__(self) -> None:
        require_text("Problem", question=self.question, answer=self.answer, family=self.family)
        require_json("Problem", self.extra)
        require(bool(self.problem_id), "Problem", "problem_id is empty")

    @classmethod
    def make(
        cls,
        question: str,
        *,
        answer: str | None = None,
        answer_kind: AnswerKind = "unknown",
        choices: Sequence[str] = (),
        family: str = "unknown",
        steps: Sequence[str] = (),
        extra: Mapping[str, Any] | None = None,
    ) -> Self:
        """A problem with its id derived from its content.

        >>> Problem.make("1 + 1 = ?", answer="2", answer_kind="number").answer
        '2'
        """
        clean = well_formed(question)
        reference = None if answer is None else well_formed(answer)
        options = tuple(well_formed(choice) for choice in choices)
        name = well_formed(family)
        return cls(
            problem_id=content_id("problem", name, clean, reference, options),
            question=clean,
            answer=reference,
            answer_kind=answer_kind,
            choices=options,
            family=name,
            steps=tuple(well_formed(step) for step in steps),
            extra=extra_json(extra or {}),
        )
