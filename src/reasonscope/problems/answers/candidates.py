"""Every answer that a trace states on its way, in order, then its final one."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from reasonscope.problems.answers.bounded import TIMED_OUT
from reasonscope.problems.answers.comparison import Comparison, compare
from reasonscope.problems.answers.extraction import final_answer, step_at
from reasonscope.problems.answers.stated import Stated, boxed, optioned, phrased
from reasonscope.traces.schema import Candidate, Problem, Step, Trace

MAX_CANDIDATES = 500
"""Statements of an answer in one trace beyond which no more are kept."""
MAX_DISTINCT = 40
"""Different answers in one trace that are compared; later ones stay open."""


def candidates(problem: Problem, trace: Trace, steps: Sequence[Step] = ()) -> list[Candidate]:
    """The answers stated in the reasoning, in order, then the final one, each compared.

    Precision over recall: only explicit statements count (a box, "so the answer is", an option
    named as right); results of sub-problems, questions, conditions and opinions of others do not.

    Args:
        problem: The problem.
        trace: The attempt.
        steps: The trace's steps; without them all reasoning counts as step 0.

    Returns:
        The candidates, numbered from 0; at most one is final, and it is the last.
    """
    final = final_answer(problem, trace, steps)
    compared = _Compared(problem)
    found: list[Candidate] = []
    for stated in islice(_on_the_way(problem, trace), MAX_CANDIDATES):
        written = trace.reasoning[stated.start : stated.end]
        comparison = compared(written)
        found.append(
            Candidate(
                trace_id=trace.trace_id,
                order=len(found),
                step_index=step_at(steps, stated.start),
                char_start=stated.start,
                char_end=stated.end,
                text=written,
                correct=comparison.correct,
                reason=f"{stated.how}: {comparison.reason}",
            )
        )
    return [*_without(found, final), *_numbered(final, found)]


class _Compared:
    """Comparisons of one trace's answers: each text once, and no more after a timeout."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._known: dict[str, Comparison] = {}
        self._spent = False

    def __call__(self, written: str) -> Comparison:
        if written not in self._known:
            if self._spent or len(self._known) >= MAX_DISTINCT:
                return Comparison(
                    None, "not compared: too many or too costly answers in this trace"
                )
            self._known[written] = compare(written, self._problem)
            self._spent = self._known[written].reason == TIMED_OUT
        return self._known[written]


def _on_the_way(problem: Problem, trace: Trace) -> Iterator[Stated]:
    text = trace.reasoning
    every = sorted([*boxed(text), *phrased(text, problem), *optioned(text, problem)])
    end = 0
    for stated in every:
        if stated.start >= end:
            yield stated
            end = stated.end


def _without(found: list[Candidate], final: Candidate | None) -> list[Candidate]:
    """What was found on the way, less the final answer where that lies in the reasoning too."""
    if final is None or final.step_index is None:
        return found
    return [c for c in found if c.char_end <= final.char_start]


def _numbered(final: Candidate | None, found: list[Candidate]) -> list[Candidate]:
    if final is None:
        return []
    return [replace(final, order=len(_without(found, final)))]
