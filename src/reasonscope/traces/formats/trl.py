"""TRL's completions tables: Parquet with step, prompt, completion, rewards and advantage."""

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from reasonscope.errors import SetupError
from reasonscope.traces.formats.attempt import from_text, guarded, missing_question
from reasonscope.traces.formats.fields import answer_kind, outcome, reference, rest, scalar, text
from reasonscope.traces.formats.format import Format, Found, Glimpse, Row, Wrong, error_row
from reasonscope.traces.formats.messages import asked, is_messages, last_of, reply
from reasonscope.traces.schema import Problem, Reading

BATCH = 64
"""Rows in memory at a time."""
_KNOWN = ("prompt", "completion")
_ANSWERS = ("solution", "answer", "ground_truth")


def _recognise(glimpse: Glimpse) -> bool:
    return glimpse.kind == "parquet" and set(_KNOWN) <= set(glimpse.names)


def rows(path: Path) -> Iterator[Found | Row]:
    """The rows of a Parquet file as objects; a damaged part is one error row at the end."""
    number = 0
    try:
        with pq.ParquetFile(path, pre_buffer=False) as file:
            for batch in file.iter_batches(batch_size=BATCH):
                for row in batch.to_pylist():
                    number += 1
                    yield Found(number, "row", _plain(row))
    except (pa.ArrowException, OSError, ValueError) as error:
        message = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        if number == 0:
            raise SetupError(f"'{path}' cannot be read as Parquet: {message}") from None
        yield error_row(path, f"after row {number}", f"expected more rows, found damage: {message}")


def _plain(value: Any) -> Any:
    """The value with NaN and infinity as null and times as text."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): _plain(held) for key, held in value.items()}
    if isinstance(value, list):
        return [_plain(held) for held in value]
    return value if value is None or isinstance(value, str | int) else str(value)


def _rewards(record: Mapping[str, Any]) -> dict[str, float]:
    """The columns of numbers that are no known column: one per reward function."""
    return {
        name: value
        for name, value in record.items()
        if isinstance(value, int | float) and name not in ("step", "advantage")
    }


def _correct(rewards: Mapping[str, float]) -> bool | None:
    """A reward named for accuracy or correctness that is 0 or 1 states the outcome."""
    named = (n for n in rewards if "accuracy" in n.lower() or "correct" in n.lower())
    return next((said for name in named if (said := outcome(rewards[name])) is not None), None)


def _problem(record: dict[str, Any], where: str) -> tuple[Problem, str, dict[str, Any]]:
    """The problem, the prompt where it is plain text, and what else the prompt holds."""
    sent = record.get("prompt")
    context: list[Any] = []
    if is_messages(sent):
        question, context = asked(sent or [])
    else:
        question = text(record, "prompt")
    given = next((s for k in _ANSWERS if (s := scalar(record.get(k))) is not None), None)
    answer = reference(given)
    problem = Problem.make(
        question or missing_question(where),
        answer=answer,
        answer_kind=answer_kind(answer),
        family="trl",
        extra={} if answer == given else {"answer_as_given": given},
    )
    prompt = "" if context or is_messages(sent) else question
    return problem, prompt, {"context": context} if context else {}


def _read(path: Path, fields: Mapping[str, str]) -> Iterator[Row]:
    last: tuple[Any, str] | None = None
    sample = 0

    def build(record: dict[str, Any], found: Found) -> Iterator[Reading]:
        nonlocal last, sample
        problem, prompt, extra = _problem(record, f"{path.name}, {found.place}")
        here = (record.get("step"), problem.problem_id)
        sample = sample + 1 if here == last else 0
        last = here
        rewards = _rewards(record)
        extra |= rest(record, *_KNOWN, *_ANSWERS, *rewards) | {"rewards": rewards}
        shared = {"sample": sample, "stated_correct": _correct(rewards), "extra": extra}
        completion = record.get("completion")
        if isinstance(completion, list):
            at = last_of(completion, "assistant")
            if at is None:
                raise Wrong("expected a message of the assistant in 'completion', found none")
            yield reply(problem, completion[at], prompt=prompt, **shared)
        else:
            yield from_text(problem, text(record, "completion"), prompt, **shared)

    for found in rows(path):
        yield from guarded(path, found, build) if isinstance(found, Found) else (found,)


TRL = Format(
    name="trl",
    summary="TRL completions Parquet: step, prompt, completion, rewards, advantage",
    recognise=_recognise,
    read=_read,
    example="reasonscope import completions/completions_00010.parquet --out study",
    suffixes=(".parquet",),
)
"""Decisions: neighbouring rows of one step and prompt are samples of it; columns of numbers are
rewards; one named for accuracy that is 0 or 1 states the outcome."""
