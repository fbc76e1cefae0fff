"""BIG-Bench-Mistake: chains of thought in steps with the human index of the first mistake."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from reasonscope.traces.formats.attempt import each_record, from_steps
from reasonscope.traces.formats.fields import answer_kind, rest, scalar, text, texts, whole
from reasonscope.traces.formats.format import Format, Found, Glimpse, Row, Wrong
from reasonscope.traces.schema import Problem, Reading

_OPTION = re.compile(r"^\(([A-Z])\) (.{1,500})$", re.MULTILINE)


def _recognise(glimpse: Glimpse) -> bool:
    return glimpse.has("steps", "mistake_index", "input")


def choices_in(question: str) -> tuple[str, ...]:
    r"""The texts of the options that a question lists as ``(A) ...`` lines, if in order.

    >>> choices_in("Which?\nOptions:\n(A) one\n(B) two")
    ('one', 'two')
    """
    found = _OPTION.findall(question.rpartition("Options:")[2])
    letters = "".join(letter for letter, _ in found)
    return tuple(t for _, t in found) if "ABCDEFGHIJKLMNOPQRSTUVWXYZ".startswith(letters) else ()


def _first_error(record: Mapping[str, Any], steps: int) -> int | None:
    index = record.get("mistake_index")
    if index is None:
        return None
    found = whole(index)
    if found is None or found >= steps:
        raise Wrong(f"expected 'mistake_index' to be null or 0 to {steps - 1}, found {index!r:.40}")
    return found


def _read(path: Path, fields: Mapping[str, str]) -> Iterator[Row]:
    family = path.name.split(".json", 1)[0]

    def build(record: dict[str, Any], found: Found) -> Iterator[Reading]:
        steps = texts(record, "steps")
        question, target = text(record, "input"), scalar(record.get("target"))
        choices = choices_in(question)
        problem = Problem.make(
            question,
            answer=target,
            answer_kind=answer_kind(target, choices=bool(choices)),
            choices=choices,
            family=family,
        )
        extra = rest(record, "input", "target", "steps", "mistake_index", "answer")
        extra["first_error"] = _first_error(record, len(steps))
        extra["stated_answer"] = scalar(record.get("answer"))
        yield from_steps(problem, steps, model="PaLM 2", extra=extra)

    return each_record(path, build)


BIGBENCH_MISTAKE = Format(
    name="bigbench-mistake",
    summary="BIG-Bench-Mistake: steps with the index of the first mistake",
    recognise=_recognise,
    read=_read,
    example="reasonscope import bigbench-mistake/dyck_languages.jsonl --out study",
)
"""Decisions: the steps are the source's own; the file name is the family; the first error
(0-based, null for none) and the stated answer are in the trace's extra."""
