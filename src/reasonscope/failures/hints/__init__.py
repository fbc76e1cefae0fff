"""The hints instrument: whether a hint was used, and whether the reasoning says so (F1, F2)."""

from reasonscope.failures.hints.findings import conclude
from reasonscope.failures.hints.hint_marks import marks
from reasonscope.failures.hints.hint_panel import panel
from reasonscope.failures.hints.planted import calibrate
from reasonscope.failures.hints.rows import Hinted, examine
from reasonscope.instrument import Instrument

INSTRUMENT = Instrument(
    name="hints",
    title="Hints",
    row=Hinted,
    table="hints",
    examine=examine,
    conclude=conclude,
    panel=panel,
    headlines=("use_points",),
    marks=marks,
    calibrate=calibrate,
    needs=("answers",),
)
