"""What a format is to us, and the words that its reader speaks in."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from reasonscope.traces.schema import ErrorRow, Reading, well_formed

EXCERPT = 200
"""Most characters of the offending text that an error row shows."""

Row = Reading | ErrorRow
"""What every reader yields."""


class Wrong(Exception):
    """A record is not as its format says; the message names what was expected and found."""


@dataclass(frozen=True, slots=True)
class Found:
    """One value as it stood in a file."""

    number: int
    """Its line or its position among the records, from 1."""
    unit: Literal["line", "record", "row"]
    """What ``number`` counts."""
    value: Any
    """The JSON value."""
    name: str = ""
    """Its name, where it has one, such as a member of a zip file."""

    @property
    def place(self) -> str:
        """Where it stood, such as ``line 7``."""
        return self.name or f"{self.unit} {self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Glimpse:
    """What the first look at a path shows; formats are recognised by it."""

    path: Path
    kind: Literal["folder", "parquet", "zip", "json", "empty", "other"]
    """What the first bytes say."""
    head: bytes = b""
    """The first bytes, unpacked where the file is compressed."""
    records: tuple[Any, ...] = ()
    """The first few JSON values."""
    names: tuple[str, ...] = ()
    """Some members of a folder or zip, or the columns of a Parquet file."""

    @property
    def record(self) -> Mapping[str, Any]:
        """The first JSON object, or an empty one."""
        return next((value for value in self.records if isinstance(value, dict)), {})

    def has(self, *keys: str) -> bool:
        """Whether the first JSON object holds all of these keys."""
        return all(key in self.record for key in keys)


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A format of others: how to recognise it and how to read it."""

    name: str
    """As on the command line."""
    summary: str
    """One line for a list of formats."""
    recognise: Callable[[Glimpse], bool]
    """Whether a path with this first look is in this format."""
    read: Callable[[Path, Mapping[str, str]], Iterator[Row]]
    """Readings and error rows of one path; the mapping is the user's ``--field`` settings."""
    example: str
    """A command line that reads it."""
    folders: Callable[[Path], Iterator[Path]] | None = None
    """Where a trace, or a unit of reading, is a folder: the units below a folder."""
    suffixes: tuple[str, ...] = (".json", ".jsonl", ".ndjson")
    """Names of its files in a folder, before ``.gz`` and ``.zst``."""


def error_row(path: Path, place: str, error: str, excerpt: str = "") -> ErrorRow:
    """An error row with its texts bounded and well-formed."""
    return ErrorRow(
        source=well_formed(path.name),
        place=well_formed(place),
        error=well_formed(error),
        excerpt=well_formed(excerpt[:EXCERPT])[:EXCERPT],
    )
