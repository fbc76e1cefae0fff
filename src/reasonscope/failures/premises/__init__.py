"""The premises instrument: what a trace does with a question that lacks something it needs."""

from collections.abc import Sequence

from reasonscope.failures.premises.findings import conclude
from reasonscope.failures.premises.panel import panel
from reasonscope.failures.premises.planted import calibrate
from reasonscope.failures.premises.rows import PremiseRow, examine
from reasonscope.instrument import Instrument
from reasonscope.report.panel import Mark
from reasonscope.traces.store import Study


def marks(study: Study, trace_ids: Sequence[str]) -> list[Mark]:
    """A mark on each step that says that something is missing, and on a refusal at the end."""
    found: list[Mark] = []
    for row in study.of_traces("premises", PremiseRow, trace_ids):
        found += [
            Mark(
                trace_id=row.trace_id,
                step_index=step,
                layer="premises",
                kind="open",
                text="says that something is missing"
                + (", for the first time" if step == row.first_suspicion else ""),
            )
            for step in row.suspicious_steps
        ]
        if row.abstains:
            said = "the last word: it cannot be answered as it stands"
            found.append(
                Mark(
                    trace_id=row.trace_id, step_index=None, layer="premises", kind="open", text=said
                )
            )
    return found


INSTRUMENT = Instrument(
    name="premises",
    title="Premises",
    row=PremiseRow,
    table="premises",
    examine=examine,
    conclude=conclude,
    panel=panel,
    headlines=("length_ratio",),
    marks=marks,
    calibrate=calibrate,
)
