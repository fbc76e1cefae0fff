"""Receiver heads: those whose attention gathers on few steps, and the steps they gather on (M6).

Source: thought anchors (Bogdan 2506.19143). ``reasonscope receivers`` reads the heads of a model in
a study's traces; this instrument concludes from them. Departures stand in :mod:`.reading`.
"""

from reasonscope.instrument import Instrument
from reasonscope.structure.receivers.findings import NAME, conclude
from reasonscope.structure.receivers.panel import panel
from reasonscope.structure.receivers.planted import calibrate
from reasonscope.structure.receivers.steps import ReceiverRow
from reasonscope.structure.receivers.telling import marks

__all__ = ["INSTRUMENT", "ReceiverRow"]

INSTRUMENT = Instrument(
    name=NAME,
    title="Receiver heads",
    row=ReceiverRow,
    table="receivers",
    examine=None,
    conclude=conclude,
    panel=panel,
    headlines=("receiver_head_share",),
    marks=marks,
    calibrate=calibrate,
)
