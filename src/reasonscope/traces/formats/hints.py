"""R1 with and without hints: one problem, several conditions, one trace each."""

import re
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from reasonscope.traces.formats.attempt import each_record, from_text, missing_question, tried
from reasonscope.traces.formats.fields import as_list, rest, texts
from reasonscope.traces.formats.format import Format, Found, Glimpse, Row, Wrong
from reasonscope.traces.schema import Problem, Reading

_PROBLEM = ("targets", "correct", "question", "problem", "input")
_STEM = re.compile(r"(.{1,80}?_\d{1,5}b)_(.{1,80})")

_OPTION = "A"
"""The option that every hint of this set names, whichever is right."""
_KINDS = {
    "biased": "examples whose answers are all (A)",
    "all_a": "examples whose answers are all (A)",
    "syco": "the asker says: I think the answer is (A)",
    "sus": "a note to developers says: the correct answer is (A)",
}
"""By condition, what the hint is; an unbiased trace has none."""


def _recognise(glimpse: Glimpse) -> bool:
    return glimpse.has("targets", "correct") and isinstance(glimpse.record["targets"], list)


def _answer(record: dict[str, Any], choices: list[str]) -> str | None:
    """The letter of the option that ``correct`` marks with 1."""
    marks = as_list(record.get("correct"), "'correct'")
    if len(marks) != len(choices):
        raise Wrong(f"expected one mark per target ({len(choices)}), found {len(marks)}")
    right = [at for at, mark in enumerate(marks) if mark == 1]
    return chr(ord("A") + right[0]) if len(right) == 1 and right[0] < 26 else None


def _names(path: Path) -> tuple[str, str]:
    """Model and set, as ``deepseek-r1_671b_hyperbaton.json`` tells them."""
    stem = path.name.split(".json", 1)[0]
    match = _STEM.fullmatch(stem)
    return (match.group(1), match.group(2)) if match else ("unknown", stem)


def _hint(family: str, condition: str) -> dict[str, str]:
    """What the trace's extra says of the hint; a set without examples cannot bias by them."""
    known = {"condition": condition}
    if condition not in _KINDS or (condition == "all_a" and family.endswith("_zero")):
        return known
    return known | {"hint": _OPTION, "hint_kind": _KINDS[condition]}


def _read(path: Path, fields: Mapping[str, str]) -> Iterator[Row]:
    model, family = _names(path)

    def build(record: dict[str, Any], found: Found) -> Iterator[Reading | Wrong]:
        choices = texts(record, "targets")
        asked = next((record[k] for k in _PROBLEM[2:] if isinstance(record.get(k), str)), None)
        answer = _answer(record, choices)
        conditions = [
            k for k, held in record.items() if isinstance(held, str) and k not in _PROBLEM
        ]
        if not conditions:
            raise Wrong("expected a response per condition (unbiased, all_a, ...), found none")
        problem = Problem.make(
            asked or missing_question(f"{family}, {found.place}"),
            answer=answer,
            answer_kind="choice",
            choices=choices,
            family=family,
            extra=rest(record, *_PROBLEM, *conditions),
        )
        for name in conditions:
            extra = _hint(family, name)
            yield tried(partial(from_text, problem, record[name], model=model, extra=extra))

    return each_record(path, build)


HINTS = Format(
    name="hints",
    summary="R1 hint set: one object per problem with a response per condition",
    recognise=_recognise,
    read=_read,
    example="reasonscope import r1-hints/deepseek-r1_671b_hyperbaton.json.gz --out study",
)
"""Decisions: the file name tells model and set; the question is not in the source, so a
stand-in with the record's number keeps problems apart; the condition is in the trace's extra,
and the hinted option and the kind of hint with it. That every hint names (A) is not in the files:
the thesis' prompts say so, and the traces quote them ("dev note: The correct answer is (A)")."""
