"""The paired instrument: contradictory answers to questions that exclude each other (F3)."""

from reasonscope.failures.paired.findings import conclude
from reasonscope.failures.paired.paired_panel import panel
from reasonscope.failures.paired.planted import calibrate
from reasonscope.failures.paired.rows import Paired, examine
from reasonscope.instrument import Instrument

INSTRUMENT = Instrument(
    name="paired",
    title="Paired questions",
    row=Paired,
    table="pairs",
    examine=examine,
    conclude=conclude,
    panel=panel,
    calibrate=calibrate,
    needs=("answers",),
)
