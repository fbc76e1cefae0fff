"""OpenAI-style chat records: messages, response bodies, request and response pairs, batches."""

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from reasonscope.traces.formats.attempt import each_record, missing_question, tried
from reasonscope.traces.formats.fields import (
    answer_kind,
    as_list,
    as_object,
    keys,
    outcome,
    reference,
    rest,
    scalar,
    whole,
)
from reasonscope.traces.formats.format import Format, Found, Glimpse, Row, Wrong
from reasonscope.traces.formats.messages import asked, is_messages, last_of, reply
from reasonscope.traces.schema import Problem, Reading

_ANSWERS = ("answer", "reference", "ground_truth", "solution", "target")
_LISTS = ("messages", "conversation", "conversations", "prompt", "completion")


def _body(record: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The response body: the record itself, or below ``response``, or below its ``body``."""
    for held in (record, record.get("response"), record.get("completion")):
        if isinstance(held, dict):
            inner = held.get("body", held)
            choices = inner.get("choices") if isinstance(inner, dict) else None
            if isinstance(choices, list) and choices and isinstance(choices[0], dict):
                return as_object(inner)
    return None


def _request(record: Mapping[str, Any]) -> list[Any]:
    """The messages that were sent, where the record holds them beside the response."""
    for held in (record, record.get("request"), record.get("body")):
        if isinstance(held, dict):
            inner = held.get("body", held)
            for name in _LISTS[:4]:
                if isinstance(inner, dict) and is_messages(inner.get(name)):
                    return list(inner[name])
    return []


def _recognise(glimpse: Glimpse) -> bool:
    record = glimpse.record
    return bool(_request(record)) or _body(record) is not None or is_messages(record.get("prompt"))


def _problem(record: Mapping[str, Any], sent: list[Any], where: str) -> tuple[Problem, list[Any]]:
    question, context = asked(sent)
    given = next((s for k in _ANSWERS if (s := scalar(record.get(k))) is not None), None)
    answer = reference(given)
    extra = {} if answer == given else {"answer_as_given": given}
    problem = Problem.make(
        question or missing_question(where),
        answer=answer,
        answer_kind=answer_kind(answer),
        family=scalar(record.get("family")) or "chat",
        extra=extra,
    )
    return problem, context


def _from_body(
    record: dict[str, Any], body: Mapping[str, Any], where: str
) -> list[Reading | Wrong]:
    problem, context = _problem(record, _request(record), where)
    extra = rest(record, "choices", "response", "completion", "request", *_LISTS, *_ANSWERS)
    extra |= rest(body, "choices", *_LISTS, *_ANSWERS)
    if context:
        extra["context"] = context
    model = scalar(body.get("model")) or scalar(record.get("model"))
    choices = as_list(body["choices"], "'choices'")
    make = partial(_choice, problem, model=model, extra=extra, correct=_correct(record))
    return [tried(partial(make, choice, at)) for at, choice in enumerate(choices)]


def _correct(record: Mapping[str, Any]) -> bool | None:
    said = (outcome(record.get(name)) for name in ("is_correct", "correct", "score"))
    return next((one for one in said if one is not None), None)


def _choice(
    problem: Problem,
    choice: Any,
    at: int,
    *,
    model: str | None,
    extra: Mapping[str, Any],
    correct: bool | None,
) -> Reading:
    held = as_object(choice, f"choice {at}")
    message = held.get("message")
    if message is None and isinstance(held.get("text"), str):
        message = {"content": held["text"]}
    return reply(
        problem,
        as_object(message, "the choice's message"),
        model=model,
        sample=whole(held.get("index")) or at,
        finish_reason=held.get("finish_reason"),
        stated_correct=correct,
        extra={**extra, **rest(held, "message", "text", "index", "finish_reason")},
    )


def _from_messages(record: dict[str, Any], sent: list[Any], where: str) -> Reading:
    messages = list(sent)
    completion = record.get("completion")
    if is_messages(completion):
        messages += as_list(completion, "'completion'")
    at = last_of(messages, "assistant")
    if at is None:
        raise Wrong("expected a message of the assistant, found none")
    problem, context = _problem(record, messages[:at], where)
    context += messages[at + 1 :]
    extra = rest(record, *_LISTS, *_ANSWERS, "model", "family")
    if context:
        extra["context"] = context
    return reply(
        problem,
        messages[at],
        model=scalar(record.get("model")),
        stated_correct=_correct(record),
        finish_reason=record.get("finish_reason"),
        sample=whole(record.get("sample")),
        extra=extra,
    )


def _read(path: Path, fields: Mapping[str, str]) -> Iterator[Row]:
    def build(record: dict[str, Any], found: Found) -> list[Reading | Wrong]:
        where = scalar(record.get("custom_id")) or f"{path.name}, {found.place}"
        body = _body(record)
        if body is not None:
            return _from_body(record, body, where)
        sent = _request(record)
        if not sent:
            raise Wrong(f"expected 'messages' or a response with 'choices', found {keys(record)}")
        return [_from_messages(record, sent, where)]

    return each_record(path, build)


CHAT = Format(
    name="chat",
    summary="OpenAI-style chat: messages or response bodies, any spelling of the reasoning",
    recognise=_recognise,
    read=_read,
    example="reasonscope import responses.jsonl --format chat --out study",
)
"""Decisions: the last message of the assistant is the trace, the user's last before it the
question, all others context in the trace's extra; each choice of a response is a sample."""
