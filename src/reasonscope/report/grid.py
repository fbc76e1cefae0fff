"""A panel's table as the page shows it: cells as text, columns of numbers aligned to the right."""

from dataclasses import dataclass

from reasonscope.report.panel import Table

TABLE_ROWS = 200
"""Most rows of a table that are shown."""

Cell = str | int | float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table ready for the template."""

    title: str
    columns: tuple[tuple[str, bool], ...]
    """Each column's name, and whether it holds numbers."""
    rows: tuple[tuple[str, ...], ...]
    total: int
    """How many rows the table has, shown or not."""


def grid(table: Table) -> Grid:
    """The table's first rows as text."""
    numeric = [_is_numeric(table, place) for place in range(len(table.columns))]
    return Grid(
        title=table.title,
        columns=tuple(zip(table.columns, numeric, strict=True)),
        rows=tuple(tuple(map(cell, row)) for row in table.rows[:TABLE_ROWS]),
        total=len(table.rows),
    )


def _is_numeric(table: Table, place: int) -> bool:
    """Whether a column holds a number and, beside unknown cells, nothing else."""
    held = [row[place] for row in table.rows if place < len(row) and row[place] is not None]
    return bool(held) and not any(isinstance(value, str | bool) for value in held)


def cell(value: Cell) -> str:
    """A cell as text: unknown is a dash, floats have about three digits.

    >>> cell(None), cell(1930), cell(0.12345), cell("x")
    ('–', '1,930', '0.123', 'x')
    """
    if value is None:
        return "–"
    if isinstance(value, bool | str):
        return str(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:.3g}"
