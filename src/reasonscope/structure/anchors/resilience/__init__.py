"""Resilience: does an idea come back when it is taken out (M8)."""

from reasonscope.instrument import Instrument
from reasonscope.structure.anchors.resilience.findings import NAME, conclude
from reasonscope.structure.anchors.resilience.panel import panel
from reasonscope.structure.anchors.resilience.planted import calibrate
from reasonscope.structure.anchors.resilience.reading import Resilience, read

__all__ = ["INSTRUMENT", "Resilience", "read"]

INSTRUMENT = Instrument(
    name=NAME,
    title="Resilience",
    row=Resilience,
    table=NAME,
    examine=None,
    conclude=conclude,
    panel=panel,
    headlines=("returning_share",),
    calibrate=calibrate,
)
