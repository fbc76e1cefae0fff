"""Marks as the page carries them: columns by layer, categories by number, arcs apart.

A trace of ten thousand steps has tens of thousands of marks, most of them alike. Columns that
hold one value are written once, steps as differences, and categories as places in one table.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from reasonscope.report.panel import Mark
from reasonscope.traces.schema import LABELS

ARCS_ALWAYS = frozenset({"backtracking"})
"""Layers whose arcs the strip always shows; arcs of others show for the current step only, and
are the first to be left out of a page that grows too large."""

COLOURS = 12
"""Colours of categories in the stylesheet; those that come later share a grey."""

MOST_CATEGORIES = 200
"""More categories of one layer are not told apart."""

NAME_CHARACTERS = 80
TEXT_CHARACTERS = 400
"""A longer text of a mark is cut."""

Categories = dict[str, dict[str, int]]
"""By layer, each category and its place in the table of the page."""


def categories(marks: Iterable[Mark]) -> Categories:
    """The categories of each layer: the eight labels in their order, others by how often.

    >>> few = [Mark(trace_id="t", step_index=0, layer="x", kind="neutral", text="", category=c)
    ...        for c in ("b", "a", "b")]
    >>> categories(few)
    {'x': {'b': 0, 'a': 1}}
    """
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for mark in marks:
        if mark.category:
            counts[mark.layer][mark.category[:NAME_CHARACTERS]] += 1
    return {
        layer: {name: place for place, name in enumerate(_ordered(found)[:MOST_CATEGORIES])}
        for layer, found in counts.items()
    }


def _ordered(found: Counter[str]) -> list[str]:
    """Categories in the order of their colours."""
    labels = [*LABELS] if set(found) & set(LABELS) else []
    others = sorted(set(found) - set(labels), key=lambda name: (-found[name], name))
    return labels + others


def legend(table: Categories) -> dict[str, list[list[Any]]]:
    """By layer, each category's name and the number of its colour (the last one: the grey)."""
    return {
        layer: [[name, min(place, COLOURS)] for name, place in names.items()]
        for layer, names in table.items()
    }


def aims(mark: Mark, steps: int) -> bool:
    """Whether a mark points from one step to another of a trace with so many steps."""
    here, there = mark.step_index, mark.target
    if here is None or there is None:
        return False
    return 0 <= here < steps and 0 <= there < steps and here != there


def apart(marks: Iterable[Mark], steps: int) -> tuple[list[Mark], list[Mark]]:
    """Marks of the strip's rows, and arcs that are shown for the current step only."""
    rows: list[Mark] = []
    arcs: list[Mark] = []
    for mark in marks:
        loose = mark.layer not in ARCS_ALWAYS and aims(mark, steps)
        (arcs if loose else rows).append(mark)
    return rows, arcs


Place = Callable[[int | None], int | None]


def columns(
    marks: Sequence[Mark], steps: int, table: Categories, inner: Place, after: Place
) -> list[list[Any]]:
    """By layer: its name and its columns, each a list or the one value that all marks share.

    Args:
        marks: of one trace.
        steps: how many steps it has; targets that are none of them are dropped.
        table: the page's categories.
        inner: offsets in the reasoning to those of the page.
        after: the same for the text after the reasoning.
    """
    layers: defaultdict[str, list[Mark]] = defaultdict(list)
    for mark in marks:
        layers[mark.layer].append(mark)
    return [
        [layer, *_columns(held, steps, table.get(layer, {}), inner, after)]
        for layer, held in layers.items()
    ]


def _columns(
    marks: Sequence[Mark], steps: int, names: dict[str, int], inner: Place, after: Place
) -> list[Any]:
    places = [-1 if mark.step_index is None else mark.step_index for mark in marks]
    spans = [(inner if m.step_index is not None else after, m) for m in marks]
    return [
        [here - before for before, here in zip([0, *places], places, strict=False)],
        _one([mark.kind for mark in marks]),
        _one([names.get(mark.category[:NAME_CHARACTERS]) for mark in marks]),
        _one([mark.target if aims(mark, steps) else None for mark in marks]),
        _one([place(mark.char_start) for place, mark in spans]),
        _one([place(mark.char_end) for place, mark in spans]),
        _one([_cut(mark.text) for mark in marks]),
    ]


def _one(column: list[Any]) -> Any:
    """The column, or its one value where all are the same."""
    return column[0] if all(held == column[0] for held in column) else column


def _cut(text: str) -> str:
    return text if len(text) <= TEXT_CHARACTERS else f"{text[:TEXT_CHARACTERS]}…"
