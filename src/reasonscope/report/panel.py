"""What an instrument hands to the report: panels of sentences and figures, and marks on steps.

An instrument builds these from its own table alone; the page knows no instrument.
"""

from dataclasses import dataclass
from typing import Any, Literal

MarkKind = Literal["good", "bad", "retracted", "open", "answer", "final", "neutral"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A plot with the sentence that it shows and a text alternative."""

    title: str
    """What one sees, as a sentence."""
    chart: Any
    """An altair chart; the page renders it to an inline SVG."""
    alt: str
    """The same in words, for those who cannot see it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A small table; every cell is plain text or a number and is escaped by the page."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | int | float | None, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """An instrument's part of the report."""

    name: str
    """The instrument's name, used as the anchor."""
    title: str
    lead: str
    """One or two sentences: what was measured and what it means."""
    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()
    misleads: str = ""
    """When the reader should not believe this panel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A mark on a step (or on the final answer) of one trace, drawn on the strip of steps."""

    trace_id: str
    step_index: int | None
    """None: the text after the reasoning."""
    layer: str
    """Which instrument's row of marks, such as ``verdicts`` or ``answers``."""
    kind: MarkKind
    text: str
    """What the mark says when looked at: plain text, escaped by the page."""
    category: str = ""
    """A category with a colour of its own on the strip, such as a label; empty: by kind."""
    target: int | None = None
    """Another step that this one points to, such as the one it uses or returns to: an arc."""
    char_start: int | None = None
    """Where in the reasoning (or answer) the marked words stand; None: the whole step."""
    char_end: int | None = None
