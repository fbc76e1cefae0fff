"""The search instrument: searches over numbers as a tree and a walk, with M16's six measures."""

from reasonscope.instrument import Instrument
from reasonscope.structure.search.findings import conclude
from reasonscope.structure.search.panel import panel
from reasonscope.structure.search.planted import calibrate
from reasonscope.structure.search.rows import Search, examine

__all__ = ["INSTRUMENT", "Search", "calibrate", "conclude", "examine", "panel"]

INSTRUMENT = Instrument(
    name="search",
    title="Search",
    row=Search,
    table="searches",
    examine=examine,
    conclude=conclude,
    panel=panel,
    calibrate=calibrate,
)
