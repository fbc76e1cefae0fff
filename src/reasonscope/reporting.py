"""The report of a study: every instrument's panel and marks on one page (level 6)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from reasonscope.instrument import Instrument
from reasonscope.instruments import instruments
from reasonscope.report import page
from reasonscope.report.panel import Mark, Panel
from reasonscope.report.timeline import timeline_html
from reasonscope.traces.schema import Candidate, Case, Verdict
from reasonscope.traces.store import Study


def write_report(study: Study | str | Path, out: Path | None = None) -> Path:
    """Write the study's page and return its path (default: ``report.html`` in the study)."""
    held = study if isinstance(study, Study) else Study.open(study)
    return page.write_report(
        held,
        panels(held),
        lambda ids: _marks(held, ids),
        out,
        heads=[page.Head(name=t.name, title=t.title, headlines=t.headlines) for t in _used(held)],
    )


@dataclass(frozen=True, slots=True)
class Timeline:
    """One trace as a notebook shows it: steps with verdicts and candidate answers."""

    case: Case
    html: str
    """A fragment without scripts; every text of the trace is escaped."""

    def _repr_html_(self) -> str:
        return self.html


def timeline(study: Study | str | Path, trace: str) -> Timeline:
    """The trace whose id starts with ``trace``, ready to be shown in a notebook."""
    held = study if isinstance(study, Study) else Study.open(study)
    case = held.trace(trace)
    where = case.trace.trace_id
    verdicts = held.of_trace("verdicts", Verdict, where)
    answers = held.of_trace("answers", Candidate, where)
    return Timeline(case, timeline_html(case, verdicts, answers, marks(held, [where])))


def panels(study: Study) -> list[Panel | page.FailedPanel]:
    """The panels of the instruments that have measured this study."""
    return [_panel(study, tool) for tool in _used(study)]


def marks(study: Study, trace_ids: Sequence[str]) -> list[Mark]:
    """All instruments' marks on the steps of the named traces; what fails is left out."""
    return [one for one in _marks(study, trace_ids) if isinstance(one, Mark)]


def _marks(study: Study, trace_ids: Sequence[str]) -> Iterator[Mark | page.FailedPanel]:
    """The marks of each instrument, or the error of one that could not give them."""
    for tool in _used(study):
        try:
            yield from tool.marks(study, trace_ids) if tool.marks is not None else ()
        except Exception as error:  # the others' marks still stand
            reason = f"{type(error).__name__}: {error}"
            title = f"{tool.title}: marks on the steps"
            yield page.FailedPanel(name=f"marks of {tool.name}", title=title, error=reason)


def _used(study: Study) -> list[Instrument]:
    return [tool for tool in instruments().values() if _has_said(study, tool)]


def _has_said(study: Study, tool: Instrument) -> bool:
    """Whether it has looked at traces, or, where it looks at none, has found something."""
    if tool.examine is not None:
        return bool(study.part_keys(tool.table))
    return next(study.part_records("findings", tool.name), None) is not None


def _panel(study: Study, tool: Instrument) -> Panel | page.FailedPanel:
    """An instrument's panel; one that fails shows its error, and the page survives."""
    try:
        made = tool.panel(study)
        late = unmeasured(study, tool)
        return replace(made, lead=f"{late} {made.lead}") if late else made
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        return page.FailedPanel(name=tool.name, title=tool.title, error=reason)


def unmeasured(study: Study, tool: Instrument) -> str:
    """A warning where traces came in after the instrument was last run; empty: none did."""
    if tool.examine is None:
        return ""
    missing = set(study.part_keys("traces")) - set(study.part_keys(tool.table))
    count = sum(study.read_part("traces", key, ["trace_id"]).num_rows for key in missing)
    if not count:
        return ""
    return (
        f"{count:,} traces are not measured yet and stand here as if nothing was found in them: "
        f"run 'reasonscope measure {study.path}' and make the report again."
    )
