"""The final answer of a trace: from the text after the reasoning wherever there is any."""

import re
from collections import deque
from collections.abc import Iterable, Sequence

from reasonscope.problems.answers.closing import closing_answer
from reasonscope.problems.answers.comparison import compare, option_index
from reasonscope.problems.answers.reference import kind_of
from reasonscope.problems.answers.stated import Stated, hashed, last_boxed, last_phrased, optioned
from reasonscope.traces.schema import Candidate, Problem, Step, Trace


def final_answer(problem: Problem, trace: Trace, steps: Sequence[Step] = ()) -> Candidate | None:
    r"""The answer that counts, compared with the reference; None: none could be told.

    Non-blank text after the reasoning is the only place looked at where there is any. Without
    such text: an ``unclosed`` trace has no final answer; a ``plain`` one is read from its end;
    after closed reasoning only an explicit statement ("the answer is", a box) counts.

    The order is: the last box, "####", the last "the answer is", and, unless the output was
    cut at a length limit, what the last sentences state.

    >>> problem = Problem.make("6 * 7 = ?", answer="42", answer_kind="number")
    >>> trace = Trace.make(problem, "Is it 41?", closing="</think>", answer="It is **42**.")
    >>> found = final_answer(problem, trace)
    >>> found.text, found.correct
    ('42', True)

    Args:
        problem: The problem, whose kind of answer decides what is looked for.
        trace: The attempt.
        steps: The trace's steps, to name the step where the answer lies in the reasoning;
            without them all reasoning counts as step 0.

    Returns:
        The answer as a candidate that is marked final, or None.
    """
    if trace.answer.strip():
        found = final_statement(trace.answer, problem, cut=trace.finish_reason == "length")
        return _candidate(found, trace.answer, None, problem, trace)
    if trace.form == "unclosed":
        return None
    cut = trace.form != "plain" or trace.finish_reason == "length"
    found = final_statement(trace.reasoning, problem, cut=cut)
    index = None if found is None else step_at(steps, found.start)
    return _candidate(found, trace.reasoning, index, problem, trace)


def final_statement(text: str, problem: Problem, *, cut: bool = False) -> Stated | None:
    """The place in ``text`` that states the final answer.

    Args:
        text: What is looked at.
        problem: The problem, whose kind of answer decides what is looked for.
        cut: The text does not end where its writer meant to: only explicit statements count.

    Returns:
        Its range and how it was seen, or None.
    """
    return (
        _last_box(text, problem)
        or _last(hashed(text))
        or last_phrased(text, problem)
        or _last(optioned(text, problem))
        or (None if cut else closing_answer(text, problem))
    )


def _last_box(text: str, problem: Problem) -> Stated | None:
    """The last box, with the boxes just before it in the same sentence.

    Of a choice, only a box that names an option counts where another statement could too.
    """
    found = last_boxed(text)
    if kind_of(problem) == "choice":
        named = [
            b for b in found if option_index(text[b.start : b.end], problem.choices) is not None
        ]
        return named[-1] if named else None
    if not found:
        return None
    first = len(found) - 1
    while (
        first
        and len(found) - first < MAX_TOGETHER
        and _joined(text[found[first - 1].end : found[first].start])
    ):
        first -= 1
    if first == len(found) - 1:
        return found[-1]
    low = text.rfind("\\", 0, found[first].start)
    return Stated(low, found[-1].end + 1, f"{len(found) - first} boxes")


MAX_TOGETHER = 8
"""Boxes of one sentence that are taken together as one answer of several parts."""
_BETWEEN = re.compile(r"\}[^.!?\n]{0,60}\\(?:f?boxed|fbox)\s?\{")


def _joined(between: str) -> bool:
    """Whether two boxes stand in one sentence, with nothing but words between them."""
    return _BETWEEN.fullmatch(between) is not None and "=" not in between


def step_at(steps: Sequence[Step], place: int) -> int:
    """Index of the step that holds a place of the reasoning; 0 without steps."""
    low, high = 0, len(steps)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if steps[middle].char_start <= place else (low, middle)
    return steps[low].index if steps else 0


def _last(found: Iterable[Stated]) -> Stated | None:
    last = deque(found, maxlen=1)
    return last[0] if last else None


def _candidate(
    found: Stated | None, text: str, step: int | None, problem: Problem, trace: Trace
) -> Candidate | None:
    if found is None:
        return None
    written = text[found.start : found.end]
    comparison = compare(written, problem)
    return Candidate(
        trace_id=trace.trace_id,
        order=0,
        step_index=step,
        char_start=found.start,
        char_end=found.end,
        text=written,
        correct=comparison.correct,
        final=True,
        reason=f"{found.how}: {comparison.reason}",
    )
