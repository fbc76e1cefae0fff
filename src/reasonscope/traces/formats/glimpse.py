"""The first look at a path: what kind of file, which keys, which members."""

import os
import zipfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from reasonscope.errors import SetupError
from reasonscope.traces.formats.format import Found, Glimpse
from reasonscope.traces.formats.pieces import Broken, pieces
from reasonscope.traces.formats.values import records

_HEAD = 64
_NAMES = 200_000
_VALUES = 3
_ROWS = 100
"""Rows that may be unreadable before a file counts as no JSON."""
_PACKED = (".gz", ".zst")


def glimpse(path: Path) -> Glimpse:
    """What the first bytes, the first values and the names of members show."""
    if path.is_dir():
        return Glimpse(path=path, kind="folder", names=tuple(islice(_below(path), _NAMES)))
    if not path.is_file():
        what = "is neither a file nor a folder" if path.exists() else "is not there"
        raise SetupError(f"'{path}' {what}. Name a file or folder with traces.")
    head = _head(path)
    if not head:
        return Glimpse(path=path, kind="empty")
    if head.startswith(b"PAR1"):
        return Glimpse(path=path, kind="parquet", head=head, names=_columns(path))
    if head.startswith(b"PK"):
        return Glimpse(path=path, kind="zip", head=head, names=_members(path))
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise SetupError(
            f"'{path}' is UTF-16 text; UTF-8 is expected. "
            "Convert it with: iconv -f UTF-16 -t UTF-8 FILE"
        )
    seen = (row.value for row in islice(records(path), _ROWS) if isinstance(row, Found))
    values = tuple(islice(seen, _VALUES))
    kind = "json" if values else "other"
    return Glimpse(path=path, kind=kind, head=head, records=values)  # type: ignore[arg-type]


def _head(path: Path) -> bytes:
    head = b""
    try:
        for piece in pieces(path):
            head = (head + piece).lstrip()
            if len(head) >= _HEAD:
                break
    except Broken as error:
        if not head:
            raise SetupError(f"'{path}' cannot be unpacked: {error}") from None
    return head[:_HEAD]


def _columns(path: Path) -> tuple[str, ...]:
    try:
        return tuple(pq.read_schema(path).names)
    except (pa.ArrowException, OSError, ValueError) as error:
        first = str(error).partition("\n")[0][:200]
        raise SetupError(f"'{path}' cannot be read as Parquet: {first}") from None


def _members(path: Path) -> tuple[str, ...]:
    try:
        with zipfile.ZipFile(path) as archive:
            return tuple(archive.namelist()[:_NAMES])
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise SetupError(f"'{path}' cannot be read as a zip file: {error}") from None


def _below(folder: Path) -> Iterator[str]:
    """The files below a folder in order of their names, relative to it; hidden ones left out."""
    for at, below, files in os.walk(folder):
        below[:] = sorted(name for name in below if not name.startswith("."))
        base = Path(at).relative_to(folder)
        for name in sorted(files):
            if not name.startswith("."):
                yield (base / name).as_posix()


def data_files(folder: Path, suffixes: tuple[str, ...]) -> Iterator[Path]:
    """The files below a folder whose names end like data, packed or not."""
    for name in _below(folder):
        stem = next((name.removesuffix(p) for p in _PACKED if name.endswith(p)), name)
        if stem.lower().endswith(suffixes):
            yield folder / name


def described(seen: Glimpse) -> str:
    """What was seen, for a message."""
    if seen.kind == "folder":
        shown = ", ".join(seen.names[:8])
        return f"a folder with {shown}" if shown else "a folder without files"
    if seen.kind in ("zip", "parquet"):
        what = "members" if seen.kind == "zip" else "columns"
        return f"a {seen.kind} file with the {what} {', '.join(seen.names[:12])[:300]}"
    if seen.kind == "empty":
        return "an empty file"
    if seen.record:
        names = ", ".join(str(key)[:40] for key in list(seen.record)[:12])
        return f"JSON objects with the keys {names}"
    if seen.records:
        return f"JSON, but no object: {str(seen.records[0])[:60]!r}"
    return f"no JSON; it starts with {seen.head[:24]!r}"
