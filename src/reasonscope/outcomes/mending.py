"""Mend a trace: each wrong equation gets the right side that the verifier expects (a control)."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

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
        for verdict in _apart(wrong):
            case = _mend(case, verdict)
    return case


def _mendable(verdict: Verdict) -> bool:
    wrong = verdict.correct is False and not verdict.retracted
    known = verdict.expected is not None and verdict.char_start is not None
    return wrong and known and _RELATION.search(verdict.claim) is not None


def _apart(wrong: Sequence[Verdict]) -> list[Verdict]:
    """Claims that do not overlap, last first, so that mending one leaves the others' places."""
    chosen: list[Verdict] = []
    for verdict in sorted(wrong, key=lambda v: v.char_end or 0, reverse=True):
        if not chosen or (verdict.char_end or 0) <= (chosen[-1].char_start or 0):
            chosen.append(verdict)
    return chosen


def _mend(case: Case, wrong: Verdict) -> Case:
    """The case with the text after the claim's last relation sign replaced."""
    assert wrong.char_start is not None
    assert wrong.char_end is not None
    reasoning = case.trace.reasoning
    claim = reasoning[wrong.char_start : wrong.char_end]
    sign = list(_RELATION.finditer(claim))[-1]
    right = f"{claim[: sign.end()]} {wrong.expected}"
    text = reasoning[: wrong.char_start] + right + reasoning[wrong.char_end :]
    trace = Trace.make(case.problem, text, model="mended")
    grown = len(right) - len(claim)
    return Case(case.problem, trace, _recut(case.steps, trace, wrong.char_start, grown))


def _recut(steps: Sequence[Step], trace: Trace, place: int, grown: int) -> tuple[Step, ...]:
    """The same steps in a text that grew by ``grown`` characters after ``place``."""

    def moved(position: int) -> int:
        return position + grown if position > place else position

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
