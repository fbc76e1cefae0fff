"""The records that everything else is made of: Problem, Trace, Step, Verdict and their kin.

Records are frozen; their invariants are checked on construction (DESIGN §3). Optional fields
hold ``None`` for "unknown"; NaN is never stored. Text is always well-formed Unicode: readers
pass it through :func:`well_formed` first.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal, Self

from reasonscope.errors import InvalidRecord
from reasonscope.provenance import content_id

AnswerKind = Literal["number", "expression", "choice", "text", "unknown"]
ReasoningForm = Literal["tags", "field", "channels", "plain", "unclosed"]

_SURROGATE = re.compile("[\ud800-\udfff]")


def well_formed(text: str) -> str:
    r"""The text with lone surrogates written as their six-character JSON escapes.

    UTF-8 cannot hold a lone surrogate; the escape keeps it readable and recoverable.

    >>> well_formed("a\ud800b")
    'a\\ud800b'
    """
    return _SURROGATE.sub(lambda m: f"\\u{ord(m.group()):04x}", text)


def _require(condition: bool, record: str, message: str) -> None:
    if not condition:
        raise InvalidRecord(f"{record}: {message}")


def _require_text(record: str, **fields: str | None) -> None:
    for name, text in fields.items():
        if text is None:
            continue
        _require(isinstance(text, str), record, f"{name} must be text, found {type(text).__name__}")
        _require(
            text.isascii() or _SURROGATE.search(text) is None,
            record,
            f"{name} holds a lone surrogate; pass it through well_formed() first",
        )


def _require_json(record: str, extra: str) -> None:
    try:
        held = json.loads(extra)
    except (ValueError, RecursionError) as error:
        raise InvalidRecord(f"{record}: extra must be a JSON object: {error}") from None
    _require(isinstance(held, dict), record, "extra must be a JSON object")


def extra_json(fields: Mapping[str, Any]) -> str:
    """Fields without a column of their own, as sorted JSON text for an ``extra`` column.

    >>> extra_json({"level": 3})
    '{"level": 3}'
    """
    return well_formed(json.dumps(fields, ensure_ascii=False, sort_keys=True, default=str))


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
        _require_text("Problem", question=self.question, answer=self.answer, family=self.family)
        _require_json("Problem", self.extra)
        _require(bool(self.problem_id), "Problem", "problem_id is empty")

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
        _require_text(
            "Trace",
            model=self.model,
            prompt=self.prompt,
            opening=self.opening,
            reasoning=self.reasoning,
            closing=self.closing,
            answer=self.answer,
        )
        _require_json("Trace", self.extra)
        _require_json("Trace", self.sampling)
        _require(bool(self.trace_id), "Trace", "trace_id is empty")
        if self.token_ids is not None:
            self._check_tokens(len(self.token_ids))

    def _check_tokens(self, count: int) -> None:
        for name in ("token_ends", "token_logprobs"):
            values = getattr(self, name)
            _require(
                values is None or len(values) == count,
                "Trace",
                f"{name} must have one entry per token ({count})",
            )
        if self.token_ends:
            ends = self.token_ends
            ordered = ends[0] >= 0 and all(a <= b for a, b in pairwise(ends))
            _require(ordered, "Trace", "token_ends must not decrease")
            _require(ends[-1] <= len(self.text), "Trace", "token_ends reach past the text")

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
        identity = (problem.problem_id, name, fields["prompt"], text, fields.get("sample", 0))
        return cls(
            trace_id=content_id("trace", *identity),
            problem_id=problem.problem_id,
            model=name,
            reasoning=clean,
            **fields,
        )


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
        _require(self.index >= 0, "Step", "index must be >= 0")
        _require(0 <= self.char_start < self.char_end, "Step", "needs char_start < char_end")
        _require(
            len(self.text) == self.char_end - self.char_start, "Step", "text and range disagree"
        )


def check_tiling(reasoning: str, steps: Sequence[Step]) -> None:
    """Raise :class:`InvalidRecord` unless the steps' texts, joined, are the reasoning exactly."""
    position = 0
    for index, step in enumerate(steps):
        _require(step.index == index, "Step", f"index {step.index} at place {index}")
        _require(step.char_start == position, "Step", f"gap or overlap before step {index}")
        _require(
            reasoning[position : step.char_end] == step.text,
            "Step",
            f"text of step {index} is not the reasoning's",
        )
        position = step.char_end
    _require(position == len(reasoning), "Step", "steps do not reach the end of the reasoning")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A verifier's judgement of one claim in a step or in the final answer."""

    trace_id: str
    step_index: int | None
    """The step judged; None: the final answer."""
    verifier: str
    """Who judges, such as ``equations`` or ``simulators.dyck``."""
    correct: bool | None
    """True: right; False: wrong; None: could not tell."""
    reason: str
    """One plain sentence a person can check."""
    claim: str = ""
    """The text judged."""
    expected: str | None = None
    """What would have been right, where the verifier knows."""
    char_start: int | None = None
    """Start of the claim in the trace's reasoning; None for the final answer."""
    char_end: int | None = None
    retracted: bool = False
    """The trace itself takes a wrong claim back."""
    retracted_by: int | None = None
    """Index of the step that takes it back."""

    def __post_init__(self) -> None:
        _require_text("Verdict", reason=self.reason, claim=self.claim, expected=self.expected)
        _require(bool(self.reason), "Verdict", "reason is empty")
        if self.char_start is not None and self.char_end is not None:
            _require(0 <= self.char_start < self.char_end, "Verdict", "needs char_start < char_end")
        _require(not self.retracted or self.correct is False, "Verdict", "only wrong is retracted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An answer that a trace states on its way, or at its end."""

    trace_id: str
    order: int
    """Position among the trace's candidates, from 0; the final answer, if any, comes last."""
    step_index: int | None
    """The step that states it; None: in the text after the reasoning."""
    char_start: int
    """Start in the reasoning, or in the answer text when step_index is None."""
    char_end: int
    text: str
    """The answer as written."""
    correct: bool | None
    """Against the reference answer; None: could not tell."""
    final: bool = False
    """The answer that counts."""
    reason: str = ""
    """How it was found and compared, for a person."""


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
        _require(self.trace.problem_id == self.problem.problem_id, "Reading", "ids disagree")
        if self.step_ends is not None:
            ends = (0, *self.step_ends)
            rising = all(a < b for a, b in pairwise(ends))
            _require(rising, "Reading", "step_ends must rise")
            _require(
                ends[-1] == len(self.trace.reasoning), "Reading", "step_ends must end the text"
            )


@dataclass(frozen=True, slots=True)
class Case:
    """One trace with its problem and its steps: what verifiers and instruments look at."""

    problem: Problem
    trace: Trace
    steps: tuple[Step, ...] = field(default_factory=tuple)
