"""Receiver heads over a study: the planted head is told, moved borders are not."""

from pathlib import Path

import numpy as np
import pytest

from reasonscope.models.planted_copy import RECEIVER, planted_model
from reasonscope.report.plots import svg
from reasonscope.structure.planted_attention import planted_tokens
from reasonscope.structure.receivers import INSTRUMENT
from reasonscope.structure.receivers.findings import fewest_problems
from reasonscope.structure.receivers.heads import (
    LEVEL,
    Peaks,
    _p_value,
    head_gains,
    told_by_chance,
)
from reasonscope.structure.receivers.reading import HeadReading, Reception, kurtosis, reception
from reasonscope.structure.receivers.steps import ReceiverRow, best_heads, step_rows
from reasonscope.structure.receivers.store import stored_peaks, stored_steps
from reasonscope.structure.receivers.telling import (
    gained,
    headline,
    looked_at,
    marks,
    stands_out,
    told,
)
from reasonscope.traces.schema import Case, Problem, Trace
from reasonscope.traces.segment.steps import steps_of
from reasonscope.traces.store import Study, declare

STEPS, TRACES = 16, 12


@pytest.fixture(autouse=True)
def _declared() -> None:
    declare("receivers", ReceiverRow)
    declare("receiver_heads", HeadReading)


def case(number: int, steps: int = STEPS) -> Case:
    problem = Problem.make(f"question {number}?")
    text = " ".join(f"Now this is what we say as number {i}." for i in range(steps))
    trace = Trace.make(problem, text)
    return Case(problem, trace, steps_of(trace))


def read(one: Case, seed: int, anchor: int | None) -> Reception:
    tokens = planted_tokens(seed, steps=STEPS, even=False, anchor=anchor)
    return reception(planted_model(), tokens, one.trace.trace_id, one.problem.problem_id)


def study_of(folder: Path, cases: list[Case], found: list[Reception]) -> Study:
    study = Study.create(folder)
    study.write_part("problems", "a", [one.problem for one in cases])
    study.write_part("traces", "a", [one.trace for one in cases])
    study.write_part("steps", "a", [step for one in cases for step in one.steps])
    for one in found:
        study.write_part("receiver_heads", one.trace_id, one.rows())
    for trace_id, rows in stored_steps(study):
        study.write_part("receivers", trace_id, rows)
    return study


@pytest.fixture(scope="module")
def planted() -> tuple[list[Case], list[Reception]]:
    cases = [case(index) for index in range(TRACES)]
    return cases, [read(one, index, 2 + index % 10) for index, one in enumerate(cases)]


@pytest.fixture(scope="module")
def null() -> tuple[list[Case], list[Reception]]:
    cases = [case(index) for index in range(TRACES)]
    return cases, [read(one, index, None) for index, one in enumerate(cases)]


def layered(number: int, looked: int | None, layers: int = 6) -> Reception:
    """Heads of chance; the first of each layer looks at one step."""
    rng = np.random.default_rng(number)
    one = case(number)
    scores = rng.normal(1, 0.1, (layers, 8, STEPS))
    scores[:, :, [0, 1, -1, -2, -3, -4]] = np.nan
    if looked is not None:
        scores[:, 0, looked] += 9
    moved = [kurtosis(rng.normal(1, 0.1, (layers, 8, 10))) for _ in range(5)]
    return Reception(
        trace_id=one.trace.trace_id,
        problem_id=one.problem.problem_id,
        model="m",
        scores=scores,
        peaks=kurtosis(scores),
        shifted=np.mean(moved[1:], axis=0),
        control_peaks=moved[0],
    )


def found(study: Study):
    return {one.name: one for one in INSTRUMENT.conclude(study)}


def test_what_is_stored_is_what_was_read(tmp_path, planted) -> None:
    study = study_of(tmp_path / "s", *planted)
    ids, held = stored_peaks(study)
    order = {one.trace_id: one for one in planted[1]}
    direct = Peaks.of([order[trace_id] for trace_id in ids])
    assert held.problems == direct.problems
    for name in ("ranks", "gains", "control_gains"):
        np.testing.assert_allclose(getattr(held, name), getattr(direct, name))


def test_the_planted_head_is_told_and_moved_borders_are_not(tmp_path, planted) -> None:
    study = study_of(tmp_path / "s", *planted)
    held = found(study)
    share = held["receiver_head_share"]
    assert share.estimate.value >= 1 / 16
    assert share.control.value == 0
    best = head_gains(stored_peaks(study)[1])[0]
    assert (best.layer, best.head, best.told) == (RECEIVER.layer, RECEIVER.head, True)
    steady = held["rank_reliability"]
    assert steady.estimate.low > steady.control.value


def test_where_no_step_is_looked_at_no_head_is_told(tmp_path, null) -> None:
    share = found(study_of(tmp_path / "s", *null))["receiver_head_share"]
    assert share.estimate.value <= 1 / 16


def test_few_problems_cannot_tell_a_head(tmp_path, planted) -> None:
    cases, read_of = planted
    held = found(study_of(tmp_path / "s", cases[:3], read_of[:3]))
    assert held["receiver_head_share"].estimate.value is None
    assert "from traces of 9 problems on, not of 3" in held["receiver_head_share"].sentence
    assert held["rank_reliability"].estimate.value is None
    assert "6 problems" in held["rank_reliability"].sentence


@pytest.mark.parametrize("heads", [16, 270, 1024])
def test_from_as_many_problems_on_one_head_alone_can_be_told(heads) -> None:
    """All of its gains are above 0; Benjamini and Hochberg multiply its p by the heads."""
    fewest = fewest_problems(heads)
    q_values = [
        heads * _p_value(np.linspace(1, 2, count), [str(one) for one in range(count)], heads, 0)
        for count in (fewest - 1, fewest, fewest + 1, 40)
    ]
    assert [q <= LEVEL for q in q_values] == [False, True, True, True]


def test_one_problem_cannot_be_halved(tmp_path, planted) -> None:
    cases, read_of = planted
    study = study_of(tmp_path / "s", cases[:1], read_of[:1])
    assert found(study)["rank_reliability"].estimate.value is None
    assert "9 problems (read: 1)" in INSTRUMENT.panel(study).title


def test_short_traces_are_counted_and_not_zero(tmp_path, planted) -> None:
    cases, read_of = planted
    study = study_of(tmp_path / "s", [*cases, case(98, 5), case(99, 11)], read_of)
    assert found(study)["too_short_trace_share"].estimate.value == pytest.approx(2 / 14)


def test_a_study_that_was_not_read_says_nothing(tmp_path) -> None:
    study = Study.create(tmp_path / "s")
    assert INSTRUMENT.conclude(study) == []
    panel = INSTRUMENT.panel(study)
    assert panel.figures == ()
    assert panel.title == "No head was read"


def test_heads_of_the_model_that_read_most_are_taken(tmp_path, planted) -> None:
    from dataclasses import replace

    cases, read_of = planted
    other = replace(read_of[0], model="another")
    study = study_of(tmp_path / "s", cases, [other, *read_of[1:]])
    ids, held = stored_peaks(study)
    assert len(ids) == len(held.problems) == TRACES - 1
    assert other.trace_id not in ids


def test_a_head_that_looks_at_nothing_is_unknown_in_the_table(tmp_path) -> None:
    flat = layered(0, 5)
    flat.scores[0, 3, 2:-4] = 1.0
    flat.peaks[0, 3] = np.nan
    row = next(held for held in flat.rows() if (held.layer, held.head) == (0, 3))
    assert row.peak is None
    assert row.rank == pytest.approx(0.5 / 48)


def test_steps_are_scored_by_heads_that_other_problems_chose() -> None:
    ranks = np.array([[0.9, 0.1, 0.5], [0.2, 0.8, 0.1], [0.3, 0.9, 0.2]])
    assert best_heads(ranks, ["a", "b", "c"], 0)[0] == 1
    assert best_heads(ranks[:1], ["a"], 0)[0] == 0  # alone it is its own judge


def test_the_step_that_all_layers_look_at_stands_out(tmp_path) -> None:
    reads = [layered(number, 7) for number in range(12)]
    study = study_of(tmp_path / "s", [case(number) for number in range(12)], reads)
    where = reads[0].trace_id
    out = [row.step_index for row in study.of_trace("receivers", ReceiverRow, where) if
           stands_out(row)]  # fmt: skip
    assert 7 in out
    assert [mark.step_index for mark in marks(study, [where])] == out
    assert found(study)["receiver_head_share"].estimate.value == pytest.approx(1 / 8, abs=0.05)


def test_heads_in_few_layers_tell_no_interval() -> None:
    few = layered(0, 7, layers=2)
    rows = step_rows("t", few.scores, np.arange(16))
    assert all(row.low is None for row in rows)
    assert not any(stands_out(row) for row in rows)


def test_intervals_stay_among_the_ranks() -> None:
    rows = step_rows("t", layered(3, None).scores, np.arange(48).reshape(6, 8).T.ravel())
    ends = [end for row in rows for end in (row.low, row.high) if end is not None]
    assert ends
    assert 0 <= min(ends) <= max(ends) <= 1


def test_moved_borders_against_moved_borders_tell_nothing() -> None:
    peaks = Peaks.of([layered(number, 7) for number in range(12)])
    assert sum(row.told for row in head_gains(peaks)) >= 6
    assert sum(bool(one) for _, one in told_by_chance(peaks)) <= 2


def test_the_panel_draws_heads_and_traces(tmp_path) -> None:
    reads = [layered(number, 7) for number in range(12)]
    study = study_of(tmp_path / "s", [case(number) for number in range(12)], reads)
    panel = INSTRUMENT.panel(study)
    assert len(panel.figures) == 4
    for figure in panel.figures:
        assert "<svg" in svg(figure.chart, figure.alt, "p")
    assert "agree on step" in panel.figures[1].title
    assert panel.tables[0].rows[0][1] == 8
    assert "Attention is not use" in panel.misleads


def test_what_is_told_names_the_best_heads_and_steps(planted) -> None:
    heads = head_gains(Peaks.of(planted[1]))
    said = list(told(heads))
    assert said[0] == headline(heads)
    assert gained(heads[0]) in said[1]
    assert f"layer {RECEIVER.layer} head {RECEIVER.head}: rank 0.97" in said[1]
    rows = step_rows("t", layered(0, 7).scores, np.arange(48))
    assert len(list(looked_at(rows, {7: "So it is."}))) == 5
