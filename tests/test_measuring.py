"""Measuring a study: findings with controls, in parallel the same, failures counted."""

import json
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from reasonscope.errors import SetupError
from reasonscope.findings import Finding
from reasonscope.instrument import Instrument
from reasonscope.instruments import chosen, instruments
from reasonscope.measuring import _examine_with, failures, measure
from reasonscope.traces.importing import import_traces
from reasonscope.traces.schema import Candidate, Case, ErrorRow
from reasonscope.traces.store import TABLES, Study


def study_of(folder: Path, rows: list[dict[str, Any]]) -> Study:
    file = folder / "t.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows))
    return import_traces([file], folder / "s")[0]


def sums(count: int, wrong: int = 0) -> list[dict[str, Any]]:
    """Traces that add 1; the first ``wrong`` of them get the sum and the answer wrong."""
    return [
        {
            "question": f"What is {i} + 1 ?",
            "answer": str(i + 1),
            "reasoning": f"We compute {i} + 1 = {i + 1 + (i < wrong)}. That settles it.",
            "response": f"The answer is {i + 1 + (i < wrong)}.",
        }
        for i in range(count)
    ]


def by_name(findings: list[Finding]) -> dict[str, Finding]:
    return {finding.name: finding for finding in findings}


def test_known_shares_come_out_with_their_controls(tmp_path: Path) -> None:
    """20 traces, 5 of them wrong: accuracy 15/20; 20 judged steps of 40, 5 of them false."""
    found = by_name(measure(study_of(tmp_path, sums(20, wrong=5)), workers=1))
    accuracy = found["accuracy_share"]
    assert accuracy.estimate.value == pytest.approx(0.75)
    assert accuracy.estimate.n == 20
    assert accuracy.control is not None
    assert accuracy.control.value == pytest.approx(0.0, abs=0.11)
    assert found["false_step_share"].estimate.value == pytest.approx(0.25)
    assert found["false_step_share"].control is not None
    assert found["false_step_share"].control.value == 0.0
    assert found["judged_step_share"].estimate.value == pytest.approx(0.5)
    assert found["trace_with_false_step_share"].estimate.value == pytest.approx(0.25)


def test_findings_are_stored_and_a_second_run_says_the_same(tmp_path: Path) -> None:
    study = study_of(tmp_path, sums(8, wrong=2))
    first = measure(study, workers=1)
    assert list(study.records("findings", Finding))
    assert measure(study, workers=1) == first
    assert measure(study, workers=1, again=True) == first


def test_workers_change_nothing_but_the_time(tmp_path: Path) -> None:
    rows = sums(5 * 128, wrong=40)
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    alone, shared = study_of(tmp_path / "a", rows), study_of(tmp_path / "b", rows)
    assert measure(alone, workers=1) == measure(shared, workers=2)
    query = "select * from verdicts order by all"
    assert alone.rows(query) == shared.rows(query)


def test_nothing_to_find_is_said_and_is_not_zero(tmp_path: Path) -> None:
    rows = [{"question": "Who are you?", "reasoning": "I wonder.", "response": "Nobody."}]
    found = by_name(measure(study_of(tmp_path, rows), workers=1))
    for name in ("accuracy_share", "false_step_share", "retracted_claim_share"):
        assert found[name].estimate.value is None
        assert "could not be assessed" in found[name].sentence


def test_an_empty_study_can_be_measured(tmp_path: Path) -> None:
    findings = measure(Study.create(tmp_path / "s"))
    assert all(finding.estimate.value is None for finding in findings)


def test_an_unknown_instrument_lists_those_that_exist() -> None:
    with pytest.raises(SetupError, match="answers, steps"):
        chosen(["magic"])


def test_every_finding_is_json_with_the_promised_keys(tmp_path: Path) -> None:
    for finding in measure(study_of(tmp_path, sums(4)), workers=1):
        held = finding.to_json()
        assert {"instrument", "name", "value", "low", "high", "n", "control"} <= set(held)
        json.dumps(held, allow_nan=False)


def test_a_trace_that_breaks_an_instrument_is_a_counted_row(tmp_path: Path) -> None:
    """The instrument of this test fails on every trace; the run goes on, the rows are kept."""

    def fails(case: Case) -> list[object]:
        raise ZeroDivisionError("made to fail")

    study = study_of(tmp_path, sums(3))
    key = study.part_keys("traces")[0]
    broken = replace(instruments()["steps"], examine=fails)
    assert _examine_with(study, broken, key, study.cases(key)) == 3
    errors = list(study.records("errors", ErrorRow))
    assert len(errors) == 3
    assert all("made to fail" in row.error for row in errors)
    assert study.part_keys("verdicts") == [key]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """How many candidate answers a trace states."""

    trace_id: str
    answers: int


def counts_answers(case: Case) -> list[Stated]:
    found = case.rows("answers", Candidate)
    return [Stated(trace_id=case.trace.trace_id, answers=len(found))]


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> Instrument:
    """An instrument of another package that needs the answers; known for one test."""
    tool = replace(
        instruments()["answers"],
        name="counting",
        table="counts",
        row=Stated,
        needs=("answers",),
        examine=counts_answers,
        conclude=lambda study: [],
    )
    monkeypatch.setitem(instruments(), "counting", tool)
    monkeypatch.setitem(TABLES, "counts", Stated)
    return tool


def test_an_instrument_reads_the_rows_of_those_it_needs(
    tmp_path: Path, counting: Instrument
) -> None:
    study = study_of(tmp_path, sums(3))
    measure(study, ["counting"], workers=1)
    answers = study.count("answers")
    assert answers >= 3
    assert sum(row.answers for row in study.records("counts", Stated)) == answers


def test_what_an_instrument_needs_is_measured_with_it(counting: Instrument) -> None:
    assert [tool.name for tool in chosen(["counting"])] == ["answers", "counting"]


def test_measuring_again_leaves_what_is_needed_as_it_is(
    tmp_path: Path, counting: Instrument
) -> None:
    study = study_of(tmp_path, sums(3))
    measure(study, ["counting"], workers=1)
    (part,) = (study.path / "answers").glob("*.parquet")
    before = part.stat().st_mtime_ns
    measure(study, ["counting"], workers=1, again=True)
    assert part.stat().st_mtime_ns == before


def test_a_trace_that_failed_before_is_not_examined_as_if_it_held_nothing(
    tmp_path: Path, counting: Instrument
) -> None:
    """Answers fail on every trace: no row of counts says 0, and each trace is named."""
    study = study_of(tmp_path, sums(3))
    key = study.part_keys("traces")[0]

    def fails(case: Case) -> list[object]:
        raise ZeroDivisionError("made to fail")

    broken = replace(instruments()["answers"], examine=fails)
    _examine_with(study, broken, key, study.cases(key))
    assert _examine_with(study, counting, key, study.cases(key)) == 3
    assert study.count("counts") == 0
    errors = [row for row in study.records("errors", ErrorRow) if "counting" in row.source]
    assert len(errors) == 3
    assert all("'answers', which failed" in row.error for row in errors)


def test_a_verifier_that_fails_is_counted_and_the_others_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Brackets fail on every trace; equations are judged, and three rows say what failed."""
    from reasonscope.verify import judge

    def fails(case: Case) -> list[object]:
        raise RecursionError("made to fail")

    broken = [
        v._replace(applies=lambda problem: True, check=fails) if "brackets" in v.name else v
        for v in judge.VERIFIERS
    ]
    monkeypatch.setattr(judge.judge, "__defaults__", (tuple(broken),))
    study = study_of(tmp_path, sums(3))
    found = by_name(measure(study, ["steps"], workers=1))
    assert failures(study, ["steps"]) == 3
    assert found["judged_step_share"].estimate.value == pytest.approx(0.5)


def test_measuring_needs_no_main_guard_in_the_callers_script(tmp_path: Path) -> None:
    """A script from standard input, with enough parts for worker processes."""
    study = study_of(tmp_path, sums(4 * 128))
    call = f"rs.measure({str(study.path)!r}, ['steps'], workers=2)"
    code = f"import reasonscope as rs; print(len({call}))"
    done = subprocess.run([sys.executable], input=code, capture_output=True, text=True)
    assert done.stdout.strip() == "5", done.stderr


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="finds processes by /proc")
def test_workers_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    """The parent is killed once its workers have written a part; then none of them is left."""
    study = study_of(tmp_path, sums(6 * 128))
    code = f"from reasonscope.measuring import measure; measure({str(study.path)!r}, workers=2)"
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path)
    try:
        while not study.part_keys("verdicts") and parent.poll() is None:
            time.sleep(0.02)
        workers = _children(parent.pid)
    finally:
        parent.kill()
        parent.wait()
    assert workers
    until = time.monotonic() + 30
    while any(Path(f"/proc/{pid}").exists() for pid in workers) and time.monotonic() < until:
        time.sleep(0.1)
    assert [pid for pid in workers if Path(f"/proc/{pid}").exists()] == []
    measure(study, workers=1)
    assert study.part_keys("verdicts") == study.part_keys("traces")


def _children(pid: int) -> list[int]:
    stats = {int(p.name): p / "stat" for p in Path("/proc").iterdir() if p.name.isdigit()}
    found = []
    for child, stat in stats.items():
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(child)
    return found
