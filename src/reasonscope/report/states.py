"""What a step's verdicts add up to: one state a step, with its glyph and its words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from reasonscope.traces.schema import Candidate, Trace, Verdict

State = Literal["bad", "retracted", "good", "open", "none"]

SEVERITY: tuple[State, ...] = ("bad", "retracted", "good", "open", "none")
"""From the most to the least telling; several verdicts add up to the most telling one."""

GLYPHS: dict[State, str] = {"bad": "✕", "retracted": "↶", "good": "✓", "open": "?", "none": "·"}
"""One sign a state, so that nothing is told by colour alone."""

WORDS: dict[State, str] = {
    "bad": "false",
    "retracted": "false, taken back later",
    "good": "holds",
    "open": "could not tell",
    "none": "nothing to check",
}


def verdict_state(verdict: Verdict) -> State:
    """The state that one verdict gives its step."""
    if verdict.correct is None:
        return "open"
    if verdict.correct:
        return "good"
    return "retracted" if verdict.retracted else "bad"


def step_states(count: int, verdicts: Iterable[Verdict]) -> tuple[State, ...]:
    """One state for each of ``count`` steps; verdicts on other steps are passed over.

    >>> right = Verdict(trace_id="t", step_index=1, verifier="v", correct=True, reason="2 = 2")
    >>> step_states(2, [right])
    ('none', 'good')
    """
    states: list[State] = ["none"] * count
    for verdict in verdicts:
        index = verdict.step_index
        if index is not None and 0 <= index < count:
            states[index] = worst((states[index], verdict_state(verdict)))
    return tuple(states)


def worst(states: Iterable[State]) -> State:
    """The most telling of some states.

    >>> worst(["none", "good", "bad"])
    'bad'
    """
    return min(states, key=SEVERITY.index, default="none")


def shares(states: Sequence[State], cells: int) -> list[tuple[int, int, State]]:
    """At most ``cells`` runs of steps as (start, end, most telling state), tiling all steps.

    >>> shares(("good", "bad", "none"), 2)
    [(0, 1, 'good'), (1, 3, 'bad')]
    """
    count = min(cells, len(states))
    bounds = [len(states) * cell // count for cell in range(count + 1)] if count else []
    return [(start, end, worst(states[start:end])) for start, end in pairwise(bounds)]


def first_error(states: Sequence[State]) -> int | None:
    """The index of the first step that is false and never taken back; None: there is none.

    >>> first_error(("good", "retracted", "bad", "bad"))
    2
    """
    return next((index for index, state in enumerate(states) if state == "bad"), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Whether a trace ends right, and who says so."""

    correct: bool | None
    by: str
    """``answers`` (compared with the reference), ``verdicts``, ``source``, or empty."""


def outcome(trace: Trace, verdicts: Iterable[Verdict], candidates: Iterable[Candidate]) -> Outcome:
    """The trace's outcome: by its compared final answer, else a verdict, else its source."""
    compared = [c.correct for c in candidates if c.final and c.correct is not None]
    judged = [v.correct for v in verdicts if v.step_index is None and v.correct is not None]
    for by, found in (("answers", compared), ("verdicts", judged)):
        if found:
            return Outcome(correct=all(found), by=by)
    stated = trace.stated_correct
    return Outcome(correct=stated, by="" if stated is None else "source")
