"""reasonscope's own JSON lines: every field of problem and trace, and the steps; a full copy."""

import gzip
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

from reasonscope.traces.formats.attempt import each_record
from reasonscope.traces.formats.fields import as_list, as_object, kind, maybe_text, text, whole
from reasonscope.traces.formats.format import Found, Row, Wrong
from reasonscope.traces.schema import (
    AnswerKind,
    Case,
    Problem,
    Reading,
    ReasoningForm,
    Trace,
    well_formed,
)

_KINDS: tuple[AnswerKind, ...] = ("number", "expression", "choice", "text", "unknown")
_FORMS: tuple[ReasoningForm, ...] = ("tags", "field", "channels", "plain", "unclosed")
_TEXTS = ("prompt", "opening", "closing", "answer")


def holds_own(record: Mapping[str, Any]) -> bool:
    """Whether a record is a line of this format."""
    return all(isinstance(record.get(name), dict) for name in ("problem", "trace"))


def write_lines(cases: Iterable[Case], out: Path) -> None:
    """Write cases as JSON lines, packed where the name ends in ``.gz``."""
    with ExitStack() as stack:
        handle: Any = stack.enter_context(open(out, "wb"))
        if out.name.endswith(".gz"):
            packed = gzip.GzipFile(fileobj=handle, mode="wb", mtime=0, filename="")
            handle = stack.enter_context(packed)
        for case in cases:
            line = json.dumps(as_line(case), ensure_ascii=False, allow_nan=False)
            handle.write(line.encode() + b"\n")


def as_line(case: Case) -> dict[str, Any]:
    """One case as a JSON object: problem, trace, and the ends of the steps in the reasoning."""
    problem, trace = asdict(case.problem), asdict(case.trace)
    problem["extra"] = json.loads(problem["extra"])
    for name in ("extra", "sampling"):
        trace[name] = json.loads(trace[name])
    ends = [step.char_end for step in case.steps] or None
    return {"problem": problem, "trace": trace, "step_ends": ends}


def read_own(path: Path) -> Iterator[Row]:
    """Readings of lines that :func:`write_lines` wrote; ids are made anew from the content."""
    return each_record(path, _build)


def own_reading(record: Mapping[str, Any]) -> Reading:
    """The reading of one line."""
    problem = _problem(as_object(record.get("problem"), "'problem'"))
    trace = _trace(problem, as_object(record.get("trace"), "'trace'"))
    ends = record.get("step_ends")
    steps = None if ends is None else tuple(_wholes(ends, "'step_ends'"))
    return Reading(problem=problem, trace=trace, step_ends=steps)


def _build(record: dict[str, Any], found: Found) -> list[Reading]:
    return [own_reading(record)]


def _problem(said: Mapping[str, Any]) -> Problem:
    answer = said.get("answer")
    return Problem.make(
        text(said, "question"),
        answer=None if answer is None else text(said, "answer"),
        answer_kind=_one_of(_KINDS, said.get("answer_kind", "unknown"), "answer_kind"),
        choices=_texts(said.get("choices")),
        family=maybe_text(said, "family") or "unknown",
        steps=_texts(said.get("steps")),
        extra=as_object(said.get("extra", {}), "'extra'"),
    )


def _trace(problem: Problem, said: Mapping[str, Any]) -> Trace:
    fields: dict[str, Any] = {name: maybe_text(said, name) for name in _TEXTS}
    reasoning = text(said, "reasoning")
    if not any((reasoning.strip(), fields["opening"], fields["closing"], fields["answer"])):
        raise Wrong("expected reasoning or an answer, found both empty")
    correct = said.get("stated_correct")
    if correct is not None and not isinstance(correct, bool):
        raise Wrong(f"expected 'stated_correct' to be true, false or null, found {kind(correct)}")
    for name in ("token_ids", "token_ends"):
        fields[name] = None if said.get(name) is None else tuple(_wholes(said[name], f"'{name}'"))
    return Trace.make(
        problem,
        reasoning,
        model=maybe_text(said, "model") or "unknown",
        form=_one_of(_FORMS, said.get("form", "plain"), "form"),
        sample=_sample(said.get("sample", 0)),
        stated_correct=correct,
        finish_reason=well_formed(maybe_text(said, "finish_reason")) or None,
        token_logprobs=_numbers(said.get("token_logprobs")),
        sampling=as_object(said.get("sampling", {}), "'sampling'"),
        extra=as_object(said.get("extra", {}), "'extra'"),
        **fields,
    )


def _one_of(known: tuple[Any, ...], value: Any, name: str) -> Any:
    if not isinstance(value, str) or value not in known:
        raise Wrong(f"expected '{name}' to be one of {', '.join(known)}, found {str(value)[:40]!r}")
    return value


def _texts(value: Any) -> list[str]:
    held = [] if value is None else as_list(value, "a list of texts")
    if not all(isinstance(item, str) for item in held):
        raise Wrong("expected a list of texts, found something else in it")
    return held


def _wholes(value: Any, what: str) -> list[int]:
    numbers = [whole(item) for item in as_list(value, what)]
    if any(number is None for number in numbers):
        raise Wrong(f"expected {what} to hold whole numbers from 0, found something else")
    return [number for number in numbers if number is not None]


def _sample(value: Any) -> int:
    found = whole(value)
    if found is None:
        raise Wrong(f"expected 'sample' to be a whole number from 0, found {str(value)[:40]}")
    return found


def _numbers(value: Any) -> tuple[float, ...] | None:
    if value is None:
        return None
    held = as_list(value, "'token_logprobs'")
    for number in held:
        sound = isinstance(number, int | float) and not isinstance(number, bool)
        if not sound or abs(number) > 1e300 or not math.isfinite(number):
            raise Wrong("expected 'token_logprobs' to hold numbers, found something else")
    return tuple(float(number) for number in held)
