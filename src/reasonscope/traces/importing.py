"""Traces from elsewhere into a study: read, segment, store; resumable and repeatable."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from pathlib import Path

from reasonscope import __version__
from reasonscope.errors import SetupError
from reasonscope.provenance import Provenance, content_id, settings_pairs
from reasonscope.traces.formats import read
from reasonscope.traces.schema import ErrorRow, Reading, Step, Trace
from reasonscope.traces.segment import steps_of
from reasonscope.traces.store import Study

PART_ROWS = 128
"""Most readings in one part."""
PART_CHARACTERS = 8_000_000
"""A part is closed early when its texts reach this many characters, so memory stays flat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportSummary:
    """What an import did; counts of rows."""

    new: int = 0
    """Traces written now."""
    known: int = 0
    """Traces that the study held already."""
    errors: int = 0
    """Lines or records that could not be read."""

    def __add__(self, other: "ImportSummary") -> "ImportSummary":
        return ImportSummary(
            new=self.new + other.new,
            known=self.known + other.known,
            errors=self.errors + other.errors,
        )


def import_traces(
    paths: Sequence[str | Path],
    out: str | Path,
    *,
    format: str = "auto",
    fields: Mapping[str, str] | None = None,
    progress: Callable[[ImportSummary], None] | None = None,
) -> tuple[Study, ImportSummary]:
    """The study at ``out`` with the traces of ``paths`` in it, and what was done.

    Importing the same file twice adds nothing; an interrupted import goes on where it stopped
    and ends with the same study. Unreadable rows are counted in table ``errors``.

    Args:
        paths: files or folders in any format that ``reasonscope formats`` lists.
        out: the study's folder; made if it is not there.
        format: a format's name, or ``auto`` to recognise each file.
        fields: for plain JSON lines, which key holds what, such as ``{"reasoning": "cot"}``.
        progress: called after each part with the counts so far.
    """
    sources = [Path(path) for path in paths]
    missing = [f"no such file or folder: {path}" for path in sources if not path.exists()]
    if missing or not sources:
        raise SetupError("nothing to import", missing or ["name at least one file"])
    study = Study.create(out)
    total = ImportSummary()
    with study.writing():
        for source in sources:
            provenance = Provenance(
                "import", __version__, settings_pairs(source=source.name, format=format)
            )
            readings = _repeats_numbered(read(source, format, fields))
            for step in store_readings(study, readings, provenance):
                total += step
                if progress is not None:
                    progress(total)
        study.remember_command(f"import --format {format} {' '.join(f.name for f in sources)}")
    return study, total


def _repeats_numbered(readings: Iterable[Reading | ErrorRow]) -> Iterator[Reading | ErrorRow]:
    """An attempt that one source holds again, letter by letter, is another sample of it.

    Short outputs agree by chance, and a source need not number its samples: dropping repeats
    would make a model look better or worse than it is.
    """
    seen: Counter[str] = Counter()
    for row in readings:
        if isinstance(row, ErrorRow):
            yield row
            continue
        before = seen[row.trace.trace_id]
        seen[row.trace.trace_id] += 1
        sample = row.trace.sample + before
        yield replace(row, trace=row.trace.numbered(sample)) if before else row


def store_readings(
    study: Study,
    readings: Iterable[Reading | ErrorRow],
    provenance: Provenance,
    rows: int = PART_ROWS,
) -> Iterator[ImportSummary]:
    """Store readings part by part, yielding what each part did; the caller holds the lock.

    Parts are cut by the order of the readings alone, so a second run cuts the same parts and
    passes over those that are there.
    """
    known = _known_ids(study)
    for part in _parts(readings, rows):
        yield _store_part(study, part, known, provenance)


def _known_ids(study: Study) -> set[str]:
    return {row[0] for row in study.rows("select trace_id from traces")}


def _parts(readings: Iterable[Reading | ErrorRow], rows: int) -> Iterator[list[Reading | ErrorRow]]:
    part: list[Reading | ErrorRow] = []
    characters = 0
    for reading in readings:
        part.append(reading)
        if isinstance(reading, Reading):
            characters += len(reading.trace.text) + len(reading.problem.question)
        if len(part) >= rows or characters >= PART_CHARACTERS:
            yield part
            part, characters = [], 0
    if part:
        yield part


def _store_part(
    study: Study, part: Sequence[Reading | ErrorRow], known: set[str], provenance: Provenance
) -> ImportSummary:
    errors = [row for row in part if isinstance(row, ErrorRow)]
    if errors:
        key = content_id("errors", *(astuple(row) for row in errors))
        study.write_part("errors", key, errors, provenance)
    fresh = _fresh([row for row in part if isinstance(row, Reading)], known)
    if fresh:
        key = content_id("part", *(reading.trace.trace_id for reading in fresh))
        _write_traces(study, key, fresh, provenance)
    return ImportSummary(
        new=len(fresh), known=len(part) - len(errors) - len(fresh), errors=len(errors)
    )


def _fresh(readings: Sequence[Reading], known: set[str]) -> list[Reading]:
    """The readings whose traces are new; ``known`` grows by them."""
    fresh = []
    for reading in readings:
        if reading.trace.trace_id not in known:
            known.add(reading.trace.trace_id)
            fresh.append(reading)
    return fresh


def _write_traces(
    study: Study, key: str, readings: Sequence[Reading], provenance: Provenance
) -> None:
    """Problems and steps first: a part of ``traces`` says that its companions are there."""
    problems = {reading.problem.problem_id: reading.problem for reading in readings}
    steps: list[Step] = []
    traces: list[Trace] = []
    for reading in readings:
        traces.append(reading.trace)
        steps.extend(steps_of(reading.trace, reading.step_ends))
    study.write_part("problems", key, problems.values(), provenance)
    study.write_part("steps", key, steps, provenance)
    study.write_part("traces", key, traces, provenance)
