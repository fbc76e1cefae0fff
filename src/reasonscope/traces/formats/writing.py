"""Writing cases in formats of others, whole or not at all."""

import errno
import os
import shutil
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from reasonscope.errors import SetupError
from reasonscope.traces.formats.anchor_folders import write_folders
from reasonscope.traces.formats.inif import write_inif
from reasonscope.traces.formats.own_lines import write_lines
from reasonscope.traces.schema import Case

WRITERS: dict[str, Callable[[Iterable[Case], Path], None]] = {
    "jsonl": write_lines,
    "thought-anchors": write_folders,
    "inif": write_inif,
}
"""The formats that are written."""


def write(cases: Iterable[Case], format: str, out: str | Path) -> None:
    """Write cases to a file (``jsonl``, ``inif``) or a folder (``thought-anchors``).

    It is written beside its place and moved there when it is whole; an older file is replaced,
    a folder that holds something is not. A place that cannot be written raises SetupError.
    """
    if format not in WRITERS:
        raise SetupError(f"cannot write the format '{format}'. There are: {', '.join(WRITERS)}")
    out = Path(out)
    if out.is_dir() and (format != "thought-anchors" or any(out.iterdir())):
        raise SetupError(f"'{out}' is a folder that is in the way. Choose another --out.")
    beside = out.with_name(f".{os.getpid()}.{out.name}")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        WRITERS[format](cases, beside)
        os.replace(beside, out)
    except OSError as error:
        cure = {errno.ENOSPC: "the disk is full", errno.EROFS: "the disk is read-only"}
        what = cure.get(error.errno or 0, error.strerror or str(error))
        raise SetupError(f"cannot write '{out}': {what}") from error
    finally:
        _remove(beside)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()
