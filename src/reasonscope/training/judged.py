"""A completion of a training run, judged: what rewards and the recorder look at."""

from dataclasses import dataclass

from reasonscope.traces.schema import Case, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One completion with its steps, its verdicts and its outcome."""

    case: Case
    """Problem, trace (with token ids and ends) and steps."""
    verdicts: tuple[Verdict, ...]
    """Of all verifiers, in the order of the steps."""
    correct: bool | None
    """Whether the final answer is right; None: there is none, or it could not be compared."""
    answered: bool
    """A final answer could be read."""
    truncated: bool
    """It was cut at the limit of tokens."""
