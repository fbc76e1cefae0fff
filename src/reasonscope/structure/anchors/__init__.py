"""Thought anchors: which steps of a trace decide its answer, with intervals and at what cost.

Source: Bogdan 2506.19143 (SCIENCE M2 to M4). ``reasonscope anchors`` makes the rollouts; this
instrument concludes from them. Departures stand in :mod:`.importance` and :mod:`.intervals`.
"""

from collections.abc import Sequence

from reasonscope.instrument import Instrument
from reasonscope.report.panel import Mark
from reasonscope.structure.anchors.calibrating import calibrate
from reasonscope.structure.anchors.conclude import conclude
from reasonscope.structure.anchors.panel import panel
from reasonscope.structure.anchors.record import Anchor
from reasonscope.structure.anchors.telling import moved
from reasonscope.traces.store import Study


def marks(study: Study, trace_ids: Sequence[str]) -> list[Mark]:
    """A mark on each anchor of the named traces, with what keeping it does."""
    return [
        Mark(
            trace_id=row.trace_id,
            step_index=row.step,
            layer="anchors",
            kind="good" if (row.importance or 0.0) > 0 else "bad",
            text=f"keeping this step moves the accuracy: {moved(row)}; q = {row.q or 0.0:.2g}",
        )
        for row in study.of_traces("anchors", Anchor, trace_ids)
        if row.anchor
    ]


INSTRUMENT = Instrument(
    name="anchors",
    title="Thought anchors",
    row=Anchor,
    table="anchors",
    examine=None,
    conclude=conclude,
    panel=panel,
    headlines=("anchor_step_share",),
    marks=marks,
    calibrate=calibrate,
)
