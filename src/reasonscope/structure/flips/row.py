"""One row of table ``flips``: the candidate answers of a trace in order, and their transitions."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Flips:
    """The candidate answers in a trace's reasoning, in order, and what each cost in tokens."""

    trace_id: str
    outcomes: str
    """One letter a candidate: T right, F wrong, ? could not be compared."""
    answers: tuple[str, ...]
    """The candidates' texts, each cut to 40 characters."""
    identities: tuple[int, ...]
    """Which candidates are the same answer by exact comparison: equal numbers."""
    steps: tuple[int, ...]
    """The step in which each stands."""
    stated: tuple[bool, ...]
    """Called the answer (True), or only come out as a value that is called so elsewhere."""
    tokens_at: tuple[int, ...]
    """Tokens of the reasoning up to the end of that step."""
    tokens: int
    """Tokens of the reasoning."""
    counted: bool
    """Tokens are counted, not estimated."""
    capped: bool
    """More candidates than are kept: the later ones are left out."""
    right_to_right: int
    wrong_to_same: int
    wrong_to_other: int
    """From a wrong answer to another wrong one."""
    wrong_to_right: int
    right_to_wrong: int
    open_to_same: int
    """The same answer again, which cannot be told right or wrong."""
    open_to_other: int
    """A change in which one side or both cannot be told right or wrong."""
    first_correct: bool | None
    """The first candidate; None: there is none, or it could not be told."""
    first_tokens: int | None
    """Tokens up to the end of the step with the first candidate."""
    right_tokens: int | None
    """Tokens up to the end of the step with the first right candidate."""
    repeat_correct: bool | None
    """The first candidate that an earlier one had said already."""
    repeat_tokens: int | None
    final_correct: bool | None
    """The answer that counts; None: there is none, or it could not be told."""
