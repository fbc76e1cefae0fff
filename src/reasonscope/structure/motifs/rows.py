"""The row of one trace: the labels of its steps as a string of letters."""

from dataclasses import dataclass

from reasonscope.structure.motifs.moves import moves
from reasonscope.traces.lengths import step_tokens
from reasonscope.traces.schema import Case, Label


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """What the steps of one trace do."""

    trace_id: str
    steps: int
    """Labelled steps of the trace; 0: nothing to assess."""
    tokens: int
    """Tokens of the reasoning; estimated where ids are unknown."""
    moves: str
    """One letter a step: see :data:`reasonscope.structure.motifs.moves.MOVES`."""


def examine(case: Case) -> list[Moves]:
    """The moves of a trace, from its labels."""
    labels = case.rows("labels", Label)
    return [
        Moves(
            trace_id=case.trace.trace_id,
            steps=len({label.step_index for label in labels}),
            tokens=sum(step_tokens(case.steps)),
            moves=moves(len(case.steps), labels),
        )
    ]
