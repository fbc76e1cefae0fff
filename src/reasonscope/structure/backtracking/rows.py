"""The row of one trace: its returns side by side, its checks, and what chance would give."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from reasonscope.structure.backtracking.events import ReturnKind
from reasonscope.structure.backtracking.returns import (
    Return,
    find_returns,
    returning,
)
from reasonscope.structure.backtracking.targets import TargetEvidence
from reasonscope.traces.lengths import estimated_tokens, step_tokens, tokens_counted
from reasonscope.traces.schema import Case
from reasonscope.traces.segment.steps import steps_of

ANSWER_CHARACTERS = 20_000
"""The text after the reasoning is read up to here for the control."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Returns:
    """The returns of one trace; the columns from ``return_steps`` on have one entry a return."""

    trace_id: str
    steps: int
    """Steps of the trace; 0: nothing to assess."""
    tokens: int
    """Tokens of the reasoning."""
    counted: bool
    """Whether tokens are counted; False: estimated."""
    checks: int
    """Places that only look again."""
    loops: int
    """Loops: targets that are returned to three times or more."""
    chance_loops: int
    """The same with each target drawn at random among the earlier steps."""
    answer_returns: int
    """Returns in the text after the reasoning, for the control."""
    answer_tokens: int
    """Tokens of that text, estimated."""
    return_steps: tuple[int, ...]
    """The step in which each return stands."""
    char_starts: tuple[int, ...]
    char_ends: tuple[int, ...]
    """Ranges of the cue and its sentence in the reasoning."""
    cues: tuple[str, ...]
    """The words that announce it."""
    kinds: tuple[ReturnKind, ...]
    """rejection, alternative, restart or doubt."""
    targets: tuple[int | None, ...]
    """The step that is returned to; None: it cannot be told."""
    evidences: tuple[TargetEvidence, ...]
    """How the target is known."""
    repairs: tuple[bool | None, ...]
    """Whether another value follows; None: it cannot be told."""
    loop_numbers: tuple[int | None, ...]
    """The loop that it belongs to; None: none."""
    chance_targets: tuple[int, ...]
    """An earlier step drawn at random."""
    chance_repairs: tuple[bool | None, ...]
    """Whether another value follows at a random place of the trace."""

    def each(self) -> Iterator[Return]:
        """The returns, one by one."""
        columns = (
            self.return_steps,
            self.char_starts,
            self.char_ends,
            self.cues,
            self.kinds,
            self.targets,
            self.evidences,
            self.repairs,
            self.loop_numbers,
            self.chance_targets,
            self.chance_repairs,
        )
        for values in zip(*columns, strict=True):
            yield Return(*values)


def examine(case: Case) -> list[Returns]:
    """The one row of a trace; a trace without returns has empty columns, not a missing row."""
    found = find_returns(case)
    made = found.returns
    answer_returns, answer_tokens = _in_answer(case)
    return [
        Returns(
            trace_id=case.trace.trace_id,
            steps=len(case.steps),
            tokens=sum(step_tokens(case.steps)),
            counted=tokens_counted(case.steps),
            checks=found.checks,
            loops=found.loops,
            chance_loops=found.chance_loops,
            answer_returns=answer_returns,
            answer_tokens=answer_tokens,
            return_steps=tuple(one.step for one in made),
            char_starts=tuple(one.char_start for one in made),
            char_ends=tuple(one.char_end for one in made),
            cues=tuple(one.cue for one in made),
            kinds=tuple(one.kind for one in made),
            targets=tuple(one.target for one in made),
            evidences=tuple(one.evidence for one in made),
            repairs=tuple(one.repairs for one in made),
            loop_numbers=tuple(one.loop for one in made),
            chance_targets=tuple(one.chance_target for one in made),
            chance_repairs=tuple(one.chance_repairs for one in made),
        )
    ]


def _in_answer(case: Case) -> tuple[int, int]:
    """Returns and tokens in the text after the reasoning, read as if it were reasoning."""
    text = case.trace.answer[:ANSWER_CHARACTERS]
    if not text.strip():
        return 0, 0
    told = replace(
        case.trace,
        opening="",
        reasoning=text,
        closing="",
        answer="",
        token_ids=None,
        token_ends=None,
        token_logprobs=None,
    )
    kept, _ = returning(Case(case.problem, told, steps_of(told)))
    return len(kept), estimated_tokens(text)
