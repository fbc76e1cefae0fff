"""The flips instrument: candidate answers in order, and whether thinking on changed them.

Source: Kang 2510.08308 (SCIENCE M20). Departures: candidates are found by rules, not by a model
reading line by line; a value counts from where it first comes out, if the trace calls it its
answer anywhere; the error rate of the first candidate is measured and carried along.
"""

from collections.abc import Sequence

from reasonscope.instrument import Instrument
from reasonscope.report.panel import Mark, MarkKind
from reasonscope.structure.flips.conclude import conclude
from reasonscope.structure.flips.ledger import ledger
from reasonscope.structure.flips.panel import panel
from reasonscope.structure.flips.planted import calibrate
from reasonscope.structure.flips.row import Flips
from reasonscope.traces.schema import Candidate, Case
from reasonscope.traces.store import Study

MOST_MARKS = 200
"""Marks of one trace; later changes of the answer are not drawn."""


def examine(case: Case) -> list[Flips]:
    """The one row of a trace: its candidate answers in order, from table ``answers``."""
    return [ledger(case, case.rows("answers", Candidate))]


def marks(study: Study, trace_ids: Sequence[str]) -> list[Mark]:
    """A mark at the first right answer, and one where the answer changes."""
    return [mark for row in study.of_traces("flips", Flips, trace_ids) for mark in _marks(row)]


def _marks(row: Flips) -> list[Mark]:
    found = [_first_right(row)] if row.right_tokens is not None else []
    for place in range(1, len(row.outcomes)):
        if row.identities[place] != row.identities[place - 1]:
            found.append(_change(row, place))
        if len(found) == MOST_MARKS:
            break
    return found


def _first_right(row: Flips) -> Mark:
    place = row.outcomes.index("T")
    after = row.tokens - row.tokens_at[place]
    share = f"{after / row.tokens:.0%}" if row.tokens else "0%"
    return Mark(
        trace_id=row.trace_id,
        step_index=row.steps[place],
        layer="flips",
        kind="answer",
        text=f"the right answer, {row.answers[place]}, is first reached here; "
        f"{share} of the reasoning ({after:,} tokens) comes after it",
    )


def _change(row: Flips, place: int) -> Mark:
    before, now = row.outcomes[place - 1], row.outcomes[place]
    kinds: dict[str, MarkKind] = {"FT": "good", "TF": "bad"}
    said = {"T": "right", "F": "wrong", "?": "not compared"}
    return Mark(
        trace_id=row.trace_id,
        step_index=row.steps[place],
        layer="flips",
        kind=kinds.get(before + now, "neutral"),
        text=f"the answer changes from {row.answers[place - 1]} ({said[before]}) "
        f"to {row.answers[place]} ({said[now]})",
        target=row.steps[place - 1],
    )


INSTRUMENT = Instrument(
    name="flips",
    title="Answer flips",
    row=Flips,
    table="flips",
    needs=("answers",),
    examine=examine,
    conclude=conclude,
    panel=panel,
    headlines=("tokens_after_right_share", "reflection_gain_points"),
    marks=marks,
    calibrate=calibrate,
)
