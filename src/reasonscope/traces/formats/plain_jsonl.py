"""Plain JSON lines of anybody: a mapping of fields, and sensible guesses without one."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from reasonscope.errors import SetupError
from reasonscope.traces.formats.attempt import each_record, from_parts, from_text, missing_question
from reasonscope.traces.formats.fields import (
    answer_kind,
    as_text,
    keys,
    options,
    outcome,
    reference,
    rest,
    scalar,
    whole,
)
from reasonscope.traces.formats.format import Format, Found, Glimpse, Row, Wrong
from reasonscope.traces.formats.own_lines import holds_own, own_reading
from reasonscope.traces.schema import Problem, Reading

GUESSES: dict[str, tuple[str, ...]] = {
    "question": ("question", "problem", "query", "original_message.content", "instruction", "task",
                 "input", "prompt"),
    "reference": ("reference", "reference_answer", "ground_truth", "gt_answer", "gold",
                  "expected_answer", "target", "gts", "solution"),
    "prompt": ("full_prompt", "prompt_text"),
    "reasoning": ("reasoning", "reasoning_content", "thinking", "thinking_process", "thought",
                  "cot", "chain_of_thought", "rationale", "full_reasoning_trace"),
    "output": ("output", "response", "full_response", "completion", "generation", "model_output",
               "model_answer", "full_cot", "trace", "text"),
    "answer": ("final_answer", "content"),
    "model": ("model", "model_name", "model_id", "generator"),
    "family": ("family", "dataset", "dataset_name"),
    "choices": ("choices", "options"),
    "sample": ("sample", "sample_index", "sample_id", "seed"),
    "correct": ("correct", "is_correct", "stated_correct"),
    "finish_reason": ("finish_reason", "stop_reason"),
}  # fmt: skip
"""For each of our fields, the names under which it is looked for, in order."""
_TEXT = ("question", "prompt", "reasoning", "output", "answer")


def look(record: Mapping[str, Any], path: str) -> Any:
    """A field, or a field below fields where the name has dots; None if it is not there.

    >>> look({"a": {"b": [7]}}, "a.b.0")
    7
    """
    if path in record:
        return record[path]
    held: Any = record
    for name in path.split("."):
        if isinstance(held, Mapping):
            held = held.get(name)
        elif isinstance(held, list) and name.isascii() and name.isdigit() and len(name) < 9:
            held = held[int(name)] if int(name) < len(held) else None
        else:
            return None
    return held


def _guess(record: Mapping[str, Any], ours: str) -> str | None:
    """The name under which a record seems to hold our field."""
    for name in GUESSES[ours]:
        value = look(record, name)
        if isinstance(value, str) or (ours not in _TEXT and value is not None):
            return name
    return None


def names(record: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, str]:
    """Which name of the record holds which of our fields.

    ``answer`` beside a separate reasoning and without another final text is the model's own;
    otherwise it is the reference.
    """
    found = {ours: given.get(ours) or _guess(record, ours) for ours in GUESSES}
    if "answer" not in given and "answer" in record and "answer" not in given.values():
        own = found["reasoning"] is not None and found["answer"] is None
        own = own and found["output"] is None and isinstance(record["answer"], str)
        if own:
            found["answer"] = "answer"
        elif "reference" not in given and found["reference"] in (None, "solution"):
            found["reference"] = "answer"
    taken = [name for ours, name in found.items() if ours in _TEXT[1:] and name]
    if found["question"] in taken and "question" not in given:
        found["question"] = None
    return {ours: name for ours, name in found.items() if name is not None}


def _recognise(glimpse: Glimpse) -> bool:
    if holds_own(glimpse.record):
        return True
    found = names(glimpse.record, {})
    return "reasoning" in found or "output" in found


def _text(record: Mapping[str, Any], where: Mapping[str, str], ours: str) -> str | None:
    value = look(record, where[ours]) if ours in where else None
    return None if value is None else as_text(value, f"'{where[ours]}'")


def _problem(record: Mapping[str, Any], where: Mapping[str, str], place: str) -> Problem:
    given = scalar(look(record, where["reference"])) if "reference" in where else None
    answer = reference(given)
    choices = options(look(record, where["choices"])) if "choices" in where else []
    family = scalar(look(record, where["family"])) if "family" in where else None
    return Problem.make(
        _text(record, where, "question") or missing_question(place),
        answer=answer,
        answer_kind=answer_kind(answer, choices=bool(choices)),
        choices=choices,
        family=family or "unknown",
        extra={} if answer == given else {"answer_as_given": given},
    )


def _taken(record: Mapping[str, Any], where: Mapping[str, str]) -> list[str]:
    """The names whose values have a place of their own; what could not be read stays in extra."""
    reads: dict[str, Callable[[Any], Any]] = {
        "reference": scalar,
        "choices": lambda value: options(value) or None,
        "family": scalar,
        "model": scalar,
        "sample": whole,
        "correct": outcome,
        "finish_reason": lambda value: value if isinstance(value, str) else None,
    }
    return [
        name
        for ours, name in where.items()
        if ours not in reads or reads[ours](look(record, name)) is not None
    ]


def _attempt(record: dict[str, Any], where: dict[str, str], place: str) -> Reading:
    problem = _problem(record, where, place)
    sample = whole(look(record, where["sample"])) if "sample" in where else None
    correct = outcome(look(record, where["correct"])) if "correct" in where else None
    model = scalar(look(record, where["model"])) if "model" in where else None
    shared: dict[str, Any] = {
        "model": model,
        "sample": sample,
        "stated_correct": correct,
        "finish_reason": look(record, where.get("finish_reason", "")),
        "extra": rest(record, *_taken(record, where)),
        "prompt": _text(record, where, "prompt") or "",
    }
    reasoning, output = _text(record, where, "reasoning"), _text(record, where, "output")
    answer = _text(record, where, "answer")
    if output and reasoning and reasoning.strip() in output:
        return from_text(problem, output, **_extended(shared, answer))
    if reasoning is not None:
        said = output if answer is None else answer
        if answer is not None and output is not None:
            shared = _extended(shared, output)
        return from_parts(problem, reasoning, said or "", **shared)
    if output is not None:
        return from_text(problem, output, **_extended(shared, answer))
    raise Wrong(
        f"expected the model's text, found {keys(record)}. "
        "Say where it is with --field reasoning=NAME or --field output=NAME"
    )


def _extended(shared: dict[str, Any], said: str | None) -> dict[str, Any]:
    """The shared fields with a text that has no place of its own kept in extra."""
    return shared if said is None else shared | {"extra": shared["extra"] | {"stated_answer": said}}


def _read(path: Path, fields: Mapping[str, str]) -> Iterator[Row]:
    unknown = [f"no field '{name}'; there are: {', '.join(GUESSES)}" for name in fields
               if name not in GUESSES]  # fmt: skip
    if unknown:
        raise SetupError("a field mapping names what is not there", unknown)

    def build(record: dict[str, Any], found: Found) -> Iterator[Reading]:
        if holds_own(record) and not fields:
            yield own_reading(record)
        else:
            yield _attempt(record, names(record, fields), f"{path.name}, {found.place}")

    return each_record(path, build)


JSONL = Format(
    name="jsonl",
    summary="plain JSON lines or a JSON list, with --field OURS=THEIRS; also reasonscope's own",
    recognise=_recognise,
    read=_read,
    example="reasonscope import mine.jsonl --format jsonl --field reasoning=cot --out study",
)
"""Decisions: guesses never take a bare ``answer`` for the model's text unless the reasoning is
there by itself; a file of questions and answers alone is a set of problems, not of traces."""
