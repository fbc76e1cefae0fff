"""Inspect's ``.eval`` logs: zip files with one sample a member, or one a folder of chunks."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reasonscope.traces.formats.attempt import guarded, missing_question
from reasonscope.traces.formats.fields import (
    MANY,
    answer_kind,
    as_list,
    as_object,
    options,
    outcome,
    reference,
    rest,
    scalar,
    whole,
)
from reasonscope.traces.formats.format import Format, Found, Glimpse, Row, Wrong, error_row
from reasonscope.traces.formats.messages import asked, is_messages, last_of, reply
from reasonscope.traces.formats.values import decode
from reasonscope.traces.formats.zipped import Zipped
from reasonscope.traces.schema import Problem, Reading

_WHOLE = re.compile(r"samples/(.{1,500}_epoch_\d{1,9})\.json", re.DOTALL)
_SHELL = re.compile(r"samples/(.{1,500}_epoch_\d{1,9})/sample\.json", re.DOTALL)
_ATTACHED = "attachment://"
_USED = ("messages", "events", "attachments", "input", "target", "choices", "output", "scores")
_BULKY = ("store", "events_data", "sequences", "message_refs", "timelines", "metadata")


def _recognise(glimpse: Glimpse) -> bool:
    if glimpse.kind == "zip":
        return any(n == "header.json" or n.startswith("_journal/") for n in glimpse.names)
    return glimpse.kind == "folder" and any(name.endswith(".eval") for name in glimpse.names)


@dataclass(frozen=True, slots=True)
class _Log:
    """What the log says of all its samples."""

    task: str
    model: str
    sampling: dict[str, Any]


def _log(archive: Zipped) -> _Log:
    """The header's task and model; a log that was cut off has only its journal's start."""
    for name in ("header.json", "_journal/start.json"):
        if name not in archive.members:
            continue
        try:
            said = as_object(as_object(decode(archive.member(name))).get("eval"), "'eval'")
        except Wrong:
            continue
        config = said.get("model_generate_config")
        return _Log(
            scalar(said.get("task")) or "inspect",
            scalar(said.get("model")) or "unknown",
            config if isinstance(config, dict) else {},
        )
    return _Log("inspect", "unknown", {})


def _sample(archive: Zipped, name: str) -> dict[str, Any]:
    """One sample in the shape of the old layout, whichever layout it is in."""
    if not name.endswith("/sample.json"):
        return as_object(decode(archive.member(name)), "the sample")
    prefix = name.removesuffix("sample.json")
    sample = as_object(decode(archive.member(name)), "the sample")
    pool = _sequence(archive, f"{prefix}messages/")
    sample["messages"] = [pool[at] for at in _references(sample.get("message_refs"), len(pool))]
    attached = _sequence(archive, f"{prefix}attachments/")
    sample["attachments"] = {str(at): held for at, held in enumerate(attached)}
    if f"{prefix}metadata.json" in archive.members:
        sample["metadata"] = decode(archive.member(f"{prefix}metadata.json"))
    return sample


def _sequence(archive: Zipped, prefix: str) -> list[Any]:
    """The items of a sequence; a chunk is named by the index of its first item."""
    starts: dict[int, str] = {}
    for name in archive.folder(prefix):
        stem = name[len(prefix) :].removesuffix(".json")
        if stem.isascii() and stem.isdigit() and len(stem) < 10:
            starts[int(stem)] = name
    items: list[Any] = []
    for start in sorted(starts):
        if start != len(items):
            raise Wrong(
                f"expected '{prefix}{len(items)}.json' next, found one that starts at {start}"
            )
        items.extend(as_list(decode(archive.member(starts[start])), f"'{starts[start]}'"))
    return items


def _references(held: Any, count: int) -> list[int]:
    """Places in the message pool, from half-open ranges; all of it where there are none."""
    if held is None:
        return list(range(count))
    places: list[int] = []
    for pair in as_list(held, "'message_refs'"):
        ends = [whole(end) for end in as_list(pair, "a message range")]
        if len(ends) != 2 or ends[0] is None or ends[1] is None or not ends[0] <= ends[1] <= count:
            raise Wrong(f"expected message ranges within 0 to {count}, found {str(pair)[:60]}")
        places.extend(range(ends[0], ends[1]))
        if len(places) > MANY >> 11:
            raise Wrong("expected at most a million message references, found more")
    return places


def _resolved(value: Any, attached: Mapping[str, Any]) -> Any:
    """The value with whole strings that point to an attachment replaced by it."""
    if isinstance(value, str) and value.startswith(_ATTACHED):
        held = attached.get(value.removeprefix(_ATTACHED))
        return held if isinstance(held, str) else value
    if isinstance(value, list):
        return [_resolved(item, attached) for item in value]
    if isinstance(value, dict):
        return {key: _resolved(item, attached) for key, item in value.items()}
    return value


def _problem(
    sample: Mapping[str, Any], messages: list[Any], log: _Log
) -> tuple[Problem, list[Any]]:
    asking = sample.get("input")
    question, context = asked(messages) if messages else ("", [])
    if isinstance(asking, str) and asking.strip():
        question = asking
    elif is_messages(asking):
        question = asked(asking or [])[0] or question
    target = sample.get("target")
    several = isinstance(target, list)
    given = scalar(target[0]) if several and target else scalar(target)
    choices = options(sample.get("choices"))
    answer = reference(given) or None
    about = {"id": sample.get("id"), "metadata": sample.get("metadata")}
    where = f"{log.task}, sample {str(sample.get('id'))[:80]}"
    problem = Problem.make(
        question or missing_question(where),
        answer=answer,
        answer_kind=answer_kind(answer, choices=bool(choices)),
        choices=choices,
        family=log.task,
        extra=rest({**about, "targets": target} if several else about),
    )
    return problem, context


def _scores(sample: Mapping[str, Any]) -> tuple[bool | None, dict[str, Any]]:
    """The outcome that the first decided score states, and all scores without explanations."""
    scores = sample.get("scores")
    held = scores if isinstance(scores, dict) else {}
    plain = {
        str(name): {k: score.get(k) for k in ("value", "answer")}
        for name, score in held.items()
        if isinstance(score, dict)
    }
    said = (outcome(score["value"]) for score in plain.values())
    return next((one for one in said if one is not None), None), plain


def _reading(sample: dict[str, Any], log: _Log) -> Reading:
    attached = sample.get("attachments")
    held = attached if isinstance(attached, dict) else {}
    shown = {key: sample.get(key) for key in ("messages", "input")}
    sample.update(_resolved(shown, held))
    messages = as_list(sample.get("messages") or [], "'messages'")
    output = sample.get("output") if isinstance(sample.get("output"), dict) else {}
    at = last_of(messages, "assistant")
    if at is None:
        error = sample.get("error")
        said = error.get("message") if isinstance(error, dict) else error
        raise Wrong(f"expected a message of the assistant, found none; sample error: {said!s:.100}")
    problem, context = _problem(sample, messages[:at], log)
    correct, scores = _scores(sample)
    extra = rest(sample, *_USED, *_BULKY) | {"scores": scores}
    context = [one for one in context if _kept(one)] + messages[at + 1 :]
    if context:
        extra["context"] = context
    return reply(
        problem,
        messages[at],
        model=scalar((output or {}).get("model")) or log.model,
        sample=max(0, (whole(sample.get("epoch")) or 1) - 1),
        stated_correct=correct,
        finish_reason=_stop((output or {}).get("choices")),
        sampling=log.sampling,
        extra=rest(extra),
    )


def _kept(message: Any) -> bool:
    return isinstance(message, dict)


def _stop(choices: Any) -> str | None:
    first = choices[0] if isinstance(choices, list) and choices else None
    said = first.get("stop_reason") if isinstance(first, dict) else None
    return said if isinstance(said, str) else None


def _read(path: Path, fields: Mapping[str, str]) -> Iterator[Row]:
    with Zipped(path) as archive:
        log = _log(archive)
        names = [n for n in archive.members if _WHOLE.fullmatch(n) or _SHELL.fullmatch(n)]
        if not names:
            yield error_row(path, "file", "expected samples in the log, found none")
        for number, name in enumerate(names, 1):
            try:
                found = Found(number, "record", _sample(archive, name), name)
            except (Wrong, RecursionError) as error:
                yield error_row(path, name, str(error) or "nested too deep")
                continue
            yield from guarded(path, found, lambda sample, _: [_reading(sample, log)])


INSPECT = Format(
    name="inspect",
    summary="Inspect .eval logs (old and chunked layout, deflate and zstd), or a folder of them",
    recognise=_recognise,
    read=_read,
    example="reasonscope import logs/2025-01-01_gsm8k.eval --out study",
    suffixes=(".eval",),
)
"""Decisions: the assistant's last message is the trace; the epoch, from 0, is the sample; the
first score that is C or I, true or false, 1 or 0 states the outcome."""
