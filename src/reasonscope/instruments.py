"""The table of instruments: ours, and those that other packages add by entry point."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.metadata import entry_points

from reasonscope.dynamics import alarm, boundary, curves, entropy_law
from reasonscope.errors import SetupError
from reasonscope.failures import hints, length, mismatch, overthinking, paired, premises
from reasonscope.instrument import Instrument
from reasonscope.outcomes import answers, steps
from reasonscope.structure import (
    anchors,
    backtracking,
    edges,
    flips,
    graph,
    labels,
    motifs,
    receivers,
    search,
    suppression,
)
from reasonscope.structure.anchors import commitment, necessity, resilience, step_matrix
from reasonscope.traces.store import declare

OURS: tuple[Instrument, ...] = (
    answers.INSTRUMENT,
    steps.INSTRUMENT,
    flips.INSTRUMENT,
    overthinking.INSTRUMENT,
    labels.INSTRUMENT,
    backtracking.INSTRUMENT,
    edges.INSTRUMENT,
    graph.INSTRUMENT,
    search.INSTRUMENT,
    motifs.INSTRUMENT,
    anchors.INSTRUMENT,
    necessity.INSTRUMENT,
    commitment.INSTRUMENT,
    suppression.INSTRUMENT,
    receivers.INSTRUMENT,
    step_matrix.INSTRUMENT,
    resilience.INSTRUMENT,
    length.INSTRUMENT,
    premises.INSTRUMENT,
    hints.INSTRUMENT,
    mismatch.INSTRUMENT,
    paired.INSTRUMENT,
    curves.INSTRUMENT,
    boundary.INSTRUMENT,
    entropy_law.INSTRUMENT,
    alarm.INSTRUMENT,
)
"""Those of this package, in the report's order; what one needs stands before it."""

GROUP = "reasonscope.instruments"
"""Entry-point group: each entry is an :class:`~reasonscope.instrument.Instrument`."""


@cache
def instruments() -> dict[str, Instrument]:
    """All instruments by name, ours first, in the report's order; declares their tables."""
    found = {tool.name: tool for tool in OURS}
    for entry in entry_points(group=GROUP):
        tool = entry.load()
        if not isinstance(tool, Instrument):
            raise SetupError(f"entry point '{entry.name}' of group '{GROUP}' is no Instrument")
        found.setdefault(tool.name, tool)
    for tool in found.values():
        declare(tool.table, tool.row)
    return found


def named(names: Sequence[str] = ()) -> list[Instrument]:
    """The named instruments in the table's order; none named: all.

    >>> [tool.name for tool in named(["steps", "answers"])]
    ['answers', 'steps']
    """
    table = instruments()
    unknown = [f"no instrument '{name}'" for name in names if name not in table]
    if unknown:
        raise SetupError(f"the instruments are: {', '.join(table)}", unknown)
    return [tool for name, tool in table.items() if not names or name in names]


def chosen(names: Sequence[str] = ()) -> list[Instrument]:
    """The named instruments and those they need, in the table's order; none named: all.

    >>> [tool.name for tool in chosen(["flips"])]
    ['answers', 'flips']
    """
    wanted = _with_needs([tool.name for tool in named(names)], instruments())
    return [tool for name, tool in instruments().items() if name in wanted]


def _with_needs(names: Iterable[str], table: Mapping[str, Instrument]) -> set[str]:
    """Names with those whose tables they need, and what these need in turn."""
    writers = {tool.table: name for name, tool in table.items() if tool.examine is not None}
    wanted: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in wanted:
            wanted.add(name)
            waiting += [writers[needed] for needed in table[name].needs]
    return wanted
