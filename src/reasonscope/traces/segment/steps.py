"""Step records of a trace, with the tokens that belong to each."""

from bisect import bisect_left
from collections.abc import Sequence

from reasonscope.errors import InvalidRecord
from reasonscope.traces.schema import Step, Trace, check_tiling
from reasonscope.traces.segment.sentences import step_ends


def steps_of(trace: Trace, ends: Sequence[int] | None = None) -> tuple[Step, ...]:
    """The steps of a trace: they tile its reasoning, and their tokens tile its tokens.

    A token belongs to the step in which its first character stands; one that starts before the
    reasoning belongs to no step. Where ``token_ends`` is unknown, token ranges are None.

    Args:
        trace: The trace.
        ends: Ends of the source's own steps in the reasoning; None: found by :func:`step_ends`.

    >>> from reasonscope.traces.schema import Problem
    >>> trace = Trace.make(Problem.make("1 + 1 = ?"), "First I add. That makes two.")
    >>> [step.text for step in steps_of(trace)]
    ['First I add. ', 'That makes two.']
    """
    text = trace.reasoning
    stops = step_ends(text) if ends is None else tuple(ends)
    borders = (0, *stops)
    if borders[-1] != len(text) or any(a >= b for a, b in zip(borders, stops)):
        raise InvalidRecord(f"Step: ends must rise to the reasoning's length, {len(text)}")
    tokens = _token_borders(trace, borders)
    steps = tuple(
        Step(
            trace_id=trace.trace_id,
            index=index,
            char_start=borders[index],
            char_end=end,
            text=text[borders[index] : end],
            token_start=None if tokens is None else tokens[index],
            token_end=None if tokens is None else tokens[index + 1],
        )
        for index, end in enumerate(stops)
    )
    if __debug__:
        check_tiling(text, steps)
    return steps


def _token_borders(trace: Trace, borders: Sequence[int]) -> list[int] | None:
    """For each border in the reasoning, the first token that starts at or after it."""
    if trace.token_ends is None:
        return None
    starts = (0, *trace.token_ends[:-1]) if trace.token_ends else ()
    before = len(trace.opening)
    return [bisect_left(starts, before + border) for border in borders]
