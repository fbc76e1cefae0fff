"""ProcessBench: solutions in steps with the index of the first wrong one."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from reasonscope.traces.formats.attempt import each_record, from_steps
from reasonscope.traces.formats.fields import outcome, rest, scalar, text, texts, whole
from reasonscope.traces.formats.format import Format, Found, Glimpse, Row, Wrong
from reasonscope.traces.schema import Problem, Reading

_USED = ("problem", "steps", "label", "final_answer_correct", "generator")


def _recognise(glimpse: Glimpse) -> bool:
    return glimpse.has("problem", "steps", "label") and isinstance(glimpse.record["steps"], list)


def _first_error(label: Any, steps: int) -> int | None:
    """None where the label is -1: no step is wrong."""
    if label == -1 and not isinstance(label, bool):
        return None
    found = whole(label)
    if found is None or found >= steps:
        raise Wrong(f"expected 'label' to be -1 or 0 to {steps - 1}, found {label!r:.40}")
    return found


def _build(record: dict[str, Any], found: Found) -> Iterator[Reading]:
    steps = texts(record, "steps")
    extra = rest(record, *_USED) | {"first_error": _first_error(record.get("label"), len(steps))}
    yield from_steps(
        Problem.make(text(record, "problem"), family="processbench"),
        steps,
        model=scalar(record.get("generator")),
        stated_correct=outcome(record.get("final_answer_correct")),
        extra=extra,
    )


def _read(path: Path, fields: Mapping[str, str]) -> Iterator[Row]:
    return each_record(path, _build)


PROCESSBENCH = Format(
    name="processbench",
    summary="ProcessBench: steps, label of the first wrong one, final_answer_correct",
    recognise=_recognise,
    read=_read,
    example="reasonscope import processbench/gsm8k.json --out study",
)
