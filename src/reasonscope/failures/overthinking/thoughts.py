"""Thoughts: where a trace switches, and the first thought in which the right answer comes out."""

import re
from collections.abc import Sequence

from reasonscope.problems.answers.reference import reference
from reasonscope.structure.flips.reached import reached
from reasonscope.traces.schema import Candidate, Case, Problem, Step

_SWITCH = re.compile(
    r"\W*(?:(?:but|hmm|okay|ok|so|or|and|now|then|maybe|perhaps|wait)\b\W*){0,3}"
    r"(?:alternatively\b|another (?:way|approach|method|idea|thought|possibility|angle)\b"
    r"|(?:let me|let's|i can|i could|i will|i'll|we can|we could) "
    r"(?:try|consider|think of|use|look at) "
    r"(?:a different|another|an alternative|something else|it differently|this differently)"
    r"|(?:is there|maybe there is|there is) another\b|a different (?:way|approach|method)\b"
    r"|instead,? (?:of|let|i|we)\b|on the other hand\b|let me start over\b|starting over\b)",
    re.IGNORECASE,
)
"""How a step begins that starts another thought."""


def thought_starts(steps: Sequence[Step]) -> list[int]:
    """The steps that begin a thought, the first step among them.

    >>> from reasonscope.traces.schema import Problem, Trace
    >>> from reasonscope.traces.segment.steps import steps_of
    >>> text = "We add the two. The sum is then 3. Alternatively, count. Hmm, another way: guess."
    >>> thought_starts(steps_of(Trace.make(Problem.make("?"), text)))
    [0, 2, 3]
    """
    later = [s.index for s in steps[1:] if _SWITCH.match(s.text[:200])]
    return [0, *later] if steps else []


def right_step(case: Case, stated: Sequence[int], other: Problem | None = None) -> int | None:
    """The first step in which the right answer comes out, stated or not; None: in none.

    Args:
        case: The trace with its problem and steps.
        stated: Steps that state a right answer.
        other: A problem whose reference is looked for instead: the control.
    """
    wanted = reference(other or case.problem)
    places = [] if other else list(stated)
    if wanted is not None:
        looked_for = Candidate(
            trace_id=case.trace.trace_id,
            order=0,
            step_index=None,
            char_start=0,
            char_end=1,
            text=wanted,
            correct=True,
        )
        found = next(reached(case.problem, case.steps, [looked_for]), None)
        places += [] if found is None else [found.step_index]
    return min(places, default=None)


def thought_end(starts: Sequence[int], step: int, steps: int) -> int:
    """The step after the last one of the thought that a step belongs to."""
    return next((start for start in starts if start > step), steps)
