r"""What a rollout came to: the step it wrote first, and the answer it ended with.

The whole text (what was kept, what was inserted, what was sampled) is told apart and its answer
read by the rules for traces (:mod:`reasonscope.problems.answers`), so that a rollout and a trace
with the same text have the same answer.
"""

import re
from dataclasses import dataclass, replace
from itertools import islice

from reasonscope.problems.answers import compare, final_answer
from reasonscope.problems.answers.boxes import boxes_in
from reasonscope.problems.answers.extraction import final_statement
from reasonscope.structure.anchors.forms import normal_form
from reasonscope.traces.schema import Problem, Trace
from reasonscope.traces.segment import Output, split_output, step_ends

MAX_STATEMENTS = 12
"""Ends of sentences or lines after a forced answer began, at which it is looked for."""
_PROMPT_END = 400
_STOP = re.compile(r"[.!?](?=\s)|\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What was read from a rollout."""

    step: str
    """The first step that was sampled, without white space before it; empty: none."""
    answer: str | None
    """In a normal form; None: none could be read, or the text was cut before there was one."""
    correct: bool | None
    """None: no answer, or nothing to compare it with."""


def sampled_outcome(
    problem: Problem, trace: Trace, before: str, sampled: str, *, ended: bool
) -> Outcome:
    """What a rollout came to whose model was left to go on.

    Args:
        problem: The problem, with its reference.
        trace: The trace whose beginning was kept.
        before: All that stood before the sampled text, without the prompt.
        sampled: What the model wrote.
        ended: The model ended the text itself; else no answer is read, whatever stands in it.

    Returns:
        Its first step, its answer and whether that is right.
    """
    parts = _told_apart(before + sampled, trace)
    step = _first_step(parts, len(before))
    if not ended:
        return Outcome(step=step, answer=None, correct=None)
    found = final_answer(problem, _with(trace, parts))
    if found is None:
        return Outcome(step=step, answer=None, correct=None)
    form = normal_form(found.text, problem, found.correct)
    return Outcome(step=step, answer=form, correct=found.correct)


def forced_outcome(
    problem: Problem, trace: Trace, before: str, inserted: str, sampled: str, *, ended: bool
) -> Outcome:
    """What a rollout came to that was asked for its answer at once.

    The first explicit statement counts, as soon as its sentence, its line or its box is complete:
    what the model adds afterwards does not take it back, and a cut after it does no harm. Where
    there is none, the text is read as any other if it ended.

    Args:
        problem: The problem, with its reference.
        trace: The trace whose beginning was kept.
        before: What was kept of the trace.
        inserted: What closes the reasoning and leads to the answer.
        sampled: What the model wrote.
        ended: The model ended the text itself.

    Returns:
        No step, the answer and whether it is right.
    """
    parts = _told_apart(before + inserted + sampled, trace)
    text = parts.answer if parts.answer.strip() else inserted + sampled
    for end in _ends(text, len(text) - len(sampled)):
        stated = final_statement(text[:end], problem, cut=True)
        if stated is not None:
            return _compared(text[stated.start : stated.end], problem)
    found = final_statement(text, problem) if ended else None
    if found is None:
        return Outcome(step="", answer=None, correct=None)
    return _compared(text[found.start : found.end], problem)


def _compared(written: str, problem: Problem) -> Outcome:
    correct = compare(written, problem).correct
    return Outcome(step="", answer=normal_form(written, problem, correct), correct=correct)


def _ends(text: str, start: int) -> list[int]:
    """Where a sentence, a line or a box ends after ``start``, the first few."""
    stops = (stop.end() for stop in _STOP.finditer(text, max(0, start)))
    boxes = (end + 1 for _, end in boxes_in(text) if end >= start)
    return sorted({*islice(stops, MAX_STATEMENTS), *islice(boxes, MAX_STATEMENTS)})


def _told_apart(whole: str, trace: Trace) -> Output:
    """Reasoning and answer; where the server had told them apart, an opening tag was taken away."""
    opened = "<think>" if trace.form == "field" and not trace.opening else ""
    return split_output(whole, trace.prompt[-_PROMPT_END:] + opened)


def _with(trace: Trace, parts: Output) -> Trace:
    """The trace with another text, which ended."""
    return replace(
        trace,
        opening=parts.opening,
        reasoning=parts.reasoning,
        closing=parts.closing,
        answer=parts.answer,
        form=parts.form,
        finish_reason="stop",
        token_ids=None,
        token_ends=None,
        token_logprobs=None,
    )


def _first_step(parts: Output, start: int) -> str:
    """The first step of the reasoning that stands at or after a place of the whole text.

    Only what was sampled is cut into steps: a step of the kept text ends where it ends.
    """
    before = len(parts.opening)
    sampled = parts.reasoning[max(0, start - before) :].lstrip()
    ends = step_ends(sampled)
    return sampled[: ends[0]] if ends else ""
