"""Attention suppression: which earlier steps a step looks back to (M7).

Source: thought anchors (Bogdan 2506.19143). ``reasonscope suppression`` hides each step of a trace
from what follows; this instrument concludes from what that did. Departures stand in
:mod:`.reading` and :mod:`reasonscope.models.suppression`.
"""

from reasonscope.instrument import Instrument
from reasonscope.structure.suppression.findings import NAME, conclude
from reasonscope.structure.suppression.matrix import SuppressionRow
from reasonscope.structure.suppression.panel import panel
from reasonscope.structure.suppression.planted import calibrate
from reasonscope.structure.suppression.telling import marks

__all__ = ["INSTRUMENT", "SuppressionRow"]

INSTRUMENT = Instrument(
    name=NAME,
    title="Suppression",
    row=SuppressionRow,
    table="suppressions",
    examine=None,
    conclude=conclude,
    panel=panel,
    headlines=("looked_back_pair_share",),
    marks=marks,
    calibrate=calibrate,
)
