"""Suppression over a study: a copy is found where one was planted, and nowhere else."""

from dataclasses import replace
from pathlib import Path

import pytest

from reasonscope.report.plots import svg
from reasonscope.structure.planted_attention import STEPS, planted_tokens
from reasonscope.structure.suppression import INSTRUMENT
from reasonscope.structure.suppression.findings import share
from reasonscope.structure.suppression.matrix import FEWEST, SuppressionRow
from reasonscope.structure.suppression.planted import pair
from reasonscope.structure.suppression.reading import matrix_of_tokens
from reasonscope.structure.suppression.telling import marks, moved, strongest, told
from reasonscope.traces.schema import Case, Problem, Trace
from reasonscope.traces.segment.steps import steps_of
from reasonscope.traces.store import Study, declare

TOLD = " ".join(f"Now this is what we say as number {i}." for i in range(STEPS))


@pytest.fixture(autouse=True)
def _declared() -> None:
    declare("suppressions", SuppressionRow)


def case(number: int) -> Case:
    problem = Problem.make(f"question {number}?")
    trace = Trace.make(problem, TOLD)
    return Case(problem, trace, steps_of(trace))


def row(source: int = 1, target: int = 3, **fields: object) -> SuppressionRow:
    known = {
        "trace_id": "t", "model": "m", "nats": 0.4, "control_nats": 0.1, "excess": 1.386,
        "draws": FEWEST, "p_value": 0.04, "p_control": 0.6, "noise_nats": 0.0,
    }  # fmt: skip
    return SuppressionRow(source=source, target=target, **{**known, **fields})


def study_of(folder: Path, told_of: list[list[SuppressionRow]]) -> tuple[Study, list[Case]]:
    study, cases = Study.create(folder), [case(index) for index in range(len(told_of))]
    study.write_part("problems", "a", [one.problem for one in cases])
    study.write_part("traces", "a", [one.trace for one in cases])
    study.write_part("steps", "a", [step for one in cases for step in one.steps])
    for one, rows in zip(cases, told_of, strict=True):
        where = one.trace.trace_id
        named = [replace(held, trace_id=where) for held in rows]
        study.write_part("suppressions", where, named)
    return study, cases


def planted_rows(seed: int, planted: bool) -> list[SuppressionRow]:
    """The pair that was asked about, which is a copy or is not."""
    matrix, source, target = pair(seed, planted)
    return [held for held in matrix.rows() if (held.source, held.target) == (source, target)]


def found(study: Study) -> dict[str, object]:
    return {one.name: one for one in INSTRUMENT.conclude(study)}


def test_a_planted_copy_is_found_and_its_control_is_not(tmp_path: Path) -> None:
    study, _ = study_of(tmp_path / "s", [planted_rows(seed, True) for seed in range(8)])
    share_found = found(study)["looked_back_pair_share"]
    assert share_found.estimate.value == 1.0
    assert share_found.estimate.n == share_found.estimate.clusters == 8
    assert share_found.control.value <= 1 / 8


def test_where_nothing_is_copied_little_is_found(tmp_path: Path) -> None:
    study, _ = study_of(tmp_path / "s", [planted_rows(seed, False) for seed in range(8)])
    share_found = found(study)["looked_back_pair_share"]
    assert share_found.estimate.value <= 1 / 8
    assert share_found.estimate.low < 0.05 < share_found.estimate.high
    assert "chance" in INSTRUMENT.panel(study).title


def test_pairs_with_too_few_stretches_are_counted_and_never_found(tmp_path: Path) -> None:
    rows = [row(1, 3), row(1, 4, draws=FEWEST - 1, p_value=0.01), row(1, 5, draws=0, p_value=None)]
    study, _ = study_of(tmp_path / "s", [rows, rows])
    held = found(study)
    assert held["looked_back_pair_share"].estimate.n == 2
    assert held["unassessed_pair_share"].estimate.value == pytest.approx(2 / 3)
    assert [one.found for one in rows] == [True, False, False]


def test_what_follows_the_reasoning_is_no_pair_of_steps(tmp_path: Path) -> None:
    study, _ = study_of(tmp_path / "s", [[row(1, 3), row(1, STEPS)], [row(1, 3)]])
    assert share(study, "true").n == 2
    assert strongest([row(1, STEPS)], STEPS) == []


def test_one_problem_has_the_interval_of_its_steps(tmp_path: Path) -> None:
    rows = [row(source, source + 2, p_value=0.04 if source < 3 else 0.5) for source in range(8)]
    study, _ = study_of(tmp_path / "s", [rows])
    one = found(study)["looked_back_pair_share"]
    assert "one problem" in one.sentence
    assert one.estimate.low < 3 / 8 < one.estimate.high


def test_where_all_are_too_far_apart_the_reason_stands(tmp_path: Path) -> None:
    study, _ = study_of(tmp_path / "s", [[row(draws=3)]])
    one = found(study)["looked_back_pair_share"]
    assert one.estimate.value is None
    assert "more draws" in one.sentence
    assert "could not be assessed" in INSTRUMENT.panel(study).title


def test_a_study_that_was_not_read_says_nothing(tmp_path: Path) -> None:
    study = Study.create(tmp_path / "s")
    assert INSTRUMENT.conclude(study) == []
    assert INSTRUMENT.panel(study).figures == ()


def test_the_control_is_the_first_draw_that_fits_against_the_others() -> None:
    matrix, source, target = pair(0, True)
    draws = matrix.controls[:, source, target]
    known = draws[draws == draws]
    atleast = sum(known[1:] >= known[0]) + 1
    assert matrix.p_controls[source, target] == pytest.approx(atleast / len(known))
    assert matrix.draws[source, target] == len(known) >= FEWEST


def test_what_stays_below_the_floor_does_as_much_as_any_other() -> None:
    matrix, source, target = pair(0, True)
    faint = replace(matrix, nats=matrix.nats * 1e-9, controls=matrix.controls * 1e-12)
    assert faint.p_values[source, target] == 1.0
    assert matrix.p_values[source, target] <= 0.05


def test_without_draws_nothing_has_a_p_value() -> None:
    from reasonscope.models.planted_copy import planted_model

    tokens = planted_tokens(0, copied=(2, 4))
    bare = matrix_of_tokens(planted_model(), tokens, "t", draws=0, sources=[2])
    assert {(one.draws, one.p_value, one.p_control) for one in bare.rows()} == {(0, None, None)}


def test_progress_ends_with_all_tokens() -> None:
    from reasonscope.models.planted_copy import planted_model

    seen: list[tuple[int, int]] = []
    matrix = matrix_of_tokens(
        planted_model(), planted_tokens(0), "t", draws=1, progress=lambda *at: seen.append(at)
    )
    assert seen[-1] == (matrix.tokens_computed, matrix.tokens_computed)
    assert seen == sorted(seen)


def test_marks_point_from_a_step_to_the_one_it_looks_back_to_most(tmp_path: Path) -> None:
    rows = [row(1, 5), row(3, 5, nats=2.0), row(2, 4, p_value=0.3), row(1, STEPS)]
    study, cases = study_of(tmp_path / "s", [rows])
    (mark,) = marks(study, [cases[0].trace.trace_id])
    assert (mark.step_index, mark.target, mark.layer) == (5, 3, "suppression")
    assert "step 6 looks back to step 4" in mark.text


def test_the_panel_draws_and_quotes_both_steps(tmp_path: Path) -> None:
    study, _ = study_of(tmp_path / "s", [[row(1, 3), row(2, 3, p_value=0.5)], [row(4, 6)]])
    panel = INSTRUMENT.panel(study)
    assert len(panel.figures) == 2
    for figure in panel.figures:
        drawn = svg(figure.chart, figure.alt, "p")
        assert "answer" in drawn or "later step" in drawn
    told_of = {
        (later, says, earlier, too) for _, later, says, earlier, too, *_ in panel.tables[0].rows
    }
    third, first = "Now this is what we say as number 3.", "Now this is what we say as number 1."
    assert (4, third, 2, first) in told_of
    assert len(told_of) == 2
    assert "model" in panel.misleads


def test_what_is_told_counts_steps_from_one_and_says_what_is_open() -> None:
    steps = case(0).steps
    rows = [row(1, 3), row(1, 9, draws=2, p_value=0.4), row(4, STEPS, nats=3.0)]
    said = list(told(rows, steps))
    assert said[0].startswith("In 1 of 1 pairs")
    assert moved(rows[0]) in said[1]
    assert any("without step 5 (3 nats)" in line for line in said)
    assert said[-1].startswith("1 of 2 pairs could not be assessed")
