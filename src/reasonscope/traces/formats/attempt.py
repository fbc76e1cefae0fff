"""One attempt as a Reading: the model's text told apart, whole; nothing empty is let through."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from reasonscope.errors import InvalidRecord
from reasonscope.traces.formats.fields import as_object
from reasonscope.traces.formats.format import Found, Row, Wrong, error_row
from reasonscope.traces.formats.values import records
from reasonscope.traces.schema import ErrorRow, Problem, Reading, Trace, well_formed
from reasonscope.traces.segment import split_output

Build = Callable[[dict[str, Any], Found], Iterable[Reading | Wrong]]
"""Readings of one record; a Wrong among them stands for one attempt that cannot be read."""


def from_text(problem: Problem, text: str, prompt: str = "", **fields: Any) -> Reading:
    """A reading of a whole output, in which tags or channels tell reasoning from answer."""
    if not text.strip():
        raise Wrong("expected the model's text, found none")
    clean = well_formed(text)
    parts = split_output(clean, well_formed(prompt))
    trace = Trace.make(
        problem,
        parts.reasoning,
        opening=parts.opening,
        closing=parts.closing,
        answer=parts.answer,
        form=parts.form,
        prompt=prompt,
        **_clean(fields),
    )
    return Reading(problem=problem, trace=trace)


def from_parts(problem: Problem, reasoning: str, answer: str, **fields: Any) -> Reading:
    """A reading of reasoning and answer that came as separate fields."""
    if not reasoning.strip() and not answer.strip():
        raise Wrong("expected reasoning or an answer, found both empty")
    trace = Trace.make(problem, reasoning, answer=answer, form="field", **_clean(fields))
    return Reading(problem=problem, trace=trace)


def from_steps(problem: Problem, steps: Sequence[str], **fields: Any) -> Reading:
    r"""A reading of the source's own steps, each followed by a line break but the last.

    A step without text keeps its place as a line break, so that indices stay the source's.
    """
    if not any(step.strip() for step in steps):
        raise Wrong("expected steps with text, found none")
    pieces = [f"{well_formed(step)}\n" for step in steps[:-1]]
    pieces.append(well_formed(steps[-1]) or "\n")
    ends, end = [], 0
    for piece in pieces:
        end += len(piece)
        ends.append(end)
    trace = Trace.make(problem, "".join(pieces), form="plain", **_clean(fields))
    return Reading(problem=problem, trace=trace, step_ends=tuple(ends))


def _clean(fields: dict[str, Any]) -> dict[str, Any]:
    """Fields that the record does not clean itself; unknown ones stay at their default."""
    finish = fields.get("finish_reason")
    fields["finish_reason"] = well_formed(finish) if isinstance(finish, str) else None
    fields["model"] = fields.get("model") or "unknown"
    fields["sample"] = fields.get("sample") or 0
    return fields


def missing_question(where: str) -> str:
    """A stand-in that keeps the problems of a source without questions apart.

    >>> missing_question("formula/MiP, record 3")
    '[question not in the source: formula/MiP, record 3]'
    """
    return f"[question not in the source: {where}]"


def each_record(path: Path, build: Build) -> Iterator[Row]:
    """Readings of every record of a file; a record that is not as expected is an error row."""
    for found in records(path):
        if isinstance(found, ErrorRow):
            yield found
        else:
            yield from guarded(path, found, build)


def guarded(path: Path, found: Found, build: Build) -> Iterator[Row]:
    """Readings of one record, or the error row that says what is wrong with it."""
    try:
        for outcome in build(as_object(found.value), found):
            if isinstance(outcome, Reading):
                yield outcome
            else:
                yield error_row(path, found.place, str(outcome), excerpt(found.value))
    except (Wrong, InvalidRecord) as error:
        yield error_row(path, found.place, str(error), excerpt(found.value))
    except RecursionError:
        yield error_row(path, found.place, "expected a plain record, found it nested too deep")


def tried(make: Callable[[], Reading]) -> Reading | Wrong:
    """One attempt of several in a record, so that a bad one does not cost its neighbours."""
    try:
        return make()
    except (Wrong, InvalidRecord) as error:
        return Wrong(str(error))


def excerpt(value: Any) -> str:
    """The start of a value for a person, without walking all of it."""
    if isinstance(value, Mapping):
        shown = [f"{str(key)[:30]}: {_short(held)}" for key, held in list(value.items())[:6]]
        return "{" + ", ".join(shown) + "}"
    return _short(value)


def _short(value: Any) -> str:
    if isinstance(value, str):
        return repr(value[:60])
    if isinstance(value, Mapping | list):
        return f"{type(value).__name__} of {len(value)}"
    return repr(value)[:60] if not isinstance(value, int) or abs(value) < 10**50 else "a number"
