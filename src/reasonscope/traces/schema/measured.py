"""What instruments say of steps, and other instruments read."""

from dataclasses import dataclass
from typing import Literal, get_args

from reasonscope.traces.schema.text import require, require_text

StepLabel = Literal[
    "problem_setup",
    "plan_generation",
    "fact_retrieval",
    "active_computation",
    "uncertainty_management",
    "result_consolidation",
    "self_checking",
    "final_answer_emission",
]
"""What a step does: the eight functions of thought-anchors (Bogdan 2506.19143)."""

LABELS: tuple[StepLabel, ...] = get_args(StepLabel)
"""The eight labels, in the order of a trace that goes straight to its end."""

Evidence = Literal["value", "name", "restatement", "reference", "order"]
"""How an edge is known: a value or name that flows, words said again, a step that is named,
or only that one step follows the other."""


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
        require_text("Verdict", reason=self.reason, claim=self.claim, expected=self.expected)
        require(bool(self.reason), "Verdict", "reason is empty")
        if self.char_start is not None and self.char_end is not None:
            require(0 <= self.char_start < self.char_end, "Verdict", "needs char_start < char_end")
        require(not self.retracted or self.correct is False, "Verdict", "only wrong is retracted")


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
class Label:
    """What a step does, and who says so."""

    trace_id: str
    step_index: int
    label: StepLabel
    probability: float | None = None
    """Calibrated chance that the label is right; None: unknown."""
    by: str = "labeller"
    """Who says so."""

    def __post_init__(self) -> None:
        require(self.label in LABELS, "Label", f"no such label: {self.label!r}")
        chance = self.probability
        require(chance is None or 0 <= chance <= 1, "Label", "needs 0 <= probability <= 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A step that uses an earlier one, and how that is known."""

    trace_id: str
    step_index: int
    """The step that uses."""
    uses: int
    """The earlier step that is used."""
    evidence: Evidence
    """The strongest kind of evidence."""
    weight: float
    """How likely the edge is, from 0 to 1."""
    reason: str
    """One plain sentence a person can check."""

    def __post_init__(self) -> None:
        require_text("Edge", reason=self.reason)
        require(0 <= self.uses < self.step_index, "Edge", "a step uses an earlier one")
        require(0 <= self.weight <= 1, "Edge", "needs 0 <= weight <= 1")
