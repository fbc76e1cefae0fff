"""Importing is repeatable and resumable: the same file twice adds nothing, a kill loses nothing."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from reasonscope.errors import SetupError
from reasonscope.provenance import Provenance
from reasonscope.traces.importing import PART_ROWS, import_traces, store_readings
from reasonscope.traces.schema import Problem, Reading, Trace, check_tiling
from reasonscope.traces.store import Study


def lines_file(folder: Path, count: int, name: str = "t.jsonl") -> Path:
    file = folder / name
    rows = [
        {
            "question": f"{i} + 1 = ?",
            "answer": str(i + 1),
            "reasoning": f"First, {i} + 1 = {i + 1}. So we are done.",
            "response": f"The answer is {i + 1}.",
            "model": "m",
        }
        for i in range(count)
    ]
    file.write_text("\n".join(json.dumps(row) for row in rows))
    return file


def contents(study: Study) -> dict[str, list[tuple[object, ...]]]:
    """Every table's rows, sorted: what two studies must share to be the same."""
    return {
        table: sorted(study.rows(f"select * from {table}"), key=repr)
        for table in ("problems", "traces", "steps", "errors")
    }


def test_every_line_becomes_a_trace_whose_steps_are_its_reasoning(tmp_path: Path) -> None:
    study, done = import_traces([lines_file(tmp_path, 5)], tmp_path / "s")
    assert (done.new, done.known, done.errors) == (5, 0, 0)
    for case in study.all_cases():
        check_tiling(case.trace.reasoning, case.steps)
        assert len(case.steps) == 2


def test_importing_twice_adds_nothing(tmp_path: Path) -> None:
    file = lines_file(tmp_path, 300)
    first, _ = import_traces([file], tmp_path / "s")
    before = contents(first)
    study, done = import_traces([file], tmp_path / "s")
    assert (done.new, done.known) == (0, 300)
    assert contents(study) == before


def test_the_same_attempt_again_in_one_file_is_another_sample(tmp_path: Path) -> None:
    """Three equal lines are three samples, in two files as in one; another import adds none."""
    file = lines_file(tmp_path, 1)
    file.write_text("\n".join([file.read_text()] * 3))
    copy = tmp_path / "copy.jsonl"
    copy.write_bytes(file.read_bytes())
    study, done = import_traces([file, copy], tmp_path / "s")
    assert (done.new, done.known) == (3, 3)
    assert study.rows("select sample from traces order by sample") == [(0,), (1,), (2,)]
    assert import_traces([file], tmp_path / "s")[1].new == 0


def test_overlapping_files_share_their_traces(tmp_path: Path) -> None:
    small, large = lines_file(tmp_path, 3, "a.jsonl"), lines_file(tmp_path, 5, "b.jsonl")
    study, done = import_traces([small, large], tmp_path / "s")
    assert (done.new, done.known) == (5, 3)
    assert study.count("traces") == 5


def test_unreadable_lines_are_counted_once_however_often_they_are_read(tmp_path: Path) -> None:
    file = lines_file(tmp_path, 3)
    file.write_text("{broken\n" + file.read_text() + '\n["no object"]\n')
    for _ in range(2):
        study, done = import_traces([file], tmp_path / "s", format="jsonl")
        assert done.errors == 2
        assert study.count("errors") == 2
        assert study.count("traces") == 3


def test_a_missing_file_and_no_file_at_all_are_clear_errors(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"no such file.*gone"):
        import_traces([tmp_path / "gone"], tmp_path / "s")
    with pytest.raises(SetupError, match="name at least one"):
        import_traces([], tmp_path / "s")
    assert not (tmp_path / "s").exists()


def test_progress_is_told_after_every_part(tmp_path: Path) -> None:
    told: list[int] = []
    import_traces(
        [lines_file(tmp_path, PART_ROWS + 1)], tmp_path / "s", progress=lambda s: told.append(s.new)
    )
    assert told == [PART_ROWS, PART_ROWS + 1]


def test_a_part_is_closed_early_when_its_texts_are_long(tmp_path: Path) -> None:
    """Ten traces of a million characters make two parts: memory stays flat."""
    problem = Problem.make("q")
    readings = [
        Reading(
            problem=problem,
            trace=Trace.make(problem, f"{i} " + "x" * 1_000_000),
            step_ends=(1_000_000 + 2,),
        )
        for i in range(10)
    ]
    study = Study.create(tmp_path / "s")
    sizes = [done.new for done in store_readings(study, readings, Provenance("test", "0"))]
    assert sizes == [8, 2]


SLOW = """
import sys
from pathlib import Path
from reasonscope.traces.importing import import_traces
import_traces([Path(sys.argv[1])], sys.argv[2], progress=lambda done: print(done.new, flush=True))
"""


def test_kill_9_in_an_import_and_again_ends_with_the_same_study(tmp_path: Path) -> None:
    file = lines_file(tmp_path, 20 * PART_ROWS)
    whole, _ = import_traces([file], tmp_path / "whole")
    writer = subprocess.Popen(
        [sys.executable, "-c", SLOW, str(file), str(tmp_path / "cut")], stdout=subprocess.PIPE
    )
    assert writer.stdout is not None
    writer.stdout.readline()
    time.sleep(0.05)
    os.kill(writer.pid, signal.SIGKILL)
    writer.communicate()
    assert Study.open(tmp_path / "cut").count("traces") < 20 * PART_ROWS
    resumed, done = import_traces([file], tmp_path / "cut")
    assert done.known >= PART_ROWS
    assert contents(resumed) == contents(whole)


@pytest.mark.shared
def test_the_582_traces_of_r1_are_all_there(tmp_path: Path, shared_data: Path) -> None:
    file = shared_data / "mip-overthinking/response/gsm8k/normal/deepseekR1/response.json.gz"
    study, done = import_traces([file], tmp_path / "s")
    assert (done.new, done.errors) == (582, 0)
    for case in study.all_cases():
        check_tiling(case.trace.reasoning, case.steps)
