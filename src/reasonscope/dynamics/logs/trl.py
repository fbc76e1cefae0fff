"""TRL's own log: ``log_history`` in ``trainer_state.json``, as transformers' trainers write it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reasonscope.dynamics.logs.entry import Entry, numbers, whole_step
from reasonscope.errors import SetupError
from reasonscope.traces.formats.format import Wrong, error_row
from reasonscope.traces.formats.values import decode
from reasonscope.traces.schema import ErrorRow

FILE = "trainer_state.json"
LIMIT = 1 << 30
"""Largest file that is read, in bytes."""
_SUMMARY = "train_runtime"
"""In the entry that sums the whole run up; it belongs to no step."""


def state_file(path: Path) -> Path | None:
    """The log of a file or folder: of a run's folder, that of its latest checkpoint; None: none."""
    if path.is_file():
        return path if path.suffix == ".json" else None
    own = path / FILE
    if own.is_file():
        return own
    held = [
        (int(folder.name.rpartition("-")[2]), folder / FILE)
        for pattern in ("checkpoint-*", "checkpoints/*-*")
        for folder in path.glob(pattern)
        if folder.name.rpartition("-")[2].isdigit() and (folder / FILE).is_file()
    ]
    return max(held)[1] if held else None


def entries(file: Path) -> Iterator[Entry | ErrorRow]:
    """The entries of a log in order; what is no entry is an error row."""
    try:
        size = file.stat().st_size
        if size > LIMIT:
            raise SetupError(f"'{file}' has {size:,} bytes, more than {LIMIT:,}")
        state = decode(file.read_bytes())
    except OSError as error:
        raise SetupError(f"cannot read '{file}': {error.strerror}") from None
    except Wrong as error:
        yield error_row(file, "the file", str(error))
        return
    history = state.get("log_history") if isinstance(state, dict) else None
    if not isinstance(history, list):
        yield error_row(file, "the file", "expected an object with a list 'log_history'")
        return
    for place, record in enumerate(history, start=1):
        yield from _entry(file, f"record {place}", record)


def _entry(file: Path, place: str, record: Any) -> Iterator[Entry | ErrorRow]:
    step = whole_step(record.get("step")) if isinstance(record, dict) else None
    if step is None:
        yield error_row(file, place, "expected an object with a step", str(record)[:200])
    elif _SUMMARY not in record:
        yield Entry(place, step, numbers(record, "step"))
