"""The commitment point: from which step on the answer is fixed (M42)."""

from reasonscope.instrument import Instrument
from reasonscope.structure.anchors.commitment.findings import NAME, conclude
from reasonscope.structure.anchors.commitment.panel import panel
from reasonscope.structure.anchors.commitment.planted import calibrate
from reasonscope.structure.anchors.commitment.reading import Commitment, read

__all__ = ["INSTRUMENT", "Commitment", "read"]

INSTRUMENT = Instrument(
    name=NAME,
    title="Commitment",
    row=Commitment,
    table="commitment",
    examine=None,
    conclude=conclude,
    panel=panel,
    headlines=("decided_on_the_way_share",),
    calibrate=calibrate,
)
