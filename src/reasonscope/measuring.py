"""Measure a study: run instruments over its parts, in parallel, and draw their findings."""

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from joblib import Parallel, delayed

from reasonscope import __version__
from reasonscope.errors import SetupError
from reasonscope.findings import Finding
from reasonscope.instrument import Instrument
from reasonscope.instruments import chosen, instruments, named
from reasonscope.provenance import Provenance, content_id
from reasonscope.traces.schema import Case, ErrorRow
from reasonscope.traces.store import Study

POOL_FROM_PARTS = 4
"""Fewer parts than this are measured in the calling process: starting workers costs seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What measuring one part did."""

    key: str
    traces: int
    errors: int
    """Pairs of trace and instrument that failed; each is a row of table ``errors``."""


def measure(
    study: Study | str | Path,
    instruments: Sequence[str] = (),
    *,
    again: bool = False,
    workers: int | None = None,
    progress: Callable[[Measured, int], None] | None = None,
) -> list[Finding]:
    """The findings of the named instruments (all, if none is named), stored in the study.

    Instruments that they need are measured as well where they have not been.
    Parts that are measured already are passed over, so an interrupted run goes on where it
    stopped. One process a core shares the work.

    Args:
        study: a study or its folder.
        instruments: names as in ``reasonscope calibrate``'s table.
        again: measure the named ones anew.
        workers: processes; default: one a core.
        progress: called after each part with what was done and the number of parts to do.
    """
    held = study if isinstance(study, Study) else Study.open(study)
    tools = chosen(instruments)
    with held.writing():
        if again:
            for tool in named(instruments):
                if tool.examine is not None:
                    held.remove_parts(tool.table)
        todo = _todo(held, tools)
        for done in _examine_parts(held.path, todo, workers or os.cpu_count() or 1):
            if progress is not None:
                progress(done, len(todo))
        held.remember_command(" ".join(["measure", *instruments]))
        found = {tool.name: _conclude(held, tool) for tool in tools}
        return [finding for tool in named(instruments) for finding in found[tool.name]]


def _todo(study: Study, tools: Sequence[Instrument]) -> list[tuple[str, tuple[str, ...]]]:
    """Parts with the names of the instruments that still miss them."""
    looking = [tool for tool in tools if tool.examine is not None]
    done = {tool.name: set(study.part_keys(tool.table)) for tool in looking}
    todo = [
        (key, tuple(tool.name for tool in looking if key not in done[tool.name]))
        for key in study.part_keys("traces")
    ]
    return [(key, names) for key, names in todo if names]


def _examine_parts(
    folder: Path, todo: Sequence[tuple[str, tuple[str, ...]]], workers: int
) -> Iterator[Measured]:
    """Each part examined, in worker processes where there are enough of them.

    joblib's loky rather than multiprocessing: it needs no ``if __name__ == "__main__"`` in the
    caller's script, and it works from a notebook and from standard input.
    """
    if workers == 1 or len(todo) < POOL_FROM_PARTS:
        yield from (examine_part(folder, key, names) for key, names in todo)
        return
    pool = Parallel(workers, backend="loky", return_as="generator_unordered")
    try:
        parent = os.getpid()
        yield from pool(delayed(_in_worker)(parent, folder, key, names) for key, names in todo)
    except BrokenProcessPool:
        raise SetupError(
            "a worker process was ended from outside, perhaps for want of memory. "
            "The same command goes on where it stopped; fewer --workers need less memory."
        ) from None


def _in_worker(parent: int, folder: Path, key: str, names: tuple[str, ...]) -> Measured:
    _end_with(parent)
    return examine_part(folder, key, names)


@cache
def _end_with(parent: int) -> None:
    """End this process when its parent does: joblib's workers outlive a killed one."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def examine_part(folder: Path, key: str, names: tuple[str, ...]) -> Measured:
    """Run instruments over one part and write their parts of the same key."""
    study = Study.open(folder)
    cases = study.cases(key)
    tools = [tool for tool in chosen(names) if tool.name in names]
    errors = [
        _examine_with(study, tool, key, _with_rows(study, tool, key, cases)) for tool in tools
    ]
    return Measured(key=key, traces=len(cases), errors=sum(errors))


def _with_rows(study: Study, tool: Instrument, key: str, cases: Sequence[Case]) -> list[Case]:
    """The cases with the rows of the tables that the instrument needs."""
    by_table: dict[str, dict[str, list[Any]]] = {}
    for table in tool.needs:
        rows = by_table.setdefault(table, {})
        for row in study.part_records(table, key):
            rows.setdefault(row.trace_id, []).append(row)
    return [
        replace(
            case,
            measured={
                table: tuple(rows.get(case.trace.trace_id, ())) for table, rows in by_table.items()
            },
        )
        for case in cases
    ]


def _unmeasured(study: Study, tool: Instrument, key: str) -> dict[str, str]:
    """By trace, the instrument that failed on it among those that this one needs."""
    failed: dict[str, str] = {}
    for other in instruments().values():
        if other.table in tool.needs:
            place = content_id("errors", other.name, key)
            whole = f"instrument {other.name}"
            rows = study.part_records("errors", place)
            failed |= {row.place: other.name for row in rows if row.source == whole}
    return failed


def _examine_with(study: Study, tool: Instrument, key: str, cases: Sequence[Case]) -> int:
    """Write one instrument's part; returns how many traces it failed on."""
    rows: list[Any] = []
    errors: list[ErrorRow] = []
    failed = _unmeasured(study, tool, key)
    assert tool.examine is not None, f"'{tool.name}' looks at no traces"
    for case in cases:
        try:
            if case.trace.trace_id in failed:
                raise SetupError(f"it needs '{failed[case.trace.trace_id]}', which failed here")
            for row in list(tool.examine(case)):
                (errors if isinstance(row, ErrorRow) else rows).append(row)
        except Exception as error:  # one trace that breaks an instrument never ends the run
            errors.append(_failure(tool.name, case, error))
    place = content_id("errors", tool.name, key)
    study.remove_part("errors", place)  # what failed before may succeed now
    if errors:
        study.write_part("errors", place, errors)
    study.write_part(tool.table, key, rows, Provenance(f"measure {tool.name}", __version__))
    return len(errors)


def failures(study: Study, instruments: Sequence[str] = ()) -> int:
    """How many pairs of trace and instrument could not be measured, wholly or in part."""
    sources = [f"instrument {tool.name}" for tool in chosen(instruments)]
    query = "select count(*) from errors where split_part(source, ':', 1) in ?"
    return int(study.rows(query, [sources])[0][0])


def _failure(instrument: str, case: Case, error: Exception) -> ErrorRow:
    return ErrorRow(
        source=f"instrument {instrument}",
        place=case.trace.trace_id,
        error=f"{type(error).__name__}: {error}"[:500],
        excerpt=case.trace.reasoning[:200],
    )


def _conclude(study: Study, tool: Instrument) -> list[Finding]:
    findings = tool.conclude(study)
    study.write_part(
        "findings", tool.name, findings, Provenance(f"measure {tool.name}", __version__)
    )
    return findings
