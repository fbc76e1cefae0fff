"""verl's metrics: console lines ``step:1 - actor/entropy:0.3 - …`` and its file logger's lines.

The file logger writes ``{"step": 1, "data": {…}}`` a line; flat objects with a step are read too.
Console lines stand among much else (Ray's prefixes, progress bars): lines without a step are not
the log's and pass silently; a part of a metrics line that is no number makes an error row.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reasonscope.dynamics.logs.entry import NAME_CHARACTERS, Entry, number, numbers, whole_step
from reasonscope.errors import SetupError
from reasonscope.traces.formats.format import Wrong, error_row
from reasonscope.traces.formats.values import decode
from reasonscope.traces.schema import ErrorRow

LINE_LIMIT = 4 << 20
"""Longest line that is read, in bytes."""
_STEP = re.compile(r"(?:^|(?<=[\s)\]m]))step:(\d{1,15})(?= - |\s*$)")
_COLOUR = re.compile(r"\x1b\[[0-9;]{0,20}m")
_WRAPPED = re.compile(r"[A-Za-z_.]{1,40}\d{0,3}\(([^()]{1,60})\)")
"""``np.float64(0.5)``, as newer numpy spells its numbers."""
_NUMBER = re.compile(r"[-+]?(?:\d{1,40}(?:\.\d{0,40})?|\.\d{1,40}|nan|inf)(?:[eE][-+]?\d{1,4})?")


def entries(file: Path) -> Iterator[Entry | ErrorRow]:
    """The entries of a log in order; a broken line is an error row."""
    for place, line in lines(file):
        if line is None:
            yield error_row(file, place, f"expected at most {LINE_LIMIT:,} bytes in a line")
        elif line.lstrip()[:1] == b"{":
            yield from _object(file, place, line)
        elif b"step:" in line:
            yield from _console(file, place, line.decode("utf-8", "replace"))


def lines(file: Path) -> Iterator[tuple[str, bytes | None]]:
    """Places and lines of a file; None for one that is too long."""
    try:
        with file.open("rb") as handle:
            count = 0
            while line := handle.readline(LINE_LIMIT + 1):
                count += 1
                whole = len(line) <= LINE_LIMIT
                yield f"line {count}", line if whole else None
                while not whole and (rest := handle.readline(LINE_LIMIT)):
                    whole = rest.endswith(b"\n")
    except OSError as error:
        raise SetupError(f"cannot read '{file}': {error.strerror}") from None


def _object(file: Path, place: str, line: bytes) -> Iterator[Entry | ErrorRow]:
    shown = line[:200].decode("utf-8", "replace")
    try:
        record = decode(line)
    except Wrong as error:
        yield error_row(file, place, str(error), shown)
        return
    if is_rollout(record):
        return
    step = whole_step(record.get("step"))
    if step is None:
        yield error_row(file, place, "expected an object with a step", shown)
        return
    data = record.get("data")
    yield Entry(place, step, numbers(data if isinstance(data, dict) else record, "step"))


def is_rollout(record: Any) -> bool:
    """Whether a record is a dumped completion, which the reader of rollouts takes."""
    return isinstance(record, dict) and "input" in record and "output" in record


def _console(file: Path, place: str, line: str) -> Iterator[Entry | ErrorRow]:
    plain = _COLOUR.sub("", line)
    found = _STEP.search(plain)
    if found is None:
        return
    values: dict[str, float | None] = {}
    broken = []
    for part in filter(None, plain[found.end() :].strip("\r\n").removeprefix(" - ").split(" - ")):
        name, colon, said = part.strip().rpartition(":")
        value = _number(said)
        if colon and name and value is not None:
            values[name[:NAME_CHARACTERS]] = value[0]
        else:
            broken.append(part.strip())
    if values:
        yield Entry(place, int(found[1]), values)
    if broken:
        wrong = f"expected 'name:number', found {len(broken)} part(s) that are not"
        yield error_row(file, place, wrong, broken[0])


def _number(said: str) -> tuple[float | None] | None:
    """A number as logged, None inside for NaN; None: it is no number.

    >>> _number("0.5"), _number("np.float64(0.5)"), _number("nan"), _number("nan!")
    ((0.5,), (0.5,), (None,), None)
    """
    bare = said.strip()
    wrapped = _WRAPPED.fullmatch(bare)
    bare = wrapped[1] if wrapped else bare
    if _NUMBER.fullmatch(bare) is None:
        return None
    return (number(float(bare))[1],)
