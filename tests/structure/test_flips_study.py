"""Flips on whole studies: findings, panel and marks; what cannot be assessed says so."""

import json
from pathlib import Path
from typing import Any

import pytest

from reasonscope.findings import Finding
from reasonscope.measuring import failures, measure
from reasonscope.report.panel import Panel
from reasonscope.structure import flips
from reasonscope.structure.flips import INSTRUMENT
from reasonscope.traces.importing import import_traces
from reasonscope.traces.store import Study

PAUSE = "Let me look at the rows. They are all alike. "


def row(number: int, *values: object, truth: object = 42, **fields: Any) -> dict[str, Any]:
    said = PAUSE.join(f"So the answer is {value}. " for value in values)
    return {
        "question": f"How many tiles are there in hall {number}?",
        "answer": str(truth),
        "reasoning": PAUSE + said + PAUSE,
        "response": f"The answer is {values[-1]}." if values else "I do not know.",
        **fields,
    }


def study_of(folder: Path, rows: list[dict[str, Any]]) -> Study:
    file = folder / "t.jsonl"
    file.write_text("\n".join(json.dumps(one) for one in rows))
    return import_traces([file], folder / "s")[0]


def measured(folder: Path, rows: list[dict[str, Any]]) -> tuple[Study, dict[str, Finding]]:
    study = study_of(folder, rows)
    found = measure(study, ["flips"], workers=1)
    assert failures(study) == 0
    return study, {finding.name: finding for finding in found if finding.instrument == "flips"}


def test_reflection_that_helps_is_said_to_help(tmp_path: Path) -> None:
    rows = [row(i, 40, 42, truth=42) for i in range(20)] + [row(20 + i, 42) for i in range(20)]
    _, found = measured(tmp_path, rows)
    gain = found["reflection_gain_points"]
    assert gain.estimate.value == pytest.approx(0.5)
    assert gain.sentence.startswith("Reflection helped: +50 points")
    assert found["rescued_share"].estimate.value == 1.0
    assert found["spoiled_share"].estimate.value == 0.0
    assert gain.control is not None
    assert (gain.control.value or 0) < 0.3


def test_reflection_that_harms_is_said_to_harm(tmp_path: Path) -> None:
    rows = [row(i, 42, 40) for i in range(20)] + [row(20 + i, 42) for i in range(20)]
    _, found = measured(tmp_path, rows)
    assert found["reflection_gain_points"].sentence.startswith("Reflection did harm")


def test_reflection_that_only_confirms_makes_no_difference(tmp_path: Path) -> None:
    _, found = measured(tmp_path, [row(i, 42, 42, 42) for i in range(30)])
    assert "no measurable difference" in found["reflection_gain_points"].sentence
    assert found["confirmatory_share"].estimate.value == 1.0
    saved = found["stop_at_first_saved_share"].estimate.value
    assert saved is not None
    assert saved > 0.5
    assert found["stop_at_first_points"].estimate.value == 0.0


def test_the_decoy_of_another_problem_is_not_found(tmp_path: Path) -> None:
    rows = [row(i, 100 + i, 100 + i, truth=100 + i) for i in range(20)]
    _, found = measured(tmp_path, rows)
    after = found["tokens_after_right_share"]
    assert after.estimate.value is not None
    assert after.estimate.value > 0.5
    assert after.control is not None
    assert after.control.value == 0.0


def test_headlines_are_findings(tmp_path: Path) -> None:
    _, found = measured(tmp_path, [row(i, 42) for i in range(3)])
    assert set(INSTRUMENT.headlines) <= set(found)
    for finding in found.values():
        assert finding.estimate.value is None or finding.sentence


def test_without_references_nothing_is_called_wrong(tmp_path: Path) -> None:
    rows = [{**row(i, 40, 42), "answer": None} for i in range(5)]
    _, found = measured(tmp_path, rows)
    for name in ("tokens_after_right_share", "reflection_gain_points", "rescued_share"):
        assert found[name].estimate.value is None
        assert found[name].sentence.startswith("This could not be assessed")
    assert found["confirmatory_share"].estimate.n == 5


def test_traces_without_any_answer_are_counted_not_zero(tmp_path: Path) -> None:
    study, found = measured(tmp_path, [row(i) for i in range(4)])
    assert found["candidate_share"].estimate.value == 0.0
    assert found["tokens_after_first_share"].estimate.value is None
    assert study.count("flips") == 4


def test_only_right_answers_is_one_class(tmp_path: Path) -> None:
    _, found = measured(tmp_path, [row(i, 42) for i in range(5)])
    assert found["rescued_share"].estimate.value is None
    assert "no first answer is known to be wrong" in found["rescued_share"].sentence


def test_an_empty_study_has_findings_and_a_panel(tmp_path: Path) -> None:
    study = Study.create(tmp_path / "s")
    measure(study, ["flips"], workers=1)
    for finding in INSTRUMENT.conclude(study):
        assert finding.estimate.value is None
    assert INSTRUMENT.panel(study).figures == ()


def test_a_study_without_answers_rows_has_a_panel(tmp_path: Path) -> None:
    study = study_of(tmp_path, [row(0, 42)])
    measure(study, ["flips"], workers=1)
    study.remove_parts("flips")
    assert isinstance(INSTRUMENT.panel(study), Panel)


def test_the_panel_says_the_answer_in_plain_words(tmp_path: Path) -> None:
    rows = [row(i, 40, 42) for i in range(20)] + [row(20 + i, 42, 42) for i in range(20)]
    study, _ = measured(tmp_path, rows)
    panel = INSTRUMENT.panel(study)
    assert "of the tokens come after the first right answer" in panel.title
    assert "Reflection helped: 50 % of the first answers are right and 100 %" in panel.lead
    assert "estimated" in panel.lead
    ledger, ends = panel.tables
    assert {r[0]: r[1] for r in ledger.rows} == {
        "right, then right again": 20,
        "wrong, then right": 20,
    }
    assert ends.rows == (("right", "right", 20), ("wrong", "right", 20))
    assert len(panel.figures) == 2
    assert "50 % right" in panel.figures[1].title


def test_the_panel_counts_traces_without_an_answer(tmp_path: Path) -> None:
    study, _ = measured(tmp_path, [row(0, 42), row(1)])
    ends = INSTRUMENT.panel(study).tables[1]
    assert ("none, or not compared", "none, or not compared", 1) in ends.rows


def test_marks_stand_where_the_answer_changes(tmp_path: Path) -> None:
    study, _ = measured(tmp_path, [row(0, 42, 40, 41, 42)])
    (trace,) = [r[0] for r in study.rows("select trace_id from traces")]
    found = flips.marks(study, [trace])
    assert [mark.kind for mark in found] == ["answer", "bad", "neutral", "good"]
    assert {mark.layer for mark in found} == {"flips"}
    assert "first reached here" in found[0].text
    for mark in found[1:]:
        assert mark.target is not None
        assert mark.step_index is not None
        assert mark.target < mark.step_index


def test_marks_are_bounded(tmp_path: Path) -> None:
    values = [42, 40] * 300
    study, _ = measured(tmp_path, [row(0, *values)])
    (trace,) = [r[0] for r in study.rows("select trace_id from traces")]
    assert len(flips.marks(study, [trace])) == flips.MOST_MARKS


@pytest.mark.shared
@pytest.mark.slow
def test_r1_on_gsm8k(shared_data: Path, tmp_path: Path) -> None:
    """The 582 traces of DeepSeek-R1: most tokens come after the right answer, which stays."""
    file = shared_data / "mip-overthinking/response/gsm8k/normal/deepseekR1/response.json.gz"
    study = import_traces([file], tmp_path / "s")[0]
    found = {f.name: f.estimate for f in measure(study, ["flips"], workers=1)}
    assert found["tokens_after_right_share"].value == pytest.approx(0.606, abs=0.02)
    assert found["tokens_after_right_share"].n >= 550
    assert found["reflection_gain_points"].value == pytest.approx(0.0, abs=0.01)
    assert found["confirmatory_share"].value == pytest.approx(0.90, abs=0.03)
