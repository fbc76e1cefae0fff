"""The row of one trace, from its candidate answers in table ``flips``."""

from collections.abc import Sequence

from reasonscope.failures.overthinking.repetition import repetition
from reasonscope.failures.overthinking.row import Overthinking
from reasonscope.failures.overthinking.solutions import ways
from reasonscope.failures.overthinking.thoughts import right_step, thought_end, thought_starts
from reasonscope.structure.flips.row import Flips
from reasonscope.traces.lengths import tokens_before
from reasonscope.traces.schema import Case


def examined(case: Case, flips: Flips) -> Overthinking:
    """Efficiency, underthinking and repetition of one trace."""
    before = tokens_before(case.steps)
    whole = before[-1]
    texts = stretches(case, flips)
    chosen = ways(texts, flips.identities)
    repeated = repetition([step.text for step in case.steps])
    own = _own(flips.tokens_at, chosen)
    starts = thought_starts(case.steps)
    step = right_step(case, [s for s, o in zip(flips.steps, flips.outcomes) if o == "T"])
    right = None if step is None else before[thought_end(starts, step, len(case.steps))]
    return Overthinking(
        trace_id=case.trace.trace_id,
        tokens=whole,
        final_correct=flips.final_correct,
        reaches_right=_reaches_right(flips),
        outcome_efficiency=_outcome_efficiency(flips),
        solutions=len(texts),
        distinct=len(set(chosen)),
        process_efficiency=own / whole if texts and whole else None,
        first_tokens=flips.tokens_at[0] if texts else 0,
        own_tokens=own,
        solution_tokens=flips.tokens_at[-1] if texts else 0,
        solution_steps=flips.steps,
        solution_ways=tuple(chosen),
        thoughts=len(starts),
        right_tokens=right,
        underthinking=underthinking(flips.final_correct, right, whole),
        words=repeated.words,
        repeated_words=repeated.repeated,
        repetition_share=repeated.repeated / repeated.words if repeated.words else None,
        loop_words=repeated.loop,
        repeated_steps=repeated.steps,
        capped=repeated.capped or flips.capped,
    )


def stretches(case: Case, flips: Flips) -> list[str]:
    """The text of each solution: from the end of the one before to the end of its own step."""
    ends = [case.steps[step].char_end for step in flips.steps]
    text = case.trace.reasoning
    return [text[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def _reaches_right(flips: Flips) -> bool | None:
    """Whether some answer is right; False only if every answer could be compared."""
    if "T" in flips.outcomes or flips.final_correct:
        return True
    return None if "?" in flips.outcomes or flips.final_correct is None else False


def _outcome_efficiency(flips: Flips) -> float | None:
    """Tokens up to the first right answer over all (Chen 2412.21187, the outcome efficiency)."""
    reaches = _reaches_right(flips)
    if reaches is None or not flips.tokens:
        return None
    if not reaches:
        return 0.0
    return (flips.right_tokens or flips.tokens) / flips.tokens


def _own(tokens_at: Sequence[int], chosen: Sequence[int]) -> int:
    """Tokens of the solutions that are the first to go their way."""
    seen: set[int] = set()
    own = 0
    for start, end, way in zip([0, *tokens_at], tokens_at, chosen, strict=False):
        own += 0 if way in seen else end - start
        seen.add(way)
    return own


def underthinking(final: bool | None, right: int | None, whole: int) -> float | None:
    """1 - T^/T of a trace with a wrong answer (Wang 2501.18585); None for all others.

    >>> underthinking(False, 25, 100), underthinking(False, None, 100), underthinking(True, 25, 100)
    (0.75, 0.0, None)
    """
    if final is not False or not whole:
        return None
    return 0.0 if right is None else 1 - right / whole
