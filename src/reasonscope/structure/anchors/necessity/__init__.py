"""Necessity: does the answer come from the reasoning (M43)."""

from reasonscope.instrument import Instrument
from reasonscope.structure.anchors.necessity.findings import NAME, conclude
from reasonscope.structure.anchors.necessity.panel import panel
from reasonscope.structure.anchors.necessity.planted import calibrate
from reasonscope.structure.anchors.necessity.reading import Necessity, read
from reasonscope.structure.anchors.necessity.requests import early, mistakes, requests

__all__ = ["INSTRUMENT", "Necessity", "early", "mistakes", "read", "requests"]

INSTRUMENT = Instrument(
    name=NAME,
    title="Necessity",
    row=Necessity,
    table="necessity",
    examine=None,
    conclude=conclude,
    panel=panel,
    headlines=("early_necessity_points", "mistake_necessity_points"),
    calibrate=calibrate,
)
