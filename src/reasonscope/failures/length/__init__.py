"""The length instrument: what more reasoning goes with, on the same problem and between them."""

from reasonscope.failures.length.findings import conclude
from reasonscope.failures.length.panel import panel
from reasonscope.failures.length.planted import calibrate
from reasonscope.failures.length.rows import Length, examine
from reasonscope.instrument import Instrument

INSTRUMENT = Instrument(
    name="length",
    title="Length",
    row=Length,
    table="lengths",
    needs=("answers",),
    examine=examine,
    conclude=conclude,
    panel=panel,
    headlines=("longer_half_points",),
    calibrate=calibrate,
)
