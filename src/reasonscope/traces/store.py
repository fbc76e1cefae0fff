"""The study: a folder of Parquet parts that a person can copy, resume, query and share.

A part is written under a temporary name, flushed and renamed, so a reader sees whole parts or
none. Traces come in parts with a key; the part of the same key in ``problems`` and ``steps``
holds all that these traces need, and an instrument writes its own part under the same key.
Killing the program loses at most the part in flight; the same command does what is missing.
"""

import errno
import glob
import json
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from filelock import FileLock, Timeout

from reasonscope.errors import SetupError
from reasonscope.findings import Finding
from reasonscope.provenance import Provenance
from reasonscope.traces.schema import (
    Candidate,
    Case,
    ErrorRow,
    Problem,
    Step,
    Trace,
    Verdict,
    well_formed,
)
from reasonscope.traces.tables import Record, arrow_schema, from_arrow, to_arrow

SCHEMA_VERSION = 1
"""Version of the folder's layout and columns; raised when an older reader would misread it."""

TABLES: dict[str, type] = {
    "problems": Problem,
    "traces": Trace,
    "steps": Step,
    "errors": ErrorRow,
    "verdicts": Verdict,
    "answers": Candidate,
    "findings": Finding,
}
"""The tables of this version and their records; instruments add theirs by :func:`declare`."""


def declare(table: str, record: type) -> None:
    """Make a table known; declaring it twice with the same record is harmless."""
    known = TABLES.setdefault(table, record)
    if known is not record:
        raise SetupError(f"table '{table}' already holds {known.__name__} records")


class Study:
    """A folder of tables. Open one with :meth:`open`, make one with :meth:`create`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection = duckdb.connect(":memory:")

    @classmethod
    def create(cls, path: str | Path, name: str | None = None) -> "Study":
        """The study at ``path``, made if it is not there yet."""
        folder = Path(path)
        if well_formed(str(folder)) != str(folder):
            raise SetupError("the name of the study's folder is not UTF-8: choose another --out")
        if (folder / "study.json").exists():
            return cls.open(folder)
        with _teaching(folder):
            folder.mkdir(parents=True, exist_ok=True)
            header = {
                "schema_version": SCHEMA_VERSION,
                "name": well_formed(name or folder.resolve().name),
                "created": datetime.now(UTC).isoformat(timespec="seconds"),
                "commands": [],
            }
            _write_json(folder / "study.json", header)
        return cls(folder)

    @classmethod
    def open(cls, path: str | Path) -> "Study":
        """An existing study; raises :class:`SetupError` if there is none or it is newer."""
        folder = Path(path)
        study = cls(folder)
        version = study.header.get("schema_version")
        if not isinstance(version, int) or version > SCHEMA_VERSION:
            raise SetupError(
                f"{folder} has schema version {version!r}, this reasonscope reads up to "
                f"{SCHEMA_VERSION}. Upgrade reasonscope to read it."
            )
        return study

    @property
    def header(self) -> dict[str, Any]:
        """What ``study.json`` says: schema_version, name, created, commands."""
        file = self.path / "study.json"
        try:
            header = json.loads(file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise SetupError(
                f"no study at '{self.path}' (no study.json there). "
                "Make one with 'reasonscope import' or 'reasonscope run'."
            ) from None
        except (OSError, ValueError) as error:
            raise SetupError(f"cannot read {file}: {error}") from None
        if not isinstance(header, dict):
            raise SetupError(f"{file} should hold a JSON object")
        return header

    @property
    def name(self) -> str:
        """The study's name."""
        return str(self.header.get("name", self.path.name))

    def remember_command(self, command: str) -> None:
        """Add a command to those that made the study, unless it is there already."""
        header, command = self.header, well_formed(command)
        if command not in header.setdefault("commands", []):
            header["commands"].append(command)
            with _teaching(self.path):
                _write_json(self.path / "study.json", header)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the study's lock while writing; a second writer gets a clear error."""
        with _teaching(self.path):
            lock = FileLock(str(self.path / ".lock"))
            try:
                lock.acquire(timeout=0)
            except Timeout:
                raise SetupError(
                    f"another process is writing the study '{self.path}'. Wait until it ends."
                ) from None
        try:
            self._remove_unfinished()
            yield
        finally:
            lock.release()

    def _remove_unfinished(self) -> None:
        """Remove what a killed writer left half written; only the holder of the lock may."""
        with _teaching(self.path):
            for file in self.path.glob("*/.*.tmp"):
                file.unlink(missing_ok=True)

    # -- parts ---------------------------------------------------------------------------

    def part_keys(self, table: str) -> list[str]:
        """The keys of a table's parts, sorted."""
        return sorted(file.stem for file in (self.path / table).glob("*.parquet"))

    def write_part(
        self, table: str, key: str, rows: Iterable[Any], provenance: Provenance | None = None
    ) -> int:
        """Write one part, whole or not at all; an older part of that key is replaced.

        Returns the number of rows written.
        """
        arrow = to_arrow(TABLES[table], rows)
        metadata = {b"reasonscope.schema_version": str(SCHEMA_VERSION).encode()}
        if provenance is not None:
            metadata[b"reasonscope.provenance"] = provenance.to_json().encode()
        arrow = arrow.replace_schema_metadata(metadata)
        with _teaching(self.path):
            folder = self.path / table
            folder.mkdir(exist_ok=True)
            _atomically(
                folder / f"{key}.parquet",
                lambda file: pq.write_table(arrow, file, compression="zstd"),
            )
        return int(arrow.num_rows)

    def remove_parts(self, table: str) -> None:
        """Remove a table's parts, so that it can be measured again."""
        for key in self.part_keys(table):
            self.remove_part(table, key)

    def remove_part(self, table: str, key: str) -> None:
        """Remove one part, if it is there."""
        with _teaching(self.path):
            (self.path / table / f"{key}.parquet").unlink(missing_ok=True)

    def read_part(self, table: str, key: str, columns: Sequence[str] | None = None) -> pa.Table:
        """One part (or some of its columns) as an Arrow table; no such part: an empty table."""
        file = self.path / table / f"{key}.parquet"
        if not file.exists():
            return arrow_schema(TABLES[table]).empty_table()
        try:
            return pq.ParquetFile(file).read(columns)
        except (OSError, pa.ArrowException) as error:
            raise SetupError(f"cannot read {file}: {error}. Remove it and run again.") from None

    # -- reading -------------------------------------------------------------------------

    def records(self, table: str, record: type[Record]) -> Iterator[Record]:
        """All records of a table, part by part; problems are not repeated."""
        seen: set[str] = set()
        for key in self.part_keys(table):
            for row in from_arrow(record, self.read_part(table, key)):
                if isinstance(row, Problem):
                    if row.problem_id in seen:
                        continue
                    seen.add(row.problem_id)
                yield row

    def part_records(self, table: str, key: str) -> Iterator[Any]:
        """The records of one part, as the table's record type; no such part: none."""
        return from_arrow(TABLES[table], self.read_part(table, key))

    def cases(self, key: str, only: Collection[str] | None = None) -> list[Case]:
        """The traces of one part (or those of them in ``only``) with their problems and steps."""
        problems = {
            problem.problem_id: problem
            for problem in from_arrow(Problem, self.read_part("problems", key))
        }
        steps: dict[str, list[Step]] = {}
        for step in from_arrow(Step, self._part_of("steps", key, only)):
            steps.setdefault(step.trace_id, []).append(step)
        return [
            Case(problems[trace.problem_id], trace, tuple(steps.get(trace.trace_id, ())))
            for trace in from_arrow(Trace, self._part_of("traces", key, only))
        ]

    def _part_of(self, table: str, key: str, only: Collection[str] | None) -> pa.Table:
        """A part, or those of its rows that belong to some traces."""
        part = self.read_part(table, key)
        if only is None:
            return part
        return part.filter(pc.is_in(part["trace_id"], pa.array(only, type=pa.string())))

    def cases_of(self, trace_ids: Collection[str]) -> Iterator[Case]:
        """The named traces with their problems and steps, in the order of the parts."""
        wanted = list(trace_ids)
        for key in self.part_keys("traces"):
            ids = self.read_part("traces", key, ["trace_id"])["trace_id"].to_pylist()
            if here := set(wanted) & set(ids):
                yield from self.cases(key, sorted(here))

    def all_cases(self) -> Iterator[Case]:
        """Every trace with its problem and steps, one part in memory at a time."""
        for key in self.part_keys("traces"):
            yield from self.cases(key)

    def trace(self, prefix: str) -> Case:
        """The trace whose id starts with ``prefix``; raises if none or several do."""
        found = self.rows(
            "select trace_id from traces where starts_with(trace_id, ?) limit 3", [prefix]
        )
        if len(found) != 1:
            what = "no trace" if not found else "several traces"
            raise SetupError(f"{what} in '{self.path}' with an id that starts with '{prefix}'")
        return next(self.cases_of([found[0][0]]))

    def of_trace(self, table: str, record: type[Record], trace_id: str) -> list[Record]:
        """A table's records of one trace, in the order they were written."""
        rows = self.sql(f'select * from "{table}" where trace_id = ?', [trace_id])
        with querying():
            return list(from_arrow(record, rows.to_arrow_table()))

    def of_traces(
        self, table: str, record: type[Record], trace_ids: Collection[str]
    ) -> Iterator[Record]:
        """A table's records of some traces, one part in memory at a time."""
        for key in self.part_keys(table):
            yield from from_arrow(record, self._part_of(table, key, trace_ids))

    def tables(self) -> list[str]:
        """The names of the tables that have a part."""
        return sorted({file.parent.name for file in self.path.glob("*/*.parquet")})

    def sql(self, query: str, parameters: Sequence[Any] = ()) -> duckdb.DuckDBPyRelation:
        """A DuckDB relation over the study's tables: ``.df()``, ``.arrow()``, ``.pl()``."""
        self._refresh_views()
        with querying():
            found = self._connection.sql(query, params=list(parameters) or None)
        if found is None:
            raise SetupError(
                "this is no query: it gives no rows. Begin it with 'select' or 'from'."
            )
        return found

    def rows(self, query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        self._refresh_views()
        with querying():
            rows: list[tuple[Any, ...]] = self._connection.execute(
                query, list(parameters)
            ).fetchall()
        return rows

    def table(self, name: str) -> duckdb.DuckDBPyRelation:
        """A table as a DuckDB relation; one without parts is empty, not an error."""
        if name not in TABLES and name not in self.tables():
            raise SetupError(f"no table '{name}'; this study has: {', '.join(self.tables())}")
        return self.sql(f'select * from "{name}"')

    def count(self, table: str) -> int:
        """How many rows a table has (problems: distinct ones)."""
        return int(self.rows(f'select count(*) from "{table}"')[0][0])

    def _refresh_views(self) -> None:
        for table in {*TABLES, *self.tables()}:
            quoted = table.replace('"', '""')
            pattern = f"{glob.escape(str(self.path / table))}/*.parquet".replace("'", "''")
            if not self.part_keys(table):
                self._connection.register(quoted, arrow_schema(TABLES[table]).empty_table())
                continue
            self._connection.unregister(quoted)
            distinct = "distinct on (problem_id) " if table == "problems" else ""
            try:
                self._connection.execute(
                    f'create or replace view "{quoted}" as select {distinct}* '
                    f"from read_parquet('{pattern}', union_by_name = true)"
                )
            except duckdb.Error as error:
                said = str(error).partition("\n")[0]
                raise SetupError(f"a part is damaged: {said}. Remove it and run again.") from None

    def _repr_html_(self) -> str:
        """The study as a small table for notebooks."""
        from html import escape

        counts = {name: self.count(name) for name in self.tables()}
        cells = "".join(f"<tr><td>{escape(n)}</td><td>{c:,}</td></tr>" for n, c in counts.items())
        return f"<b>Study {escape(self.name)}</b><table>{cells}</table>"


@contextmanager
def querying() -> Iterator[None]:
    """Turn what DuckDB says, of a query or of a damaged part, into a :class:`SetupError`.

    Relations are lazy: what reads the rows of one from :meth:`Study.sql` needs this too.
    """
    try:
        yield
    except duckdb.Error as error:
        raise SetupError(f"DuckDB cannot run this: {error}") from None


def _write_json(file: Path, held: Any) -> None:
    text = json.dumps(held, ensure_ascii=False, indent=1, sort_keys=False, allow_nan=False)
    _atomically(file, lambda temporary: temporary.write_text(text + "\n", encoding="utf-8"))


def _atomically(file: Path, write: Callable[[Path], object]) -> None:
    """Write under a temporary name, flush to disk, rename; on failure leave nothing behind."""
    temporary = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    try:
        write(temporary)
        with open(temporary, "rb") as handle:
            os.fsync(handle.fileno())
        os.replace(temporary, file)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def _teaching(folder: Path) -> Iterator[None]:
    """Turn what the file system says into an error that says what to do."""
    try:
        yield
    except OSError as error:
        cures = {
            errno.ENOSPC: "the disk is full: free some space and run the same command again",
            errno.EROFS: "the folder is read-only: copy the study to where you may write",
            errno.EACCES: "you may not write there: copy the study to where you may write",
            errno.EPERM: "you may not write there: copy the study to where you may write",
            errno.ENOTDIR: "a file stands where a folder should be: choose another --out",
            errno.EEXIST: "a file stands where a folder should be: choose another --out",
            errno.EFBIG: "a file grew past the limit of this system or shell (ulimit -f)",
        }
        cure = cures.get(error.errno or 0, "mend this and run the same command again")
        raise SetupError(f"cannot write the study '{folder}': {error.strerror}; {cure}") from error
