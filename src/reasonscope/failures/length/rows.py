"""One row a trace: how long its reasoning is, how it ended, and what it may be compared with."""

import json
import re
from dataclasses import dataclass
from typing import Any

from reasonscope.provenance import content_id
from reasonscope.traces.lengths import tokens_before, tokens_counted
from reasonscope.traces.schema import Candidate, Case

SIZES = ("hops", "swaps", "depth", "length", "order", "size", "complexity", "level", "difficulty")
"""Names under which a problem's source or generator states its size, the first that holds one."""

_WORDS = {"easy": 1.0, "medium": 2.0, "hard": 3.0}
_NUMBER = re.compile(r"(?:level )?(\d{1,6}(?:\.\d{1,3})?)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Length:
    """The length of one trace's reasoning."""

    trace_id: str
    model: str
    attempts_at: str
    """The same for attempts of one model at one problem under one prompt and condition: only
    these are compared with each other."""
    tokens: int
    """Tokens of the reasoning."""
    counted: bool
    """Counted from token ids; False: estimated from the text."""
    cut: bool
    """Ended by a length limit, or by a tag that never closes: its length is the limit's."""
    right: bool | None
    """Whether the final answer is right; None: there is none, or it could not be compared."""
    answer: str | None
    """The final answer in small letters without spaces, for voting; None: there is none."""
    size: float | None
    """The problem's size as its source states it."""
    size_name: str | None
    """What that size counts, such as ``hops``."""


def examine(case: Case) -> list[Length]:
    """The one row of this trace; reads the final answer from table ``answers``."""
    trace = case.trace
    final = next((row for row in case.rows("answers", Candidate) if row.final), None)
    name, size = stated_size(case.problem.extra)
    return [
        Length(
            trace_id=trace.trace_id,
            model=trace.model,
            attempts_at=content_id(
                "attempts", trace.problem_id, trace.model, trace.prompt, _condition(trace.extra)
            ),
            tokens=tokens_before(case.steps)[-1],
            counted=tokens_counted(case.steps),
            cut=trace.finish_reason == "length" or trace.form == "unclosed",
            right=None if final is None else final.correct,
            answer=None if final is None else "".join(final.text.lower().split())[:200],
            size=size,
            size_name=name,
        )
    ]


def _condition(extra: str) -> Any:
    return json.loads(extra).get("condition") if '"condition"' in extra else None


def stated_size(extra: str) -> tuple[str | None, float | None]:
    """The name and value of the size that a problem's source states, where it states one.

    >>> stated_size('{"hops": 4}'), stated_size('{"level": "Level 5"}'), stated_size("{}")
    (('hops', 4.0), ('level', 5.0), (None, None))
    """
    held = json.loads(extra)
    for name in SIZES:
        size = _number(held.get(name))
        if size is not None:
            return name, size
    return None, None


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, str):
        said = value.strip().lower()[:30]
        match = _NUMBER.fullmatch(said)
        return float(match.group(1)) if match else _WORDS.get(said)
    if not isinstance(value, int | float) or not -1e9 < value < 1e9:
        return None
    return float(value)
