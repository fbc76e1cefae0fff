"""A study's page and timeline hold what its instruments found; a failing panel is shown."""

import json
from dataclasses import replace
from pathlib import Path

import reasonscope as rs
from reasonscope.instrument import Instrument
from reasonscope.instruments import instruments
from reasonscope.reporting import _panel, marks, panels


def measured(folder: Path) -> rs.Study:
    row = {
        "question": "What is 2 + 2 ? <script>alert(1)</script>",
        "answer": "4",
        "reasoning": "We compute 2 + 2 = 5. That settles it.",
        "response": "The answer is 5.",
    }
    (folder / "t.jsonl").write_text(json.dumps(row))
    study, _ = rs.import_traces([folder / "t.jsonl"], folder / "s")
    rs.measure(study)
    return study


def test_the_page_and_the_timeline_escape_what_they_show(tmp_path: Path) -> None:
    study = measured(tmp_path)
    page = rs.write_report(study).read_text()
    assert "<script>alert(1)" not in page
    trace = study.rows("select trace_id from traces")[0][0]
    shown = rs.timeline(study, trace)._repr_html_()
    assert "<script" not in shown
    assert "2 + 2 = 5" in shown


def test_marks_come_from_every_instrument(tmp_path: Path) -> None:
    study = measured(tmp_path)
    trace = study.rows("select trace_id from traces")[0][0]
    kinds = {(mark.layer, mark.kind) for mark in marks(study, [trace])}
    assert ("verdicts", "bad") in kinds
    assert ("answers", "final") in kinds
    assert marks(study, []) == []


def test_an_unmeasured_study_has_no_panels(tmp_path: Path) -> None:
    study = rs.Study.create(tmp_path / "s")
    assert panels(study) == []
    assert rs.write_report(study).exists()


def test_a_panel_that_fails_is_shown_and_the_page_survives(tmp_path: Path) -> None:
    def fails(study: rs.Study) -> object:
        raise ZeroDivisionError("made to fail")

    study = measured(tmp_path)
    broken: Instrument = replace(instruments()["steps"], panel=fails)
    assert "made to fail" in _panel(study, broken).error  # type: ignore[union-attr]


def test_findings_show_themselves_without_markup_from_traces() -> None:
    finding = rs.Finding(
        instrument="i", name="n", sentence="<b>x</b>", estimate=rs.Estimate(value=0.5, n=2)
    )
    assert "<b>" not in finding._repr_html_()
