"""One row a trace: how much it says, whether it suspects a gap, and whether it abstains."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reasonscope.failures.premises.wording import CLOSING, abstains, suspects
from reasonscope.traces.lengths import estimated_tokens, tokens_before, tokens_counted
from reasonscope.traces.schema import Case, Step, Trace

GRAM = 5
"""Words in a row that count as repeated where the trace said them before."""
MOST_SUSPICIONS = 500
"""Suspicious steps that a row lists; later ones are only counted."""
_WORD = re.compile(r"\w+")
_MISSING = {"mip": True, "missing premise": True, "normal": False, "well-posed": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class PremiseRow:
    """What one trace does with a question that may lack a premise."""

    trace_id: str
    model: str
    missing: bool | None
    """Whether its question lacks a premise; None: its source does not say."""
    pair: str | None
    """The same for a question and its twin; None: the record does not hold the whole question."""
    place: str | None
    """Where the record stands in its set, and the whole question's answer: pairs what ``pair``
    does not."""
    words: int
    """Words of the whole output, split at white space."""
    tokens: int
    """Tokens of the whole output."""
    counted: bool
    """Counted from token ids; False: estimated from the text."""
    abstains: bool | None
    """Its last word is that the question cannot be answered as it stands; None: no last word."""
    first_suspicion: int | None
    """The first step that says that information is missing; None: no step does."""
    tokens_before_suspicion: int | None
    """Tokens of reasoning before that step."""
    tokens_after_suspicion: int | None
    """Tokens of reasoning from that step on."""
    suspicions: int
    """Steps that say so."""
    suspicious_steps: tuple[int, ...]
    """Which ones."""
    repeated_share: float | None
    """Share of runs of five words that the reasoning said before; None: fewer than five words."""
    repeated_share_after: float | None
    """The same from the first suspicion on."""


def examine(case: Case) -> list[PremiseRow]:
    """The one row of this trace."""
    trace, steps = case.trace, case.steps
    found = [step.index for step in steps if suspects(step.text)]
    before = tokens_before(steps)
    first = found[0] if found else None
    whole, after = _repeated(steps, first)
    said = _twin(trace.extra)
    return [
        PremiseRow(
            trace_id=trace.trace_id,
            model=trace.model,
            missing=said.missing,
            pair=said.pair,
            place=said.place,
            words=len(trace.text.split()),
            tokens=_tokens(trace, before[-1]),
            counted=tokens_counted(steps),
            abstains=_abstains(trace),
            first_suspicion=first,
            tokens_before_suspicion=None if first is None else before[first],
            tokens_after_suspicion=None if first is None else before[-1] - before[first],
            suspicions=len(found),
            suspicious_steps=tuple(found[:MOST_SUSPICIONS]),
            repeated_share=whole,
            repeated_share_after=after,
        )
    ]


@dataclass(frozen=True, slots=True)
class _Twin:
    missing: bool | None = None
    pair: str | None = None
    place: str | None = None


def _twin(extra: str) -> _Twin:
    """What a trace's source says of its question's twin."""
    if '"condition"' not in extra:
        return _Twin()
    held = json.loads(extra)
    missing = _MISSING.get(str(held.get("condition")).lower())
    pair = held.get("pair")
    if missing is None or not isinstance(pair, Mapping):
        return _Twin(missing)
    place = pair.get("place")
    return _Twin(
        missing,
        _text(pair.get("question")),
        None if place is None else json.dumps([place, pair.get("answer")], ensure_ascii=False),
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _tokens(trace: Trace, reasoning: int) -> int:
    """Tokens of the whole output: all ids where known, else reasoning and answer."""
    if trace.token_ids is not None:
        return len(trace.token_ids)
    return reasoning + estimated_tokens(trace.answer)


def _abstains(trace: Trace) -> bool | None:
    """Whether the last word is a refusal; where no text follows a plain output ends with it."""
    if trace.answer.strip():
        return abstains(trace.answer)
    if trace.form == "plain" and trace.finish_reason != "length" and trace.reasoning.strip():
        return abstains(trace.reasoning[-2 * CLOSING :])
    return None


def _repeated(steps: Sequence[Step], first: int | None) -> tuple[float | None, float | None]:
    """Share of runs of words said before: in the whole reasoning, and from a step on."""
    words: list[str] = []
    start = None  # where the first run that ends at or after the suspicion begins
    for step in steps:
        if step.index == first:
            start = max(len(words) - GRAM + 1, 0)
        words += _WORD.findall(step.text.lower())
    said: set[tuple[str, ...]] = set()
    before = []
    for run in zip(*(words[at:] for at in range(GRAM))):
        before.append(run in said)
        said.add(run)
    return _mean(before), None if start is None else _mean(before[start:])


def _mean(outcomes: Sequence[bool]) -> float | None:
    return sum(outcomes) / len(outcomes) if outcomes else None
