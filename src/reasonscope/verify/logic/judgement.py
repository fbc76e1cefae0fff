"""A judgement of one sentence, and how it becomes a Verdict."""

from dataclasses import dataclass

from reasonscope.traces.schema import Case, Verdict
from reasonscope.verify.logic.prose import Piece
from reasonscope.verify.retraction import retracting_step


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was found of a sentence."""

    correct: bool | None
    """True: entailed; False: contradicted or not licensed; None: open."""
    reason: str
    """One plain sentence."""
    expected: str | None = None
    """What would have been right, where known."""


def to_verdict(
    case: Case, piece: Piece, judgement: Judgement, *, verifier: str, may_retract: bool
) -> Verdict:
    """The judgement as a Verdict on the sentence.

    ``may_retract``: the trace explores, so that it may take a wrong sentence back; one that only
    argues does not.
    """
    end = piece.start + len(piece.text)
    taken_back = (
        retracting_step(case.steps, case.trace.reasoning, end)
        if judgement.correct is False and may_retract
        else None
    )
    return Verdict(
        trace_id=case.trace.trace_id,
        step_index=piece.step,
        verifier=verifier,
        correct=judgement.correct,
        reason=judgement.reason,
        claim=piece.text,
        expected=judgement.expected,
        char_start=piece.start,
        char_end=end,
        retracted=taken_back is not None,
        retracted_by=taken_back,
    )
