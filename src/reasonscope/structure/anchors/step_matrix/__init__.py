"""The step matrix: which later steps of a trace come from which earlier one (M5)."""

from reasonscope.instrument import Instrument
from reasonscope.structure.anchors.step_matrix.findings import NAME, conclude
from reasonscope.structure.anchors.step_matrix.panel import marks, panel
from reasonscope.structure.anchors.step_matrix.planted import calibrate
from reasonscope.structure.anchors.step_matrix.reading import StepEffect, read
from reasonscope.structure.anchors.step_matrix.said import Said, said_again

__all__ = ["INSTRUMENT", "Said", "StepEffect", "read", "said_again"]

INSTRUMENT = Instrument(
    name=NAME,
    title="Step matrix",
    row=StepEffect,
    table=NAME,
    examine=None,
    conclude=conclude,
    panel=panel,
    headlines=("connected_pair_share",),
    marks=marks,
    calibrate=calibrate,
)
