"""The records that everything else is made of: Problem, Trace, Step, Verdict and their kin.

Records are frozen; their invariants are checked on construction (DESIGN §3). Optional fields
hold ``None`` for "unknown"; NaN is never stored. Text is always well-formed Unicode: readers
pass it through :func:`well_formed` first.
"""

from reasonscope.traces.schema.case import Case, ErrorRow, Reading
from reasonscope.traces.schema.measured import (
    LABELS,
    Candidate,
    Edge,
    Evidence,
    Label,
    StepLabel,
    Verdict,
)
from reasonscope.traces.schema.problem import AnswerKind, Problem
from reasonscope.traces.schema.text import extra_json, well_formed
from reasonscope.traces.schema.trace import ReasoningForm, Step, Trace, check_tiling

__all__ = [
    "LABELS",
    "AnswerKind",
    "Candidate",
    "Case",
    "Edge",
    "ErrorRow",
    "Evidence",
    "Label",
    "Problem",
    "Reading",
    "ReasoningForm",
    "Step",
    "StepLabel",
    "Trace",
    "Verdict",
    "check_tiling",
    "extra_json",
    "well_formed",
]
