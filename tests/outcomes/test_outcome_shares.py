"""Shares count the traces that were examined: a failed one is no unanswered one, and no step."""

import json
from pathlib import Path
from typing import Any

from reasonscope.findings import Finding
from reasonscope.measuring import failures, measure
from reasonscope.outcomes.answers_panel import MODELS, SETS, _drawn, panel
from reasonscope.traces.importing import import_traces
from reasonscope.traces.schema import ErrorRow
from reasonscope.traces.store import Study


def study_of(folder: Path, rows: list[dict[str, Any]]) -> Study:
    file = folder / "t.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows))
    return import_traces([file], folder / "s")[0]


def row(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "question": f"What is {number} + 1 ?",
        "answer": str(number + 1),
        "reasoning": f"We compute {number} + 1 = {number + 1}. That settles it.",
        "response": f"The answer is {number + 1}.",
        **fields,
    }


def by_name(findings: list[Finding]) -> dict[str, Finding]:
    return {finding.name: finding for finding in findings}


def failed(study: Study, instrument: str, count: int) -> None:
    """Note so many traces as failed, and take their rows away, as a failing instrument does."""
    ids = [
        r[0] for r in study.rows("select trace_id from traces order by trace_id limit ?", [count])
    ]
    errors = [ErrorRow(source=f"instrument {instrument}", place=i, error="made up") for i in ids]
    study.write_part("errors", "made-up", errors)


def test_a_failed_trace_is_in_no_share(tmp_path: Path) -> None:
    study = study_of(tmp_path, [row(i) for i in range(10)])
    before = by_name(measure(study, workers=1))
    assert before["answered_share"].estimate.n == 10
    assert before["trace_with_false_step_share"].estimate.n == 10
    failed(study, "answers", 4)
    after = by_name(measure(study, workers=1))
    assert after["answered_share"].estimate.n == 6
    assert after["answered_share"].estimate.value == 1.0
    assert after["trace_with_false_step_share"].estimate.n == 10
    assert sum(r[2] for r in panel(study).tables[0].rows) == 6
    failed(study, "steps", 3)
    last = by_name(measure(study, workers=1))
    assert last["answered_share"].estimate.n == 10
    assert last["trace_with_false_step_share"].estimate.n == 7
    assert (failures(study), failures(study, ["answers"])) == (3, 0)


def test_a_wrong_answer_without_steps_is_among_the_wrong_answers(tmp_path: Path) -> None:
    """One wrong answer after reasoning, one after none at all: an error is located in neither."""
    rows = [row(1, response="The answer is 9."), row(2, reasoning="", response="The answer is 9.")]
    found = by_name(measure(study_of(tmp_path, rows), workers=1))
    assert found["located_error_share"].estimate.n == 2


def test_the_shuffled_control_leaves_out_what_cannot_be_compared(tmp_path: Path) -> None:
    """Texts that agree are right, texts that differ are open: the control has nothing to count."""
    words = ["elephant", "tulip", "granite", "saffron"]
    rows = [
        {"question": f"Which {w}?", "answer": w, "reasoning": "Hm.", "response": f"\\boxed{{{w}}}"}
        for w in words
    ]
    accuracy = by_name(measure(study_of(tmp_path, rows), workers=1))["accuracy_share"]
    assert (accuracy.estimate.value, accuracy.estimate.n) == (1.0, 4)
    assert accuracy.control is None


def test_measuring_again_forgets_failures_that_are_gone(tmp_path: Path) -> None:
    from dataclasses import replace

    from reasonscope.instruments import instruments
    from reasonscope.measuring import _examine_with

    def fails(case: object) -> list[object]:
        raise ZeroDivisionError("made to fail")

    study = study_of(tmp_path, [row(1)])
    (key,) = study.part_keys("traces")
    _examine_with(study, replace(instruments()["steps"], examine=fails), key, study.cases(key))
    assert failures(study) == 1
    measure(study, again=True, workers=1)
    assert failures(study) == 0
    assert study.count("errors") == 0


def test_many_models_and_long_names_are_drawn_few_and_short() -> None:
    counts = [
        {"model": f"m{i}" + "x" * 5000, "family": f"f{i % 30}", "outcome": "right", "traces": 1 + i}
        for i in range(500)
    ]
    drawn = _drawn(counts)
    assert sum(r["traces"] for r in drawn) == sum(r["traces"] for r in counts)
    assert len({r["model"] for r in drawn}) <= MODELS + 1
    assert len({r["family"] for r in drawn}) <= SETS + 1
    assert max(len(r["model"]) for r in drawn) <= 61
    few = [{"model": "a", "family": "b", "outcome": "wrong", "traces": 2}]
    assert _drawn(few) == few
