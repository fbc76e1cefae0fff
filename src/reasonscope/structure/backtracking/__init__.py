"""The backtracking instrument: where a trace turns back, to which step, and whether it helps."""

from collections.abc import Sequence

from reasonscope.instrument import Instrument
from reasonscope.report.panel import Mark
from reasonscope.structure.backtracking.findings import conclude
from reasonscope.structure.backtracking.panel import panel
from reasonscope.structure.backtracking.planted import calibrate
from reasonscope.structure.backtracking.returns import Return
from reasonscope.structure.backtracking.rows import Returns, examine
from reasonscope.traces.store import Study

__all__ = ["INSTRUMENT", "Returns", "calibrate", "conclude", "examine", "marks", "panel"]


def marks(study: Study, trace_ids: Sequence[str]) -> list[Mark]:
    """A mark where each return stands, with an arc to its target."""
    return [
        Mark(
            trace_id=row.trace_id,
            step_index=one.step,
            layer="backtracking",
            kind="neutral",
            category=category(one),
            text=_says(one),
            target=one.target,
            char_start=one.char_start,
            char_end=one.char_end,
        )
        for row in study.of_traces("returns", Returns, trace_ids)
        for one in row.each()
    ]


def category(one: Return) -> str:
    """What a return comes to, in a word or two: a return is neither good nor bad by itself.

    A loop goes before what follows; where it cannot be told what value follows, the kind of
    return as in the panel. "Check" is left to places that are no return.
    """
    if one.loop is not None:
        return "loop"
    if one.repairs is not None:
        return "repair" if one.repairs else "same value again"
    return one.kind


def _says(one: Return) -> str:
    what = {
        "rejection": "takes back what it said",
        "alternative": "leaves its way for another",
        "restart": "starts again",
        "doubt": "reopens what it said",
    }[one.kind]
    where = "" if one.target is None else f", going back to step {one.target + 1}"
    then = {True: "; another value follows", False: "; the same value follows", None: ""}
    loop = "" if one.loop is None else f"; part of loop {one.loop + 1}"
    return f"{what}{where}{then[one.repairs]}{loop}"


INSTRUMENT = Instrument(
    name="backtracking",
    title="Backtracking",
    row=Returns,
    table="returns",
    examine=examine,
    needs=("verdicts",),
    conclude=conclude,
    panel=panel,
    headlines=("returns_per_1k_tokens",),
    marks=marks,
    calibrate=calibrate,
)
