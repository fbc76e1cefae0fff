"""verl's rollout dumps: one JSON line per rollout with input, output, gts, score and step."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from reasonscope.traces.formats.attempt import each_record, from_text
from reasonscope.traces.formats.fields import answer_kind, outcome, reference, rest, scalar, text
from reasonscope.traces.formats.format import Format, Found, Glimpse, Row
from reasonscope.traces.schema import Problem, Reading


def _recognise(glimpse: Glimpse) -> bool:
    return glimpse.has("input", "output", "score") and (
        "step" in glimpse.record or "gts" in glimpse.record
    )


def _reference(gts: Any) -> str | None:
    """The ground truth; a list of one counts as its item."""
    return scalar(gts[0]) if isinstance(gts, list) and len(gts) == 1 else scalar(gts)


def _correct(score: Any) -> bool | None:
    """Rule rewards are 1 and 0, or 1 and -1; anything else says nothing sure."""
    return False if score == -1 and not isinstance(score, bool) else outcome(score)


def _build(record: dict[str, Any], found: Found) -> Iterator[Reading]:
    prompt, answer = text(record, "input"), reference(_reference(record.get("gts")))
    problem = Problem.make(prompt, answer=answer, answer_kind=answer_kind(answer), family="verl")
    yield from_text(
        problem,
        text(record, "output"),
        prompt,
        stated_correct=_correct(record.get("score")),
        extra=rest(record, "input", "output"),
    )


def _read(path: Path, fields: Mapping[str, str]) -> Iterator[Row]:
    return each_record(path, _build)


VERL = Format(
    name="verl",
    summary="verl rollout dumps: input, output, gts, score, step",
    recognise=_recognise,
    read=_read,
    example="reasonscope import rollouts/10.jsonl --out study",
)
"""Decisions: the templated input is both the question and the prompt, since the source does
not hold the question by itself."""
