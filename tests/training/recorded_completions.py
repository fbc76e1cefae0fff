"""Judged completions made by hand: words as tokens, one space between them."""

from collections.abc import Sequence
from itertools import accumulate

from reasonscope.traces.schema import Case, Problem, Trace, Verdict
from reasonscope.traces.segment import split_output, steps_of
from reasonscope.training.judged import Judged
from reasonscope.training.recorder.completion import Completion, completions_of
from reasonscope.verify.judge import judge


def problem(name: str, answer: str = "8") -> Problem:
    return Problem.make(f"What is {name} ?", answer=answer, answer_kind="number")


def judged(
    asked: Problem,
    text: str,
    *,
    correct: bool | None = True,
    answered: bool = True,
    truncated: bool = False,
    sample: int = 0,
    failure: str = "",
    verdicts: Sequence[Verdict] | None = None,
) -> Judged:
    """A completion of words, each token a word with the space before it."""
    parts = split_output(text, "")
    words = text.split(" ")
    ends = [end - 1 for end in accumulate(len(word) + 1 for word in words)]
    trace = Trace.make(
        asked,
        parts.reasoning,
        model="policy",
        opening=parts.opening,
        closing=parts.closing,
        answer=parts.answer,
        form=parts.form,
        sample=sample,
        finish_reason="length" if truncated else "stop",
        token_ids=tuple(range(len(words))),
        token_ends=tuple(ends),
    )
    case = Case(asked, trace, steps_of(trace))
    return Judged(
        case=case,
        verdicts=tuple(judge(case)) if verdicts is None else verdicts,
        correct=correct,
        answered=answered,
        truncated=truncated,
        failure=failure,
    )


def paid(held: Sequence[Judged], rewards: Sequence[float | None]) -> list[Completion]:
    return completions_of(held, {"outcome": rewards}, {}, None)


GOOD = "<think> 3 + 5 = 8 . So it is 8 . </think> Answer: 8"
BAD = "<think> 3 + 5 = 9 . So it is 9 . </think> Answer: 9"
"""A right and a wrong completion of "what is 3 + 5"."""
