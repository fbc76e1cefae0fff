"""The labels of a trace's steps as a string: one letter a step."""

from collections.abc import Iterable

from reasonscope.traces.schema import Label, StepLabel

MOVES: dict[str, StepLabel] = {
    "S": "problem_setup",
    "P": "plan_generation",
    "F": "fact_retrieval",
    "C": "active_computation",
    "U": "uncertainty_management",
    "R": "result_consolidation",
    "K": "self_checking",
    "A": "final_answer_emission",
}
"""Each letter with the label that it stands for."""

SHORT: dict[str, str] = {
    "S": "setup",
    "P": "plan",
    "F": "recall",
    "C": "compute",
    "U": "doubt",
    "R": "sum up",
    "K": "check",
    "A": "answer",
}
"""Each letter in a word or two."""

UNLABELLED = "-"
"""The letter of a step without a label; no motif holds it."""

_LETTER = {label: letter for letter, label in MOVES.items()}


def moves(steps: int, labels: Iterable[Label]) -> str:
    """One letter for each of a trace's steps.

    >>> one = Label(trace_id="t", step_index=1, label="active_computation")
    >>> moves(3, [one])
    '-C-'
    """
    letters = [UNLABELLED] * steps
    for label in labels:
        if label.step_index < steps:
            letters[label.step_index] = _LETTER[label.label]
    return "".join(letters)


def named(motif: str) -> str:
    """A motif in words.

    >>> named("CKC")
    'compute → check → compute'
    """
    return " → ".join(SHORT[letter] for letter in motif)
