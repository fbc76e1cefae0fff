"""The boundary: pass@k of two models, where they cross, and what only one of them solves (T1)."""

from reasonscope.dynamics.boundary.boundary_panel import panel
from reasonscope.dynamics.boundary.findings import conclude
from reasonscope.dynamics.boundary.planted import calibrate
from reasonscope.instrument import Instrument
from reasonscope.traces.schema import Candidate

INSTRUMENT = Instrument(
    name="boundary",
    title="Capability boundary",
    row=Candidate,
    table="answers",
    examine=None,
    needs=("answers",),
    conclude=conclude,
    panel=panel,
    headlines=("crossover_attempts", "pass_at_1_points"),
    calibrate=calibrate,
)
