"""The missing-premise set: well-posed questions and the same with a premise taken away."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from reasonscope.provenance import content_id
from reasonscope.traces.formats.attempt import each_record, from_text, missing_question
from reasonscope.traces.formats.fields import answer_kind, maybe_text, reference, rest, scalar, text
from reasonscope.traces.formats.format import Format, Found, Glimpse, Row, Wrong
from reasonscope.traces.schema import Problem, Reading

_NAMED = re.compile(r"(.{1,100}) \((question|insufficient_question)\)")
_CONDITIONS = {"question": "normal", "insufficient_question": "MiP"}
_KNOWN = {"model_answer", "answer", "question", "insufficient_question", "eval_result"}


def response_key(record: Mapping[str, Any]) -> str | None:
    """The field with the response: ``<model> (<which question>)``, or ``model_answer``."""
    named = next((key for key in record if _NAMED.fullmatch(key)), None)
    return named or ("model_answer" if "model_answer" in record else None)


def _recognise(glimpse: Glimpse) -> bool:
    key = response_key(glimpse.record)
    if key == "model_answer":
        return set(glimpse.record) <= _KNOWN
    return key is not None


def _folders(path: Path) -> tuple[str | None, str | None, str | None]:
    """Set, condition and model of ``.../<set>/<condition>/<model>/response.json``."""
    parts = path.absolute().parts
    if len(parts) >= 4 and parts[-3] in _CONDITIONS.values():
        return parts[-4], parts[-3], parts[-2]
    return None, None, None


def _condition(record: Mapping[str, Any], key: str, folder: str | None) -> str:
    named = _NAMED.fullmatch(key)
    if named:
        return _CONDITIONS[named.group(2)]
    if folder is not None:
        return folder
    return "MiP" if "insufficient_question" in record and "question" not in record else "normal"


def _pair(record: Mapping[str, Any], family: str | None, found: Found) -> dict[str, str | None]:
    """What a question shares with its twin that lacks a premise, or that has it."""
    whole = maybe_text(record, "question")
    return {
        "question": content_id("question", whole) if whole else None,
        "place": f"{family}, {found.place}",
        "answer": scalar(record.get("answer")),
    }


def _problem(record: dict[str, Any], key: str, condition: str, family: str, where: str) -> Problem:
    asked = "question" if condition == "normal" else "insufficient_question"
    question = maybe_text(record, asked) or missing_question(where)
    extra = rest(record, key, asked, "answer", "eval_result") | {"condition": condition}
    whole = scalar(record.get("answer"))
    answer = reference(whole) if condition == "normal" else None
    if whole is not None and whole != answer:
        extra["answer_as_given" if condition == "normal" else "answer_of_full_question"] = whole
    return Problem.make(
        question, answer=answer, answer_kind=answer_kind(answer), family=family, extra=extra
    )


def _read(path: Path, fields: Mapping[str, str]) -> Iterator[Row]:
    family, folder, model = _folders(path)

    def build(record: dict[str, Any], found: Found) -> Iterator[Reading]:
        key = response_key(record)
        if key is None:
            raise Wrong(
                "expected a field '<model> (question)', '<model> (insufficient_question)' or "
                "'model_answer', found none"
            )
        condition = _condition(record, key, folder)
        where = f"{family or path.name}/{condition}, {found.place}"
        problem = _problem(record, key, condition, family or "missing-premise", where)
        named = _NAMED.fullmatch(key)
        yield from_text(
            problem,
            text(record, key),
            model=named.group(1) if named else model,
            extra={"condition": condition, "pair": _pair(record, family, found)}
            | {k: record[k] for k in ("eval_result",) if k in record},
        )

    return each_record(path, build)


MIP = Format(
    name="mip",
    summary="missing-premise set: response.json under <set>/<normal|MiP>/<model>/",
    recognise=_recognise,
    read=_read,
    example="reasonscope import response/gsm8k/normal/deepseekR1/response.json.gz --out study",
)
"""Decisions: what was asked is the question of the record's condition; where a premise is
missing the reference answer does not apply, so it goes to the problem's extra. ``eval_result``
is a judge's note whose meaning differs by set, so it is kept and not taken as the outcome.
The trace's extra holds what tells the pair: the whole question's hash where the record has it, the
set and the record's place, and the whole question's answer."""
