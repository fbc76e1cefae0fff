"""lm-evaluation-harness samples: one JSON line per document, with its responses and metrics."""

import re
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from reasonscope.traces.formats.attempt import each_record, from_text, missing_question, tried
from reasonscope.traces.formats.fields import (
    answer_kind,
    as_list,
    as_text,
    outcome,
    reference,
    rest,
    scalar,
)
from reasonscope.traces.formats.format import Format, Found, Glimpse, Row, Wrong
from reasonscope.traces.schema import Problem, Reading

_FILE = re.compile(r"samples_(.{1,120}?)(?:_\d{4}-\d{2}-\d{2}T.{1,40})?\.jsonl.*")
_QUESTIONS = ("question", "problem", "query", "input", "Question", "prompt")
_METRICS = ("exact_match", "acc", "acc_norm", "pass@1", "is_correct")
_USED = ("doc", "target", "arguments", "resps", "filtered_resps")


def _recognise(glimpse: Glimpse) -> bool:
    return glimpse.has("doc_id", "resps", "target")


def _prompt(arguments: Any) -> str:
    """The first argument of the first request, in the older and the newer spelling."""
    first: Any = None
    if isinstance(arguments, dict) and arguments:
        first = arguments.get("gen_args_0", next(iter(arguments.values())))
        first = first.get("arg_0") if isinstance(first, dict) else first
    elif isinstance(arguments, list) and arguments:
        first = arguments[0]
    while isinstance(first, list) and first:
        first = first[0]
    return first if isinstance(first, str) else ""


def _correct(record: Mapping[str, Any]) -> bool | None:
    named = record.get("metrics")
    names = [name for name in named if isinstance(name, str)] if isinstance(named, list) else []
    for name in (*_METRICS, *names):
        said = outcome(record.get(name))
        if said is not None:
            return said
    return None


def _problem(record: dict[str, Any], prompt: str, family: str, found: Found) -> Problem:
    doc = record.get("doc")
    said = doc if isinstance(doc, dict) else {}
    asked = next((said[k] for k in _QUESTIONS if isinstance(said.get(k), str)), None)
    given = scalar(record.get("target"))
    answer = reference(given)
    extra = rest(said, *([k for k in _QUESTIONS if said.get(k) == asked]))
    if given != answer:
        extra["answer_as_given"] = given
    return Problem.make(
        asked or prompt or missing_question(f"{family}, {found.place}"),
        answer=answer,
        answer_kind=answer_kind(answer),
        family=family,
        extra=extra,
    )


def _responses(record: dict[str, Any]) -> list[Any]:
    """The generated texts; a log-likelihood task has none."""
    flat: list[Any] = []
    for one in as_list(record.get("resps"), "'resps'"):
        flat.extend(one if isinstance(one, list) else [one])
    if not any(isinstance(item, str) for item in flat):
        raise Wrong("expected generated text in 'resps', found none (a log-likelihood task?)")
    return flat


def _attempt(problem: Problem, response: Any, prompt: str, **fields: Any) -> Reading:
    return from_text(problem, as_text(response, "a response"), prompt, **fields)


def _names(path: Path) -> tuple[str, str]:
    """Task from the file's name, model from the folder that the harness names after it."""
    match = _FILE.fullmatch(path.name)
    task = match.group(1) if match else "lm-eval"
    folder = path.absolute().parent.name
    return task, folder.replace("__", "/") if "__" in folder else "unknown"


def _read(path: Path, fields: Mapping[str, str]) -> Iterator[Row]:
    family, model = _names(path)

    def build(record: dict[str, Any], found: Found) -> Iterator[Reading | Wrong]:
        prompt = _prompt(record.get("arguments"))
        problem = _problem(record, prompt, family, found)
        shared = {"model": model, "stated_correct": _correct(record), "extra": rest(record, *_USED)}
        for at, response in enumerate(_responses(record)):
            yield tried(partial(_attempt, problem, response, prompt, sample=at, **shared))

    return each_record(path, build)


LM_EVAL = Format(
    name="lm-eval",
    summary="lm-evaluation-harness samples_*.jsonl: doc, target, arguments, resps, metrics",
    recognise=_recognise,
    read=_read,
    example="reasonscope import results/model/samples_gsm8k_2025-01-01T00-00-00.jsonl --out study",
)
"""Decisions: ``resps`` are read, not ``filtered_resps``, which hold only what a filter took
out; the harness may have stripped the thinking already (its issue 3196)."""
