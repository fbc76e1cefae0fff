"""The table of instruments: ours, and those that other packages add by entry point."""

from collections.abc import Sequence
from functools import cache
from importlib.metadata import entry_points

from reasonscope.errors import SetupError
from reasonscope.instrument import Instrument
from reasonscope.outcomes import answers, steps

OURS: tuple[Instrument, ...] = (answers.INSTRUMENT, steps.INSTRUMENT)

GROUP = "reasonscope.instruments"
"""Entry-point group: each entry is an :class:`~reasonscope.instrument.Instrument`."""


@cache
def instruments() -> dict[str, Instrument]:
    """All instruments by name, ours first, in the order of the report."""
    found = {tool.name: tool for tool in OURS}
    for entry in entry_points(group=GROUP):
        tool = entry.load()
        if not isinstance(tool, Instrument):
            raise SetupError(f"entry point '{entry.name}' of group '{GROUP}' is no Instrument")
        found.setdefault(tool.name, tool)
    return found


def chosen(names: Sequence[str] = ()) -> list[Instrument]:
    """The named instruments in the table's order; none named: all.

    >>> [tool.name for tool in chosen(["steps"])]
    ['steps']
    """
    table = instruments()
    unknown = [f"no instrument '{name}'" for name in names if name not in table]
    if unknown:
        raise SetupError(f"the instruments are: {', '.join(table)}", unknown)
    return [tool for name, tool in table.items() if not names or name in names]
