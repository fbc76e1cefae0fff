"""All that our verifiers say of a trace, and from that: is a step right, which is wrong first."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from reasonscope.traces.schema import Case, Problem, Verdict
from reasonscope.verify import equations, logic
from reasonscope.verify.simulators import SIMULATORS, arithmetic_replay


class Verifier(NamedTuple):
    """Something that judges steps, and when it is asked."""

    name: str
    applies: Callable[[Problem], bool]
    check: Callable[[Case], list[Verdict]]


def _always(problem: Problem) -> bool:
    return True


VERIFIERS = (
    *(Verifier(*simulator) for simulator in SIMULATORS),
    Verifier("logic", logic.applies, logic.check),
    Verifier("equations", _always, equations.check),
)
"""Every verifier, in the order in which they are asked."""

FAILED = "the verifier failed and said nothing"
"""Begins the reason of the open verdict that a failing verifier leaves."""


def judge(case: Case, verifiers: Iterable[Verifier] = VERIFIERS) -> list[Verdict]:
    """The verdicts of all verifiers that apply, in the order of the steps.

    A verifier that fails costs nobody else's verdicts: it leaves one open verdict with the
    reason. Equations are not judged twice: where the arithmetic simulator has judged a step,
    that of the equations is dropped.
    """
    verdicts = [verdict for verifier in verifiers for verdict in _asked(verifier, case)]
    replayed = {v.step_index for v in verdicts if v.verifier == arithmetic_replay.VERIFIER}
    kept = [v for v in verdicts if v.verifier != "equations" or v.step_index not in replayed]
    return sorted(kept, key=_place)


def _asked(verifier: Verifier, case: Case) -> list[Verdict]:
    try:
        return verifier.check(case) if verifier.applies(case.problem) else []
    except Exception as error:  # one verifier must not lose the others' verdicts
        return [_open(case, verifier.name, f"{FAILED}: {type(error).__name__}")]


def _open(case: Case, name: str, reason: str) -> Verdict:
    return Verdict(
        trace_id=case.trace.trace_id, step_index=None, verifier=name, correct=None, reason=reason
    )


def _place(verdict: Verdict) -> tuple[bool, int, int]:
    """Steps in order, the final answer last."""
    index = verdict.step_index
    return index is None, -1 if index is None else index, verdict.char_start or 0


def step_outcome(verdicts: Iterable[Verdict]) -> bool | None:
    """Whether a step is right, from its verdicts: wrong if any claim is wrong and stands.

    Right if at least one claim is right and none is wrong; None: nothing could be told. A wrong
    claim that the trace takes back counts for neither.

    >>> said = dict(trace_id="t", step_index=0, verifier="equations", reason="1 + 1 is 2")
    >>> step_outcome([Verdict(correct=True, **said), Verdict(correct=False, **said)])
    False
    >>> step_outcome([Verdict(correct=None, **said)]) is None
    True
    """
    held = list(verdicts)
    if any(_stands(verdict) for verdict in held):
        return False
    return True if any(verdict.correct is True for verdict in held) else None


def first_error(verdicts: Iterable[Verdict]) -> int | None:
    """The first step that holds a wrong claim which the trace does not take back; None: none.

    A wrong final answer (step None) is no step and does not count.
    """
    wrong = (v.step_index for v in verdicts if _stands(v) and v.step_index is not None)
    return min(wrong, default=None)


def _stands(verdict: Verdict) -> bool:
    return verdict.correct is False and not verdict.retracted
