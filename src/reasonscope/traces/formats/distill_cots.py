"""Several attempts of one model at each problem: ``problem`` and ``solutions`` with seeds."""

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from reasonscope.traces.formats.attempt import each_record, from_text, tried
from reasonscope.traces.formats.fields import (
    answer_kind,
    as_list,
    as_object,
    reference,
    rest,
    scalar,
    text,
    whole,
)
from reasonscope.traces.formats.format import Format, Found, Glimpse, Row, Wrong
from reasonscope.traces.schema import Problem, Reading

_MARKERS = ("<think>", "Solution:")
_SHORT = 200
"""A longer reference is a worked solution in prose, with which no answer can be compared."""


def _recognise(glimpse: Glimpse) -> bool:
    return isinstance(glimpse.record.get("problem"), dict) and isinstance(
        glimpse.record.get("solutions"), list
    )


def _problem(record: dict[str, Any]) -> Problem:
    said = as_object(record.get("problem"), "'problem'")
    given = scalar(said.get("answer"))
    answer = reference(given)
    extra = rest(said, "question", "answer", "family")
    if answer != given:
        extra["answer_as_given"] = given
    return Problem.make(
        text(said, "question"),
        answer=answer,
        answer_kind="unknown" if len(answer or "") > _SHORT else answer_kind(answer),
        family=scalar(said.get("family")) or "distill-cots",
        extra=extra,
    )


def _cut(solution: str, question: str) -> int:
    """Where the repeated prompt ends: before the tag, else after ``Solution:``, else 0."""
    start = solution.find(question)
    if start < 0 or not question:
        return 0
    after = start + len(question)
    near = solution[after : after + 200]
    tag, marker = near.find(_MARKERS[0]), near.find(_MARKERS[1])
    if tag >= 0:
        return after + tag
    if marker < 0:
        return after
    end = after + marker + len(_MARKERS[1])
    return end + len(solution[end:]) - len(solution[end:].lstrip())


def _attempt(problem: Problem, held: Any, at: int, model: str) -> Reading:
    solution = as_object(held, f"solution {at}")
    output = text(solution, "solution")
    cut = _cut(output, problem.question)
    seed = whole(solution.get("seed"))
    return from_text(
        problem,
        output[cut:],
        output[:cut],
        model=model,
        sample=at if seed is None else seed,
        extra=rest(solution, "solution"),
    )


def _build(record: dict[str, Any], found: Found) -> Iterator[Reading | Wrong]:
    problem = _problem(record)
    model = scalar(record.get("model")) or "unknown"
    for at, solution in enumerate(as_list(record.get("solutions"), "'solutions'")):
        yield tried(partial(_attempt, problem, solution, at, model))


def _read(path: Path, fields: Mapping[str, str]) -> Iterator[Row]:
    return each_record(path, _build)


DISTILL_COTS = Format(
    name="distill-cots",
    summary="problem{question, answer} with solutions[{seed, solution}], several per problem",
    recognise=_recognise,
    read=_read,
    example="reasonscope import r1-distill-cots/cots.jsonl.gz --out study",
)
"""Decisions: the prompt that stands at the front of each solution becomes the trace's prompt;
the seed is the sample; the reference is a worked solution in prose, kept whole and
not compared."""
