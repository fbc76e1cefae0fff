"""The report of a study: every instrument's panel and marks on one page (level 6)."""

from collections.abc import Sequence
from pathlib import Path

from reasonscope.instruments import instruments
from reasonscope.report.page import write_report
from reasonscope.report.panel import Mark, Panel
from reasonscope.traces.store import Study, declare


def write(study: Study | str | Path, out: Path | None = None) -> Path:
    """Write the study's page and return its path (default: ``report.html`` in the study)."""
    held = study if isinstance(study, Study) else Study.open(study)
    return write_report(held, panels(held), lambda ids: marks(held, ids), out)


def panels(study: Study) -> list[Panel]:
    """The panels of the instruments that have measured this study."""
    drawn = []
    for tool in instruments().values():
        declare(tool.table, tool.row)
        if study.part_keys(tool.table):
            drawn.append(_panel(study, tool))
    return drawn


def marks(study: Study, trace_ids: Sequence[str]) -> list[Mark]:
    """All instruments' marks on the steps of the named traces."""
    return [
        mark
        for tool in instruments().values()
        if tool.marks is not None and study.part_keys(tool.table)
        for mark in tool.marks(study, trace_ids)
    ]


def _panel(study: Study, tool: Instrument) -> Panel | FailedPanel:
    """An instrument's panel; one that fails shows its error, and the page survives."""
    try:
        return tool.panel(study)
    except Exception as error:
        return FailedPanel(
            name=tool.name, title=tool.title, error=f"{type(error).__name__}: {error}"
        )
