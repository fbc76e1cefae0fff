"""Logs of other trainers into table ``recorded`` of a study."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from reasonscope import __version__
from reasonscope.dynamics.logs import rollouts, trl, verl
from reasonscope.dynamics.logs.entry import Entry
from reasonscope.dynamics.logs.names import trl_name, trl_step, verl_name, verl_step
from reasonscope.dynamics.logs.rollouts import Dumped, Paid, dumped
from reasonscope.dynamics.recorded import TABLE, Recorded
from reasonscope.errors import SetupError
from reasonscope.provenance import Provenance, content_id, settings_pairs
from reasonscope.traces.formats import read
from reasonscope.traces.formats.format import Wrong
from reasonscope.traces.formats.values import decode
from reasonscope.traces.importing import store_readings
from reasonscope.traces.schema import ErrorRow, Reading
from reasonscope.traces.store import Study

PART_ROWS = 50_000
"""Most rows in one part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSummary:
    """What the import of a log did."""

    run: str
    rows: int
    """Numbers written now; those that the study held already are not written again."""
    steps: int
    """Different steps in the log."""
    unknown: int
    """Numbers that were NaN or infinite: their value is unknown."""
    errors: int
    """Lines or records that could not be read."""
    traces: int = 0
    """Dumped completions that are traces now."""


@dataclass(frozen=True, slots=True)
class _Trainer:
    """What is particular to a trainer's logs."""

    name: Callable[[str], tuple[str, str]]
    step: Callable[[str, int], int]
    entries: Callable[[Path], Iterator[Entry | ErrorRow]]


TRAINERS: Mapping[str, _Trainer] = {
    "trl": _Trainer(trl_name, trl_step, trl.entries),
    "verl": _Trainer(verl_name, verl_step, verl.entries),
}
"""By the name of the format."""


def read_log(
    path: str | Path, format: str = "auto", run: str | None = None
) -> Iterator[Recorded | ErrorRow]:
    """The numbers of a log under our names, step by step, and a row for what cannot be read.

    Where a step was logged twice (a resumed run), the later numbers stand.

    Args:
        path: TRL's ``trainer_state.json`` or a folder that holds it; verl's console output or
            JSON lines; completions that either of them dumped.
        format: ``trl``, ``verl`` or ``auto``.
        run: the run's name; None: from the path.
    """
    source = Path(path)
    if not source.exists():
        raise SetupError(f"no such file or folder: {source}")
    kind = _format(source) if format == "auto" else format
    if kind not in TRAINERS:
        raise SetupError(f"no log format '{kind}'; there are: {', '.join(TRAINERS)}")
    name = run or _run(source)
    if (file := _log(source, kind)) is not None:
        yield from _numbers(file, TRAINERS[kind], name)
    for step, held in _steps(_dumps(source, kind), name):
        if isinstance(held, ErrorRow):
            yield held
        else:
            yield from rollouts.means(name, step, held)


def import_log(
    path: str | Path, out: str | Path, format: str = "auto", run: str | None = None
) -> LogSummary:
    """A log in table ``recorded`` of the study at ``out``, and what was done.

    Importing the same log again adds nothing. Dumped completions become traces as well.

    Args:
        path: what :func:`read_log` reads.
        out: the study's folder, made if it is not there.
        format: ``trl``, ``verl`` or ``auto``.
        run: the run's name; None: from the path.
    """
    source = Path(path)
    rows = list(read_log(source, format, run))
    name = run or _run(source)
    found = [row for row in rows if isinstance(row, Recorded)]
    errors = [row for row in rows if isinstance(row, ErrorRow)]
    if not found and not errors:
        raise SetupError(f"'{source}' holds no numbers of a training run; is the format right?")
    study = Study.create(out)
    kind = _format(source) if format == "auto" else format
    settings = settings_pairs(source=source.name, format=kind, run=name)
    provenance = Provenance("train log", __version__, settings)
    with study.writing():
        fresh = _unknown_to(study, name, found)
        _store(study, name, fresh, errors, provenance)
        traces = _store_traces(study, _dumps(source, kind), name, provenance)
        study.remember_command(f"train log {source.name} --format {kind} --run {name}")
    return LogSummary(
        run=name,
        rows=len(fresh),
        steps=len({row.step for row in found}),
        unknown=sum(row.value is None for row in found),
        errors=len(errors),
        traces=traces,
    )


# -- what a path holds -------------------------------------------------------------------


def _format(source: Path) -> str:
    """TRL's where a state of its trainer or one of its tables is there, else verl's."""
    if trl.state_file(source) is not None or _tables(source):
        return "trl"
    if source.is_file() and source.suffix != ".parquet":
        return "verl"
    raise SetupError(
        f"'{source}' holds no log that is known: expected TRL's trainer_state.json or completions, "
        "or verl's console output or JSON lines"
    )


def _run(source: Path) -> str:
    """A run's name from its path: of the file, or of the folder around TRL's own names."""
    place = source.resolve()
    common = ("checkpoint", "completions", "trainer_state", "checkpoints", "step-")
    while place.stem.startswith(common) and place.parent != place:
        place = place.parent
    return place.name if place.is_dir() else place.stem


def _log(source: Path, kind: str) -> Path | None:
    if kind == "trl":
        return trl.state_file(source)
    return source if source.is_file() else None


def _tables(source: Path) -> list[Path]:
    if source.is_file():
        return [source] if source.suffix == ".parquet" else []
    return sorted({*source.glob("completions_*.parquet"), *source.glob("completions/*.parquet")})


def _dumps(source: Path, kind: str) -> Iterator[Reading | ErrorRow]:
    """Readings of the completions that a path holds beside its numbers."""
    if kind == "trl":
        for file in _tables(source):
            yield from read(file, "trl")
    elif source.is_file() and _first_is_rollout(source):
        yield from read(source, "verl")


def _first_is_rollout(file: Path) -> bool:
    for _, line in islice(verl.lines(file), 20):
        if line is not None and line.lstrip()[:1] == b"{":
            try:
                return verl.is_rollout(decode(line))
            except Wrong:
                continue
    return False


# -- numbers -----------------------------------------------------------------------------


def _numbers(file: Path, trainer: _Trainer, run: str) -> Iterator[Recorded | ErrorRow]:
    held: dict[tuple[int, str, str], float | None] = {}
    for entry in trainer.entries(file):
        if isinstance(entry, ErrorRow):
            yield entry
            continue
        for name, value in entry.values.items():
            held[(trainer.step(name, entry.step), *trainer.name(name))] = value
    for (step, name, part), value in sorted(held.items(), key=lambda item: item[0][0]):
        yield Recorded(run=run, step=step, name=name, part=part, value=value)


def _steps(
    rows: Iterator[Reading | ErrorRow], run: str
) -> Iterator[tuple[int, list[Paid] | ErrorRow]]:
    """What dumped completions were paid, by step; their texts are not held."""
    held: dict[int, list[Paid]] = {}
    for row in dumped(rows, run):
        if isinstance(row, ErrorRow):
            yield 0, row
        else:
            held.setdefault(row.step, []).append((row.reading.problem.problem_id, row.rewards))
    yield from sorted(held.items())


# -- writing -----------------------------------------------------------------------------


def _unknown_to(study: Study, run: str, rows: list[Recorded]) -> list[Recorded]:
    """The rows that the study does not hold yet."""
    query = f"select step, name, part from {TABLE} where run = ?"
    known = set(study.rows(query, [run]))
    return [row for row in rows if (row.step, row.name, row.part) not in known]


def _store(
    study: Study,
    run: str,
    rows: list[Recorded],
    errors: list[ErrorRow],
    provenance: Provenance,
) -> None:
    for start in range(0, len(rows), PART_ROWS):
        part = rows[start : start + PART_ROWS]
        first, last = part[0], part[-1]
        key = content_id("log", run, first.step, first.name, last.step, last.name, len(part))
        study.write_part(TABLE, key, part, provenance)
    if errors:
        key = content_id("log errors", run, *(f"{e.source} {e.place}" for e in errors))
        study.write_part("errors", key, errors, provenance)


def _store_traces(
    study: Study, rows: Iterator[Reading | ErrorRow], run: str, provenance: Provenance
) -> int:
    readings = (row.reading for row in dumped(rows, run) if isinstance(row, Dumped))
    return sum(step.new for step in store_readings(study, readings, provenance))
