"""The mismatch instrument: thinking and answer that disagree (F4)."""

from reasonscope.failures.mismatch.findings import conclude
from reasonscope.failures.mismatch.mismatch_panel import marks, panel
from reasonscope.failures.mismatch.planted import calibrate
from reasonscope.failures.mismatch.rows import Mismatch, examine
from reasonscope.instrument import Instrument

INSTRUMENT = Instrument(
    name="mismatch",
    title="Thinking and answer",
    row=Mismatch,
    table="mismatches",
    examine=examine,
    conclude=conclude,
    panel=panel,
    marks=marks,
    calibrate=calibrate,
    needs=("answers", "verdicts"),
)
