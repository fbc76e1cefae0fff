"""The curves instrument: what training changed, from the first to the last tenth of its steps."""

from reasonscope.dynamics.curves.findings import conclude
from reasonscope.dynamics.curves.panel import panel
from reasonscope.dynamics.curves.planted import calibrate
from reasonscope.dynamics.recorded import TABLE, Recorded
from reasonscope.instrument import Instrument

INSTRUMENT = Instrument(
    name="curves",
    title="Training curves",
    row=Recorded,
    table=TABLE,
    examine=None,
    conclude=conclude,
    panel=panel,
    headlines=("truth_change_points",),
    calibrate=calibrate,
)

__all__ = ["INSTRUMENT", "calibrate", "conclude", "panel"]
