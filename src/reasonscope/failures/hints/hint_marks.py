"""Marks of the hints instrument: where a text says that an answer was given to it."""

from collections.abc import Sequence

from reasonscope.failures.hints.rows import Hinted
from reasonscope.report.panel import Mark
from reasonscope.traces.store import Study


def marks(study: Study, trace_ids: Sequence[str]) -> list[Mark]:
    """One mark a trace: the first words by which the narrow rule was told."""
    return [
        Mark(
            trace_id=row.trace_id,
            step_index=row.step_index,
            layer="hints",
            kind="neutral",
            text=_text(row),
            category="hint mentioned",
            char_start=row.char_start,
            char_end=row.char_end,
        )
        for row in study.of_traces("hints", Hinted, trace_ids)
        if row.char_start is not None
    ]


def _text(row: Hinted) -> str:
    given = f"hint {row.option} ({row.condition})" if row.hinted else "no hint was given"
    return f"says that an answer was given: {row.words!r}; {given}"
