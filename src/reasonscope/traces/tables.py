"""Records as Arrow tables and back: the columns are declared by the records themselves."""

import types
import typing
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, fields, is_dataclass
from functools import cache
from typing import Any, Literal, TypeVar

import pyarrow as pa

Record = TypeVar("Record")

_COLUMN = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}


def _column_type(hint: Any) -> tuple[pa.DataType, bool]:
    """The Arrow type of a type hint, and whether it may be null."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        inner = [arg for arg in args if arg is not type(None)]
        return _column_type(inner[0])[0], True
    if origin is Literal:
        return pa.string(), False
    if origin is tuple:
        return pa.list_(_column_type(args[0])[0]), False
    if is_dataclass(hint):
        return pa.struct(list(arrow_schema(hint))), False  # type: ignore[arg-type]
    return _COLUMN[hint], False


@cache
def arrow_schema(record: type) -> pa.Schema:
    """The Arrow schema of a record type: one column a field, null where None is allowed.

    >>> from reasonscope.traces.schema import ErrorRow
    >>> arrow_schema(ErrorRow).names
    ['source', 'place', 'error', 'excerpt']
    """
    hints = typing.get_type_hints(record)
    columns = [(f.name, *_column_type(hints[f.name])) for f in fields(record)]
    return pa.schema([pa.field(name, kind, nullable=null) for name, kind, null in columns])


def to_arrow(record: type, rows: Iterable[Any]) -> pa.Table:
    """Records of one type as an Arrow table."""
    held = list(rows)
    schema = arrow_schema(record)
    columns = [pa.array(_column(held, f), type=f.type, from_pandas=False) for f in schema]
    return pa.Table.from_arrays(columns, schema=schema)


def _column(rows: list[Any], column: pa.Field) -> list[Any]:
    """One field of all rows; nested records become plain mappings."""
    values = [getattr(row, column.name) for row in rows]
    if pa.types.is_struct(column.type):
        return [None if value is None else asdict(value) for value in values]
    return values


def _reviver(record: type, name: str) -> Callable[[Any], Any]:
    """What turns a column's plain value back into the field's own."""
    hint = typing.get_type_hints(record)[name]
    inner = [arg for arg in typing.get_args(hint) if arg is not type(None)] or [hint]
    if is_dataclass(inner[0]):
        return lambda value: None if value is None else inner[0](**value)
    if tuple in (typing.get_origin(hint), typing.get_origin(inner[0])):
        return lambda value: None if value is None else tuple(value)
    return lambda value: value


def from_arrow(record: type[Record], table: pa.Table) -> Iterator[Record]:
    """The records of an Arrow table; their invariants are checked again.

    Columns that the record does not know (written by a newer version) are passed over.
    """
    known = arrow_schema(typing.cast(type, record)).names
    names = [name for name in known if name in table.column_names]
    revivers = [_reviver(record, name) for name in names]
    for batch in table.select(names).to_batches():
        columns = [
            map(revive, batch.column(name).to_pylist())
            for name, revive in zip(names, revivers, strict=True)
        ]
        for values in zip(*columns, strict=True):
            yield record(**dict(zip(names, values, strict=True)))
