"""The motifs instrument: patterns of labels that tell wrong traces from right ones."""

from reasonscope.instrument import Instrument
from reasonscope.structure.motifs.findings import conclude
from reasonscope.structure.motifs.panel import panel
from reasonscope.structure.motifs.planted import calibrate
from reasonscope.structure.motifs.rows import Moves, examine

__all__ = ["INSTRUMENT", "Moves", "calibrate", "conclude", "examine", "panel"]

INSTRUMENT = Instrument(
    name="motifs",
    title="Motifs",
    row=Moves,
    table="motifs",
    examine=examine,
    needs=("labels",),
    conclude=conclude,
    panel=panel,
    calibrate=calibrate,
)
