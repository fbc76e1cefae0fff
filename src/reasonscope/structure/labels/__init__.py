"""The labels instrument: what each step does, and shares that allow for the labeller's errors.

Source: Bogdan 2506.19143 for the eight functions (SCIENCE M1), Li 2509.14662 for transitions (M11).
Departures: a small shipped labeller instead of a language model; shares and transitions are
corrected for its measured confusion.
"""

from collections.abc import Sequence

from reasonscope.instrument import Instrument
from reasonscope.report.panel import Mark
from reasonscope.structure.labels.conclude import conclude
from reasonscope.structure.labels.labeller import probabilities
from reasonscope.structure.labels.panel import panel, said
from reasonscope.structure.labels.planted import calibrate
from reasonscope.traces.schema import LABELS, Case, Label
from reasonscope.traces.store import Study


def examine(case: Case) -> list[Label]:
    """A label for every step, with its calibrated probability."""
    chances = probabilities([step.text for step in case.steps], case.problem.question)
    best = chances.argmax(axis=1)
    return [
        Label(
            trace_id=case.trace.trace_id,
            step_index=step.index,
            label=LABELS[place],
            probability=min(1.0, float(row[place])),
        )
        for step, row, place in zip(case.steps, chances, best, strict=True)
    ]


def marks(study: Study, trace_ids: Sequence[str]) -> list[Mark]:
    """Each step's label, in the label's colour."""
    return [
        Mark(
            trace_id=row.trace_id,
            step_index=row.step_index,
            layer="labels",
            kind="neutral",
            category=row.label,
            text=f"{row.probability or 0:.0%} sure",
        )
        for row in study.of_traces("labels", Label, trace_ids)
    ]


INSTRUMENT = Instrument(
    name="labels",
    title="Step labels",
    row=Label,
    table="labels",
    examine=examine,
    conclude=conclude,
    panel=panel,
    marks=marks,
    calibrate=calibrate,
)

__all__ = ["INSTRUMENT", "calibrate", "conclude", "examine", "marks", "panel", "said"]
