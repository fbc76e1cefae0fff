"""The Trace record and the steps that tile its reasoning."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Literal, Self

from reasonscope.provenance import content_id
from reasonscope.traces.schema.problem import Problem
from reasonscope.traces.schema.text import (
    extra_json,
    require,
    require_json,
    require_text,
    well_formed,
)

ReasoningForm = Literal["tags", "field", "channels", "plain", "unclosed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One attempt of one model at one problem.

    The model's output is kept whole: ``opening + reasoning + closing + answer`` is its text,
    character by character (:attr:`text`).
    """

    trace_id: str
    """Hash of problem, model, prompt, text and sample."""
    problem_id: str
    model: str
    """The name of the model; ``unknown`` where the source does not say."""
    prompt: str = ""
    """What was sent to the model, verbatim where known."""
    opening: str = ""
    """What stands before the reasoning, such as ``<think>`` (empty if the prompt opened it)."""
    reasoning: str
    """The thinking; steps tile it."""
    closing: str = ""
    """What stands between reasoning and answer, such as ``</think>``."""
    answer: str = ""
    """The text after the reasoning, which the user sees; empty where nothing follows."""
    form: ReasoningForm = "plain"
    """How reasoning and answer were told apart: by tags, by separate fields, by channels;
    ``plain``: not at all (all text is reasoning); ``unclosed``: a tag that never closes."""
    sample: int = 0
    """Which of several attempts at the same problem."""
    stated_correct: bool | None = None
    """What the source says of the outcome; our own verdicts are in table ``verdicts``."""
    finish_reason: str | None = None
    """Why generation ended: ``stop``, ``length``, ...; None: unknown."""
    token_ids: tuple[int, ...] | None = None
    """Token ids of the whole output."""
    token_ends: tuple[int, ...] | None = None
    """End of each token in :attr:`text`, in characters; non-decreasing."""
    token_logprobs: tuple[float, ...] | None = None
    """Natural log of the probability of each token, at the temperature of sampling."""
    sampling: str = "{}"
    """Temperature, top_p, seed and the like, as a JSON object."""
    extra: str = "{}"
    """Everything else that the source said, as a JSON object."""

    def __post_init__(self) -> None:
        require_text(
            "Trace",
            model=self.model,
            prompt=self.prompt,
            opening=self.opening,
            reasoning=self.reasoning,
            closing=self.closing,
            answer=self.answer,
        )
        require_json("Trace", self.extra)
        require_json("Trace", self.sampling)
        require(bool(self.trace_id), "Trace", "trace_id is empty")
        if self.token_ids is not None:
            self._check_tokens(len(self.token_ids))

    def _check_tokens(self, count: int) -> None:
        for name in ("token_ends", "token_logprobs"):
            values = getattr(self, name)
            require(
                values is None or len(values) == count,
                "Trace",
                f"{name} must have one entry per token ({count})",
            )
        if self.token_ends:
            ends = self.token_ends
            ordered = ends[0] >= 0 and all(a <= b for a, b in pairwise(ends))
            require(ordered, "Trace", "token_ends must not decrease")
            require(ends[-1] <= len(self.text), "Trace", "token_ends reach past the text")

    @property
    def text(self) -> str:
        """The model's output, whole."""
        return self.opening + self.reasoning + self.closing + self.answer

    @classmethod
    def make(
        cls, problem: Problem, reasoning: str, *, model: str = "unknown", **fields: Any
    ) -> Self:
        """A trace of ``problem`` with its id derived from its content.

        ``fields`` are the other fields of a trace; ``extra`` and ``sampling`` may be mappings.

        >>> p = Problem.make("1 + 1 = ?")
        >>> Trace.make(p, "1 + 1 = 2.", opening="<think>", closing="</think>", answer="2").text
        '<think>1 + 1 = 2.</think>2'
        """
        for name in ("prompt", "opening", "closing", "answer"):
            fields[name] = well_formed(fields.get(name, ""))
        for name in ("extra", "sampling"):
            if not isinstance(fields.get(name, ""), str):
                fields[name] = extra_json(fields[name])
        clean, name = well_formed(reasoning), well_formed(model)
        text = [fields["opening"], clean, fields["closing"], fields["answer"]]
        sample = fields.get("sample", 0)
        return cls(
            trace_id=_identity(problem.problem_id, name, fields["prompt"], text, sample),
            problem_id=problem.problem_id,
            model=name,
            reasoning=clean,
            **fields,
        )

    def numbered(self, sample: int) -> Self:
        """The same attempt as another sample, with the id of that sample."""
        text = [self.opening, self.reasoning, self.closing, self.answer]
        trace_id = _identity(self.problem_id, self.model, self.prompt, text, sample)
        return replace(self, sample=sample, trace_id=trace_id)


def _identity(problem_id: str, model: str, prompt: str, text: list[str], sample: int) -> str:
    return content_id("trace", problem_id, model, prompt, text, sample)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A contiguous piece of a trace's reasoning, half-open in characters and tokens."""

    trace_id: str
    index: int
    """Position among the trace's steps, from 0."""
    char_start: int
    """Start in the trace's reasoning."""
    char_end: int
    text: str
    """The reasoning from char_start to char_end; surrounding white space included."""
    token_start: int | None = None
    """First token of the step, counted in the trace's token_ids; None: tokens unknown."""
    token_end: int | None = None

    def __post_init__(self) -> None:
        require(self.index >= 0, "Step", "index must be >= 0")
        require(0 <= self.char_start < self.char_end, "Step", "needs char_start < char_end")
        require(
            len(self.text) == self.char_end - self.char_start, "Step", "text and range disagree"
        )


def check_tiling(reasoning: str, steps: Sequence[Step]) -> None:
    """Raise :class:`InvalidRecord` unless the steps' texts, joined, are the reasoning exactly."""
    position = 0
    for index, step in enumerate(steps):
        require(step.index == index, "Step", f"index {step.index} at place {index}")
        require(step.char_start == position, "Step", f"gap or overlap before step {index}")
        require(
            reasoning[position : step.char_end] == step.text,
            "Step",
            f"text of step {index} is not the reasoning's",
        )
        position = step.char_end
    require(position == len(reasoning), "Step", "steps do not reach the end of the reasoning")
