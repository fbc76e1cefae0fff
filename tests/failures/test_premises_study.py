"""Premises on whole studies: findings, pairing by place, panel, marks, calibration, real words."""

import pytest
from mip_words import mean_words_of_file

from reasonscope.failures import premises
from reasonscope.failures.premises import planted
from reasonscope.failures.premises.findings import conclude
from reasonscope.failures.premises.panel import panel
from reasonscope.measuring import measure
from reasonscope.report.plots import svg
from reasonscope.traces.importing import import_traces
from reasonscope.traces.schema import Problem, Trace
from reasonscope.traces.segment.steps import steps_of
from reasonscope.traces.store import Study

REFUSES = "There is not enough information to tell."


def written(folder, attempts) -> Study:
    """A study of (question or None, place, missing, sentences, last words) attempts."""
    study = Study.create(folder)
    tables: dict[str, list] = {"problems": [], "traces": [], "steps": []}
    for sample, (question, place, missing, sentences, answer) in enumerate(attempts):
        problem = Problem.make(f"Q {place} {missing} {question}")
        pair = {"question": question, "place": place, "answer": "1"}
        condition = {} if missing is None else {"condition": "MiP" if missing else "normal"}
        trace = Trace.make(
            problem, "One more row holds tiles. " * sentences, model="m", opening="<think>",
            closing="</think>", answer=answer, form="tags", sample=sample,
            extra=condition | {"pair": pair},
        )  # fmt: skip
        tables["problems"].append(problem)
        tables["traces"].append(trace)
        tables["steps"] += steps_of(trace)
    for table, rows in tables.items():
        study.write_part(table, "part", rows)
    return study


def findings(study: Study) -> dict:
    return {f.name: f for f in measure(study, ["premises"], workers=1)}


def pairs(n: int, longer: int) -> list[tuple]:
    return [
        one
        for at in range(n)
        for one in (
            (f"q{at}", f"set, record {at}", False, 5 + at, "It is 4."),
            (f"q{at}", f"set, record {at}", True, longer * (5 + at), REFUSES if at % 2 else "4."),
        )
    ]


def test_planted_pairs_by_hand(tmp_path) -> None:
    """Twins three times as long, half of them refused."""
    study = written(tmp_path / "s", pairs(20, 3))
    held = findings(study)
    assert held["length_ratio"].estimate.value == pytest.approx(2.8, abs=0.3)
    assert held["length_ratio"].control.low < 1 < held["length_ratio"].control.high
    assert held["abstention_share"].estimate.value == 0.5
    assert held["abstention_share"].control.value == 0
    assert held["lacking_share"].estimate.value == 0.5
    assert "20 pairs" in held["lacking_share"].sentence
    drawn = panel(study)
    assert "times as long" in drawn.title
    for figure in drawn.figures:
        assert "<svg" in str(svg(figure.chart, figure.alt, "p"))


def test_a_record_without_its_question_is_paired_by_place_and_answer(tmp_path) -> None:
    """As the set's normal responses without a question beside their twins with one."""
    rows = [(None if not row[2] else row[0], *row[1:]) for row in pairs(6, 2)]
    assert "6 pairs" in findings(written(tmp_path / "s", rows))["lacking_share"].sentence


def test_a_place_with_two_questions_pairs_nothing(tmp_path) -> None:
    rows = [
        ("a", "set, record 1", True, 5, "4."),
        ("b", "set, record 1", True, 5, "4."),
        (None, "set, record 1", False, 5, "4."),
    ]
    held = findings(written(tmp_path / "s", rows))
    assert held["length_ratio"].estimate.value is None
    assert "no model answered both" in held["length_ratio"].sentence


@pytest.mark.parametrize("condition", [False, None])
def test_whole_questions_alone_could_not_be_assessed(tmp_path, condition) -> None:
    rows = [(f"q{at}", f"set, record {at}", condition, 5, "4.") for at in range(5)]
    study = written(tmp_path / "s", rows)
    for name, held in findings(study).items():
        assert held.estimate.value is None, name
        assert "no problem here lacks a premise" in held.sentence
    drawn = panel(study)
    assert "no problem here" in drawn.title
    assert drawn.figures == ()


def test_an_empty_study_says_so(tmp_path) -> None:
    study = Study.create(tmp_path / "empty")
    assert all(held.estimate.value is None for held in conclude(study))
    assert panel(study).figures == ()


def test_marks_stand_on_suspicions_and_refusals(tmp_path) -> None:
    study = Study.create(tmp_path / "s")
    case = planted.planted_trace(
        "One row holds six tiles. The width is not given. Two rows hold twelve.", REFUSES
    )
    for table, rows in (
        ("problems", [case.problem]), ("traces", [case.trace]), ("steps", case.steps),
    ):  # fmt: skip
        study.write_part(table, "part", rows)
    measure(study, ["premises"], workers=1)
    marks = premises.marks(study, [case.trace.trace_id])
    assert [(mark.step_index, mark.layer) for mark in marks] == [
        (1, "premises"),
        (None, "premises"),
    ]


def test_planted_truth_is_found() -> None:
    rows = planted.calibrate(seed=2, n=60)
    assert [row.power.value >= 0.9 for row in rows] == [True] * 3
    assert [row.false_positive.value <= 0.15 for row in rows] == [True] * 3
    assert rows[0].coverage.value >= 0.88


@pytest.mark.parametrize("ending", planted.REFUSALS)
def test_every_planted_refusal_is_read(ending: str) -> None:
    (row,) = premises.examine(planted.planted_trace(planted.SENTENCE, ending))
    assert row.abstains is True


# -- real traces -------------------------------------------------------------------------------


@pytest.mark.shared
@pytest.mark.parametrize(
    ("model", "whole", "lacking", "record"),
    [
        ("deepseekR1", 1887, 4730, (1994, 4836)),
        ("DSQ", 1805, 6480, None),
        ("gpt4o", 270, 291, (377, 398)),
        ("Qwen32", 610, 305, None),
    ],
)
def test_mean_words_of_the_math_set(shared_data, model, whole, lacking, record) -> None:
    """Recomputed: 1,994 to 4,836; 1,805 to 6,480; 377 to 398; 610 to 305 (SCIENCE section 4).

    For R1 and GPT-4o that count took in the solution, subject, level and id of each record.
    """
    folder = shared_data / "mip-overthinking/response/math"
    found = [mean_words_of_file(folder / c / model / "response.json.gz") for c in ("normal", "MiP")]
    assert [round(one.response) for one in found] == [whole, lacking]
    if record is not None:
        assert [int(one.record) for one in found] == list(record)


@pytest.mark.shared
def test_r1_thinks_longer_where_a_premise_is_missing(shared_data, tmp_path) -> None:
    """All 52 pairs are found, though DSQ's whole questions are not in its files."""
    folder = shared_data / "mip-overthinking/response/math"
    files = [
        folder / c / model / "response.json.gz"
        for c in ("normal", "MiP")
        for model in ("deepseekR1", "DSQ")
    ]
    import_traces(files, tmp_path / "mip")
    held = findings(Study.open(tmp_path / "mip"))
    assert "104 pairs" in held["lacking_share"].sentence
    for name in ("length_ratio of DSQ", "length_ratio of deepseek-reasoner"):
        assert held[name].estimate.low > 1.5
    assert held["suspicion_share"].estimate.low > held["suspicion_share"].control.high
