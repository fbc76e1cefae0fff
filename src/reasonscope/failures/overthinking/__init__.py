"""The overthinking instrument: how much of a trace's tokens led anywhere.

Sources: outcome and process efficiency, Chen 2412.21187 (SCIENCE F11); underthinking, Wang
2501.18585 (F12). Departures, numbered in ``docs/instruments/overthinking.md``: solutions and
thoughts are told apart by rules where the papers ask a language model; repetition is ours.
"""

from collections.abc import Sequence

from reasonscope.failures.overthinking.conclude import conclude
from reasonscope.failures.overthinking.examining import examined
from reasonscope.failures.overthinking.panel import panel
from reasonscope.failures.overthinking.planted import calibrate
from reasonscope.failures.overthinking.row import Overthinking
from reasonscope.instrument import Instrument
from reasonscope.report.panel import Mark
from reasonscope.structure.flips.row import Flips
from reasonscope.traces.schema import Case
from reasonscope.traces.store import Study

MOST_MARKS = 200
"""Marks of one trace of each kind."""


def examine(case: Case) -> list[Overthinking]:
    """The one row of a trace, from its candidate answers in table ``flips``."""
    return [examined(case, flips) for flips in case.rows("flips", Flips)]


def marks(study: Study, trace_ids: Sequence[str]) -> list[Mark]:
    """Marks on solutions that go a known way, and on steps that repeat what stood before."""
    return [
        mark
        for row in study.of_traces("overthinking", Overthinking, trace_ids)
        for mark in (*_solutions(row), *_repeats(row))
    ]


def _solutions(row: Overthinking) -> list[Mark]:
    first: dict[int, int] = {}
    found = []
    for place, (step, way) in enumerate(zip(row.solution_steps, row.solution_ways, strict=True)):
        start = first.setdefault(way, place)
        if start != place and row.solution_steps[start] != step:
            found.append(
                Mark(
                    trace_id=row.trace_id,
                    step_index=step,
                    layer="overthinking",
                    kind="neutral",
                    category="same way again",
                    target=row.solution_steps[start],
                    text=f"answer {place + 1} of {row.solutions}, by the same way as answer "
                    f"{start + 1}",
                )
            )
    return found[:MOST_MARKS]


def _repeats(row: Overthinking) -> list[Mark]:
    return [
        Mark(
            trace_id=row.trace_id,
            step_index=step,
            layer="overthinking",
            kind="bad" if row.loop_words else "neutral",
            category="" if row.loop_words else "words again",
            text="nearly all words of this step stood before"
            + ("; the trace ends in a loop" if row.loop_words else ""),
        )
        for step in row.repeated_steps[:MOST_MARKS]
    ]


INSTRUMENT = Instrument(
    name="overthinking",
    title="Overthinking",
    row=Overthinking,
    table="overthinking",
    needs=("flips",),
    examine=examine,
    conclude=conclude,
    panel=panel,
    headlines=(),
    marks=marks,
    calibrate=calibrate,
)
