"""Mend a trace: each wrong equation gets the right side that the verifier expects (a control)."""

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import accumulate

from reasonscope.traces.schema import Case, Step, Trace, Verdict

_RELATION = re.compile(r"=|≈|\\approx|\\?equals?\b|\bis\b|\bgives\b|\bmakes\b")


ROUNDS = 3
"""Times that a trace is mended: mending one link of a chain can break the next."""


def mended(case: Case, judge: Callable[[Case], Sequence[Verdict]]) -> Case:
    """The case with its wrong equations mended, where the verifier knows what is right."""
    for _ in range(ROUNDS):
        wrong = [verdict for verdict in judge(case) if _mendable(verdict)]
        if not wrong:
            return case
        case = _mend(case, _apart(wrong))
    return case


def _mendable(verdict: Verdict) -> bool:
    wrong = verdict.correct is False and not verdict.retracted
    known = verdict.expected is not None and verdict.char_start is not None
    return wrong and known and _RELATION.search(verdict.claim) is not None


def _apart(wrong: Sequence[Verdict]) -> list[tuple[int, int, str]]:
    """Start, end and right value of claims that do not overlap, in order of their places."""
    chosen: list[tuple[int, int, str]] = []
    for verdict in sorted(wrong, key=lambda v: v.char_end or 0):
        start, end = verdict.char_start or 0, verdict.char_end or 0
        if not chosen or chosen[-1][1] <= start:
            chosen.append((start, end, verdict.expected or ""))
    return chosen


def _mend(case: Case, claims: Sequence[tuple[int, int, str]]) -> Case:
    """The case with the text after each claim's last relation sign replaced, in one pass."""
    reasoning = case.trace.reasoning
    pieces, grown, at = [], [], 0
    for start, end, expected in claims:
        claim = reasoning[start:end]
        sign = list(_RELATION.finditer(claim))[-1]
        right = f"{claim[: sign.end()]} {expected}"
        pieces += [reasoning[at:start], right]
        grown.append(len(right) - len(claim))
        at = end
    trace = Trace.make(case.problem, "".join([*pieces, reasoning[at:]]), model="mended")
    starts, shifts = [claim[0] for claim in claims], [0, *accumulate(grown)]
    return Case(
        case.problem,
        trace,
        _recut(case.steps, trace, lambda place: place + shifts[bisect_right(starts, place - 1)]),
    )


def _recut(steps: Sequence[Step], trace: Trace, moved: Callable[[int], int]) -> tuple[Step, ...]:
    """The same steps in the mended text; ``moved`` says where a place of the old one is now."""
    return tuple(
        replace(
            step,
            trace_id=trace.trace_id,
            char_start=moved(step.char_start),
            char_end=moved(step.char_end),
            text=trace.reasoning[moved(step.char_start) : moved(step.char_end)],
            token_start=None,
            token_end=None,
        )
        for step in steps
    )
