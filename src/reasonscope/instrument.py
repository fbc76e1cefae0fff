"""The one contract that every instrument keeps (DESIGN §4)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from reasonscope.findings import Finding
from reasonscope.report.panel import Mark, Panel
from reasonscope.stats import Estimate
from reasonscope.traces.schema import Case
from reasonscope.traces.store import Study


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """How an instrument does on planted truth: one row of ``reasonscope calibrate``."""

    instrument: str
    plant: str
    """What was planted, in words."""
    power: Estimate
    """Share of planted cases that were found."""
    false_positive: Estimate
    """Share of null cases in which something was found."""
    coverage: Estimate | None = None
    """Share of intervals that hold the planted value; None: the plant has no interval."""
    bias: Estimate | None = None
    """Mean of estimate minus planted value."""
    note: str = ""
    """What the planted case leaves out."""

    def to_json(self) -> dict[str, Any]:
        """The row as a JSON object; estimates are objects of their own."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """Something that turns traces into findings, with its control and its planted truth."""

    name: str
    """As on the command line."""
    title: str
    """As in the report."""
    row: type
    """The record type of its table."""
    table: str
    """The table it writes, and no other; without :attr:`examine`, the table it reads."""
    examine: Callable[[Case], Iterable[Any]] | None
    """Rows of one trace: pure, picklable (a module-level function), no global state. An ErrorRow
    among them, with source ``instrument NAME: PART``, says that a part of it failed.
    None: nothing is looked at trace by trace; it concludes from tables that others wrote."""
    needs: tuple[str, ...] = ()
    """Tables that :attr:`examine` reads by ``case.rows`` or :attr:`conclude` by SQL: their
    instruments are run first, and a trace on which one of them failed is not examined."""
    conclude: Callable[[Study], list[Finding]]
    """Findings from its table (and problems, traces, steps), each with interval and control."""
    panel: Callable[[Study], Panel]
    """Its panel, from its table alone."""
    headlines: tuple[str, ...] = ()
    """Names of findings that a stranger should read first, at the top of the report."""
    marks: Callable[[Study, Sequence[str]], list[Mark]] | None = None
    """Marks on the steps of the named traces."""
    calibrate: Callable[[int, int], list[Calibration]]
    """``calibrate(seed, n)``: its planted and null cases, examined."""
