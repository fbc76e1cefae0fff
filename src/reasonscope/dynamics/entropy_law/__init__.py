"""The entropy law: what training buys with entropy, its ceiling and its forecast (T3)."""

from reasonscope.dynamics.entropy_law.findings import conclude
from reasonscope.dynamics.entropy_law.law_panel import panel
from reasonscope.dynamics.entropy_law.planted import calibrate
from reasonscope.dynamics.recorded import TABLE, Recorded
from reasonscope.instrument import Instrument

INSTRUMENT = Instrument(
    name="entropy_law",
    title="Entropy law",
    row=Recorded,
    table=TABLE,
    examine=None,
    conclude=conclude,
    panel=panel,
    headlines=("ceiling_share",),
    calibrate=calibrate,
)
