"""The heads of a study's traces, as they were read."""

from collections.abc import Iterator

import numpy as np

from reasonscope.structure.receivers.heads import Peaks
from reasonscope.structure.receivers.reading import Array, HeadReading
from reasonscope.structure.receivers.steps import ReceiverRow, best_heads, step_rows
from reasonscope.traces.store import Study, declare

TABLE = "receiver_heads"
declare(TABLE, HeadReading)

MODEL = f"(select model from {TABLE} group by 1 order by count(*) desc, 1 limit 1)"
"""Heads of several models cannot be averaged: those of the one that read most are taken."""


def stored_peaks(study: Study) -> tuple[tuple[str, ...], Peaks] | None:
    """The traces that were read, and how far each head gathers in them; None: none was."""
    found = study.rows(
        f"select trace_id, problem_id, max(layer) + 1, list(rank order by layer, head), "
        "list(peak order by layer, head), list(shifted order by layer, head), "
        "list(control_peak order by layer, head) "
        f"from {TABLE} join (select distinct trace_id, problem_id from traces) using (trace_id) "
        f"where model = {MODEL} group by all order by trace_id"
    )
    if not found:
        return None
    ids, problems, layers, *columns = zip(*found, strict=True)
    ranks, peaks, shifted, control = (_array(column, layers[0]) for column in columns)
    held = Peaks(
        problems=problems, ranks=ranks, gains=peaks - shifted, control_gains=control - shifted
    )
    return ids, held


def _array(column: tuple[list[float | None], ...], layers: int) -> Array:
    """``[trace, layer, head]``; NaN where a value is unknown."""
    flat = np.array(column, dtype=np.float64)
    return flat.reshape(len(flat), layers, -1)


def stored_steps(study: Study, seed: int = 0) -> Iterator[tuple[str, list[ReceiverRow]]]:
    """Each trace that was read with the rows of its steps, by heads that the others chose."""
    held = stored_peaks(study)
    if held is None:
        return
    ids, peaks = held
    ranks = peaks.ranks.reshape(len(ids), -1)
    for which, trace_id in enumerate(ids):
        order = best_heads(ranks, peaks.problems, which)
        yield trace_id, step_rows(trace_id, _scores(study, trace_id), order, seed=seed)


def _scores(study: Study, trace_id: str) -> Array:
    """``[layer, head, step]`` of one trace."""
    rows = sorted(study.part_records(TABLE, trace_id), key=lambda row: (row.layer, row.head))
    flat = np.array([row.scores for row in rows], dtype=np.float64)
    return flat.reshape(rows[-1].layer + 1, -1, flat.shape[-1])
