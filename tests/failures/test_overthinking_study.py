"""Overthinking on whole traces and studies: rows by hand, findings, panel, calibration."""

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from reasonscope.failures import overthinking
from reasonscope.failures.overthinking import INSTRUMENT, shares
from reasonscope.failures.overthinking.planted import (
    calibrate,
    planted_loop,
    planted_repetition,
    planted_ways,
    row_of,
)
from reasonscope.failures.overthinking.shares import Line
from reasonscope.findings import Finding
from reasonscope.measuring import failures, measure
from reasonscope.report.panel import Panel
from reasonscope.structure.flips.planted import planted_flips
from reasonscope.traces.importing import import_traces
from reasonscope.traces.lengths import tokens_before
from reasonscope.traces.schema import Case, Problem, Trace
from reasonscope.traces.segment.steps import steps_of
from reasonscope.traces.store import Study

PAUSE = "Let me look at the rows. They are all alike. "


def case_of(reasoning: str, *, truth: str | None = "42", final: str = "42") -> Case:
    problem = Problem.make("How many tiles?", answer=truth, answer_kind="number")
    answer = f"The answer is {final}." if final else ""
    trace = Trace.make(
        problem, reasoning, closing="</think>", answer=answer, form="tags" if final else "unclosed"
    )
    return Case(problem, trace, tuple(steps_of(trace)))


def test_outcome_efficiency_is_tokens_to_the_first_right_answer_over_all() -> None:
    case = case_of(PAUSE + "So the answer is 42. " + PAUSE)
    before = tokens_before(case.steps)
    row = row_of(case)
    assert row.outcome_efficiency == pytest.approx(before[3] / before[-1])
    assert row.first_tokens == before[3]


def test_a_trace_that_never_comes_to_the_right_answer_counts_as_zero() -> None:
    row = row_of(case_of(PAUSE + "So the answer is 40. ", final="40"))
    assert (row.reaches_right, row.outcome_efficiency, row.underthinking) == (False, 0.0, 0.0)


def test_a_right_answer_only_after_the_reasoning_costs_all_tokens() -> None:
    row = row_of(case_of(PAUSE))
    assert (row.reaches_right, row.outcome_efficiency) == (True, 1.0)
    assert row.process_efficiency is None


def test_without_a_reference_nothing_is_called_inefficient() -> None:
    row = row_of(case_of("So the answer is 42. " + PAUSE, truth=None))
    assert row.reaches_right is None
    assert row.outcome_efficiency is None
    assert row.underthinking is None
    assert row.process_efficiency is not None


def test_a_dropped_right_answer_is_underthinking() -> None:
    text = "6 * 7 = 42. " + PAUSE + "Alternatively, 6 * 8 = 48. " + PAUSE + "So the answer is 48. "
    case = case_of(text, final="48")
    row = row_of(case)
    before = tokens_before(case.steps)
    assert row.thoughts == 2
    assert row.right_tokens == before[3]
    assert row.underthinking == pytest.approx(1 - before[3] / before[-1])


def test_tokens_of_repeated_solutions_are_told_from_those_of_new_ones() -> None:
    row = row_of(planted_ways(0, 0, (0, 0, 1)))
    assert row.solution_ways == (0, 0, 1)
    assert (row.solutions, row.distinct) == (3, 2)
    assert row.first_tokens < row.own_tokens < row.solution_tokens < row.tokens
    assert row.process_efficiency == pytest.approx(row.own_tokens / row.tokens)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.2, 0.4])
@pytest.mark.parametrize("index", range(5))
def test_planted_repetition_is_read_back_exactly(share: float, index: int) -> None:
    assert row_of(planted_repetition(0, index, share)).repetition_share == pytest.approx(share)


@pytest.mark.parametrize("rounds", [1, 2, 3, 5])
def test_planted_loops(rounds: int) -> None:
    assert (row_of(planted_loop(0, 0, rounds)).loop_words > 0) is (rounds >= 3)


@pytest.mark.parametrize(
    "reasoning", ["", "One.", "42", PAUSE * 3000, "So the answer is 42. " * 5000]
)
def test_odd_traces_have_a_row(reasoning: str) -> None:
    for final in ("", "42", "40"):
        row = row_of(case_of(reasoning, final=final))
        assert row.own_tokens <= row.solution_tokens <= row.tokens
        for share in (row.outcome_efficiency, row.process_efficiency, row.repetition_share):
            assert share is None or 0 <= share <= 1


# -- shares --------------------------------------------------------------------------------


def line(problem: str, **known: Any) -> Line:
    empty = dict.fromkeys((f.name for f in fields(Line)), 0) | {
        "trace_id": problem,
        "problem_id": problem,
        "tokens": 100,
        "final_correct": None,
        "reaches_right": None,
        "outcome_efficiency": None,
        "process_efficiency": None,
        "right_tokens": None,
        "underthinking": None,
        "words": 100,
        "repetition_share": 0.0,
    }
    return Line(**(empty | known))


def test_efficiency_is_a_mean_over_traces_that_are_known() -> None:
    held = [
        line("a", outcome_efficiency=0.5, reaches_right=True),
        line("b", outcome_efficiency=0.0, reaches_right=False),
        line("c"),
    ]
    estimate = shares.outcome_efficiency(held)
    assert (estimate.value, estimate.n) == (0.25, 2)
    assert estimate.low == 0.0


def test_the_uniform_place_is_a_half_on_average() -> None:
    held = [line(str(i), outcome_efficiency=0.1, reaches_right=True) for i in range(2000)]
    value = shares.uniform(held).value
    assert value is not None
    assert value == pytest.approx(0.5, abs=0.03)


def test_the_gap_by_hand() -> None:
    held = [line(str(i), final_correct=True, repetition_share=0.1) for i in range(10)]
    held += [line(f"w{i}", final_correct=False, repetition_share=0.3) for i in range(10)]
    gap = shares.repetition_gap(held)
    assert gap.value == pytest.approx(0.2)
    assert shares.repetition_gap(held[:10]).value is None


def test_a_gap_of_two_means_has_the_interval_of_two_means() -> None:
    low, high = [0.0, 0.2] * 30, [0.2, 0.4] * 30
    held = [line(f"r{i}", final_correct=True, repetition_share=v) for i, v in enumerate(low)]
    held += [line(f"w{i}", final_correct=False, repetition_share=v) for i, v in enumerate(high)]
    gap = shares.repetition_gap(held)
    assert gap.low is not None
    assert gap.high is not None
    error = (0.01 / 60 + 0.01 / 60) ** 0.5
    assert gap.high - gap.low == pytest.approx(2 * 1.98 * error, rel=0.02)


def test_length_alone_explains_a_gap_that_comes_from_length() -> None:
    held = [
        line(
            str(i),
            tokens=i,
            repetition_share=i / 1000,
            final_correct=(i * 7919) % 1000 > i,
        )
        for i in range(1000)
    ]
    gap, length = shares.repetition_gap(held), shares.length_matched_gap(held)
    assert gap.value is not None
    assert gap.value > 0.2
    assert length.value == pytest.approx(gap.value, abs=0.03)


def test_nothing_is_unknown_not_zero() -> None:
    for measure_ in (
        shares.outcome_efficiency,
        shares.uniform,
        shares.process_efficiency,
        shares.underthinking,
        shares.repetition,
        shares.repetition_gap,
        shares.length_matched_gap,
    ):
        assert measure_([]).value is None


# -- studies -------------------------------------------------------------------------------


def row(number: int, *values: object, truth: object = 42) -> dict[str, Any]:
    said = PAUSE.join(f"So the answer is {value}. " for value in values)
    return {
        "question": f"How many tiles are there in hall {number}?",
        "answer": None if truth is None else str(truth),
        "reasoning": PAUSE + said + PAUSE,
        "response": f"The answer is {values[-1]}." if values else "I do not know.",
    }


def measured(folder: Path, rows: list[dict[str, Any]]) -> tuple[Study, dict[str, Finding]]:
    file = folder / "t.jsonl"
    file.write_text("\n".join(json.dumps(one) for one in rows))
    study = import_traces([file], folder / "s")[0]
    found = measure(study, ["overthinking"], workers=1)
    assert failures(study) == 0
    return study, {f.name: f for f in found if f.instrument == "overthinking"}


def test_a_study_of_both_outcomes(tmp_path: Path) -> None:
    rows = [row(i, 42, 42) for i in range(10)] + [row(10 + i, 42, 40) for i in range(10)]
    study, found = measured(tmp_path, rows)
    assert study.count("overthinking") == 20
    assert found["underthinking_share"].estimate.n == 10
    assert found["wrong_with_right_thought_share"].estimate.value == 1.0
    assert found["outcome_efficiency_share"].control is not None
    assert found["repetition_share"].control is not None
    assert found["repetition_share"].control.value == 0.0
    for finding in found.values():
        assert finding.estimate.value is not None
        assert finding.sentence


def test_one_outcome_leaves_the_comparisons_open(tmp_path: Path) -> None:
    _, found = measured(tmp_path, [row(i, 42) for i in range(4)])
    assert found["repetition_gap_points"].estimate.value is None
    assert found["underthinking_share"].estimate.value is None
    assert "could not be assessed" in found["underthinking_share"].sentence


def test_without_references_the_assessed_share_says_so(tmp_path: Path) -> None:
    _, found = measured(tmp_path, [row(i, 42, truth=None) for i in range(4)])
    assert found["assessed_share"].estimate.value == 0.0
    assert found["outcome_efficiency_share"].estimate.value is None
    assert found["process_efficiency_share"].estimate.n == 4


def test_an_empty_study(tmp_path: Path) -> None:
    study = Study.create(tmp_path / "s")
    measure(study, ["overthinking"], workers=1)
    for finding in INSTRUMENT.conclude(study):
        assert finding.estimate.value is None
    panel = INSTRUMENT.panel(study)
    assert (panel.figures, panel.tables[0].rows) == ((), ())


def test_the_panel_counts_every_trace_by_its_outcome(tmp_path: Path) -> None:
    rows = [row(0, 42, 42), row(1, 42, 40), row(2)]
    study, _ = measured(tmp_path, rows)
    panel = INSTRUMENT.panel(study)
    assert isinstance(panel, Panel)
    assert [(r[0], r[1]) for r in panel.tables[0].rows] == [
        ("right", 1),
        ("wrong", 1),
        ("not known", 1),
    ]
    assert len(panel.figures) == 2
    assert "0 of 3 traces end in a loop" in panel.lead


def test_marks_point_to_the_solution_that_is_repeated(tmp_path: Path) -> None:
    study, _ = measured(tmp_path, [row(0, 42, 42)])
    (trace,) = [r[0] for r in study.rows("select trace_id from traces")]
    found = overthinking.marks(study, [trace])
    again = [mark for mark in found if mark.category == "same way again"]
    assert len(again) == 1
    assert again[0].target is not None
    assert again[0].step_index is not None
    assert again[0].target < again[0].step_index
    assert all(mark.layer == "overthinking" for mark in found)


def test_patterns_have_the_efficiency_of_their_places() -> None:
    early = row_of(planted_flips(0, 1, "TTT")).outcome_efficiency
    late = row_of(planted_flips(0, 1, "FFT")).outcome_efficiency
    assert early is not None
    assert late is not None
    assert early < 0.5 < late


def test_calibration_finds_what_is_there_and_not_what_is_not() -> None:
    for one in calibrate(0, 40):
        assert one.power.value == 1.0
        assert one.false_positive.value is not None
        assert one.false_positive.value <= 0.15
        assert one.coverage is None or (one.coverage.value or 0) >= 0.85


@pytest.mark.slow
def test_calibration_reaches_its_levels() -> None:
    for one in calibrate(0, 1000)[2:]:
        assert one.coverage is not None
        assert (one.power.value or 0) >= 0.9
        assert 0.03 <= (one.false_positive.value or 0) <= 0.07
        assert 0.93 <= (one.coverage.value or 0) <= 0.97


@pytest.mark.shared
@pytest.mark.slow
def test_r1_on_gsm8k(shared_data: Path, tmp_path: Path) -> None:
    """Two thirds of R1's wrong traces held the right answer; chance alone explains a tenth."""
    file = shared_data / "mip-overthinking/response/gsm8k/normal/deepseekR1/response.json.gz"
    study = import_traces([file], tmp_path / "s")[0]
    found = {f.name: f for f in measure(study, ["overthinking"], workers=1)}
    held = found["wrong_with_right_thought_share"]
    assert held.estimate.value == pytest.approx(0.67, abs=0.1)
    assert held.control is not None
    assert (held.control.value or 0) < 0.25
    assert found["loop_share"].estimate.value == 0.0
