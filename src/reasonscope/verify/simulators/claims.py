"""What a simulator says of one step before it becomes a Verdict: right, wrong or open, and why."""

import re
from dataclasses import dataclass, replace
from typing import Protocol

from reasonscope.traces.schema import Case, Step, Verdict

MAX_STEPS = 20_000
"""Steps looked at in one trace; later ones stay open. A bound on work, far above real traces."""
MAX_TEXT = 50_000
"""Characters of a step or question looked at; a longer one is left open."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement of a step, judged against the state that the trace itself stated before."""

    correct: bool
    """Whether it follows."""
    reason: str
    """One plain sentence a person can check."""
    said: str = ""
    """The words judged, as they stand in the step."""
    expected: str | None = None
    """What would have been right."""


def short(text: str, limit: int = 160) -> str:
    """The text cut to a length fit for a sentence.

    >>> short("a b c", 3)
    'a b…'
    """
    return text if len(text) <= limit else text[:limit] + "…"


def as_verdict(case: Case, step: Step, verifier: str, claim: Claim) -> Verdict:
    """The claim as a verdict on its step, with the place of the words judged."""
    place = step.text.find(claim.said) if claim.said else -1
    start = step.char_start + place if place >= 0 else None
    return Verdict(
        trace_id=case.trace.trace_id,
        step_index=step.index,
        verifier=verifier,
        correct=claim.correct,
        reason=claim.reason,
        claim=short(claim.said, 400),
        expected=claim.expected,
        char_start=start,
        char_end=None if start is None else start + len(claim.said),
    )


_DOUBT = re.compile(
    r"(?i)^\W{0,4}(?:but )?(?:wait|hmm|hold on|no,|oops|actually|alternatively"
    r"|let me (?:re|double|check|verify|start|try|see)"
    r"|let's (?:re|double|check|verify|start over|try)|to (?:double|verify|check))"
    r"|[.?!…]\s{1,4}(?:But )?(?:Wait|Hmm|Hold on|No,|Oops|Actually"
    r"|Let me (?:re|double|check|verify))"
)


def takes_back(text: str) -> bool:
    """Whether a step stops to doubt what was said, as in ``Wait, that is wrong``.

    >>> takes_back("Wait, Bob had the red ball."), takes_back("Bob and Eve swap: Bob: red.")
    (True, False)
    """
    return _DOUBT.search(text[:MAX_TEXT]) is not None


class Replay(Protocol):
    """What follows a trace step by step."""

    begun: bool
    """The trace has stated something that can be followed."""

    def step(self, text: str) -> list[Claim]:
        """What is right and wrong in the next step; empty: it could not be read."""
        ...


def replayed(case: Case, verifier: str, replay: Replay) -> list[Verdict]:
    """The claims of each step as verdicts, up to where the trace cannot be followed.

    It cannot be followed once it doubts itself and may start over (what was wrong in the step
    before counts as taken back), nor past a step in words that could not be read, if what comes
    after then seems wrong: the missing piece may have been there. From there on all is open.
    """
    verdicts: list[Verdict] = []
    lost = False
    for step in case.steps[:MAX_STEPS]:
        if takes_back(step.text):
            return [_retracted(verdict, step.index) for verdict in verdicts]
        claims = replay.step(step.text) if len(step.text) <= MAX_TEXT else []
        lost = lost or (replay.begun and not claims and bool(step.text.strip()))
        if lost and not all(claim.correct for claim in claims):
            break
        verdicts += [as_verdict(case, step, verifier, claim) for claim in claims]
    return verdicts


def _retracted(verdict: Verdict, by: int) -> Verdict:
    if verdict.correct is False and verdict.step_index is not None and verdict.step_index >= by - 1:
        return replace(verdict, retracted=True, retracted_by=by)
    return verdict
